"""What keeps a model from being learned or loaded."""


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
