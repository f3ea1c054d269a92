"""Table descriptions as pandera contracts, enforced where rows leave for a store.

Rows from outside are checked one by one where files are read; a frame that breaks a contract here
is our own mistake and stops the run.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pandas as pd

from resources.tables import DTYPES, Column, Kind, Table

if TYPE_CHECKING:
    import pandera.pandas as pa

_CHECKED_DTYPES: Final[dict[Kind, str]] = {
    kind: dtype for kind, dtype in DTYPES.items() if kind not in {"json", "bytes"}
}


class ContractError(ValueError):
    """A frame is not what its table's contract says."""

    def __init__(self, table: str, faults: list[str]) -> None:
        super().__init__(
            f"rows for {table} break its contract: {'; '.join(faults[:5])}. Nothing was written; "
            f"this is a fault of the program, not of the data."
        )


def validated(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in the table's dtypes, once they meet its contract.

    Args:
        table: What the contract is of.
        rows: All of the table's columns; others are left out.

    Raises:
        ContractError: A column is missing, null where it must not be, out of its range,
            or the key is not unique.
    """
    from pandera.errors import SchemaErrors

    known = rows[[name for name in table.names if name in rows]].reset_index(drop=True)
    try:
        return _contract(table).validate(known, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        faults = [
            f"{column}: {check} ({case})"
            for column, check, case in zip(
                cases["column"], cases["check"], cases["failure_case"], strict=True
            )
        ]
        raise ContractError(table.name, faults) from error


@lru_cache(maxsize=64)
def _contract(table: Table) -> "pa.DataFrameSchema":
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {column.name: _column(column) for column in table.columns},
        unique=list(table.key),
        name=table.name,
    )


def _column(column: Column) -> "pa.Column":
    import pandera.pandas as pa

    checks: list[pa.Check] = []
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum))
    dtype = _CHECKED_DTYPES.get(column.kind)
    return pa.Column(
        dtype, checks=checks, nullable=column.nullable, coerce=dtype is not None, required=True
    )
