"""What tests share: a running service, servers, receivers, databases, generated data."""
