"""Events: the catalogue, the polling feed and the server-sent event stream."""
