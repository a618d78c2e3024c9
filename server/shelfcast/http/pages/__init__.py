"""What people look at: the built pages, and the routes that serve them."""
