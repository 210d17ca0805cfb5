"""Delivery of events to webhook endpoints: fan-out, sending, retries, replay, retention."""
