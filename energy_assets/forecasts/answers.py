"""What people ask of any series: its newest forecast, the one issued at a time, any range of it.

Pages, reports, exports and the command line ask here, so that they cannot disagree. All of an
answer is as of one instant: no reading, weather or forecast in it became known later.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from energy_assets.contracts.ledger import Resolution
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.chart import forecast_chart
from energy_assets.forecasts.errors import UnmeasuredSeriesError
from energy_assets.forecasts.flow import ForecastFlow, Measured
from energy_assets.forecasts.ladder import has_ended, origin_of
from energy_assets.forecasts.ranges import (
    checked_instant,
    checked_instants,
    interval_starts,
    local_midnights,
    range_values,
    require_reach,
)


@dataclass(frozen=True, kw_only=True)
class RangeQuestion:
    """What a series was and will be in [start, end), as a person asks.

    Attributes:
        key: Which series.
        start: First instant, with its time zone.
        end: First instant after the range, at most as far after the last value as the flow's
            forecasts reach; after now where that value is more than two days old.
        resolution: `hourly` is the series' own interval, `daily` the local day.
        known_at: The answer is the one that was right then; now without it.
    """

    key: str
    start: datetime
    end: datetime
    resolution: Resolution
    known_at: datetime | None = None


def issued_forecasts(
    flow: ForecastFlow, keys: Sequence[str], *, until: pd.Timestamp
) -> pd.DataFrame:
    """The newest forecast of each series that was issued by an instant.

    Args:
        flow: Whose series.
        keys: Which; those without a forecast by then have no rows.
        until: The present for the newest of all; any instant before for the one that stood then.

    Returns:
        Columns `FORECAST_COLUMNS`, by series, resolution and time.

    Raises:
        StoreUnavailableError: A store cannot be reached.
    """
    issues = flow.forecasts.newest(keys, until=until)
    return flow.forecasts.plain(flow.forecasts.rows(issues))


def issued_forecast(flow: ForecastFlow, key: str, *, until: pd.Timestamp) -> pd.DataFrame:
    """The newest forecast of one series that was issued by an instant, see `issued_forecasts`.

    Raises:
        QuestionError: There is no such series.
        StoreUnavailableError: A store cannot be reached.
    """
    flow.require(key)
    return issued_forecasts(flow, [key], until=until)


def range_answer(flow: ForecastFlow, question: RangeQuestion, *, now: datetime) -> pd.DataFrame:
    """The measured, missing and predicted values of a range.

    What lies ahead is the newest issued forecast: the one on the plot, in the report and in an
    export. Intervals that it does not reach, because it is old or because there is none, are
    predicted anew by the models that serve now, unless the readings have ended. An answer as of an
    earlier instant predicts nothing: today's models know what came later.

    Args:
        flow: Whose series.
        question: Which series, when.
        now: The present, UTC.

    Returns:
        Columns `ranges.RANGE_COLUMNS`. `issued_at` is now where it was predicted anew.

    Raises:
        QuestionError: Series or range has no answer; its sentence says why.
        StoreUnavailableError: A store cannot be reached.
    """
    flow.require(question.key)
    start, end = checked_instants(question.start, question.end)
    present = pd.Timestamp(now)
    known_at = present
    if question.known_at is not None:
        known_at = min(checked_instant("known_at", question.known_at), present)
    measured = flow.measured(question.key, known_at=known_at, since=start)
    if measured is None:
        raise UnmeasuredSeriesError
    origin_at = origin_of(measured.series, now=known_at)
    require_reach(
        start,
        end,
        first_known_at=flow.first_known_at(question.key),
        origin_at=origin_at,
        reach_days=flow.reach_days,
    )
    issued = issued_forecasts(flow, [question.key], until=known_at)
    ahead = issued if _fits(issued, measured.series) else issued.iloc[:0]
    if question.resolution == "daily":
        end_of_last = local_midnights(end, end + pd.Timedelta(days=2), zone=measured.series.zone)[0]
    else:
        end_of_last = end
    lacking = interval_starts(measured.series, max(start, origin_at), end_of_last)
    lacking = lacking[~lacking.isin(pd.DatetimeIndex(ahead["valid_at"]))]
    if len(lacking) and known_at == present and not has_ended(measured.series, now=present):
        # What was issued stands, row by row.
        rows = pd.concat([ahead, _predicted_anew(flow, question.key, now=present)])
        ahead = rows.drop_duplicates(["resolution", "valid_at"])
    return range_values(
        measured, ahead, start=start, end=end, resolution=question.resolution, now=known_at
    )


def newest_charts(
    flow: ForecastFlow,
    keys: Sequence[str],
    measured_of: Callable[[str], Measured | None] | None = None,
    *,
    until: pd.Timestamp,
) -> Iterator[tuple[str, pd.Timestamp, bytes]]:
    """Key, time of issue and picture of the newest forecast of each series that has one.

    Args:
        flow: Whose series.
        keys: Which, in the order in which they are drawn.
        measured_of: What is known of a series, by its key; read from the stores without it.
        until: The present, or an earlier instant: nothing that became known later is drawn.
    """
    issues = flow.forecasts.newest(keys, until=until)
    rows = flow.forecasts.by_series(flow.forecasts.rows(issues))
    facts, reasons = flow.facts(list(issues)), flow.reasons(issues)

    def read(key: str) -> Measured | None:
        return flow.measured(key, known_at=until, with_weather=True)

    for key in keys:
        if key in rows:
            image = forecast_chart(
                flow.forecasts.plain(rows[key]),
                (measured_of or read)(key),
                facts=facts[key],
                lines=reasons.get(key, ()),
            )
            yield key, issues[key], image


def _fits(rows: pd.DataFrame, series: Series) -> bool:
    """Whether forecast rows are of the intervals that the series has now."""
    finest = "daily" if series.is_daily else "hourly"
    starts = pd.DatetimeIndex(rows.loc[rows["resolution"] == finest, "valid_at"])
    if series.is_daily:
        return set(rows["resolution"]) <= {finest}
    steps = (starts - series.start_at) / series.interval
    return bool((steps == steps.astype(int)).all()) and bool((steps.diff().dropna() == 1).all())


def _predicted_anew(flow: ForecastFlow, key: str, *, now: pd.Timestamp) -> pd.DataFrame:
    """What would be issued now, columns `FORECAST_COLUMNS`."""
    measured = flow.measured(key, known_at=now)
    if measured is None:
        return flow.forecasts.plain(flow.forecasts.rows({}))
    ladder = flow.ladders([measured.series])[key]
    return flow.forecasts.plain(flow.predicted(measured, ladder, issued_at=now))
