"""What families have in common that learn each series on its own."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from energy_assets.forecasting.errors import TooFewRowsError, refusal_of
from energy_assets.forecasting.family import Fitted, Model
from energy_assets.forecasting.series import Series


class EachSeries(ABC):
    """A family with one model per series that starts from nothing."""

    @abstractmethod
    def require_enough(self, series: Series) -> None:
        """Refuse a series that is too short.

        Raises:
            TooFewRowsError: It is.
        """

    @abstractmethod
    def learn(self, series: Series) -> Fitted:
        """The model of one series.

        Raises:
            TooFewRowsError: It is too short, or nothing in it follows anything.
        """

    def refusal(self, series: Series) -> str:
        """Why it cannot learn a series; empty where it can."""
        return refusal_of(series, self.require_enough)

    def fit_one(self, series: Series) -> Fitted | str:
        """The model of one series, or why there is none."""
        try:
            return self.learn(series)
        except TooFewRowsError as error:
            return str(error)

    def fit_each(self, series: Sequence[Series]) -> list[Fitted | str]:
        """`fit_one` of each series."""
        return [self.fit_one(one) for one in series]

    def fit(
        self, series: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Fitted]:
        """One model per series; a series that cannot be learned is left out."""
        del previous
        found = zip(series, self.fit_each(series), strict=True)
        return {one.key: fitted for one, fitted in found if isinstance(fitted, Fitted)}
