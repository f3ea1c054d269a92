"""Which columns of a file say when: dates, times, starts, ends, numbers of hours."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Final

from energy_assets.intake.file_kind import IntervalLabel


def _spelled(part: str, words: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), part)


TIME_SPELLINGS: Final[dict[str, str]] = {
    **_spelled("date", "date readingdate day localdate usagedate meterdate"),
    **_spelled("time", "time readingtime localtime timeofday"),
    **_spelled(
        "datetime",
        "datetime dateandtime readat readingdatetime localdatetime datetimelocal datetimestamp "
        "timestamplocal instant",
    ),
    **_spelled("timestamp", "timestamp"),
    **_spelled("start_date", "startdate fromdate intervalstartdate begindate"),
    **_spelled("end_date", "enddate todate intervalenddate"),
    **_spelled("start_time", "starttime fromtime intervalstarttime begintime timefrom timestart"),
    **_spelled("end_time", "endtime totime intervalendtime timeto timeend"),
    **_spelled(
        "start_at",
        "start intervalstart periodstart from begin begins startdatetime starttimestamp "
        "intervalbegin intervalbeginning datetimestart startdateandtime periodfrom starttimelocal",
    ),
    **_spelled(
        "end_at",
        "end intervalend periodend to ends enddatetime endtimestamp intervalending datetimeend "
        "enddateandtime periodto endtimelocal",
    ),
    **_spelled("hour", "hour hr hourofday hournumber hourno"),
    **_spelled("end_hour", "he hourending hourend hourended"),
    **_spelled("start_hour", "hb hourbeginning hourbegin hourstarting hourstart"),
    **_spelled(
        "utc", "datetimeutc timestamputc utc utcdatetime utctime utctimestamp timeutc datetimegmt"
    ),
}
"""Normalised header to what it says of time."""


@dataclass(frozen=True, kw_only=True)
class TimeColumns:
    """How the instants of a file are found.

    Attributes:
        positions: `date` and `time`, or `datetime`, by column number.
        other_end: Column of the other end of the interval, if there is one.
        side: Which end of the interval the times mark, where the header says so.
        is_utc: Whether the header says that times are UTC.
        hours: Whether `time` holds numbers of hours.
        notes: What stands in brackets in the headers of the times.
    """

    positions: Mapping[str, int]
    other_end: int | None = None
    side: IntervalLabel | None = None
    is_utc: bool = False
    hours: bool = False
    notes: tuple[str, ...] = ()


_PAIRS: Final[tuple[tuple[str, str, IntervalLabel | None], ...]] = (
    ("date", "time", None), ("date", "start_time", "start"), ("start_date", "start_time", "start"),
    ("date", "hour", None), ("date", "start_hour", "start"), ("date", "end_hour", "end"),
    ("date", "start_at", "start"), ("date", "end_time", "end"), ("end_date", "end_time", "end"),
    ("date", "end_at", "end"), ("start_date", "time", None), ("start_date", "hour", None),
)  # fmt: skip
"""Two columns that together say when, the best first."""

_SINGLE: Final[tuple[tuple[str, IntervalLabel | None], ...]] = (
    ("utc", None), ("start_at", "start"), ("datetime", None), ("end_at", "end"),
    ("timestamp", None), ("start_time", "start"), ("end_time", "end"), ("end_hour", "end"),
    ("start_date", "start"), ("date", None), ("time", None),
)  # fmt: skip
"""One column that says when, the best first."""

_OTHER_END: Final = {"start_at": "end_at", "start_time": "end_time"}


def time_columns(found: MutableMapping[str, int]) -> TimeColumns | None:
    """The best columns among those that say when; None where none does.

    Args:
        found: Column number by a value of `TIME_SPELLINGS`.
    """
    for date, time, side in _PAIRS:
        if date in found and time in found:
            return TimeColumns(
                positions={"date": found[date], "time": found[time]},
                other_end=found.get(_OTHER_END.get(time, "")),
                side=side,
                hours=time.endswith("hour"),
            )
    for name, side in _SINGLE:
        if name in found:
            return TimeColumns(
                positions={"datetime": found[name]},
                other_end=found.get(_OTHER_END.get(name, "")),
                side=side,
                is_utc=name == "utc",
            )
    return None


def unused_times(found: Mapping[str, int], chosen: TimeColumns, header: Sequence[str]) -> list[str]:
    """Headers that say when and were not chosen."""
    used = {*chosen.positions.values(), chosen.other_end}
    return [header[position] for position in found.values() if position not in used]
