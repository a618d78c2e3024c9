"""What each command of the `shelfcast` program does; `shelfcast.cli` parses, these modules act."""
