"""What every room with a table or a route stands on: settings, database, unit of work, problems."""
