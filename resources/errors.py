"""Errors of stores. Each class takes the facts and writes the sentence."""

import re


class StoreUnavailableError(ConnectionError):
    """A store cannot be reached, or went away in the middle of an operation."""

    def __init__(self, store: str, doing: str, cause: str) -> None:
        super().__init__(
            f"{store} is not reachable while {doing}: {cause}. Nothing was lost: start the store, "
            f"check its URL and credentials, and run again."
        )


class ObjectMissingError(FileNotFoundError):
    """An object is not, or no longer, in the object store."""

    def __init__(self, key: str, store: str) -> None:
        super().__init__(
            f"{key} is not in {store}: it was deleted or renamed after it was listed. "
            f"Upload it again and it will be picked up as a new file."
        )


class ObjectChangedError(RuntimeError):
    """An object has another content than the one that was listed."""

    def __init__(self, key: str, listed_etag: str, current_etag: str) -> None:
        super().__init__(
            f"{key} was replaced after it was listed (ETag {listed_etag} became {current_etag}). "
            f"The new content is a file of its own and will be picked up by the next listing."
        )


class ObjectExistsError(FileExistsError):
    """A create-only write met an existing object."""

    def __init__(self, key: str, store: str) -> None:
        super().__init__(f"{key} exists in {store} already and was left as it is.")


class ObjectKeyError(ValueError):
    """A key that no object can have in this store."""

    def __init__(self, key: str, why: str) -> None:
        shown = key if len(key) <= 200 else f"{key[:200]}… ({len(key)} characters)"
        super().__init__(
            f"object key {shown!r} {why}. Use relative keys such as 'raw/load_profiles/a.csv'."
        )


class TableMissingError(LookupError):
    """A table was used before it was created."""

    def __init__(self, table: str, store: str, cause: str) -> None:
        super().__init__(
            f"table {table} is not, or not completely, in {store}: {cause}. "
            f"Call `ensure` with the table before its first use."
        )


class DuplicateValueError(ValueError):
    """A row would repeat a value that a unique index allows once."""

    def __init__(self, table: str, cause: str) -> None:
        super().__init__(
            f"table {table}: a unique index refused a row: {cause}. The batch was not stored; "
            f"remove the duplicate and write it again."
        )


class CellError(ValueError):
    """A frame holds something that its table cannot store."""

    def __init__(self, table: str, column: str, why: str) -> None:
        super().__init__(f"table {table}, column {column}: {why}. Nothing was written.")


class StoreUrlError(ValueError):
    """A store's URL has a form that no adapter understands."""

    def __init__(self, url: str, choices: str) -> None:
        shown = re.sub("//.*@", "//***@", url)
        super().__init__(f"{shown!r} names no known store. Use one of: {choices}.")


class WeatherUnavailableError(ConnectionError):
    """A weather provider gave no usable answer."""

    def __init__(self, provider: str, cause: str, remedy: str = "It is asked again later.") -> None:
        super().__init__(f"weather provider {provider}: {cause}. {remedy}")
        self.provider = provider


class WeatherKeyError(WeatherUnavailableError):
    """A weather provider refused the key."""

    def __init__(self, provider: str, variable: str) -> None:
        super().__init__(
            provider, "the key was refused or is not set", f"Set {variable} to a valid key."
        )


class WeatherBudgetError(WeatherUnavailableError):
    """The calls that a weather provider allows are used up."""

    def __init__(self, provider: str, facts: str) -> None:
        super().__init__(provider, f"its rate limit is reached ({facts})")
