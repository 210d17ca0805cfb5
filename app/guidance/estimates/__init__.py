"""Estimates: what the signals of an application suggest about its outcome, explained."""
