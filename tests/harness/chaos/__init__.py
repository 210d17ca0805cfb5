"""Deliveries under fire: receivers that misbehave in every way, and workers that are killed."""
