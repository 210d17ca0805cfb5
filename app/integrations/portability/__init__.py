"""Exchange: what goes in and out in bulk, and a person's whole export and erasure."""
