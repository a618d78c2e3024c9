"""The lobby and the admission, without sockets: chance is given, so every draw can be repeated."""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.room.admission import ROUNDS_MAX, Admission
from shelfcast.room.lobby import Lobby, Phase, phase
from shelfcast.settings import Settings
from shelfcast.stock.configuration import LOBBY_MS_MAX, Listing

DRAWS = 2_000


@given(
    users=st.lists(st.integers(0, 20), max_size=60),
    users_max=st.integers(1, 30),
    requests_max=st.integers(1, 4),
    seed=st.integers(0, 1_000),
)
def test_every_request_is_served_once_or_turned_away_once(users, users_max, requests_max, seed):
    lobby: Lobby[tuple[int, int]] = Lobby(users_max, requests_max, Random(seed))
    turned_away = []
    for number, user in enumerate(users):
        turned_away += lobby.join(str(user), (user, number))
        assert len(lobby) <= users_max * requests_max
    served = lobby.draw()
    assert sorted(served + turned_away) == sorted((user, number) for number, user in enumerate(users))
    of_user = Counter(user for user, _ in served)
    assert len(of_user) <= users_max
    assert all(count <= requests_max for count in of_user.values())
    # Everybody's n-th request stands before anybody's n+1st, and each user's own are in the order they came.
    seen: Counter[int] = Counter()
    rounds = []
    for user, _ in served:
        rounds.append(seen[user])
        seen[user] += 1
    assert rounds == sorted(rounds)
    for user in of_user:
        numbers = [number for other, number in served if other == user]
        assert numbers == sorted(numbers)


@pytest.mark.parametrize("users_max", [10, 4])
def test_coming_first_and_asking_often_buys_nothing(users_max):
    wins: Counter[str] = Counter()
    for seed in range(DRAWS):
        lobby: Lobby[str] = Lobby(users_max, 4, Random(seed))
        for _ in range(50):
            lobby.join("robot", "robot")
        for number in range(9):
            lobby.join(f"human-{number}", f"human-{number}")
        wins[lobby.draw()[0]] += 1
    # One unit, ten users: each should win a tenth. Four standard deviations of the binomial on either side.
    assert all(abs(wins[user] - DRAWS / 10) < 4 * (DRAWS * 0.1 * 0.9) ** 0.5 for user in wins), wins
    assert len(wins) == 10


def test_phases():
    sale = Listing(opens_at_ms=1_000, lobby_ms=200)
    found = [phase(sale, at) for at in (999, 1_000, 1_199, 1_200)]
    assert found == [Phase.EARLY, Phase.GATHERING, Phase.GATHERING, Phase.OPEN]
    assert phase(Listing(opens_at_ms=1_000), 0) is Phase.OPEN, "without a lobby the book decides"
    assert phase(Listing(lobby_ms=200), 0) is Phase.OPEN, "a sale that does not open has none"
    endless = msgspec.structs.replace(sale, lobby_ms=10**9)
    assert phase(endless, 1_000 + LOBBY_MS_MAX) is Phase.OPEN


def test_times_to_come_again_are_spread_over_as_many_rounds_as_needed():
    settings = Settings(reservations_under_way_max=100, retry_after_ms=1_000, retry_spread_ms=2_000)
    admission = Admission(settings, Random(1).random)
    times = [admission.retry_after_ms(0.0) for _ in range(1_000)]
    assert min(times) >= 1_000
    assert max(times) < 1_000 + 10 * 2_000
    a_spread = Counter((time - 1_000) // 2_000 for time in times)
    assert set(a_spread.values()) == {100}, "no more come back in a spread than can be under way"
    assert len(set(times)) > 900
    assert admission.retry_after_ms(0.0) < 1_000 + ROUNDS_MAX * 2_000
    assert admission.retry_after_ms(2.0) < 3_000, "the rounds begin anew"
