"""Debian's InfluxDB 1.6 in a temporary folder, and the checker of Flux texts: real programs."""

import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import urllib3

INFLUXD = Path("/usr/bin/influxd")
FLUX_CHECKER = Path(sys.prefix) / "flux-lsp/node_modules/@influxdata/flux-lsp-node"
CHECK_FLUX = Path(__file__).with_name("check_flux.js")

CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{backup_port}"
[meta]
  dir = "{folder}/meta"
  logging-enabled = false
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
  max-values-per-tag = 0
  max-series-per-database = 0
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
  max-body-size = 0
[logging]
  level = "error"
"""


def missing_programs() -> list[str]:
    """What is not installed of what the simulation needs."""
    found = {
        "influxd 1.6": INFLUXD.exists() and b"InfluxDB v1." in _version(),
        "flux-lsp-node": FLUX_CHECKER.exists(),
        "node": shutil.which("node") is not None,
    }
    return [name for name, there in found.items() if not there]


def _version() -> bytes:
    """Which one it is: InfluxDB 2 puts its own program of that name in the same place."""
    return subprocess.run([INFLUXD, "version"], capture_output=True, check=False).stdout


class Influxd:
    """A real InfluxDB 1.6: it parses and stores line protocol, and answers InfluxQL."""

    def __init__(self, folder: Path, *, port: int, backup_port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._http = urllib3.PoolManager(maxsize=8)
        config = folder / "influxdb.conf"
        config.write_text(CONFIG.format(folder=folder, port=port, backup_port=backup_port))
        self._log = (folder / "log").open("wb")
        command = [INFLUXD, "-config", config]
        self.process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                self._http.request("GET", f"{self.url}/ping", retries=False)
            except urllib3.exceptions.HTTPError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"influxd did not start: see {self._log.name}")

    def write(self, body: bytes, *, database: str, precision: str) -> tuple[int, bytes]:
        """Send line protocol as it is; the status and body of the answer."""
        fields = {"db": database, "precision": {"us": "u"}.get(precision, precision)}
        url = f"{self.url}/write?" + "&".join(f"{k}={v}" for k, v in fields.items())
        answer = self._http.request("POST", url, body=body, retries=False)
        return answer.status, answer.data

    def query(self, influxql: str, *, database: str = "") -> list[dict[str, Any]]:
        """The series that an InfluxQL statement answers with; times in nanoseconds."""
        fields = {"q": influxql, "db": database, "epoch": "ns"}
        answer = self._http.request("POST", f"{self.url}/query", fields=fields, retries=False)
        result = json.loads(answer.data)["results"][0]
        if "error" in result:
            raise RuntimeError(result["error"])
        return result.get("series", [])

    def databases(self) -> list[str]:
        return [row[0] for row in self.query("SHOW DATABASES")[0].get("values", [])]

    def close(self) -> None:
        self._http.clear()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()


class FluxChecker:
    """InfluxData's own Flux compiler: it says whether a text is sound in syntax and types."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            ["node", CHECK_FLUX, FLUX_CHECKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._turn = threading.Lock()

    def check(self, flux: str) -> dict[str, Any]:
        """Its verdict as `check_flux.js` describes it: valid, shape, texts."""
        with self._turn:
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            self.process.stdin.write(json.dumps(flux).encode() + b"\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate()
