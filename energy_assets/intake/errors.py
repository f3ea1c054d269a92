"""Faults of a whole meter file. Each class takes the facts and writes the sentence.

Faults of a single row are no errors: they are quarantined, see `quarantine`.
"""

from collections.abc import Sequence


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


class UnknownIntervalError(MeterFileError):
    """Labels mark the start of an interval whose length the file does not show."""

    def __init__(self, object_key: str) -> None:
        super().__init__(
            object_key,
            "its labels mark the start of an interval, and the length of the interval does not "
            "show in its first rows.",
            "Upload a longer file of meters with one interval, or label the ends.",
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
