"""Two writers that meet on one new key: the server refuses one of them with error 11000."""

from typing import Any, cast

import pytest
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from energy_assets_tests.resources.shelf import PAIRS, frame
from resources.errors import CellError, DuplicateValueError, StoreUnavailableError
from resources.mongo_documents import Document
from resources.mongo_writes import explained, write_by_key

ROWS = frame(PAIRS, left=["a", "b", "c"], right=[1, 2, 3], size=[1.0, 2.0, 3.0])


def conflict(index: int, *fields: str, code: int = 11000) -> dict[str, Any]:
    return {
        "index": index,
        "code": code,
        "keyPattern": dict.fromkeys(fields, 1),
        "errmsg": f"E{code} refused",
    }


class Answer:
    upserted_count = 1


class RefusingCollection:
    """Refuses some of the first batch, as a server does, and accepts what comes next."""

    def __init__(self, *failures: dict[str, Any], upserted: int) -> None:
        self.failures = failures
        self.upserted = upserted
        self.batches: list[list[Document]] = []

    def bulk_write(self, operations: list[Any], *, ordered: bool) -> Answer:
        assert not ordered
        self.batches.append([operation._filter for operation in operations])
        if len(self.batches) == 1:
            raise BulkWriteError({"nUpserted": self.upserted, "writeErrors": list(self.failures)})
        return Answer()

    def as_collection(self) -> Collection[Document]:
        return cast("Collection[Document]", self)


def test_a_row_that_another_writer_inserted_first_is_not_counted():
    server = RefusingCollection(conflict(1, "left", "right"), upserted=2)
    assert write_by_key(server.as_collection(), PAIRS, ROWS, replace=False) == 2
    assert len(server.batches) == 1


def test_a_replacement_that_was_refused_is_tried_once_more():
    server = RefusingCollection(conflict(1, "left", "right"), upserted=1)
    assert write_by_key(server.as_collection(), PAIRS, ROWS, replace=True) == 1 + 1
    assert server.batches[1:] == [[{"left": "b", "right": 2}]]


def test_a_value_that_another_unique_index_holds_is_no_row_that_is_there_already():
    server = RefusingCollection(conflict(0, "left", "right"), conflict(1, "badge"), upserted=1)
    with (
        pytest.raises(DuplicateValueError, match="E11000"),
        explained("mongodb://host", "writing", "pairs"),
    ):
        write_by_key(server.as_collection(), PAIRS, ROWS, replace=False)


def test_a_document_that_a_validator_refuses_is_our_mistake_and_no_outage():
    server = RefusingCollection(conflict(2, code=121), upserted=2)
    with (
        pytest.raises(CellError, match="refused by MongoDB: E121"),
        explained("mongodb://host", "writing", "pairs"),
    ):
        write_by_key(server.as_collection(), PAIRS, ROWS, replace=False)


def test_a_write_that_was_not_copied_to_enough_servers_is_an_outage():
    server = RefusingCollection(upserted=3)
    with (
        pytest.raises(StoreUnavailableError, match="mongodb://host"),
        explained("mongodb://host", "writing", "pairs"),
    ):
        write_by_key(server.as_collection(), PAIRS, ROWS, replace=False)
