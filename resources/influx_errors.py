"""How InfluxDB says no: each class takes the facts and writes the sentence.

An outage is `errors.StoreUnavailableError`; what is here stays wrong however often it is repeated.
"""


class SeriesOptionsError(ValueError):
    """What InfluxDB needs besides its URL is not set."""

    def __init__(self, store: str, missing: list[str]) -> None:
        names = ", ".join(f"INFLUXDB_{name.upper()}" for name in missing)
        super().__init__(f"{store}: {' and '.join(missing)} not given. Set {names}.")


class SeriesAccessError(PermissionError):
    """InfluxDB does not let this token do that."""

    def __init__(self, store: str, doing: str, cause: str) -> None:
        super().__init__(
            f"{store} refused the token while {doing}: {cause}. Set INFLUXDB_TOKEN to a token that "
            f"may read and write the bucket."
        )


class SeriesRefusedError(ValueError):
    """InfluxDB understood what it was sent and does not take it."""

    def __init__(self, store: str, doing: str, cause: str) -> None:
        super().__init__(
            f"{store} refused it while {doing}: {cause}. Points of earlier batches, and others of "
            f"this one, may have been stored; correct the cause and write all of them again."
        )


class SeriesBucketError(LookupError):
    """The bucket or the organisation is not there."""

    def __init__(self, store: str, doing: str, cause: str) -> None:
        super().__init__(
            f"{store} does not know the bucket or the organisation while {doing}: {cause}. Check "
            f"INFLUXDB_ORG and INFLUXDB_BUCKET, and create the bucket, or use a token that may."
        )


class AnswerCutError(ConnectionError):
    """The answer to a query is no whole answer; asking again may help."""


class FluxAnswerError(ConnectionError):
    """The query failed on the server after its answer had begun."""
