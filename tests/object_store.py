"""An object store that speaks S3, as a process of its own: SeaweedFS, which PyPI has."""

from __future__ import annotations

import json
import signal
import subprocess
import sysconfig
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

import psutil
from engine_process import START_TIMEOUT_S, free_ports, wait_until

PROGRAM = Path(sysconfig.get_path("scripts"), "weed")
KEY, SECRET = "shelfcast", "a secret of the test suite"
_PARTS = ("master", "volume", "filer", "s3")


class ObjectStore:
    """A store with one user, who may read, write and list what is in buckets that are there; making one is another's.
    `variables` are those of its clients."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        ports = free_ports(2 * len(_PARTS))
        self._ports = dict(zip(_PARTS, ports[::2], strict=True))
        self._grpc_ports = dict(zip(_PARTS, ports[1::2], strict=True))
        self.variables = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._ports['s3']}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def __enter__(self) -> Self:
        data, users = self._folder / "data", self._folder / "users.json"
        data.mkdir(exist_ok=True)
        credentials = [{"accessKey": KEY, "secretKey": SECRET}]
        owner = [{"accessKey": "owner", "secretKey": SECRET}]
        users.write_text(
            json.dumps(
                {
                    "identities": [
                        {"name": KEY, "credentials": credentials, "actions": ["Read", "Write", "List"]},
                        {"name": "owner", "credentials": owner, "actions": ["Admin"]},
                    ]
                }
            )
        )
        self._start()
        return self

    def _start(self) -> None:
        command = [str(PROGRAM), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={self._folder / 'data'}"]
        # By itself it would tell its makers that it runs.
        command += ["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=8", "-filer", "-s3"]
        command += [f"-s3.config={self._folder / 'users.json'}", "-s3.iam=false", "-s3.port.iceberg=0"]
        command += ["-s3.port.lance=0", "-s3.localSocket=", "-filer.localSocket="]
        for part in _PARTS:
            command += [f"-{part}.port={self._ports[part]}", f"-{part}.port.grpc={self._grpc_ports[part]}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_until(self._answers)
        except BaseException:
            self.__exit__()
            raise

    def freeze(self) -> None:
        """Stop it as it is: it answers nothing until it is woken."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        process = psutil.Process(self._process.pid)
        wait_until(lambda: all(psutil.Process(one.id).status() == psutil.STATUS_STOPPED for one in process.threads()))

    def wake(self) -> None:
        """Have it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def __exit__(self, *fault: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(timeout=START_TIMEOUT_S)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"the object store ended: {self._log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(self.variables["AWS_ENDPOINT_URL"], timeout=START_TIMEOUT_S):
                return True
        except urllib.error.HTTPError:
            return True  # it asks who we are
        except OSError:
            return False
