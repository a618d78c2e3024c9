"""Starlette routes, tokens, OpenAPI, health and metrics."""
