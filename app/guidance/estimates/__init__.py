"""Estimates: the probability of an offer, from the signals of an application, explained."""
