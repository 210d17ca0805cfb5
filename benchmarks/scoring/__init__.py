"""The learnt estimate in simulated worlds whose true probabilities are known."""
