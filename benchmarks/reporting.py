"""How every benchmark reports: a small table for people, and one last line of JSON for machines."""

import json
from collections.abc import Mapping, Sequence

Figure = int | float | str | bool | None
"""One cell of a report."""


def report(
    benchmark: str, rows: Sequence[Mapping[str, Figure]], figures: Mapping[str, Figure]
) -> str:
    """Print a table and, as the last line, the figures as JSON.

    Args:
        benchmark: Its name, the first figure of the JSON line.
        rows: The table, one mapping a line with the same columns in the same order.
        figures: Figures by name.

    Returns:
        The line of JSON.
    """
    if rows:
        columns = list(rows[0])
        cells = [columns, *([_text(row[name]) for name in columns] for row in rows)]
        widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
        for head, *rest in cells:
            padded = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
            print("  ".join([head.ljust(widths[0]), *padded]).rstrip())
        print()
    text = json.dumps({"benchmark": benchmark, **{k: _rounded(v) for k, v in figures.items()}})
    print(text)
    return text


def _rounded(figure: Figure) -> Figure:
    """Four significant digits are more than any of these measurements carries."""
    return float(f"{figure:.4g}") if isinstance(figure, float) else figure


def _text(figure: Figure) -> str:
    if isinstance(figure, bool) or not isinstance(figure, int | float):
        return "-" if figure is None else str(figure)
    if isinstance(figure, int) or abs(figure) >= 1_000:
        return f"{figure:,.0f}"
    return f"{figure:.4g}"
