"""Applications: one candidate for one role at one company, from first contact to the outcome."""
