"""The frame of the HTTP API: endpoints, callers, validation, problems, the OpenAPI document, the application."""
