"""Plots as Dagster's metadata shows them: where each lies, and the picture itself."""

import base64
from typing import Final

import dagster as dg

INLINE_PLOTS: Final = 50
"""Plots that one run shows inline; a run over more partitions names the objects only."""


def plot_facts(
    image: bytes, url: str, *, inline: bool, title: str = "forecast"
) -> dict[str, dg.MetadataValue]:
    """Where a plot lies, and the plot itself.

    Args:
        image: The PNG.
        url: Where it was put.
        inline: Whether to show it.
        title: What stands in for it where pictures are not shown.
    """
    facts: dict[str, dg.MetadataValue] = {"object": dg.MetadataValue.text(url)}
    if inline:
        encoded = base64.b64encode(image).decode()
        facts["plot"] = dg.MetadataValue.md(f"![{title}](data:image/png;base64,{encoded})")
    return facts
