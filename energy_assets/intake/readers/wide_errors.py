"""Faults of wide files as a whole. Each class takes the facts and writes the sentence."""

from energy_assets.intake.errors import MeterFileError


class UnclearPartsError(MeterFileError):
    """It does not show which part of a day each column is."""

    def __init__(self, object_key: str, header: str) -> None:
        super().__init__(
            object_key,
            f"there is a column for each part of a day, and it does not show whether {header!r} "
            f"is its start or its end.",
            "Name the columns `00:00-00:30`, or upload the file with a row for each value.",
        )


class ShortDayError(MeterFileError):
    """There are fewer columns than a day has hours, and no clock that explains it."""

    def __init__(self, object_key: str, columns: int) -> None:
        super().__init__(
            object_key,
            f"{columns} numbered columns are those of a day on which clocks go forward, and the "
            f"clock that is set does not change.",
            "Set the clock of such files to `local:` and their zone.",
        )


class SecondHeaderError(MeterFileError):
    """A wide file has another header further down."""

    def __init__(self, object_key: str, row_number: int) -> None:
        super().__init__(
            object_key,
            f"there is a column for each part of a day, and line {row_number} is another header.",
            "Split the file there.",
        )
