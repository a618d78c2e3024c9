"""How somebody works on a page: with a mouse, or with nothing but a keyboard."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Protocol

from playwright.async_api import Locator, Page, expect

TABS_MAX = 400
"""So many steps to a button are no way to it."""

_HAS_FOCUS = "each => each === document.activeElement"
_HAS_FOCUS_IN_GROUP = """each => {
  const now = document.activeElement;
  if (each.type === "radio") return now.type === "radio" && now.name === each.name;
  return now.matches("[role=tab]") && now.parentElement === each.parentElement;
}"""
_IS_CHOSEN = "each => each.checked || each.getAttribute('aria-selected') === 'true'"
_DROP = """(area, [name, type, content]) => {
  const carried = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), sign => sign.charCodeAt(0));
  carried.items.add(new File([bytes], name, { type }));
  for (const kind of ["dragenter", "dragover", "drop"])
    area.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""
_SHOWN_OPTION = "each => each.selectedOptions[0].textContent.trim()"


class Hands(Protocol):
    """What one does to what one sees."""

    async def press(self, target: Locator) -> None:
        """A button, a link, a box to tick."""

    async def write(self, target: Locator, text: str) -> None:
        """Into a field, in place of what stands there."""

    async def choose(self, target: Locator, option: str) -> None:
        """One of a list, by what it is called."""

    async def give_file(self, area: Locator, button: Locator, file: Path) -> None:
        """A file: dropped on the area, or chosen with the button."""

    async def slide_to_end(self, slider: Locator) -> None:
        """As far as it goes."""


class Mouse:
    """Points and clicks; writes with the keyboard where it has clicked."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def press(self, target: Locator) -> None:
        await target.click()

    async def write(self, target: Locator, text: str) -> None:
        await target.click()
        await self._page.keyboard.press("Control+A")
        await self._page.keyboard.type(text)

    async def choose(self, target: Locator, option: str) -> None:
        await target.select_option(label=option)

    async def give_file(self, area: Locator, button: Locator, file: Path) -> None:
        content = base64.b64encode(await asyncio.to_thread(file.read_bytes)).decode()
        await area.evaluate(_DROP, [file.name, "text/csv", content])

    async def slide_to_end(self, slider: Locator) -> None:
        await slider.scroll_into_view_if_needed()
        box = await slider.bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        await self._page.mouse.move(box["x"] + box["height"] / 2, middle)
        await self._page.mouse.down()
        await self._page.mouse.move(box["x"] + box["width"] / 2, middle)
        await self._page.mouse.move(box["x"] + box["width"] - 1, middle)
        await self._page.mouse.up()


class Keyboard:
    """Goes from one thing to the next with Tab until it is there."""

    def __init__(self, page: Page) -> None:
        self._page = page
        # From the beginning: Chromium opens its own dialogue until it has heard that somebody listens.
        page.on("filechooser", lambda _chooser: None)

    async def press(self, target: Locator) -> None:
        kind = await target.evaluate("each => each.getAttribute('role') ?? each.type ?? ''")
        if kind in ("radio", "tab"):
            await self._choose_of_group(target)
            return
        await self._reach(target)
        await self._page.keyboard.press("Space" if kind == "checkbox" else "Enter")

    async def write(self, target: Locator, text: str) -> None:
        await self._reach(target)
        await self._page.keyboard.press("Control+A")
        await self._page.keyboard.type(text)

    async def choose(self, target: Locator, option: str) -> None:
        await self._reach(target)
        await self._page.keyboard.press("Home")
        options = await target.locator("option").count()
        for _ in range(options):
            if await target.evaluate(_SHOWN_OPTION) == option:
                return
            await self._page.keyboard.press("ArrowDown")
        raise AssertionError(f"the list has no {option!r}")

    async def give_file(self, area: Locator, button: Locator, file: Path) -> None:
        await self._reach(button)
        async with self._page.expect_file_chooser() as opened:
            await self._page.keyboard.press("Enter")
        await (await opened.value).set_files(file)

    async def slide_to_end(self, slider: Locator) -> None:
        await self._reach(slider)
        await self._page.keyboard.press("End")

    async def _choose_of_group(self, target: Locator) -> None:
        """Tab leads to the one that is chosen, arrows to the others."""
        await self._reach(target, _HAS_FOCUS_IN_GROUP)
        for _ in range(TABS_MAX):
            if await target.evaluate(_IS_CHOSEN):
                return
            await self._page.keyboard.press("ArrowRight")
        raise AssertionError(f"no way leads there with arrows: {target}")

    async def _reach(self, target: Locator, there: str = _HAS_FOCUS) -> None:
        await expect(target).to_be_enabled()
        for _ in range(TABS_MAX):
            if await target.evaluate(there):
                return
            await self._page.keyboard.press("Tab")
        raise AssertionError(f"no way leads there with Tab: {target}")


WAYS: dict[str, type[Mouse | Keyboard]] = {"mouse": Mouse, "keyboard": Keyboard}
