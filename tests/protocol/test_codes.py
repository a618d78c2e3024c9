"""Every code says what it means and whether asking again can help."""

from __future__ import annotations

import pytest
import shelfcast_client.codes as client_codes
from shelfcast.protocol.codes import EXPLANATION, RETRY, Close, Code, Retry, may_reconnect


def test_every_code_has_a_retry_and_an_explanation_of_its_own() -> None:
    assert set(RETRY) == set(Code)
    assert set(EXPLANATION) == set(Code)
    assert len(set(EXPLANATION.values())) == len(Code)
    assert all(text and not text.endswith(".") for text in EXPLANATION.values())


def test_only_what_was_not_executed_is_sent_again_with_its_id() -> None:
    same_id = {code for code, retry in RETRY.items() if retry is Retry.SAME_ID}
    assert same_id == {Code.RATE_LIMITED, Code.OVERLOADED, Code.UNAVAILABLE}


@pytest.mark.parametrize("close", list(Close), ids=lambda close: close.name)
def test_close_codes_under_4500_reconnect_and_those_above_do_not(close: Close) -> None:
    assert may_reconnect(close) is (close < 4500)


def test_a_lost_connection_reconnects_and_a_protocol_fault_does_not() -> None:
    assert all(may_reconnect(code) for code in (1000, 1001, 1005, 1006, 1011, 1012, 1013))
    assert not any(may_reconnect(code) for code in (1002, 1003, 1007, 1008, 1009, 1010))


def test_the_python_sdk_has_the_same_codes() -> None:
    assert [code.value for code in client_codes.Code] == [code.value for code in Code]
    assert {code: client_codes.retry_of(code.value).value for code in Code} == {c: r.value for c, r in RETRY.items()}
    servers = {close.name: close.value for close in Close}
    assert servers.items() <= {close.name: close.value for close in client_codes.Close}.items()
    assert all(client_codes.may_reconnect(code) is may_reconnect(code) for code in range(1000, 5000))
