import numpy as np
import pandas as pd
import pytest

from energy_assets.intake.versions.reconciliation import FileRank, Verdict, judged

KNOWN = pd.Timestamp("2025-07-01 12:00", tz="UTC")


def verdict_on(stored_file: str, arriving_file: str) -> Verdict:
    """What becomes of another value for a reading that a file known at the same instant stored."""
    stored = pd.DataFrame(
        {
            "key": np.array([1], dtype=np.uint64),
            "version": [1],
            "fingerprint": [10],
            "file_id": pd.Series([stored_file], dtype="str"),
            "known_at": pd.Series([KNOWN]).astype("datetime64[ms, UTC]"),
        }
    )
    candidates = pd.DataFrame({"key": np.array([1], dtype=np.uint64), "fingerprint": [20]})
    rank = FileRank(known_ms=KNOWN.value // 1_000_000, file_id=arriving_file)
    verdicts = judged(candidates, stored, seen=np.zeros(1, dtype=np.bool_), rank=rank)
    return Verdict(verdicts.verdict[0])


@pytest.mark.parametrize(("first", "second"), [("aaa", "bbb"), ("bbb", "aaa")])
def test_a_replaced_object_is_believed_even_within_one_tick_of_the_stores_clock(first, second):
    assert verdict_on(f"raw/x.csv@{first}", f"raw/x.csv@{second}") is Verdict.INSERT


def test_of_two_objects_known_at_once_the_greater_id_is_believed_in_either_order():
    assert verdict_on("raw/a.csv@1", "raw/b.csv@1") is Verdict.INSERT
    assert verdict_on("raw/b.csv@1", "raw/a.csv@1") is Verdict.SUPERSEDED
