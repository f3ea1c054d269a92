"""Files that had arrived by an instant, and were only read later: nobody could use them then."""

import pandas as pd

from energy_assets.contracts.meter_files import PROCESSED_FILES
from resources.document_store import DocumentStore
from resources.tables import Filter


def late_files(documents: DocumentStore, *, known_at: pd.Timestamp) -> list[str]:
    """Ids of the files that arrived by an instant and began to be read after it.

    Readings say when their file arrived. A queue of files, or one that was mended by running it
    again, is read long after, so the arrival alone does not say what a forecast could use. What had
    been stored of a file that was being read at that very instant is not known.
    """
    where = [Filter("known_at", "<=", known_at), Filter("processed_at", ">", known_at)]
    return documents.read(PROCESSED_FILES, where, columns=["file_id"])["file_id"].tolist()
