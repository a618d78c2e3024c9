"""The engine: connecting to a Valkey or Redis, and running the embedded one."""
