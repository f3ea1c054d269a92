"""What keeps a model from being learned or loaded."""

from energy_assets.contracts.consumption import MeterType


class TooFewRowsError(ValueError):
    """A meter has too little consumption to learn from."""

    def __init__(
        self, *, meter_type: MeterType, meter_id: str, rows: int, days: int, least: tuple[int, int]
    ) -> None:
        held = "every value is missing" if not rows else f"{rows} known values over {days} days"
        super().__init__(
            f"{meter_type} meter {meter_id}: {held}, where a model needs {least[0]} values "
            f"over {least[1]} days. Until then a seasonal naive serves it."
        )
        self.rows = rows
        self.days = days


class ModelFileError(ValueError):
    """The files of a model are damaged or of another kind."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"the files of a boosted model {what}; train the meter again or load the files that "
            f"were stored together."
        )
