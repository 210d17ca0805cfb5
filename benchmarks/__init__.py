"""Measured claims: each figure stands beside a peer measured in the same run."""
