"""Background duties of every pool: one file a duty, a registry that names them all, a keeper that runs them."""
