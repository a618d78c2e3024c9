"""What Hypothesis draws from."""

from __future__ import annotations

from hypothesis import strategies as st

SKUS = ("mug", "cup")
USERS = ("ann", "bob", "eve")

skus = st.sampled_from(SKUS)
leftovers = st.sampled_from(("pool", "next", "elastic"))
rooms = st.sampled_from(("evening", "evening", "morning", "night"))
users = st.sampled_from(USERS)
small = st.integers(1, 6)
picks = st.integers(0, 1_000)
"""Chooses one of the reservations made so far; 0 an unknown one."""
later = st.sampled_from([1, 249, 30_000, 60_000, 90_000, 150_000, 299_999, 300_000, 300_250, 600_000])
