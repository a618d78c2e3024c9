"""Background duties: expiry, windows, retirement; run under a lease, safe to run twice."""
