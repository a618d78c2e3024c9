"""Sockets: the upgrade, one object a connection, limits."""
