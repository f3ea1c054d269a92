"""A simulation of weather services: a local server that answers what a test tells it to.

The bodies follow the shapes that the services document; no service was asked for them.
"""

import contextlib
import gzip
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer; `silent` says nothing at all, `drips` sends byte by byte without end."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    silent: bool = False
    drips: bool = False
    cut_after: int | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    path: str
    query: dict[str, str]


class WeatherSimulation:
    """Gives its replies in order, the last one for ever; remembers what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.answer: Callable[[Asked], Reply] | None = None
        self.asked: list[Asked] = []
        self._over = threading.Event()
        simulation = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                simulation._handle(self)

            def log_message(self, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = Asked(path=parts.path, query=query)
        self.asked.append(asked)
        if self.answer is not None:
            reply = self.answer(asked)
        else:
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        handler.close_connection = True
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client had enough
            self._send(handler, reply)

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.silent:
            self._over.wait(30)
            return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Connection", "close")
        if not reply.drips:
            handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        if reply.drips:
            while not self._over.wait(0.02):
                handler.wfile.write(b" ")
                handler.wfile.flush()
            return
        handler.wfile.write(reply.body[: reply.cut_after])


def as_json(answer: object, *, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        status=status,
        body=json.dumps(answer).encode(),
        headers={"Content-Type": "application/json", **named},
    )


def as_text(text: str, *, status: int = 200, kind: str = "text/html") -> Reply:
    return Reply(status=status, body=text.encode(), headers={"Content-Type": kind})


def compressed(body: bytes) -> Reply:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return Reply(body=gzip.compress(body), headers=headers)


def epoch_s(text: str) -> int:
    """Seconds since 1970 of a UTC time such as 2026-01-31T05:00."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def open_meteo_answer(start: str, celsius: list[float | None]) -> dict[str, object]:
    """As documented at open-meteo.com/en/docs with `timeformat=unixtime`: one array of times, one
    of values, null where a model has none."""
    first = epoch_s(start)
    return {
        "latitude": 52.52,
        "longitude": 13.419998,
        "generationtime_ms": 0.05,
        "utc_offset_seconds": 0,
        "timezone": "GMT",
        "timezone_abbreviation": "GMT",
        "elevation": 38.0,
        "hourly_units": {"time": "unixtime", "temperature_2m": "°C"},
        "hourly": {
            "time": [first + 3600 * hour for hour in range(len(celsius))],
            "temperature_2m": celsius,
        },
    }


def openweathermap_answer(
    start: str, celsius: list[float], *, step_hours: int = 3
) -> dict[str, Any]:
    """As documented at openweathermap.org/forecast5 (three-hourly) and /history (hourly): a list
    of steps with `dt` and `main.temp`."""
    first = epoch_s(start)
    steps = [
        {
            "dt": first + 3600 * step_hours * at,
            "main": {"temp": value, "feels_like": value, "pressure": 1015, "humidity": 60},
            "weather": [{"id": 803, "main": "Clouds", "description": "broken clouds"}],
            "wind": {"speed": 4.1, "deg": 80},
        }
        for at, value in enumerate(celsius)
    ]
    return {"cod": "200", "message": 0, "cnt": len(steps), "list": steps}


def visual_crossing_day(
    midnight: str, temperatures: list[float] | None, *, mean: float = 0.0, offset_hours: float = 0.0
) -> dict[str, Any]:
    """A day of the documented timeline answer; without temperatures it has no hours.

    Args:
        midnight: Local midnight as a local time.
        temperatures: One value per hour of the day.
        mean: The day's own `temp`.
        offset_hours: Hours by which local time is ahead of UTC at midnight.
    """
    first = epoch_s(midnight) - int(offset_hours * 3600)
    day: dict[str, Any] = {"datetimeEpoch": first, "temp": mean}
    if temperatures is not None:
        day["hours"] = [
            {"datetimeEpoch": first + 3600 * hour, "temp": value}
            for hour, value in enumerate(temperatures)
        ]
    return day


def visual_crossing_answer(days: list[dict[str, Any]]) -> dict[str, Any]:
    """As documented at visualcrossing.com for the Timeline Weather API."""
    return {
        "queryCost": 1,
        "latitude": 56.95,
        "longitude": 24.1,
        "resolvedAddress": "56.95,24.1",
        "address": "56.95,24.1",
        "timezone": "Europe/Riga",
        "tzoffset": 2.0,
        "days": days,
    }
