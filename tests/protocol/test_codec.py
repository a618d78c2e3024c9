"""What crosses a socket comes out as it went in; what should not cross is refused with what was expected."""

from __future__ import annotations

import json

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol.strategies import ANYTHING, messages
from shelfcast.errors import InvalidInput
from shelfcast.protocol import from_client, from_server
from shelfcast.protocol.codec import Encoding, decode_client, decode_server, encode

JSON, MSGPACK = Encoding.JSON, Encoding.MSGPACK
REQUESTS = (
    "reserve, cancel, wait, decline, ask, cue, notice, acknowledge, acknowledge_alert, snooze_alert, spotlight, "
    "status, freeze"
)
BOTH = pytest.mark.parametrize("encoding", list(Encoding), ids=lambda encoding: encoding.name.lower())


@BOTH
@given(message=messages(from_client.ClientMessage))
def test_client_messages_round_trip(message: from_client.ClientMessage, encoding: Encoding) -> None:
    assert decode_client(encode(message, encoding), encoding) == message


@BOTH
@given(message=messages(from_server.ServerMessage))
def test_server_messages_round_trip(message: from_server.ServerMessage, encoding: Encoding) -> None:
    assert decode_server(encode(message, encoding), encoding) == message


@given(message=messages(from_server.ServerMessage))
def test_both_encodings_say_the_same(message: from_server.ServerMessage) -> None:
    assert json.loads(encode(message, JSON)) == msgpack.unpackb(encode(message, MSGPACK))


@BOTH
@given(payload=st.binary(max_size=200))
def test_any_bytes_are_a_message_or_invalid_input(payload: bytes, encoding: Encoding) -> None:
    try:
        decode_client(payload, encoding)
    except InvalidInput as error:
        assert "expected" in str(error).lower()  # noqa: PT017  a payload may also happen to be a message


@given(value=ANYTHING)
def test_any_value_is_refused_with_what_was_expected(value: object) -> None:
    for payload, encoding in ((json.dumps(value).encode(), JSON), (msgspec.msgpack.encode(value), MSGPACK)):
        with pytest.raises(InvalidInput, match=r"(?i)expected"):
            decode_client(payload, encoding)


@given(message=messages(from_client.ClientMessage), data=st.data())
def test_a_field_of_any_other_type_is_refused_and_named(
    message: from_client.ClientMessage, data: st.DataObject
) -> None:
    body = json.loads(encode(message, JSON))
    field = data.draw(st.sampled_from(sorted(body)))
    body[field] = {"not": ["of", "this", "type"]}
    for payload, encoding in ((json.dumps(body).encode(), JSON), (msgpack.packb(body), MSGPACK)):
        with pytest.raises(InvalidInput, match=r"(?i)expected") as refusal:
            decode_client(payload, encoding)
        assert refusal.value.field == field


@BOTH
@given(message=messages(from_client.ClientMessage), data=st.data())
def test_a_message_cut_short_is_refused(
    message: from_client.ClientMessage, encoding: Encoding, data: st.DataObject
) -> None:
    payload = encode(message, encoding)
    with pytest.raises(InvalidInput, match=r"(?i)expected"):
        decode_client(payload[: data.draw(st.integers(0, len(payload) - 1))], encoding)


@pytest.mark.parametrize(
    ("payload", "encoding"),
    [
        (b"[" * 100_000, JSON),
        (b'{"type":' * 50_000, JSON),
        (b'{"type":"reserve","x":' + b"[" * 100_000, JSON),
        (b"\x91" * 100_000, MSGPACK),
        (b"\x81\xa1x" * 50_000, MSGPACK),
        (b"\xdf\xff\xff\xff\xff", MSGPACK),
        (b"\xdd\xff\xff\xff\xff", MSGPACK),
        (b"\xc6\xff\xff\xff\xff", MSGPACK),
    ],
    ids=["lists", "maps", "in a field", "packed lists", "packed maps", "huge map", "huge list", "huge bytes"],
)
def test_nesting_and_claimed_sizes_do_no_harm(payload: bytes, encoding: Encoding) -> None:
    with pytest.raises(InvalidInput):
        decode_client(payload, encoding)


@pytest.mark.parametrize(
    ("payload", "encoding", "said"),
    [
        (b"", JSON, "expected a JSON object in UTF-8 with a `type`"),
        (b"", MSGPACK, "expected a MessagePack map with text keys and a `type`"),
        (b"\xff\xfe", JSON, "expected a JSON object in UTF-8"),
        (b'{"type":"reserve","id":"\xff"}', JSON, "expected a JSON object in UTF-8"),
        (b"[]", JSON, "Expected `object`, got `array`"),
        (b'{"type":"steal"}', JSON, f"expected one of {REQUESTS}"),
        (b'{"type":"status","id":"a","status":"asleep"}', JSON, "expected one of scheduled, live, paused, ended"),
        (b'{"type":"reserve","id":"a","sku":"S","qty":"2"}', JSON, "Expected `int`, got `str` - at `$.qty`"),
        (b'{"type":"reserve","id":"a","sku":"S","qty":0}', JSON, "Expected `int` >= 1 - at `$.qty`"),
        (b'{"type":"cancel"}', JSON, "missing required field `id`"),
        (b"\x82\xa4type\xa7reserve\x01\x02", MSGPACK, "text keys"),
    ],
)
def test_the_refusal_says_what_was_expected(payload: bytes, encoding: Encoding, said: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        decode_client(payload, encoding)
    assert said in str(refusal.value)


def test_unknown_fields_are_ignored_so_that_newer_clients_are_understood() -> None:
    payload = b'{"type":"cancel","id":"a","since":"v2"}'
    assert decode_client(payload, JSON) == from_client.Cancel(id="a")
