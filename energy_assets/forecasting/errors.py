"""What keeps a model from being learned or loaded."""

from collections.abc import Callable
from typing import Final

from energy_assets.forecasting.series import Series

FEWEST_VALUES: Final[int] = 100
"""A series with fewer known values has no trees."""

FEWEST_DAYS: Final[int] = 15
"""A series whose known values span fewer days has no trees. [d]"""


class TooFewRowsError(ValueError):
    """A series has too few values to learn from."""

    def __init__(self, *, series: str, held: str, needed: str) -> None:
        super().__init__(
            f"{series}: {held}, where a model needs {needed}. Until then a seasonal naive serves."
        )


class ModelFileError(ValueError):
    """The files of a model are damaged, of another kind or of an earlier version."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"the files of the model {what}; train the meter again or load the files that "
            f"were stored together."
        )


def require_enough(series: Series) -> None:
    """Refuse a series that is too short for trees.

    Raises:
        TooFewRowsError: It has too few known values or days.
    """
    first, end = series.known_range()
    days = -(-(end - first) // series.steps_per_day)
    known = series.known_count
    if known < FEWEST_VALUES or days < FEWEST_DAYS:
        raise TooFewRowsError(
            series=series.key,
            held=f"{known} known values over {days} days" if days else "no known value",
            needed=f"{FEWEST_VALUES} values over {FEWEST_DAYS} days",
        )


def refusal_of(series: Series, require: Callable[[Series], None]) -> str:
    """Why a series is too short, in the words of what requires more; empty where it is not."""
    try:
        require(series)
    except TooFewRowsError as error:
        return str(error)
    return ""
