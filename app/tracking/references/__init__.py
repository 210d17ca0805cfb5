"""References: who speaks for the candidate in an application, and what is owed to them."""
