"""What was counted, with the book's figures beside it and why they differ: a table of SKUs, and one of lines. Rows are
those of the API (`CountRowItem`), which have no figures where nobody is to know them yet. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from shelfcast.exports.fields import Field, field, flag, time, whole, word_of
from shelfcast.sheets.columns import Form, Naming

TITLE = Naming("Counted", "盘点结果")
LINES_TITLE = Naming("Lines", "盘点明细")
FIELDS: list[Field] = [
    field("sku", "SKU", "货号", form=Form.CODE, width=18),
    field("title", "title", "名称", width=30),
    field("barcode", "barcode", "条码", form=Form.CODE, width=16),
    field("shelf_zone", "zone", "库区", form=Form.CODE),
    word_of("status", "status", "状态", 14),
    whole("round", "round", "轮次", width=7),
    whole("counted", "counted", "实盘"),
    whole("bad", "of them unsellable", "其中次品"),
    whole("adjusted", "moved meanwhile", "期间变动"),
    whole("on_hand", "in the book", "账面"),
    whole("difference", "difference", "差异"),
    word_of("reason", "reason", "差异原因", 20),
    field("reason_note", "note on it", "原因说明", width=24),
    whole("shortage", "shortage", "缺货"),
    whole("unmoved_bad", "unsellable, held or sold", "次品已被占用", width=10),
]
LINE_FIELDS: list[Field] = [
    field("sku", "SKU", "货号", form=Form.CODE, width=18),
    whole("line", "line", "行号", width=7),
    whole("round", "round", "轮次", width=7),
    field("zone", "zone", "盘点位置", form=Form.CODE, width=14),
    field("lot", "lot", "批号", form=Form.CODE, width=14),
    field("expires_on", "expires", "到期日", form=Form.CODE),
    whole("good", "good", "良品"),
    whole("bad", "bad", "次品"),
    field("note", "note", "备注", width=24),
    field("by", "by", "盘点人", width=14),
    flag("open", "not saved yet", "未保存"),
    time("begun_at", "begun", "开始时间"),
    time("at", "saved", "保存时间"),
]


class Line(NamedTuple):
    """A line, and the SKU that it is of."""

    sku: str
    of: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.of, name)


def lines_of(rows: Iterable[Any]) -> list[Line]:
    """The lines of rows."""
    return [Line(row.sku, line) for row in rows for line in row.lines]
