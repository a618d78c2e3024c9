"""Run npm's scripts of the pages (server/web) and of the TypeScript SDK, where there is a Node to run them.

    python server/web/node.py build     the pages, into server/shelfcast/http/pages/static, unless they are up to date
    python server/web/node.py test      both packages' tests
    python server/web/node.py check     both packages' types, style and format
    python server/web/node.py format    both packages' code, as `check` wants it
    python server/web/node.py types     the types of the HTTP API for the pages; `check` begins with it

It uses the standard library alone: the wheel's build calls it too (hatch_build.py). Without Node it says what to
install, does nothing and is content: a server without pages works, and says so on its home page.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

NODE_NEEDED = (20, 19)
HOW_TO_GET_NODE = (
    "The pages and the TypeScript SDK need Node {needed} or newer, and npm{found}. On Debian 13: apt-get install "
    "nodejs npm. Debian 12 has Node 18 only; take Node 20 or newer from nodejs.org. Going on without."
)
WEB = Path(__file__).resolve().parent
ROOT = WEB.parents[1]
SDK = ROOT / "client_sdk" / "typescript"
BUILT = ROOT / "server" / "shelfcast" / "http" / "pages" / "static"
OPENAPI = WEB / "openapi"
API_TYPES = WEB / "src" / "console" / "api" / "schema.d.ts"
"""Made of the server's own document whenever types are checked, and not kept with the source: no other can be older."""
SAY_DOCUMENT = "import sys; from shelfcast.http.application import DOCUMENT; sys.stdout.buffer.write(DOCUMENT)"


class Failed(Exception):
    """A program of Node's ended with an error; it has said why."""


def missing_node() -> str:
    """The empty string where Node can be used, else what to do about it."""
    needed = ".".join(map(str, NODE_NEEDED))
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return HOW_TO_GET_NODE.format(needed=needed, found="")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    version = re.match(r"v(\d+)\.(\d+)", said)
    if version is None or (int(version[1]), int(version[2])) < NODE_NEEDED:
        return HOW_TO_GET_NODE.format(needed=needed, found=f"; the node here is {said or 'none that runs'}")
    return ""


def install(package: Path) -> None:
    """The package's dependencies at the versions of its lock file, unless they are there. Raises Failed."""
    lock, installed = package / "package-lock.json", package / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    _say(f"Installing what {package.relative_to(ROOT)} is built with ...")
    _npm(package, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    installed.touch()


FILE_CLOCK_S = 0.02
"""The clock that dates files may be so far behind ours: a tick of the kernel, and some."""


def pages_are_current() -> bool:
    """Whether the built pages are younger than everything they are made of."""
    built = BUILT / "index.html"
    if not built.exists():
        return False
    own = [path for path in WEB.iterdir() if path.suffix in {".html", ".json", ".ts"}]
    sources = [*own, *(WEB / "src").rglob("*"), *(SDK / "src").rglob("*")]
    return _newest(sources) <= built.stat().st_mtime


def build() -> None:
    """The pages, where they are missing or old; a build that fails leaves the old ones. Raises Failed.

    A server that runs has its pages in memory and shows the new ones when it is started again.
    """
    with _alone():
        if pages_are_current():
            return
        install(WEB)
        _say("Building the pages ...")
        began_s = time.time()
        with TemporaryDirectory(prefix="static-", dir=BUILT.parent) as folder:
            fresh = Path(folder)
            _npm(WEB, "run", "--silent", "build", "--", "--logLevel=warn", f"--outDir={fresh}")
            # A source that was changed while the pages were built is younger than they are.
            made_s = began_s - FILE_CLOCK_S
            os.utime(fresh / "index.html", (made_s, made_s))
            put_in_place(fresh, BUILT)


def put_in_place(fresh: Path, built: Path) -> None:
    """Move the files of a build to where they are served from, which is without pages at no moment.

    What pages load comes first, then the pages, `index.html` as the last; then what is in no page any more goes.
    """
    files = [path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()]
    for file in sorted(files, key=lambda file: (file.suffix == ".html", file.name == "index.html")):
        (built / file).parent.mkdir(parents=True, exist_ok=True)
        (fresh / file).replace(built / file)
    for path in [path for path in built.rglob("*") if path.is_file() and path.relative_to(built) not in files]:
        path.unlink()


@contextmanager
def _alone() -> Iterator[None]:
    """One build at a time: another one waits, and finds then that there is nothing left to do."""
    folder = os.open(WEB, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def test() -> None:
    """Both packages' tests. Raises Failed."""
    _run_in_both("test")


def check() -> None:
    """Both packages' types, style and format. Raises Failed."""
    types()
    _run_in_both("check")


def types() -> None:
    """The types of the HTTP API, from the document of the server in this Python's environment. Raises Failed."""
    install(OPENAPI)
    said = subprocess.run([sys.executable, "-c", SAY_DOCUMENT], capture_output=True, check=False)
    if said.returncode != 0:
        raise Failed(f"the server cannot say its OpenAPI document: {said.stderr.decode(errors='replace')[-500:]}")
    with NamedTemporaryFile(suffix=".json") as document:
        document.write(said.stdout)
        document.flush()
        options = ("--root-types", "--root-types-no-schema-prefix", "--alphabetize", "--default-non-nullable", "false")
        _npm(OPENAPI, "run", "--silent", "types", "--", document.name, *options, "--output", str(API_TYPES))


def format_code() -> None:
    """Both packages' code, formatted. Raises Failed."""
    _run_in_both("format")


def _run_in_both(script: str) -> None:
    for package in (SDK, WEB):
        install(package)
    for package in (SDK, WEB):
        _npm(package, "run", "--silent", script)


def _npm(package: Path, *arguments: str) -> None:
    done = subprocess.run([shutil.which("npm") or "npm", *arguments], cwd=package, check=False)
    if done.returncode != 0:
        raise Failed(f"npm {' '.join(arguments)} failed in {package.relative_to(ROOT)}")


def _newest(paths: Iterable[Path]) -> float:
    return max((path.stat().st_mtime for path in paths), default=0)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """The command line. What cannot be done for want of a Node is no failure; what Node fails at is."""
    tasks = {"build": build, "test": test, "check": check, "format": format_code, "types": types}
    task = tasks.get(arguments[0]) if len(arguments) == 1 else None
    if task is None:
        _say(f"expected one of {', '.join(tasks)}")
        return 2
    missing = missing_node()
    if missing:
        _say(missing)
        return 0
    try:
        task()
    except Failed as failure:
        _say(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
