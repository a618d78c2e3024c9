"""The kinds of fields in bodies, with their limits."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from shelfcast.errors import InvalidInput
from shelfcast.http.api.bodies import Request
from shelfcast.protocol.fields import Sku
from shelfcast.protocol.text import LINE_CHARACTER, is_blank
from shelfcast.stock.configuration import (
    ALIAS_MAX_CHARACTERS,
    ALIAS_SEPARATORS,
    ALIASES_MAX,
    EXPIRY_DAYS_MAX,
    HANDOVER_MAX_CHARACTERS,
    IMAGE_URL_MAX_CHARACTERS,
    LINK_MAX,
    LOBBY_MS_MAX,
    RUN_ORDER_MAX,
    SLOT_MINUTES_MAX,
    SPLIT_EVERY_MINUTES_MAX,
    SUBSTITUTES_MAX,
    WEIGHT_MAX,
    WEIGHTS_MAX,
    ElasticMode,
)
from shelfcast.stock.windows import PATTERN

UNITS_MAX = 1_000_000_000
FOUND_UNITS_MAX = 1_000_000
"""Of a line of a count or receipt: as many as one move carries."""
MINOR_MAX = 1_000_000_000_000
"""Of an amount of money, in minor units."""

PLACE_PATTERN = r"^[a-z_]{1,32}(?::[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?)?$(?!\n)"

Text = Annotated[
    str, Meta(pattern=rf"^{LINE_CHARACTER}{{0,200}}$(?!\n)", description="one line of at most 200 characters")
]
Override = Annotated[
    str,
    Meta(
        pattern=rf"^(?=\S){LINE_CHARACTER}{{1,200}}$(?!\n)",
        description="why a show may begin though the room's checklist fails: one line of 1 to 200 characters that "
        "does not begin with a space, and can be seen",
    ),
]
Reference = Annotated[
    str, Meta(pattern=rf"^{LINE_CHARACTER}{{0,128}}$(?!\n)", description="one line of at most 128 characters")
]
Handover = Annotated[
    str,
    Meta(
        pattern=rf"^(?:{LINE_CHARACTER}|\n){{0,{HANDOVER_MAX_CHARACTERS}}}$(?!\n)",
        description=f"a note of at most {HANDOVER_MAX_CHARACTERS} characters, whose lines end with a line feed",
    ),
]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)", description="ISO 4217, three capital letters")]
Minor = Annotated[int, Meta(ge=0, le=MINOR_MAX, description="money in minor units of the currency")]
PaidMinor = Annotated[
    int, Meta(ge=0, le=MINOR_MAX, description="what was paid for all units, in minor units of the currency")
]
RefundedMinor = Annotated[
    int, Meta(ge=0, le=MINOR_MAX, description="what went back, in minor units of what was paid in")
]
ListedMinor = Annotated[int, Meta(ge=-1, le=MINOR_MAX, description="-1 takes the catalogue's price")]
Units = Annotated[int, Meta(ge=0, le=UNITS_MAX, description="units")]
LowMarkUnits = Annotated[int, Meta(ge=1, le=UNITS_MAX, description="units, at least 1")]
SignedUnits = Annotated[int, Meta(ge=-UNITS_MAX, le=UNITS_MAX, description="units; negative lowers")]
StepUnits = Annotated[int, Meta(ge=1, le=UNITS_MAX, description="units, at least 1")]
SharePercent = Annotated[int, Meta(ge=1, le=99, description="per cent of what was offered, 1 to 99")]
EtaMinutes = Annotated[int, Meta(ge=1, le=1_440, description="minutes, at least 1 and at most a day")]
LimitWindow = Annotated[
    str, Meta(pattern=PATTERN, description="how long a customer's limit counts: show, 1d to 30d, or ever")
]
Limit = Annotated[int, Meta(ge=1, le=1_000_000, description="units, at least 1")]
LobbyMillis = Annotated[int, Meta(ge=0, le=LOBBY_MS_MAX, description="milliseconds; 0 is no lobby")]
HoldMillis = Annotated[int, Meta(ge=0, le=86_400_000, description="milliseconds, at most a day; 0 is the default")]
DayStarts = Annotated[
    str, Meta(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)", description="hours and minutes, 00:00 to 23:59")
]
TimeZone = Annotated[str, Meta(max_length=64, description="an IANA time zone such as Asia/Shanghai")]
Place = Annotated[
    str, Meta(pattern=PLACE_PATTERN, description="a bucket or account, such as pool, channel:douyin or supplier")
]
PlannedMinutes = Annotated[int, Meta(ge=1, le=1440, description="minutes, at most a day")]
Percent = Annotated[int, Meta(ge=0, le=100, description="percent, whole")]
SplitMinutes = Annotated[
    int, Meta(ge=1, le=SPLIT_EVERY_MINUTES_MAX, description="minutes, at least 1 and at most a day")
]
Weight = Annotated[
    float, Meta(ge=0, le=WEIGHT_MAX, description=f"how much is expected beside the others, 0 to {WEIGHT_MAX:,}")
]
Weights = Annotated[
    dict[Reference, Weight],
    Meta(max_length=WEIGHTS_MAX, description=f"weights by category, of at most {WEIGHTS_MAX} categories"),
]
ProposalId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9_-]{1,64}\.[0-9]{1,15}$(?!\n)",
        description="the id of a proposal: its pool, a dot, and its number, as main.7",
    ),
]
FoundUnits = Annotated[
    int, Meta(ge=0, le=FOUND_UNITS_MAX, description=f"units that were found, at most {FOUND_UNITS_MAX:,}")
]
InventoryDays = Annotated[int, Meta(ge=1, le=EXPIRY_DAYS_MAX, description=f"days, 1 to {EXPIRY_DAYS_MAX:,}")]
InventoryDaysOf = Annotated[
    dict[Reference, InventoryDays],
    Meta(max_length=WEIGHTS_MAX, description=f"days by category, of at most {WEIGHTS_MAX} categories"),
]
ExpiryDays = Annotated[int, Meta(ge=1, le=EXPIRY_DAYS_MAX, description=f"days, 1 to {EXPIRY_DAYS_MAX:,}")]
Day = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$(?!\n)",
        description="a day of the calendar, YYYY-MM-DD",
    ),
]
LotCode = Annotated[
    str, Meta(pattern=rf"^{LINE_CHARACTER}{{0,64}}$(?!\n)", description="one line of at most 64 characters")
]
WithinDays = Annotated[int, Meta(ge=0, le=EXPIRY_DAYS_MAX, description=f"days, 0 to {EXPIRY_DAYS_MAX:,}")]
EXACT_MAX = 2**53 - 1
"""The greatest number that Lua and JSON's readers have exactly."""
Seq = Annotated[int, Meta(ge=1, le=EXACT_MAX, description="a sequence of the pool")]
Position = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
Link = Annotated[int, Meta(ge=1, le=LINK_MAX, description=f"a link number, 1 to {LINK_MAX}")]
SlotMinutes = Annotated[int, Meta(ge=1, le=SLOT_MINUTES_MAX, description="minutes, at least 1 and at most a day")]
ExpectedUnits = Annotated[int, Meta(ge=0, le=1_000_000, description="units")]
Substitutes = Annotated[
    list[Sku],
    Meta(max_length=SUBSTITUTES_MAX, description=f"at most {SUBSTITUTES_MAX} other SKUs of the catalogue, best first"),
]
Alias = Annotated[
    str,
    Meta(
        pattern=rf"^{LINE_CHARACTER[:-1]}{ALIAS_SEPARATORS}]{{1,{ALIAS_MAX_CHARACTERS}}}$(?!\n)",
        description=f"a name of at most {ALIAS_MAX_CHARACTERS} characters, without a comma, semicolon, 、 or |",
    ),
]
Aliases = Annotated[
    list[Alias],
    Meta(max_length=ALIASES_MAX, description=f"at most {ALIASES_MAX} names that viewers call it by"),
]
ImageUrl = Annotated[
    str,
    Meta(
        max_length=IMAGE_URL_MAX_CHARACTERS,
        description=f"an address of an origin that image_origins names, or a path of this server; at most "
        f"{IMAGE_URL_MAX_CHARACTERS} characters",
    ),
]


class SlotBody(Request, frozen=True, kw_only=True):
    """A place in a run order (`Slot`)."""

    sku: Sku
    minutes: SlotMinutes | None = None
    expected_units: ExpectedUnits | None = None
    note: Text | None = None


class ElasticBody(Request, frozen=True, kw_only=True):
    """The rule of an elastic reserve (`ElasticRule`)."""

    mode: ElasticMode = ElasticMode.ASK
    at_units: Units | None = None
    at_share_percent: SharePercent | None = None
    at_eta_minutes: EtaMinutes | None = None
    step_units: StepUnits | None = None


RunOrder = Annotated[
    list[Sku | SlotBody],
    Meta(max_length=RUN_ORDER_MAX, description="SKUs, or slots with their plan, in the order of the show"),
]


def check_seen(text: str, field: str) -> None:
    """Refuse a text that has to say something and shows nothing, spaces say. Raises InvalidInput."""
    if is_blank(text):
        raise InvalidInput("expected text that can be seen", field=field)
