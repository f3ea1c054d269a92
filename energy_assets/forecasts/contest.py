"""The contest of families for series: one part of the held-out days chooses, another is printed.

Pure: models and their held-out forecasts come in. What was chosen before is kept unless another
family is clearly better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from energy_assets.forecasting import metrics
from energy_assets.forecasting.backtest import scores
from energy_assets.forecasting.family import Fitted
from energy_assets.forecasting.forecast import weather_of
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.choice import Default, pool_default, series_choice
from energy_assets.forecasts.contest_days import ContestDays, Entry, LiveErrors, border_of
from energy_assets.forecasts.evidence import Pool


@dataclass(frozen=True, kw_only=True, eq=False)
class Contest:
    """Who serves a series, and how good everybody is on days that had no say in it.

    Attributes:
        champion: The family that is to serve.
        reason: Why, in words.
        errors: Mean absolute error of each family on the days that chose; empty where they were
            too few.
        rows: Backtest rows of every family on the days that did not choose, see
            `backtest.backtest`; what scores are made of.
    """

    champion: str
    reason: str
    errors: Mapping[str, float]
    rows: pd.DataFrame


def held_contest(
    series: Series,
    fitted: Mapping[str, Fitted],
    *,
    incumbent: str,
    live: LiveErrors | None = None,
) -> Contest:
    """The contest of one series alone, see `held_contests`.

    Args:
        series: Everything known.
        fitted: Models of the series by family, with their held-out forecasts.
        incumbent: The family that serves now, or would without a contest.
        live: Errors of forecasts issued lately.
    """
    entry = Entry(series=series, fitted=fitted, champion=incumbent, live=live or LiveErrors())
    return held_contests([entry], default=incumbent)[0][series.key]


def held_contests(entries: Sequence[Entry], *, default: str) -> tuple[dict[str, Contest], Default]:
    """Let families and seasonal naives compete on the days that none of the models had seen.

    The earlier half of these days chooses, together with live scores; the later half is printed.
    One border parts the days of all series, so that no printed day of one has a say in another.

    What is clearly better over the pool becomes the default, which serves every series but those
    whose own days say otherwise, judged in the light of the pool's. Too few series are no pool: the
    default stays then, and each leaves what serves it on the strength of its own days alone.

    Args:
        entries: The series, of one kind.
        default: The family that serves such series now, or would without a contest.

    Returns:
        Contests by key, and the default from now on.
    """
    border = border_of(entries)
    days = [ContestDays.of(entry, border) for entry in entries]
    evidence = [one.evidence() for one in days]
    pool = Pool(
        series=[
            own
            for own, one in zip(evidence, days, strict=True)
            if own is not None and not one.border_is_own
        ]
    )
    serves = pool_default(pool, default)
    contests: dict[str, Contest] = {}
    for entry, one, own in zip(entries, days, evidence, strict=True):
        champion, reason = series_choice(
            own, pool, champion=entry.champion, before=default, default=serves
        )
        contests[entry.series.key] = Contest(
            champion=champion,
            reason=reason,
            errors={} if own is None else own.errors,
            rows=one.printed(),
        )
    return contests, serves


def printed_scores(contest: Contest, series: Series) -> list[dict[str, Any]]:
    """Scores of every family on the days that did not choose, one mapping each.

    Columns `family`, `weather` (the least certain that a twentieth of its rows rest on),
    `window_start_at`, `window_end_at`, `rows` and all of `metrics.scores`. No mapping where no day
    was held out.
    """
    rows = contest.rows
    if rows.empty:
        return []
    start_at, newest = rows["origin_at"].min(), rows["valid_at"].max()
    before = series.until(start_at).values
    naive_mae = metrics.seasonal_naive_mae(before, season=7 * series.steps_per_day)
    end_at = series.start_of(series.steps_before(newest) + 1)
    return [
        {
            "family": str(family),
            "weather": weather_of(own["weather"].to_numpy()),
            "window_start_at": start_at,
            "window_end_at": end_at,
            "rows": len(own),
            **scores(own, naive_mae=naive_mae),
        }
        for family, own in rows.groupby("family", sort=False)
    ]
