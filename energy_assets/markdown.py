"""Tables as Dagster's metadata shows them."""

from collections.abc import Sequence

import pandas as pd


def markdown_table(rows: pd.DataFrame, columns: Sequence[str] | None = None) -> str:
    """The rows as a Markdown table; all columns without a choice."""
    names = [str(name) for name in rows.columns] if columns is None else list(columns)
    cells = rows[names].astype(object).where(rows[names].notna(), "").astype(str)
    lines = [names, ["---"] * len(names), *cells.to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
