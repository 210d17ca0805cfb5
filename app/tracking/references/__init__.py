"""References: the referees of an application, the state of each, and pending actions."""
