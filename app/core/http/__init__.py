"""HTTP concerns that packages share: schemas, routing, pagination, idempotency, rate limits."""
