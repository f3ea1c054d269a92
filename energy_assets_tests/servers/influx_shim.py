"""The API of InfluxDB 2 in front of a real InfluxDB 1.6: a shim, whose queries are a simulation.

Writes are passed on as they are. Flux is type-checked by the real compiler, then executed by
`flux_simulation` only: no test against this shim proves how a real InfluxDB 2 executes Flux.
"""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

from energy_assets_tests.conftest import free_port
from energy_assets_tests.servers.flux_simulation import NotSimulatedError, annotated_csv, parsed
from energy_assets_tests.servers.influxd import FluxChecker, Influxd

TOKEN = "token-of-the-shim"
READ_ONLY_TOKEN = "token-that-only-reads"
ORG = "energy"


class InfluxShim(ThreadingHTTPServer):
    """Listens on a free port until it is closed."""

    daemon_threads = True

    def __init__(self, influxd: Influxd, checker: FluxChecker) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.influxd = influxd
        self.checker = checker
        self.queries: list[str] = []
        """Every Flux text that was received."""
        self.writes = 0
        """How many requests wrote."""
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: InfluxShim

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        path, fields = self._asked()
        if path == "/ping":
            self._send(204)
        elif not self._is_known():
            self._refuse(401, "unauthorized", "unauthorized access")
        elif path == "/api/v2/orgs":
            found = [{"id": "0123456789abcdef", "name": ORG}] if fields["org"] == ORG else []
            self._send(200, {"orgs": found})
        elif path == "/api/v2/buckets":
            self._find_bucket(fields)
        else:
            self._refuse(404, "not found", "path not found")

    def do_POST(self) -> None:
        path, fields = self._asked()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._is_known():
            self._refuse(401, "unauthorized", "unauthorized access")
        elif path != "/api/v2/query" and READ_ONLY_TOKEN in self.headers["Authorization"]:
            self._refuse(403, "forbidden", "insufficient permissions for write")
        elif path == "/api/v2/write":
            self._write(fields, body)
        elif path == "/api/v2/query":
            self._query(fields, json.loads(body))
        elif path == "/api/v2/buckets":
            asked = json.loads(body)
            self.server.influxd.query(f'CREATE DATABASE "{asked["name"]}"')
            self._send(201, {**asked, "id": "0000000000000001"})
        else:
            self._refuse(404, "not found", "path not found")

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    def _is_known(self) -> bool:
        given = self.headers.get("Authorization", "")
        return given in (f"Token {TOKEN}", f"Token {READ_ONLY_TOKEN}")

    def _find_bucket(self, fields: dict[str, str]) -> None:
        if fields["org"] != ORG:
            self._refuse(404, "not found", f'organization name "{fields["org"]}" not found')
        elif fields["name"] in self.server.influxd.databases():
            bucket = {"id": "0000000000000001", "name": fields["name"], "retentionRules": []}
            self._send(200, {"buckets": [bucket]})
        else:
            self._refuse(404, "not found", f'bucket "{fields["name"]}" not found')

    def _write(self, fields: dict[str, str], body: bytes) -> None:
        self.server.writes += 1
        status, answer = self.server.influxd.write(
            body, database=fields["bucket"], precision=fields["precision"]
        )
        if status == 204:
            self._send(204)
            return
        why = json.loads(answer)["error"]
        code = {400: "invalid", 404: "not found"}.get(status, "internal error")
        self._refuse(status, code, why)

    def _query(self, fields: dict[str, str], asked: dict[str, Any]) -> None:
        flux = asked["query"]
        self.server.queries.append(flux)
        if not self.server.checker.check(flux)["valid"]:
            self._refuse(400, "invalid", "compilation failed: see flux-lsp-node")
            return
        try:
            query = parsed(flux)
        except NotSimulatedError as error:
            self._refuse(400, "invalid", f"not simulated: {error}")
            return
        if query.bucket not in self.server.influxd.databases() or fields["org"] != ORG:
            self._refuse(404, "not found", f"could not find bucket {query.bucket!r}")
        elif query.start_ns >= query.stop_ns:
            self._refuse(400, "invalid", "cannot query an empty range")
        else:
            self._stream(annotated_csv(query, self.server.influxd))

    def _stream(self, pieces: Iterator[bytes]) -> None:
        body = b"".join(pieces)
        self.send_response(200)
        self.send_header("Content-Type", "text/csv; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        # Odd sizes: rows and characters are cut anywhere.
        for at in range(0, len(body), 9_973):
            piece = body[at : at + 9_973]
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _refuse(self, status: int, code: str, message: str) -> None:
        self._send(status, {"code": code, "message": message})

    def _send(self, status: int, answer: object = None) -> None:
        body = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def influx_behind_shim(folder: Path) -> Iterator[InfluxShim]:
    """All of it, started and stopped: the database in that folder, the checker and the shim."""
    influxd = Influxd(folder, port=free_port(), backup_port=free_port())
    checker = FluxChecker()
    shim = InfluxShim(influxd, checker)
    try:
        yield shim
    finally:
        shim.close()
        checker.close()
        influxd.close()


if __name__ == "__main__":
    # For benchmarks: it prints its URL and stops when its input ends.
    with TemporaryDirectory() as temporary, influx_behind_shim(Path(temporary)) as running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
