"""Who wants to be told what happened, and how they are told without being led astray."""
