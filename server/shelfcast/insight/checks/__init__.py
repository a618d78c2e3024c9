"""What the checklist before a show looks at, a file a subject. Pure. Rules: docs/rules.md#go-live-gate."""
