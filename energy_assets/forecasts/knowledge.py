"""How much a feature frame knows: an instant, kept with it and with each forecast made from it.

No reading that became known after that instant is in the frame.
"""

from typing import Final

import pandas as pd

from resources.tables import DTYPES

DATA_KNOWN_AT: Final = "data_known_at"
"""Name of the attribute of a frame, and of the column of a forecast."""


def known_instant(clock: pd.Timestamp) -> pd.Timestamp:
    """The present as stores keep it, to the millisecond: what is compared is what is stored."""
    return clock.floor("ms")


def note_data_known_at(frame: pd.DataFrame, known_at: pd.Timestamp) -> None:
    """Note on a frame that no reading in it became known later."""
    frame.attrs[DATA_KNOWN_AT] = known_at.isoformat()


def data_known_at(frame: pd.DataFrame) -> pd.Timestamp | None:
    """What was noted on a frame; None on frames of versions that noted nothing."""
    noted = frame.attrs.get(DATA_KNOWN_AT)
    return None if noted is None else pd.Timestamp(str(noted))


def with_data_known_at(rows: pd.DataFrame, known_at: pd.Timestamp | None) -> pd.DataFrame:
    """Forecast rows with the instant in its column; empty where None was noted."""
    column = pd.Series(known_at, index=rows.index, dtype=DTYPES["instant"])
    return rows.assign(**{DATA_KNOWN_AT: column})
