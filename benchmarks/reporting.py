"""How every benchmark reports: a small table for people, and one last line of JSON for machines."""

import json
import math
from collections.abc import Mapping, Sequence

Figure = int | float | str | bool | None
"""One cell of a report."""

Figures = Mapping[str, "Figure | Figures"]
"""Figures by name, in groups where there are many."""


def report(benchmark: str, rows: Sequence[Mapping[str, Figure]], figures: Figures) -> str:
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
    text = json.dumps({"benchmark": benchmark, **_rounded(figures)}, allow_nan=False)
    print(text)
    return text


def _rounded(figures: Figures) -> dict[str, object]:
    """Four significant digits are more than any of these measurements carries; NaN is none."""
    return {name: _cell(figure) for name, figure in figures.items()}


def _cell(figure: "Figure | Figures") -> object:
    if isinstance(figure, Mapping):
        return _rounded(figure)
    if isinstance(figure, float):
        return float(f"{figure:.4g}") if math.isfinite(figure) else None
    return figure


def _text(figure: Figure) -> str:
    if isinstance(figure, bool) or not isinstance(figure, int | float):
        return "-" if figure is None else str(figure)
    if isinstance(figure, int) or abs(figure) >= 1_000:
        return f"{figure:,.0f}"
    return f"{figure:.4g}"
