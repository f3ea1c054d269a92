"""JSON over HTTP from weather providers: time limits, retries, budget, and keys that never show.

What an answer means is decided in each provider's module.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote, quote_plus, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2
import tenacity

from resources.errors import WeatherBudgetError, WeatherKeyError, WeatherUnavailableError
from resources.wall_clock import WallClock, utc_now
from resources.weather.budget import RateBudget

if TYPE_CHECKING:
    import ssl

MAX_ANSWER_BYTES: Final = 16 << 20
"""No answer about the hours of one place is longer."""

_WIRE_LOGGERS: Final = ("httpcore2.http11", "httpcore2.http2")
_TRY_AGAIN: Final = frozenset({500, 502, 503, 504})
_REFUSED: Final = frozenset({401, 403})


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A provider's key: the query parameter that carries it, and the setting it comes from."""

    parameter: str
    variable: str
    value: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait for an answer, and how often to ask for it.

    Attributes:
        timeout_s: For connecting, and between two pieces of an answer. [s]
        total_s: For one whole answer. [s]
        attempts: How often the same thing is asked.
        longest_wait_s: A provider that wants to wait longer is not asked again. [s]
        sleep: Waits between attempts.
    """

    timeout_s: float = 10.0
    total_s: float = 20.0
    attempts: int = 3
    longest_wait_s: float = 20.0
    sleep: Callable[[float], None] = time.sleep


class _TryAgainError(Exception):
    """An attempt failed in a way that may pass; holds what to raise when no attempt is left."""

    def __init__(self, final: WeatherUnavailableError, *, wait_s: float | None = None) -> None:
        super().__init__(str(final))
        self.final = final
        self.wait_s = wait_s


class JsonAnswers:
    """Asks one provider; every attempt is counted in its budget.

    The key joins a request below the HTTP client, so that neither its log lines nor its exceptions
    ever hold it.
    """

    def __init__(
        self,
        *,
        provider: str,
        budget: RateBudget,
        key: ApiKey | None = None,
        patience: Patience | None = None,
        now: WallClock = utc_now,
    ) -> None:
        self.provider = provider
        self._budget = budget
        self._key = key
        self._patience = patience or Patience()
        self._now = now

    def ask(self, url: str, parameters: Mapping[str, str], *, units: int = 1) -> dict[str, object]:
        """The JSON object at a URL.

        Args:
            url: Without query.
            parameters: The query, without key.
            units: What each attempt costs of the daily budget.

        Raises:
            WeatherKeyError: The key is not set or was refused.
            WeatherBudgetError: The budget is used up, here or as the provider counts.
            WeatherUnavailableError: No usable answer after all attempts.
        """
        if self._key is not None and not self._key.value:
            raise WeatherKeyError(self.provider, self._key.variable)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_TryAgainError),
            stop=tenacity.stop_after_attempt(self._patience.attempts),
            wait=_wait_s,
            sleep=self._patience.sleep,
            reraise=True,
        )
        try:
            with self._client(url) as client:
                return retrying(self._attempt, client, url, parameters, units)
        except _TryAgainError as error:
            raise error.final from None

    def _client(self, url: str) -> httpx2.Client:
        transport = _KeyedTransport(key=self._key, proxy=_proxy_of(url))
        return httpx2.Client(transport=transport, timeout=self._patience.timeout_s)

    def _attempt(
        self, client: httpx2.Client, url: str, parameters: Mapping[str, str], units: int
    ) -> dict[str, object]:
        self._budget.spend(units)
        try:
            status, headers, body = self._exchange(client, url, parameters)
        except httpx2.TimeoutException as error:
            waited = f"no answer within {self._patience.timeout_s:g} s ({type(error).__name__})"
            raise _TryAgainError(WeatherUnavailableError(self.provider, waited)) from None
        except (httpx2.NetworkError, httpx2.RemoteProtocolError, httpx2.ProxyError) as error:
            cause = f"the connection failed ({self._shown(str(error)) or type(error).__name__})"
            raise _TryAgainError(WeatherUnavailableError(self.provider, cause)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            cause = f"the request failed ({type(error).__name__}: {self._shown(str(error))})"
            raise WeatherUnavailableError(self.provider, cause) from None
        if status == 200:
            return self._object(body, kind=headers.get("content-type", "no content type"))
        self._refuse(status, headers, body)
        raise WeatherUnavailableError(
            self.provider,
            f"it answered status {status}: {self._said(body)}",
            "Check the place, the plan of the key and the base URL.",
        )

    def _exchange(
        self, client: httpx2.Client, url: str, parameters: Mapping[str, str]
    ) -> tuple[int, httpx2.Headers, bytes]:
        """Status, headers and body of one answer, which may not take longer than `total_s`."""
        deadline = time.monotonic() + self._patience.total_s
        body = bytearray()
        with client.stream("GET", url, params=dict(parameters)) as response:
            for piece in response.iter_bytes():
                body += piece
                if time.monotonic() > deadline:
                    raise httpx2.ReadTimeout(f"not complete after {self._patience.total_s:g} s")
                if len(body) > MAX_ANSWER_BYTES:
                    raise WeatherUnavailableError(
                        self.provider, f"its answer is longer than {MAX_ANSWER_BYTES:,} bytes"
                    )
            return response.status_code, response.headers, bytes(body)

    def _refuse(self, status: int, headers: httpx2.Headers, body: bytes) -> None:
        """Raise what a status means that is handled by name; others pass."""
        if status in _REFUSED and self._key is not None:
            raise WeatherKeyError(self.provider, self._key.variable)
        if status == 429:
            wait_s = self._retry_after_s(headers)
            facts = "it answered status 429" + (f", wait {wait_s:.0f} s" if wait_s else "")
            final = WeatherBudgetError(self.provider, facts)
            if wait_s is not None and wait_s > self._patience.longest_wait_s:
                self._budget.pause(wait_s)
                raise final
            raise _TryAgainError(final, wait_s=wait_s)
        if status in _TRY_AGAIN:
            cause = f"it answered status {status}: {self._said(body)}"
            raise _TryAgainError(WeatherUnavailableError(self.provider, cause))

    def _retry_after_s(self, headers: httpx2.Headers) -> float | None:
        """Seconds of a Retry-After header, which may be a date; None without a usable one."""
        text = headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,9}", text):
            return float(text)
        try:
            return max(0.0, (parsedate_to_datetime(text) - self._now()).total_seconds())
        except (ValueError, TypeError):
            return None

    def _object(self, body: bytes, *, kind: str) -> dict[str, object]:
        try:
            answer: object = json.loads(body, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise WeatherUnavailableError(
                self.provider,
                f"its answer is no complete JSON ({self._shown(kind)}, {len(body)} bytes, starts "
                f"{self._said(body)[:60]!r})",
                "Check the base URL; it is asked again later.",
            ) from None
        if not isinstance(answer, dict):
            raise WeatherUnavailableError(self.provider, "its answer is JSON, but no object")
        return cast(dict[str, object], answer)

    def _said(self, body: bytes) -> str:
        """The first words of an answer; cut after the key is taken out, so never through it."""
        return self._shown(body[:100_000].decode("utf-8", "replace"))[:200] or "(nothing)"

    def _shown(self, text: str) -> str:
        """Text of a provider for people: on one line, without the key that it may echo."""
        if self._key is not None and self._key.value:
            value = self._key.value
            for spelling in (value, quote(value, safe=""), quote_plus(value)):
                text = text.replace(spelling, "***")
        return " ".join(text.split())


class _KeyedTransport(httpx2.BaseTransport):
    """Adds the key to the query on the way out, where nobody logs any more."""

    def __init__(self, *, key: ApiKey | None, proxy: str | None) -> None:
        self._key = key
        for name in _WIRE_LOGGERS:
            logging.getLogger(name).addFilter(_holds_no_headers)  # once, however often it is added
        self._inner = httpx2.HTTPTransport(verify=_trusted(), proxy=proxy)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._key is None:
            return self._inner.handle_request(request)
        url = request.url.copy_merge_params({self._key.parameter: self._key.value})
        keyed = httpx2.Request(
            request.method, url, headers=request.headers, extensions=request.extensions
        )
        return self._inner.handle_request(keyed)

    def close(self) -> None:
        self._inner.close()


@lru_cache(maxsize=1)
def _trusted() -> "ssl.SSLContext":
    return httpx2.create_ssl_context()


def _proxy_of(url: str) -> str | None:
    """The proxy that this machine prescribes for a URL, none for most."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    return proxy if proxy and not proxy_bypass(parts.hostname or "") else None


def _holds_no_headers(record: logging.LogRecord) -> bool:
    """Whether a log line is harmless: a redirection's header repeats the URL with the key."""
    return "receive_response_headers" not in record.getMessage()


def _wait_s(state: tenacity.RetryCallState) -> float:
    """Seconds before the next attempt: what the provider asks for, or exponential with jitter."""
    error = state.outcome.exception() if state.outcome is not None else None
    if isinstance(error, _TryAgainError) and error.wait_s is not None:
        return error.wait_s
    return tenacity.wait_random_exponential(multiplier=0.5, max=8)(state)


def _no_number(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON number")
