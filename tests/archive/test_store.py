"""Objects of the archive in a folder: whole or not at all, and said in words where they are not."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from msgspec import Struct
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged, ArchiveUnavailable, ConfigError
from shelfcast.settings import Settings


class Thing(Struct, frozen=True):
    name: str
    n: int


def folder_of(store: ArchiveStore) -> Path:
    return Path(store.place)


def flip(path: Path, at: int) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


async def test_an_object_is_read_as_it_was_written_and_smaller_where_it_lies(store: ArchiveStore) -> None:
    content = b"a line that comes again and again\n" * 1_000
    size = await store.put("main/ledger/one.jsonl.zst", content)
    assert await store.get("main/ledger/one.jsonl.zst") == content
    assert size == (folder_of(store) / "main/ledger/one.jsonl.zst").stat().st_size < len(content) // 100
    assert await store.get("main/ledger/two.jsonl.zst") is None
    assert [tuple(one) for one in await store.list("main/")] == [("main/ledger/one.jsonl.zst", size)]
    assert await store.list("other/") == []
    await store.delete("main/ledger/one.jsonl.zst")
    await store.delete("main/ledger/one.jsonl.zst")
    assert await store.list("main/") == []


async def test_what_a_lost_process_left_half_written_is_no_object(store: ArchiveStore) -> None:
    await store.put("main/whole", b"whole")
    (folder_of(store) / "main/.whole.0123").write_bytes(b"who")
    assert [one.name for one in await store.list("main")] == ["main/whole"]
    await store.put("main/whole", b"another")
    assert await store.get("main/whole") == b"another"


async def test_what_was_left_half_written_for_a_day_goes(store: ArchiveStore) -> None:
    await store.put("p/ledger/one", b"one")
    young, old = leftover(store, "one", age_s=0.0), leftover(store, "two", age_s=2 * 86_400.0)
    assert [one.name for one in await store.list("p/ledger")] == ["p/ledger/one"]
    assert (young.exists(), old.exists()) == (True, False)


def leftover(store: ArchiveStore, name: str, *, age_s: float) -> Path:
    """What a process left so long ago that was killed in the middle of a file."""
    path = folder_of(store) / "p" / "ledger" / f".{name}.0123456789abcdef"
    path.write_bytes(b"half")
    os.utime(path, times=(time.time() - age_s,) * 2)
    return path


async def test_a_writing_that_fails_leaves_the_object_that_was_there(
    store: ArchiveStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.put("main/a", b"first")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ArchiveUnavailable, match="No space left on device"):
        await store.put("main/a", b"second")
    monkeypatch.undo()
    assert await store.get("main/a") == b"first"
    assert [path.name for path in folder_of(store).rglob("*") if path.is_file()] == ["a"]


@pytest.mark.parametrize("at", [0, 4, -1, -5])
async def test_a_changed_bit_is_told_with_the_objects_name(store: ArchiveStore, at: int) -> None:
    await store.put("main/a", bytes(range(256)) * 10)
    flip(folder_of(store) / "main/a", at)
    with pytest.raises(ArchiveDamaged, match="main/a"):
        await store.get("main/a")


async def test_a_cut_object_is_told_with_its_name(store: ArchiveStore) -> None:
    await store.put("main/a", bytes(range(256)) * 10)
    path = folder_of(store) / "main/a"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ArchiveDamaged, match="main/a"):
        await store.get("main/a")
    path.write_bytes(b"")
    with pytest.raises(ArchiveDamaged, match="main/a"):
        await store.get("main/a")


async def test_a_value_is_held_against_its_checksum(store: ArchiveStore) -> None:
    checksum = await store.put_json("main/thing", Thing("mug", 4))
    assert await store.get_json("main/thing", Thing) == Thing("mug", 4)
    assert await store.get_json("main/thing", Thing, checksum) == Thing("mug", 4)
    await store.put_json("main/thing", Thing("mug", 5))
    with pytest.raises(ArchiveDamaged, match="main/thing is not what was written"):
        await store.get_json("main/thing", Thing, checksum)
    await store.put("main/thing", b'{"name": "mug"}')
    with pytest.raises(ArchiveDamaged, match="main/thing cannot be read as Thing"):
        await store.get_json("main/thing", Thing)
    await store.delete("main/thing")
    assert await store.get_json("main/thing", Thing) is None
    with pytest.raises(ArchiveDamaged, match="main/thing is missing"):
        await store.get_json("main/thing", Thing, checksum)


async def test_a_folder_that_cannot_be_is_told_in_words_by_every_call(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    below = ArchiveStore(Settings(archive_url=str(tmp_path / "file" / "archive")))
    assert f"it cannot be made in {tmp_path}/file" in await below.complaint()
    with pytest.raises(ArchiveUnavailable, match="Not a directory"):
        await below.put("main/a", b"")
    store = ArchiveStore(Settings(archive_url=str(tmp_path / "file")))
    assert "it is no folder" in await store.complaint()
    for asking in (store.put("main/a", b""), store.get("main/a"), store.list("main"), store.delete("main/a")):
        with pytest.raises(ArchiveUnavailable, match=f"archive {tmp_path}/file cannot be used"):
            await asking


async def test_a_folder_is_made_by_the_first_object(store: ArchiveStore) -> None:
    assert await store.complaint() == ""
    assert await store.get("main/a") is None
    assert await store.list("main") == []
    assert not folder_of(store).exists()
    await store.put("main/a", b"a")
    assert await store.complaint() == ""
    assert [one.name for one in await store.list("")] == ["main/a"]


async def test_a_place_that_does_not_answer_is_given_up(store: ArchiveStore, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr("shelfcast.archive.folder.Folder.get", lambda *_: released.wait())
    hasty = ArchiveStore(Settings(archive_url=store.place, archive_timeout_ms=20))
    try:
        with pytest.raises(ArchiveUnavailable, match=r"no answer within 0\.02 s"):
            await hasty.get("main/a")
    finally:
        released.set()


@pytest.mark.parametrize("url", ["s3://", "s3://key:secret@bucket", "s3://bucket?region=a", "https://shop.example/a"])
def test_an_address_that_is_none_is_told_without_what_may_be_secret(url: str) -> None:
    with pytest.raises(ConfigError, match="archive_url") as told:
        ArchiveStore(Settings(archive_url=url))
    assert "secret" not in str(told.value)


def test_without_an_address_it_is_a_folder_beside_the_data(tmp_path: Path) -> None:
    assert ArchiveStore(Settings(data_dir=str(tmp_path))).place == str(tmp_path / "archive")
