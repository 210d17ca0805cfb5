"""Pure helpers for every package: ids, the clock, state machines, pagination cursors, digests."""
