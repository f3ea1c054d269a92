"""How good the project is on a folder of anyone's meter files, day-ahead from local midnight.

`python -m benchmarks.folder --kind load_profiles|electricity|water|grid --data DIR --from DAY
--to DAY [--zone Z --country C --clock C] [--quick] [--families a,b]`

Files are in the layouts of docs/file_formats.md and take the product's own way in: rows that it
refuses are counted here. `grid` takes files of EPİAŞ (`Tarih;Saat;…`) or PJM (`REGION_hourly.csv`).
Every day from `--from` to the one before `--to` is scored; what lies before is learned from.
`--quick` takes five series, 120 days and a week.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from benchmarks.accuracy import (
    EmptyWindowError,
    Outcome,
    Task,
    arguments,
    best_naive,
    contest,
    family_figures,
    project_families,
    report_accuracy,
    selected,
)
from benchmarks.epias import epias_series
from benchmarks.intake import FileKind, NothingReadableError, Taken, files_of, take_in
from benchmarks.pjm import pjm_series
from benchmarks.reporting import Figure
from energy_assets.calendar import utc_of
from energy_assets.forecasting.series import Series
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.errors import ClockError
from energy_assets.settings import Settings, load_settings

KINDS: Final[dict[str, FileKind]] = {
    "load_profiles": "load_profiles",
    "electricity": "electricity",
    "water": "water",
}
"""Kinds that the product takes in."""

GRID: Final = "grid"
"""Kind of files that the benchmarks' own readers read."""

QUICK_SERIES: Final = 5
"""Series of a quick look."""

QUICK_DAYS: Final = 120
"""Days that it learns from. [d]"""


class QuestionError(ValueError):
    """What was asked cannot be answered; the message says what can."""


REFUSALS: Final = (QuestionError, NothingReadableError, EmptyWindowError, ClockError)
"""What is answered with a sentence."""


def main(given: Sequence[str] | None = None) -> None:
    """Score a folder.

    Args:
        given: Arguments, those of the command line without.
    """
    asked = _arguments(given)
    try:
        settings = _settings(asked)
        task = _task(asked, settings)
        taken = _taken(asked, settings, task)
        series = taken.series[: QUICK_SERIES if asked.quick else None]
        outcome = contest(series, selected(project_families(), asked.families), task)
    except REFUSALS as refused:
        raise SystemExit(str(refused)) from refused
    flat = _flat(outcome, taken)
    report_accuracy("folder", outcome, {"kind": asked.kind, "quick": asked.quick} | flat)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = arguments(__doc__, data=None, quick="five series, 120 days and a week")
    parser.add_argument("--kind", required=True, choices=[*KINDS, GRID], help="what the files are")
    parser.add_argument("--from", dest="since", required=True, help="first local day scored")
    parser.add_argument("--to", dest="until", required=True, help="the local day after the last")
    parser.add_argument("--zone", help="IANA zone of the meters; that of the settings without")
    parser.add_argument("--country", help="ISO code whose public holidays count")
    parser.add_argument("--clock", help="utc, local:ZONE or standard:+05:30; the zone's without")
    return parser.parse_args(given)


def _settings(asked: argparse.Namespace) -> Settings:
    """The project's settings, with what was given in place of theirs."""
    settings, changed = load_settings(), dict[str, str]()
    if asked.zone:
        try:
            ZoneInfo(asked.zone)
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise QuestionError(
                f"--zone {asked.zone}: no such zone; give an IANA name such as Europe/London."
            ) from unknown
        changed["display_zone"] = asked.zone
    clock = asked.clock or (f"local:{asked.zone}" if asked.zone else "")
    if clock:
        MeterClock.parse(clock)
        changed |= {"meter_clock": clock, "consumption_clock": clock}
    if asked.zone or asked.country:
        changed["location_country"] = asked.country or ""
    return settings.model_copy(update=changed)


def _task(asked: argparse.Namespace, settings: Settings) -> Task:
    """The window in the zone of the meters."""
    zone = settings.display_zone
    start, end = (_instant(text, zone) for text in (asked.since, asked.until))
    if asked.quick:
        week = start.tz_convert(zone).tz_localize(None) + pd.DateOffset(days=7)
        end = min(end, utc_of(week, zone))
    if end <= start:
        raise QuestionError(
            f"--from {asked.since} --to {asked.until}: the window is empty; the day of --to is not "
            f"scored any more, so it must be later than that of --from."
        )
    fit_days: int | None = settings.consumption_history_days
    if asked.kind == "load_profiles":
        fit_days = settings.history_days
    elif asked.kind == GRID:
        fit_days = None
    return Task(
        start_at=start,
        end_at=end,
        fit_days=QUICK_DAYS if asked.quick else fit_days,
        incumbent="bilstm" if asked.kind == "load_profiles" else "xgboost",
    )


def _instant(text: str, zone: str) -> pd.Timestamp:
    try:
        at = pd.Timestamp(text)
    except ValueError as unreadable:
        raise QuestionError(f"{text}: no date; write YYYY-MM-DD.") from unreadable
    return utc_of(at, zone) if at.tzinfo is None else at.tz_convert("UTC")


def _taken(asked: argparse.Namespace, settings: Settings, task: Task) -> Taken:
    if not asked.data.is_dir():
        raise NothingReadableError(f"{asked.data} is no folder; give one with --data.")
    if asked.kind == GRID:
        return Taken(files=len(files_of(asked.data)), series=grid_series(asked.data))
    since = task.start_at - pd.Timedelta(days=task.fit_days or settings.consumption_history_days)
    with tempfile.TemporaryDirectory() as stores:
        taken = take_in(
            asked.data, kind=KINDS[asked.kind], settings=settings, stores=Path(stores), since=since
        )
    if asked.country:
        taken.series = [replace(one, country=asked.country) for one in taken.series]
    return taken


def grid_series(folder: Path) -> list[Series]:
    """Regions of PJM by their files' names, or else the country of EPİAŞ's files.

    Raises:
        NothingReadableError: The files are neither.
    """
    if list(folder.glob("*_hourly.csv*")):
        return pjm_series(folder)
    try:
        return [epias_series(folder)]
    except (ValueError, KeyError) as unlike:
        raise NothingReadableError(
            f"{folder}: the files are neither REGION_hourly.csv of PJM nor tables of Tarih;Saat;… "
            f"of EPİAŞ ({unlike})."
        ) from unlike


def _flat(outcome: Outcome, taken: Taken) -> dict[str, Figure]:
    found = family_figures(outcome)
    best = best_naive(found)
    for name, reason in list(taken.refused.items())[:10]:
        print(f"refused: {name}: {reason}")
    if taken.reasons:
        print("rows in quarantine: " + ", ".join(f"{n} {r}" for r, n in taken.reasons.items()))
    return {
        "window_start": outcome.task.start_at.isoformat(),
        "window_end": outcome.task.end_at.isoformat(),
        "files": taken.files,
        "files_refused": len(taken.refused),
        "rows_in": taken.rows_in,
        "rows_stored": taken.rows_stored,
        "rows_quarantined": taken.rows_quarantined,
        "series_without_values": max(outcome.learned - len(outcome.rows), 0),
        "wape": found["champion"]["wape"],
        "coverage_90": found["champion"]["coverage_90"],
        "best_naive": best,
        "best_naive_wape": found[best]["wape"],
    }


if __name__ == "__main__":
    main()
