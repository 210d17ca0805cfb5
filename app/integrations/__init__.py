"""What enters or leaves the service in bulk or by itself."""
