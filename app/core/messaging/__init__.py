"""Messaging: domain events, the transactional outbox, the job queue, notifications."""
