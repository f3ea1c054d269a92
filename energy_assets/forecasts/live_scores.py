"""Which issued forecasts are due to be scored, and their scores into the ledger, series by series.

A lead day is scored once it is over, and again while what happened there still changes. Nothing is
forecast here but by the seasonal naives; the arithmetic is in `scores`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.contracts.ledger import FORECAST_SCORES
from energy_assets.contracts.validation import validated
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.naive import LOOK_BACK_DAYS, NAIVES, SeasonalNaive
from energy_assets.forecasts.flow import ForecastFlow, Known, Versions
from energy_assets.forecasts.issued import DAY, Issue
from energy_assets.forecasts.scores import LeadDay, lead_days_of, score_rows
from resources.document_store import DocumentStore
from resources.tables import Filter

BATCH_SERIES: Final = 20
"""Series whose forecasts and readings are in memory at a time."""

CHANGES_COUNT_DAYS: Final = 30
"""A lead day that has been over for longer keeps its score, whatever becomes known of it. [d]"""

REACHES_BACK_DAYS: Final = 2
"""What was used so long before a reading of a register may follow from it. [d]"""

_LEAD_DAY: Final = ("series_key", "issued_at", "resolution", "lead_day")
_SCORED_BY: Final = ("rows", "actual_sum", "known_at")
"""A lead day is scored again where one of these is another now."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Due:
    """An issue with lead days that are due."""

    issue: Issue
    unit: str
    lead_days: list[LeadDay]


def score_issued(
    flow: ForecastFlow,
    documents: DocumentStore,
    *,
    now: pd.Timestamp,
    since: pd.Timestamp | None = None,
) -> Iterator[pd.DataFrame]:
    """Score what is due of one flow, and yield the rows of the ledger that are new or changed.

    Running it again changes nothing; a run that was interrupted is made good by the next one with
    the same `since`.

    Args:
        flow: Whose forecasts.
        documents: Holds the ledger.
        now: The present, UTC.
        since: When this was last done to its end. Lead days that were over by then are looked at
            again only where files brought values for them since; all of the last 30 days without.

    Raises:
        StoreUnavailableError: A store cannot be reached.
    """
    oldest = now - CHANGES_COUNT_DAYS * DAY
    # A file is on record by the time at which its run began, which may have been long before.
    since = oldest if since is None else max(since - DAY, oldest)
    changed = flow.changed_since(since)
    first = {key: instant - REACHES_BACK_DAYS * DAY for key, instant in changed.items()}
    looked = sorted(
        (max(oldest, min(since, first.get(key, since))), key) for key in flow.series_keys()
    )
    for start in range(0, len(looked), BATCH_SERIES):
        ended_after = {key: instant for instant, key in looked[start : start + BATCH_SERIES]}
        rows = _rows(flow, documents, ended_after, now=now)
        if rows:
            ledger = validated(FORECAST_SCORES, pd.DataFrame(rows))
            documents.upsert(FORECAST_SCORES, ledger)
            yield ledger


def _rows(
    flow: ForecastFlow,
    documents: DocumentStore,
    ended_after: Mapping[str, pd.Timestamp],
    *,
    now: pd.Timestamp,
) -> list[dict[str, object]]:
    """Rows of the ledger that are due of some series, each looked at from an instant on."""
    keys = list(ended_after)
    issues = flow.forecasts.over_after(
        keys, ended_after=min(ended_after.values()), now=now, days=flow.reach_days
    )
    if not issues:
        return []
    first = min(issue.origin_at for issue in issues)
    versions = flow.versions(
        sorted({issue.series_key for issue in issues}), since=first - (LOOK_BACK_DAYS + 2) * DAY
    )
    due = _due(flow, documents, issues, versions, ended_after, now=now)
    rows: list[dict[str, object]] = []
    for one, then in _as_known_at_issue(due, versions):
        naives = naive_forecasts(then, one.issue.origin_at, days=flow.reach_days)
        for lead_day in one.lead_days:
            rows += score_rows(
                one.issue, lead_day, naives, flow=flow.name, unit=one.unit, scored_at=now
            )
    return rows


def naive_forecasts(then: Known, origin_at: pd.Timestamp, *, days: int) -> Mapping[str, Forecast]:
    """What each seasonal naive would have said, by its name.

    Args:
        then: The series as it was known when the forecast was issued.
        origin_at: From where; nothing at or after it is looked at.
        days: How far ahead. [d]
    """
    naives = [SeasonalNaive(variant=variant) for variant in NAIVES]
    return {naive.name: naive.predict(then.series, [origin_at], days=days)[0] for naive in naives}


def _as_known_at_issue(due: Sequence[_Due], versions: Versions) -> Iterator[tuple[_Due, Known]]:
    """Each due issue beside its series as it was known then; issues of one moment are read once."""
    by_moment: dict[pd.Timestamp, list[_Due]] = {}
    for one in due:
        by_moment.setdefault(one.issue.issued_at, []).append(one)
    for issued_at, together in sorted(by_moment.items()):
        keys = [one.issue.series_key for one in together]
        known = versions.known(keys, known_at=issued_at)
        yield from ((one, known[one.issue.series_key]) for one in together
                    if one.issue.series_key in known)  # fmt: skip


def _due(
    flow: ForecastFlow,
    documents: DocumentStore,
    issues: Sequence[Issue],
    versions: Versions,
    ended_after: Mapping[str, pd.Timestamp],
    *,
    now: pd.Timestamp,
) -> list[_Due]:
    """The issues with a lead day that is over and not in the ledger by what is known of it now."""
    stored = _scored(flow, documents, issues)
    known = versions.known(list(ended_after))
    found: list[_Due] = []
    for issue in issues:
        key = issue.series_key
        if key not in known:
            continue
        lead_days = [
            lead_day
            for lead_day in lead_days_of(issue, known[key])
            if ended_after[key] < lead_day.end_at <= now
            and stored.get((key, issue.issued_at, lead_day.resolution, lead_day.lead_day))
            != _scored_by(lead_day)
        ]
        if lead_days:
            found.append(_Due(issue=issue, unit=known[key].series.unit, lead_days=lead_days))
    return found


def _scored(
    flow: ForecastFlow, documents: DocumentStore, issues: Sequence[Issue]
) -> dict[tuple[object, ...], tuple[object, ...]]:
    """By what values each lead day of these issues was scored that is in the ledger."""
    rows = documents.read(
        FORECAST_SCORES,
        [
            Filter("flow", "=", flow.name),
            Filter("series_key", "in", sorted({issue.series_key for issue in issues})),
            Filter("issued_at", ">=", min(issue.issued_at for issue in issues)),
            Filter("served", "=", True),
        ],
        columns=[*_LEAD_DAY, *_SCORED_BY],
    )
    lead_days = zip(*(rows[name] for name in _LEAD_DAY), strict=True)
    return dict(zip(lead_days, zip(*(rows[name] for name in _SCORED_BY), strict=True), strict=True))


def _scored_by(lead_day: LeadDay) -> tuple[object, ...]:
    """By what values a lead day would be scored now, as the ledger keeps it."""
    known = lead_day.actual[np.isfinite(lead_day.actual)]
    return len(known), float(known.sum()), lead_day.known_at.floor("ms")
