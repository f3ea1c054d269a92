"""The rows of a block once their cells are understood: good ones, and refusals of the others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.intake.quarantine import Refusal


@dataclass(frozen=True, kw_only=True)
class BlockReadings:
    """The readings of a block.

    Attributes:
        frame: Good rows: `row_number`, `serial`, `customer_ref`, `obis`, `wall_ms`, `utc_ms`,
            `repeated` (a wall time that occurs twice), `fingerprint`, and the file's values.
        refusals: The other rows.
        spellings: First spelling of each serial and customer reference, by field.
    """

    frame: pd.DataFrame
    refusals: list[Refusal]
    spellings: Mapping[str, dict[str, str]]


def one_text(text: str, size: int) -> pd.Series:
    """A column that says the same in every row."""
    codes = np.zeros(size, dtype=np.int8)
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index([text]))).astype("str")


def utc_index(moments: NDArray[np.datetime64]) -> pd.DatetimeIndex:
    """Instants in UTC from numpy's, which have no zone."""
    return pd.DatetimeIndex(moments).tz_localize("UTC")
