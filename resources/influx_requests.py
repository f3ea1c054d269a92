"""Requests to InfluxDB through its client: patience with a busy server, and its errors in words.

Busy or unreachable servers are asked again with growing, random waits, a bounded number of times;
everything else is named at once. What is sent is made elsewhere.
"""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar, cast

import pyarrow as pa
from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules
from influxdb_client.domain.dialect import Dialect
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from influxdb_client.service.write_service import WriteService
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential
from urllib3.exceptions import HTTPError

from resources.errors import StoreUnavailableError
from resources.flux_answers import points_of
from resources.influx_errors import (
    AnswerCutError,
    FluxAnswerError,
    SeriesAccessError,
    SeriesBucketError,
    SeriesRefusedError,
)

BUSY: Final = (408, 429, 500, 502, 503, 504)
"""Answers of a server, or of what stands before it, that is worth asking again."""

WRITTEN: Final = 204
"""The one answer that says that all points are stored."""

DIALECT: Final = Dialect(
    header=True,
    delimiter=",",
    comment_prefix="#",
    annotations=["datatype", "group", "default"],
    date_time_format="RFC3339Nano",
)
"""The form of answers."""

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait for InfluxDB.

    Attributes:
        connect_s: For a connection. [s]
        answer_s: For each part of an answer. [s]
        attempts: Requests in all, the first included.
        first_wait_s: Upper bound of the first wait; each further one is twice as long. A wait is
            at least half of its bound, also where the server asks for none. [s]
        longest_wait_s: Upper bound of every wait, also of one that the server asks for. [s]
    """

    connect_s: float = 5.0
    answer_s: float = 120.0
    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0


class InfluxRequests:
    """What this adapter asks of one bucket.

    Every method raises `StoreUnavailableError` when no usable answer comes, `SeriesAccessError`
    when the token is refused, `SeriesBucketError` when bucket or organisation are not there, and
    `SeriesRefusedError` when InfluxDB does not take what it was sent.
    """

    def __init__(self, url: str, *, token: str, org: str, bucket: str, patience: Patience) -> None:
        self.url = url
        self.bucket = bucket
        self._org = org
        self._token = token
        self._patience = patience

    @cached_property
    def _client(self) -> InfluxDBClient:
        timeouts = (self._patience.connect_s * 1000, self._patience.answer_s * 1000)
        return InfluxDBClient(
            url=self.url,
            token=self._token,
            org=self._org,
            timeout=cast("int", timeouts),  # the client takes a pair too
            retries=False,
        )

    def ensure_bucket(self) -> None:
        """Find the bucket, or create it, to keep its points for ever, where the token may."""
        doing = f"looking for bucket {self.bucket!r}"
        if not self._attempt(doing, self._has_bucket):
            self._attempt(f"creating bucket {self.bucket!r}", self._create_bucket)

    def _has_bucket(self) -> bool:
        try:
            found = self._client.buckets_api().find_buckets(name=self.bucket, org=self._org)
        except ApiException as error:
            if error.status == 404 and "bucket" in _cause(error):
                return False
            raise
        buckets = getattr(found, "buckets", None)
        if not isinstance(buckets, list):
            raise AnswerCutError("the answer is no list of buckets")
        return bool(buckets)

    def _create_bucket(self) -> None:
        forever = BucketRetentionRules(type="expire", every_seconds=0)
        try:
            self._client.buckets_api().create_bucket(
                bucket_name=self.bucket, org=self._org, retention_rules=forever
            )
        except ApiException as error:
            # Somebody else created it meanwhile.
            if error.status != 422 or not self._has_bucket():
                raise

    def write(self, doing: str, lines: bytes) -> None:
        """Write lines of line protocol with times in nanoseconds."""

        def send() -> None:
            # Not through `write_api`: it takes any 2xx, also of a proxy's page, for "written".
            _, status, _ = WriteService(self._client.api_client).post_write_with_http_info(
                org=self._org,
                bucket=self.bucket,
                body=lines,
                precision=WritePrecision.NS,
                content_type="text/plain; charset=utf-8",
            )
            if status != WRITTEN:
                raise AnswerCutError(f"HTTP {status} where InfluxDB answers {WRITTEN}")

        self._attempt(doing, send)

    def points(self, doing: str, flux: str, *, wanted: set[str]) -> list[pa.Table]:
        """The rows that a query answers with."""

        def ask() -> list[pa.Table]:
            answer = self._client.query_api().query_raw(flux, dialect=DIALECT)
            try:
                return points_of(answer.stream(1 << 18), wanted=wanted)
            finally:
                # A connection whose answer was read to its end is back in the pool by now; one
                # with an unread rest must not be used again.
                answer.close()

        return self._attempt(doing, ask)

    def close(self) -> None:
        """Give back connections."""
        if "_client" in self.__dict__:
            self._client.close()

    def _attempt(self, doing: str, work: Callable[[], _T]) -> _T:
        """Do it, again while the server is busy or away."""
        patience = self._patience
        bound = wait_exponential(patience.first_wait_s, patience.longest_wait_s)

        def wait(state: RetryCallState) -> float:
            asked = _asked_wait_s(state.outcome.exception() if state.outcome else None)
            grown = bound(state) * random.uniform(0.5, 1)  # noqa: S311 - spreads requests, guards nothing
            return max(grown, min(asked, patience.longest_wait_s))

        attempts = Retrying(
            stop=stop_after_attempt(patience.attempts),
            retry=retry_if_exception(_is_passing),
            wait=wait,
            reraise=True,
        )
        try:
            return attempts(work)
        except (InfluxDBError, HTTPError, AnswerCutError, FluxAnswerError) as error:
            raise self._named(doing, error) from error

    def _named(self, doing: str, error: Exception) -> Exception:
        """The error in the words of stores; none of them shows the token."""
        cause = _cause(error).replace(self._token, "***")
        if isinstance(error, ApiException):
            if error.status in (401, 403):
                return SeriesAccessError(self.url, doing, cause)
            if error.status == 404:
                return SeriesBucketError(self.url, doing, cause)
            if error.status and error.status < 500 and error.status not in BUSY:
                return SeriesRefusedError(self.url, doing, cause)
        elif isinstance(error, InfluxDBError):  # the client found no such organisation
            return SeriesBucketError(self.url, doing, cause)
        return StoreUnavailableError(self.url, doing, cause)


def _is_passing(error: BaseException) -> bool:
    """Whether asking again may help."""
    if isinstance(error, ApiException):
        return error.status in BUSY
    return isinstance(error, HTTPError | AnswerCutError)


def _asked_wait_s(error: BaseException | None) -> float:
    """The seconds that a busy server asks to wait, 0 where it names none. [s]."""
    if not isinstance(error, ApiException) or not error.headers:
        return 0.0
    asked = str(cast("Any", error.headers).get("Retry-After", ""))
    return float(asked) if re.fullmatch(r"\d{1,6}", asked) else 0.0


def _cause(error: Exception) -> str:
    """What the server said, or what happened on the way to it, in one short line."""
    text = str(error)
    if isinstance(error, ApiException):
        body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else error.body
        try:
            said = json.loads(body or "null")
        except ValueError:
            said = None
        message = cast("dict[str, object]", said).get("message") if isinstance(said, dict) else body
        text = f"HTTP {error.status} {message or error.reason}"
    elif isinstance(error, InfluxDBError):
        text = str(error.message)
    text = " ".join(text.split())
    return text if len(text) <= 500 else f"{text[:500]}…"
