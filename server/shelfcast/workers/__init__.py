"""Many worker processes on one port: the supervisor, and what it and its workers say to one another."""
