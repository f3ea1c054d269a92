"""Faults of a whole meter file. Each class takes the facts and writes the sentence.

Faults of a single row are no errors: they are quarantined, see `quarantine`.
"""

from collections.abc import Iterable, Sequence


class MeterFileError(ValueError):
    """A meter file cannot be read as a whole; nothing of it was stored.

    Attributes:
        object_key: Which file.
    """

    def __init__(self, object_key: str, what: str, remedy: str) -> None:
        super().__init__(f"{object_key}: {what} {remedy}")
        self.object_key = object_key


class EmptyFileError(MeterFileError):
    """The file holds no byte or no cell."""

    def __init__(self, object_key: str) -> None:
        super().__init__(object_key, "the file is empty.", "Export it again and upload it.")


class HeaderOnlyError(MeterFileError):
    """There is a header and not a single row."""

    def __init__(self, object_key: str) -> None:
        super().__init__(
            object_key,
            "there is a header row and no reading below it.",
            "Check the period that was chosen for the export and upload the file again.",
        )


class NotASpreadsheetError(MeterFileError):
    """The content is neither delimited text nor a workbook."""

    def __init__(self, object_key: str, found: str) -> None:
        super().__init__(
            object_key,
            f"this is not a table of readings: {found}.",
            "Upload delimited text (.csv, .csv.gz) or a workbook (.xlsx, .xls).",
        )


class DamagedFileError(MeterFileError):
    """A workbook or compressed file ends early or is broken inside."""

    def __init__(self, object_key: str, cause: str) -> None:
        super().__init__(
            object_key,
            f"the file is truncated or damaged ({cause}).",
            "Copy it again from its source and compare the sizes.",
        )


class PasswordProtectedError(MeterFileError):
    """A workbook is encrypted."""

    def __init__(self, object_key: str) -> None:
        super().__init__(
            object_key,
            "the workbook is protected by a password.",
            "Save it without one and upload it again.",
        )


class DecompressionLimitError(MeterFileError):
    """A compressed file would grow beyond what a meter file can."""

    def __init__(self, object_key: str, facts: str) -> None:
        super().__init__(
            object_key,
            f"unpacking was stopped: {facts}.",
            "If the file is honest, upload it as plain .csv.",
        )


class MissingColumnsError(MeterFileError):
    """Columns without which no reading can be told are not there."""

    def __init__(self, object_key: str, missing: Sequence[str], header: Sequence[str]) -> None:
        shown = ", ".join(repr(name) for name in header[:30])
        super().__init__(
            object_key,
            f"the header lacks {'; '.join(missing)}. It has {shown}"
            f"{', and more' if len(header) > 30 else ''}.",
            "Rename or add the columns; docs/file_formats.md lists the accepted spellings.",
        )


class DuplicatedColumnsError(MeterFileError):
    """Two columns claim to be the same quantity."""

    def __init__(self, object_key: str, field: str, headers: Sequence[str]) -> None:
        shown = " and ".join(repr(name) for name in headers)
        super().__init__(
            object_key,
            f"the columns {shown} both mean {field}.",
            "Remove the wrong one and upload the file again.",
        )


class TooManyColumnsError(MeterFileError):
    """The header is longer than that of any meter export."""

    def __init__(self, object_key: str, facts: str) -> None:
        super().__init__(
            object_key,
            f"the header has {facts}.",
            "A meter export has about 23 columns: check the delimiter and the line ends.",
        )


class AmbiguousDatesError(MeterFileError):
    """Every date can be read as day/month and as month/day, and nothing in the file decides."""

    def __init__(self, object_key: str, text: str, day_first: str, month_first: str) -> None:
        super().__init__(
            object_key,
            f"the date {text!r} is {day_first} when the day comes first and {month_first} when "
            f"the month comes first, and nothing in the file decides.",
            "Export dates as YYYY-MM-DD and upload the file again.",
        )


class UnknownUnitError(MeterFileError):
    """A column states a unit that its quantity cannot have."""

    def __init__(self, object_key: str, header: str, unit: str, known: Iterable[str]) -> None:
        super().__init__(
            object_key,
            f"the column {header!r} has the unit {unit!r}.",
            f"Use one of {', '.join(known)}, or no unit for the one that is set.",
        )


class ContradictingClockError(MeterFileError):
    """A file names a clock that is not known, or not the one that is set."""

    def __init__(self, object_key: str, named: str, setting: str) -> None:
        super().__init__(
            object_key,
            f"it says that its times are {named}, and the clock that is set is {setting}.",
            "Set the meters' clock, or state the offset in the header: `DateTime (UTC+01:00)`.",
        )


class UnitAboveHeaderError(MeterFileError):
    """A line that is no row names another unit than the one by which a column is read."""

    def __init__(self, object_key: str, line: str, header: str) -> None:
        super().__init__(
            object_key,
            f"the line {line!r} names a unit, and the column {header!r} states none.",
            f"Write the unit into the header, such as `{header} (kWh)`.",
        )


class ContradictingEndsError(MeterFileError):
    """Starts and ends of intervals state another length than that at which rows follow."""

    def __init__(self, object_key: str, minutes: int, stated: int) -> None:
        super().__init__(
            object_key,
            f"its rows follow every {minutes} min, and their starts and ends are {stated} min "
            f"apart.",
            "Export every interval, or the right ends.",
        )


class UnsupportedIntervalError(MeterFileError):
    """The values of a file lie closer together or further apart than any understood."""

    def __init__(self, object_key: str, seconds: float) -> None:
        super().__init__(
            object_key,
            f"its values are {seconds / 60:g} min apart.",
            "Send values for 5, 6, 10, 12, 15, 20, 30 or 60 minutes, for 2, 3, 4, 6, 8 or 12 "
            "hours, or for days; or send the cumulative register instead.",
        )


class HiddenIntervalError(MeterFileError):
    """The length of an interval matters, and the file does not show it."""

    def __init__(self, object_key: str, why: str) -> None:
        super().__init__(
            object_key,
            f"{why}, and the length of the interval does not show in its rows.",
            "Upload a longer file of meters with one interval, or values in kWh or m3 with times "
            "that need no interval.",
        )


class HiddenHoursError(MeterFileError):
    """Hours are numbered, and it does not show whether a number begins or ends its hour."""

    def __init__(self, object_key: str, header: str) -> None:
        super().__init__(
            object_key,
            f"the column {header!r} numbers hours, and neither hour 0 nor hour 24 is there.",
            "Name the column `Hour Ending` or `Hour Beginning`.",
        )


class SequentialHoursError(MeterFileError):
    """Hours are counted through a clock change, so that their numbers are no times of day."""

    def __init__(self, object_key: str, header: str) -> None:
        super().__init__(
            object_key,
            f"the column {header!r} counts the hours of a day on, also where clocks change.",
            "Write the time of day, or its offset to UTC, instead of the number.",
        )


class SeveralRowsADateError(MeterFileError):
    """Values are stamped with dates alone, and a meter has several of them for one date."""

    def __init__(self, object_key: str, header: str, ignored: Sequence[str]) -> None:
        others = ", ".join(map(repr, ignored)) or "no other"
        super().__init__(
            object_key,
            f"{header!r} holds dates only, and meters have several rows for one date; of the "
            f"columns that could hold the time, {others} is understood.",
            "Name the column of the time `Time`, `Start Time`, `End Time` or `Hour Ending`.",
        )


class NotARegisterError(MeterFileError):
    """A column that should be a cumulative register falls again and again."""

    def __init__(self, object_key: str, header: str, falls: int, steps: int) -> None:
        super().__init__(
            object_key,
            f"{header!r} should be a cumulative register, and falls in {falls:,} of {steps:,} "
            f"steps.",
            "If it holds the energy or volume of each interval, name it so: `INTERVAL_KWH`, "
            "`Consumption`.",
        )


class HiddenRegisterError(MeterFileError):
    """A column that should hold what each interval used goes up like a cumulative register."""

    def __init__(self, object_key: str, header: str, rises: int, falls: int) -> None:
        super().__init__(
            object_key,
            f"{header!r} should hold the energy or volume of each interval, and rises {rises:,} "
            f"times and falls {falls:,} times.",
            "If it is a cumulative register, name it so: `Register (kWh)`, `IMPORT_KWH`.",
        )


class ContradictingLabelsError(MeterFileError):
    """Times around a clock change mark ends of intervals where starts are expected."""

    def __init__(self, object_key: str, header: str) -> None:
        super().__init__(
            object_key,
            f"the times in {header!r} should mark the start of intervals; around the change of "
            f"clocks they stand where the ends do.",
            "Name the column `Interval End`, or set the label of such files to `end`.",
        )


class NamelessSheetsError(MeterFileError):
    """Two sheets hold values of the same time, and neither names its meter."""

    def __init__(self, object_key: str, sheet: str, other: str) -> None:
        super().__init__(
            object_key,
            f"the sheets {sheet!r} and {other!r} hold values of the same time and name no meter.",
            "Add a column `METER_ID`, or upload one file for each meter.",
        )


class BrokenHeaderError(MeterFileError):
    """A line between the readings looks like a header and cannot be understood as one."""

    def __init__(self, object_key: str, row_number: int, line: str) -> None:
        super().__init__(
            object_key,
            f"row {row_number} looks like another header and is not understood: {line[:120]!r}. "
            f"The rows below it may have other columns or units.",
            "Correct that line, or upload its rows as a file of their own.",
        )


class TooManyTablesError(MeterFileError):
    """A file has more headers than any export."""

    def __init__(self, object_key: str, most: int) -> None:
        super().__init__(
            object_key, f"it holds more than {most} different headers.", "Split it into files."
        )


class OverwritingFileError(MeterFileError):
    """A file would correct most of what another object brought of a meter."""

    def __init__(
        self, object_key: str, meter: str, *, other: str, corrected: int, known: int
    ) -> None:
        super().__init__(
            object_key,
            f"it says something else of meter {meter} than {other} in {corrected:,} of {known:,} "
            f"intervals that both have.",
            f"Two meters of one name? Rename one. If it replaces the other file, upload it under "
            f"that name, or begin it with the line `# replaces: {other}`.",
        )


class ClockError(ValueError):
    """A clock setting cannot be understood."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"clock {text!r} is unknown: write `utc`, `standard:+05:30` or `local:Europe/London`."
        )


class ConcurrentWritersError(RuntimeError):
    """Other writers kept changing the same readings."""

    def __init__(self, file_id: str, rounds: int) -> None:
        super().__init__(
            f"{file_id}: other writers changed the same readings in each of {rounds} attempts. "
            f"Nothing was lost: run this file again when they are done."
        )


class RowBalanceError(RuntimeError):
    """Rows in and rows accounted for differ: a fault of this program."""

    def __init__(self, file_id: str, rows_in: int, accounted: int) -> None:
        super().__init__(
            f"{file_id}: {rows_in} rows were read and {accounted} accounted for. "
            f"The file was not marked as processed; please report it with the file."
        )
