"""Errors of stores. Each class takes the facts and writes the sentence."""


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
