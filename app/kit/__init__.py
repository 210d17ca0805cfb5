"""Small pure tools every room may use: ids, the clock, life-cycles, cursors, digests."""
