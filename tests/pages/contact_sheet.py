"""What screenshots are kept as: files in one folder, a picture behind what is transparent, and one page of them all."""

from __future__ import annotations

import html
import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

BACKDROP = (1920, 1080)
PALETTE_COLOURS = 256
KEPT_BYTES = 100_000
"""What one picture may add to the repository; flat colours take less, and lose nothing by a palette."""


class ContactSheet:
    """PNG files in `folder`, in the order they were added, and an index.html that shows them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._states: dict[str, list[str]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()

    def add(self, state: str, window: str, png: bytes) -> None:
        number = [*self._states, state].index(state) + 1
        name = f"{number:02}-{_slug(state)}--{window}.png"
        (self.folder / name).write_bytes(png)
        self._states.setdefault(state, []).append(name)

    def write_index(self) -> str:
        """Write the page that shows them all, one row a state. Returns what there is to see."""
        rows = "".join(
            f"<section><h2>{html.escape(state)}</h2>{''.join(map(_figure, names))}</section>"
            for state, names in self._states.items()
        )
        index = self.folder / "index.html"
        index.write_text(_PAGE.format(rows=rows), encoding="utf-8")
        return f"{sum(map(len, self._states.values()))} pictures of {len(self._states)} states in {index}"

    def has(self, state: str) -> bool:
        """Whether a picture of this state was added."""
        return state in self._states

    def keep(self, state: str, window: str, into: Path, width: int) -> None:
        """Write one picture for the documentation: so wide, and of few colours where it would be large otherwise."""
        name = next(name for name in self._states[state] if name.endswith(f"--{window}.png"))
        picture = Image.open(self.folder / name).convert("RGB")
        if width < picture.width:
            picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
        into.parent.mkdir(parents=True, exist_ok=True)
        whole = _as_png(picture)
        if len(whole) <= KEPT_BYTES:
            into.write_bytes(whole)
        else:
            picture.quantize(PALETTE_COLOURS, dither=Image.Dither.NONE).save(into, optimize=True)


def over_backdrop(png: bytes) -> bytes:
    """A transparent picture as OBS lays it over the stream; the stream is a made one."""
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    laid = Image.alpha_composite(_backdrop().resize(picture.size), picture)
    return _as_png(laid.convert("RGB"))


def _backdrop() -> Image.Image:
    """A table before a wall with lamps, out of focus: dark and light parts, for panels to be read on both."""
    width, height = BACKDROP
    wall = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge("RGB", [wall.point(lambda x, top=top: top - x // 4) for top in (196, 160, 138)])
    draw = ImageDraw.Draw(picture)
    for x, y, radius, colour in _LAMPS:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    draw.rectangle((0, 760, width, height), fill=(92, 62, 48))
    for x, top, colour in _THINGS:
        draw.rounded_rectangle((x, top, x + 150, 830), radius=34, fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(16)).convert("RGBA")


_LAMPS = ((260, 190, 70, (255, 226, 170)), (1510, 150, 95, (255, 236, 196)), (1760, 330, 48, (250, 206, 150)))
_THINGS = ((860, 560, (226, 222, 212)), (1060, 600, (116, 134, 106)), (1270, 520, (196, 86, 66)))


def _as_png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, format="PNG", optimize=True)
    return written.getvalue()


def _slug(text: str) -> str:
    return "-".join("".join(each if each.isalnum() else " " for each in text.lower()).split())


def _figure(name: str) -> str:
    window = name.partition("--")[2].removesuffix(".png")
    picture = f'<a href="{name}"><img src="{name}" loading="lazy" alt=""></a>'
    return f"<figure>{picture}<figcaption>{window}</figcaption></figure>"


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Shelfcast: every page in every state</title>
<style>
  body {{ font: 15px/1.4 system-ui, sans-serif; margin: 24px; background: #d9dbe0; color: #14161c }}
  figure {{ display: inline-block; margin: 0 16px 16px 0; vertical-align: top }}
  img {{ height: 300px; border: 1px solid #0003; background: #fff }}
  figcaption {{ color: #444 }}
</style>
<h1>Every page in every state</h1>
{rows}
</html>
"""
