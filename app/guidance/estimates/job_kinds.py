"""Kind of the background job of estimates."""

TRAIN = "train"
"""Trains the model of one workspace on the outcomes of its cases."""
