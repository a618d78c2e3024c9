"""Shelfcast: the realtime stock server for live-shopping rooms."""
