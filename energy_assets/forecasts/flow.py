"""The one door to a flow: its series, what is measured of them, what was and can be forecast.

Answers, charts, exports, scores, replays and pins of any series go through it. What a flow's tables
look like is known to the flow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.ledger import Flow
from energy_assets.forecasting.family import Model
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.stored_forecasts import StoredForecasts
from resources.document_store import DocumentStore


@dataclass(frozen=True, kw_only=True)
class SeriesFacts:
    """What people are shown of a series.

    Attributes:
        name: Such as `Water meter home 1`.
        unit: Of its values: kWh, m3, …
        zone: IANA zone of its local time.
        quantity: What its values are: `Consumption`, `Energy`, …
    """

    name: str
    unit: str
    zone: str
    quantity: str = "Consumption"


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """A series as it was known at an instant, and what goes with each of its intervals.

    Attributes:
        series: Every interval from the first one looked at to the last known.
        reason: Why each interval is missing, where that is known; null or empty elsewhere.
        temperature_c: Outdoor temperature, NaN where unknown. [°C]
        register: Cumulative register at the end of each interval, NaN where there is none.
        features: What the flow's models are given: its own feature frame.
    """

    series: Series
    reason: NDArray[np.object_]
    temperature_c: NDArray[np.float64]
    register: NDArray[np.float64]
    features: pd.DataFrame


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """A series as it is known at some instant, and when each of its readings became known.

    Attributes:
        series: Every interval from the first known one to the last.
        read_at: Instants of the readings that it is made of, ascending; several may be equal.
        known_at: When each became known, same length.
        is_register: Whether what was used lies between readings, rather than after each.
    """

    series: Series
    read_at: pd.DatetimeIndex
    known_at: pd.DatetimeIndex
    is_register: bool

    def newest_between(self, start: pd.Timestamp, end: pd.Timestamp) -> pd.Timestamp | None:
        """When the newest reading became known that what was used in [start, end) follows from.

        None where there is no such reading. Of a register, the readings around the stretch count.
        """
        first = int(self.read_at.searchsorted(start, side="left"))
        last = int(self.read_at.searchsorted(end, side="left"))
        if self.is_register:
            at_or_before = int(self.read_at.searchsorted(start, side="right")) - 1
            if at_or_before >= 0:
                first = int(self.read_at.searchsorted(self.read_at[at_or_before], side="left"))
            if last < len(self.read_at):
                last = int(self.read_at.searchsorted(self.read_at[last], side="right"))
        return self.known_at[first:last].max() if last > first else None


class Versions(Protocol):
    """All versions of the readings of some series."""

    def known(
        self, keys: Sequence[str], *, known_at: pd.Timestamp | None = None
    ) -> Mapping[str, Known]:
        """The series that have values, as they were known at an instant; now without it."""
        ...


class ForecastFlow(Protocol):
    """A flow's series and forecasts. A series is named by its key, a text."""

    @property
    def name(self) -> Flow:
        """Its name in the ledger and in the log of champions."""
        ...

    @property
    def documents(self) -> DocumentStore:
        """Holds its forecasts and its champions."""
        ...

    @property
    def reach_days(self) -> int:
        """How many days its forecasts reach ahead [d]."""
        ...

    @property
    def forecasts(self) -> StoredForecasts:
        """Every forecast that it ever issued."""
        ...

    def series_keys(self) -> Sequence[str]:
        """Every series that there is."""
        ...

    def require(self, key: str) -> None:
        """Do nothing where there is such a series.

        Raises:
            QuestionError: There is none; the sentence names near ones.
        """
        ...

    def facts(self, keys: Sequence[str]) -> Mapping[str, SeriesFacts]:
        """What people are shown of these series, each of which exists."""
        ...

    def first_known_at(self, key: str) -> pd.Timestamp | None:
        """The instant of the first value of a series; None where it has none."""
        ...

    def measured(
        self,
        key: str,
        *,
        known_at: pd.Timestamp,
        since: pd.Timestamp | None = None,
        with_weather: bool = False,
    ) -> Measured | None:
        """A series as it was known at an instant, without what was read or corrected later.

        Args:
            key: Which series.
            known_at: When.
            since: Values from then on are wanted, if a model does not look at older ones anyway.
            with_weather: Whether to look up the temperatures that were measured around it; what
                its own files say of them without.

        Returns:
            None where no value of it was known.
        """
        ...

    def changed_since(self, instant: pd.Timestamp) -> Mapping[str, pd.Timestamp]:
        """The series that files were taken in of since, and the first instant in those files."""
        ...

    def versions(self, keys: Sequence[str], *, since: pd.Timestamp) -> Versions:
        """All versions of readings of some series from an instant on."""
        ...

    def ladders(self, histories: Sequence[Series]) -> Mapping[str, Sequence[Model]]:
        """The models that may serve each of these series now, best first."""
        ...

    def model(self, model_id: str) -> Model | None:
        """A version of a model by its name, None where it is not kept any more.

        Raises:
            ValueError: It cannot be read.
        """
        ...

    def predicted(
        self, measured: Measured, ladder: Sequence[Model], *, issued_at: pd.Timestamp
    ) -> pd.DataFrame:
        """The rows of its table that the first able model of a ladder issues.

        Args:
            measured: What is known of the series.
            ladder: Models, best first; a seasonal naive serves where none of them can.
            issued_at: The present: nothing else that became known later is used.
        """
        ...

    def reasons(self, issues: Mapping[str, pd.Timestamp]) -> Mapping[str, Sequence[str]]:
        """Sentences that explain some issued forecasts, by key; none where there are none.

        Args:
            issues: When each was issued, by key of its series.
        """
        ...
