"""Contracts of which family serves a series, and of the models that are no flow's own."""

from typing import Final

from energy_assets.contracts.columns import model_columns
from resources.tables import Column, Index, Table

_SERIES: Final = (
    Column(
        name="flow",
        kind="str",
        meaning="Whose series: `customer_load`, `consumption`, and so on; with `:pools`, the "
        "defaults of pools of such series.",
    ),
    Column(
        name="series_key",
        kind="str",
        paths=("seriesKey",),
        meaning="Customer reference, or `electricity/` or `water/` and the meter's id.",
    ),
)

CHAMPIONS: Final = Table(
    name="champions",
    meaning="Log of which family serves each series from when on, and why; the newest row counts.",
    columns=(
        *_SERIES,
        Column(name="decided_at", kind="instant", paths=("decidedAt",)),
        Column(
            name="family", kind="str", meaning="Family that serves; its newest model, or a naive."
        ),
        Column(
            name="previous_family",
            kind="str",
            paths=("previousFamily",),
            nullable=True,
            meaning="Family that served before: the next step of the ladder.",
        ),
        Column(
            name="pinned",
            kind="bool",
            meaning="Whether a person chose it: no contest changes it until it is released.",
        ),
        Column(name="reason", kind="str", meaning="Why, in words."),
        Column(
            name="errors",
            kind="json",
            meaning="Mean absolute error of each family on the days that chose, by name.",
        ),
    ),
    key=("flow", "series_key", "decided_at"),
)
"""One row per change of champion; rows are only ever added."""

FAMILY_MODELS: Final = Table(
    name="family_models",
    meaning="Models of families that are not their flow's own; the newest of a family serves.",
    columns=(
        *_SERIES,
        Column(name="family", kind="str"),
        *model_columns(
            data="Arrays as safetensors.",
            metadata="Everything else that the model needs.",
            learned_from="End of the newest interval that it learned from.",
            spelling="camel",
        ),
    ),
    key=("model_id", "flow", "series_key"),
    indexes=(Index(columns=("flow", "series_key", "family", "-trained_at")),),
)
"""One row per series and model version; rows are only ever added."""

CHAMPION_TABLES: Final[tuple[Table, ...]] = (CHAMPIONS, FAMILY_MODELS)
"""The tables of this module, for creating them."""
