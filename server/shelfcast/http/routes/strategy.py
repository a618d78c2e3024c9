"""Routes of a pool's strategy: a preset of numbers, each of which can be said besides."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import DefinitionBody
from shelfcast.http.api.call import Call, definition
from shelfcast.http.api.definitions import given, write_definition
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import Percent, SplitMinutes
from shelfcast.http.api.outcomes import passed
from shelfcast.http.routes.pools import TAG
from shelfcast.merchant import strategy as use_cases
from shelfcast.merchant.buffers import safety_percent
from shelfcast.protocol.codes import Code
from shelfcast.stock.configuration import ElasticMode, Split, Strategy, What


class StrategyNumbers(DefinitionBody, frozen=True, kw_only=True):
    """The numbers of a pool's strategy. `split` says whether the split of its units over its channels is worked out
    every `split_every_minutes`: off, propose (a person applies it), or auto. Of opening stock that an import brings in,
    `safety_percent` go to the safety buffer and `elastic_percent` to the elastic reserve, together at most 100; the
    reserve's mode becomes `elastic_mode`."""

    split: Split | UnsetType | None = UNSET
    split_every_minutes: SplitMinutes | UnsetType | None = UNSET
    elastic_percent: Percent | UnsetType | None = UNSET
    elastic_mode: ElasticMode | UnsetType | None = UNSET
    safety_percent: Percent | UnsetType | None = UNSET


class StrategyBody(StrategyNumbers, frozen=True, kw_only=True):
    """A strategy, by its preset: brand (one total, divided over the channels by what they sell), influencer (an elastic
    reserve that is asked about), promotion (batches); empty for none. A number that is left out, or null, is as the
    preset has it."""

    strategy: Strategy = Strategy.CUSTOM


class Preset(Struct, frozen=True, kw_only=True):
    """The numbers that a strategy begins with."""

    split: Split
    split_every_minutes: int
    elastic_percent: int
    elastic_mode: ElasticMode
    safety_percent: int


class StrategyItem(Struct, frozen=True, kw_only=True):
    """A pool's strategy with all its numbers. `changed` names those that are not as the preset has them. `revision` is
    that of the pool's settings, which they are part of. `presets` are the numbers of each strategy, so that they can be
    seen before one is begun."""

    pool: str
    strategy: Strategy
    split: Split
    split_every_minutes: int
    elastic_percent: int
    elastic_mode: ElasticMode
    safety_percent: int
    changed: list[str]
    revision: int
    presets: dict[Strategy, Preset]


async def get_strategy(call: Call) -> Response:
    """The pool's strategy with all its numbers. Weights, floors and caps are the channels'."""
    return await _answer(call)


async def put_strategy(call: Call) -> Response:
    """Begin a strategy: its preset's numbers, but for those that are named. Nothing that is in a bucket moves."""
    book, body = (await call.pool()).book, call.body
    numbers = {name: value for name, value in given(body).items() if name != "strategy"}
    outcome = await use_cases.state(book, body.strategy, numbers, by=call.by(), expected=call.expected_revision())
    call.note(await passed(book, outcome))
    return await _answer(call)


async def patch_strategy(call: Call) -> Response:
    """Change the numbers given, and leave the others. Null is as in a pool without a strategy."""
    await write_definition((await call.pool()).book, call, What.POOL, "")
    return await _answer(call)


async def _answer(call: Call) -> Response:
    book = (await call.pool()).book
    config = await book.pool_config()
    found = StrategyItem(
        pool=book.pool,
        strategy=config.strategy,
        split=config.split,
        split_every_minutes=config.split_every_minutes,
        elastic_percent=config.elastic_percent,
        elastic_mode=config.elastic_mode,
        safety_percent=safety_percent(config),
        changed=use_cases.changed(config),
        revision=config.revision,
        presets=_PRESETS,
    )
    return definition(found)


def _preset(strategy: Strategy) -> Preset:
    return Preset(**use_cases.numbers(use_cases.begun(strategy)))


_PRESETS = {strategy: _preset(strategy) for strategy in use_cases.PRESETS}


_PATH = POOL_PATH + "/strategy"

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_PATH, summary="Read a pool's strategy", tag=TAG, handle=get_strategy,
             access=Access.CONTROL, answer=StrategyItem, revised=True, codes=(Code.NOT_FOUND,)),
    Endpoint(method="PUT", path=_PATH, summary="Begin a strategy", tag=TAG, handle=put_strategy,
             access=Access.CONTROL, answer=StrategyItem, body=StrategyBody, revised=True, acts=True,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="PATCH", path=_PATH, summary="Change numbers of a strategy", tag=TAG, handle=patch_strategy,
             access=Access.CONTROL, answer=StrategyItem, body=StrategyNumbers, revised=True, acts=True,
             codes=(Code.NOT_FOUND,)),
]
# fmt: on
