"""The encoding of a file that does not say it: found where it can be only one, asked for elsewhere."""

from __future__ import annotations

import pytest
from shelfcast.errors import InvalidInput
from shelfcast.sheets.encodings import choices, decoded

TABLE = "sku,title\nmug,Mug\ncup,Cup\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_one_that_can_be_only_one_is_found(encoding: str) -> None:
    assert decoded(TABLE.encode(encoding), "a.csv", None, [])[0].removeprefix("\ufeff") == TABLE


def test_zeros_that_are_no_utf_16_make_none() -> None:
    assert decoded(b"sku,title\nmug,M\0u\0\0g\n", "a.csv", None, []) == ("sku,title\nmug,M\0u\0\0g\n", "utf-8")


@pytest.mark.parametrize(
    "content",
    [b"sku,title\nmug,\xff\xfe\xfd\n", b"sku,title\nmug,\xa2\xe3\xa6\xd9\n", b"sku,title\nmug,\x80\x81 caf\xe9\n"],
    ids=["no GB18030 either", "characters that nobody has", "signs that nobody writes"],
)
def test_what_is_nothing_is_asked_for(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="line 2 is not UTF-8, nor is the file Chinese"):
        decoded(content, "a.csv", None, [])


def test_a_person_chooses_among_those_that_make_a_table_of_it() -> None:
    chinese = choices(("sku,title\n" + "mug,茶杯\n" * 2_000).encode("gb18030"))
    assert {"gb18030", "big5", "cp1252", "latin-1"} <= set(chinese)
    assert not {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "gbk"} & set(chinese)
    assert "utf-8" in choices(("sku,title\n" + "mug,茶杯\n" * 2_000).encode()), "cut within a character"
    assert choices("sku,title\nmug,茶\n".encode("utf-16"))[0] == "utf-16-le"
