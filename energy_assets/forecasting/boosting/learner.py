"""The point forecast of a meter: linear parts without and with temperature, and trees on both.

One set of trees serves both: temperatures are missing in some of the rows that it learns from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from energy_assets.forecasting.boosting.columns import Design
from energy_assets.forecasting.boosting.linear import (
    Linear,
    LinearFit,
    cell_group,
    cell_of_day,
    fit_linear,
)
from energy_assets.forecasting.boosting.parameters import TreeParams
from energy_assets.forecasting.past import Past
from energy_assets.forecasting.scale import limits_of
from energy_assets.forecasting.timeline import Floats
from energy_assets.forecasting.weather_columns import WITHOUT_WEATHER

LINEAR_COLUMN: Final[str] = "linear_departure"
"""Column of the trees that holds what the linear part predicts."""

FEWEST_WARM: Final[int] = 100
"""With fewer rows of known temperature no part with temperature is learned."""

FEWEST_WARM_SHARE: Final[float] = 0.2
"""Nor with a smaller share of the rows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Learner:
    """Fitted parts.

    Attributes:
        plain: Linear part without the temperature.
        informed: Linear part with it; none where too little was known.
        boosters: Trees; their mean counts.
        limits: Least and greatest forecast on the learned scale.
        linear_names: Columns of the linear parts, those of the weather last.
        tree_names: Columns of the trees, `linear_departure` last.
    """

    plain: Linear
    informed: Linear | None
    boosters: tuple[xgb.Booster, ...]
    limits: tuple[float, float]
    linear_names: tuple[str, ...]
    tree_names: tuple[str, ...]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays and trees from which, with the names of the columns, `from_arrays` makes it."""
        arrays: dict[str, NDArray[Any]] = {}
        for name, part in (("plain", self.plain), ("informed", self.informed)):
            if part is not None:
                arrays |= {f"{name}.{key}": array for key, array in vars(part).items()}
        for number, booster in enumerate(self.boosters):
            raw = bytes(booster.save_raw(raw_format="ubj"))
            arrays[f"trees_{number}"] = np.frombuffer(raw, dtype=np.uint8)
        return arrays

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]], stored: Mapping[str, Any]) -> "Learner":
        """What `to_arrays` gave, with the metadata of the model."""
        low, high = stored["limits"]

        def linear(name: str) -> Linear:
            return Linear(**{part.name: arrays[f"{name}.{part.name}"] for part in fields(Linear)})

        return Learner(
            plain=linear("plain"),
            informed=linear("informed") if stored["knows_weather"] else None,
            boosters=tuple(
                xgb.Booster({"nthread": 1}, model_file=bytearray(arrays[f"trees_{n}"].tobytes()))
                for n in range(stored["params"]["boosters"])
            ),
            limits=(low, high),
            linear_names=tuple(stored["linear_features"]),
            tree_names=tuple(stored["tree_features"]),
        )

    def terms(self, past: Past, design: Design) -> Floats:
        """What each linear column adds to each row on the learned scale; the intercept last."""
        warm = design.warm
        cell = cell_of_day(past.timeline, design.rows.targets)
        group = cell_group(past.timeline, design.rows)
        terms = np.zeros((len(cell), len(self.linear_names) + 1))
        cold = ~warm
        if cold.any():
            bare = design.linear.shape[1] - design.linear_weather
            own = self.plain.terms(design.linear[cold, :bare], cell=cell[cold], group=group[cold])
            terms[np.ix_(cold, np.arange(bare))] = own[:, :-1]
            terms[cold, -1] = own[:, -1]
        if warm.any() and self.informed is not None:
            terms[warm] = self.informed.terms(
                design.linear[warm], cell=cell[warm], group=group[warm]
            )
        return terms

    def predict(self, past: Past, design: Design) -> Floats:
        """Point forecast of rows on the learned scale; with temperature where it is known."""
        departure = self.terms(past, design).sum(axis=1)
        table = tree_table(design, departure, design.warm, columns=len(self.tree_names))
        corrections = [
            booster.inplace_predict(table, validate_features=False) for booster in self.boosters
        ]
        trees = np.mean(corrections, axis=0)
        return np.clip(design.baseline + departure + trees, *self.limits)


def tree_table(
    design: Design, departure: Floats, warm: NDArray[np.bool_], *, columns: int
) -> NDArray[np.float32]:
    """Columns of the trees: the temperature only where `warm`, the linear departure last."""
    table = np.full((len(departure), columns), np.nan, dtype=np.float32)
    bare = design.trees.shape[1] - design.tree_weather
    table[:, :bare] = design.trees[:, :bare]
    if design.tree_weather and warm.any():
        table[warm, bare:-1] = design.trees[warm, bare:]
    table[:, -1] = departure
    return table


def fit_learners(
    past: Past, design: Design, *, held_out_from: int, params: TreeParams, seed: int
) -> tuple[Learner, Learner, Floats]:
    """Fit all parts, and such that know no target from a position on.

    Trees learn from what the linear parts leave on blocks of time that those did not see.

    Args:
        past: What is known.
        design: Rows whose target and baseline are known.
        held_out_from: Position of the first target that the second learner does not know.
        params: Trees.
        seed: Of draws and trees.

    Returns:
        A learner of everything, one that stopped, and what the linear parts left of each row.
    """
    fits = _linear_fits(past, design, held_out_from)
    lesson = _lesson(past, design, fits, seed=seed)
    rng = np.random.default_rng(seed + 1)
    actual = past.values[design.rows.targets]
    is_before = design.rows.targets < held_out_from
    plain, informed = fits

    def learner(part: Literal["whole", "before"], known: NDArray[np.bool_], most: int) -> Learner:
        rows = drawn_rows(np.flatnonzero(known), most, rng)
        return Learner(
            plain=getattr(plain, part),
            informed=informed and getattr(informed, part),
            boosters=_grown(lesson, rows, params=params, seed=seed),
            limits=limits_of(actual[known]),
            linear_names=design.linear_names,
            tree_names=(*design.tree_names, LINEAR_COLUMN),
        )

    whole = learner("whole", np.ones(len(actual), dtype=np.bool_), params.most_rows)
    before = learner("before", is_before | ~is_before.any(), -(-params.most_rows // 2))
    return whole, before, lesson.label.astype(np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Lesson:
    """What trees learn from.

    Attributes:
        table: Their columns.
        label: What the linear parts left, on the learned scale.
    """

    table: NDArray[np.float32]
    label: NDArray[np.float32]


def lesson_of(past: Past, design: Design, *, held_out_from: int, seed: int) -> Lesson:
    """What trees learn from; of targets from `held_out_from` on by parts that did not see them."""
    return _lesson(past, design, _linear_fits(past, design, held_out_from), seed=seed)


def _lesson(
    past: Past, design: Design, fits: tuple[LinearFit, LinearFit | None], *, seed: int
) -> Lesson:
    (plain, informed), warm = fits, design.warm
    left_out, shown = plain.left_out, np.zeros(len(warm), np.bool_)
    if informed is not None:
        shown = warm & (np.random.default_rng(seed).random(len(warm)) >= WITHOUT_WEATHER)
        with_weather = np.zeros(len(warm))
        with_weather[warm] = informed.left_out
        left_out = np.where(shown, with_weather, left_out)
    label = past.values[design.rows.targets] - design.baseline - left_out
    table = tree_table(design, left_out, shown, columns=design.trees.shape[1] + 1)
    return Lesson(table=table, label=label.astype(np.float32))


def drawn_rows(rows: NDArray[np.int64], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """At most so many of some rows, in order."""
    return rows if len(rows) <= most else np.sort(rng.choice(rows, size=most, replace=False))


def _linear_fits(
    past: Past, design: Design, held_out_from: int
) -> tuple[LinearFit, LinearFit | None]:
    """Linear parts without the temperature on all rows, and with it on those that know it."""

    def fitted(rows: Design) -> LinearFit:
        departure = past.values[rows.rows.targets] - rows.baseline
        return fit_linear(past.timeline, rows, departure, held_out_from=held_out_from)

    plain, warm = fitted(design.without_weather()), design.warm
    if int(warm.sum()) < max(FEWEST_WARM, FEWEST_WARM_SHARE * len(warm)):
        return plain, None
    return plain, fitted(design.keep(warm))


def _grown(
    lesson: Lesson, rows: NDArray[np.int64], *, params: TreeParams, seed: int
) -> tuple[xgb.Booster, ...]:
    """Trees that learn from some rows of a lesson."""
    matrix = xgb.QuantileDMatrix(
        lesson.table[rows], lesson.label[rows], nthread=1, max_bin=params.max_bin
    )
    return tuple(
        xgb.train(params.for_xgboost(seed=seed + n), matrix, params.n_estimators)
        for n in range(params.boosters)
    )
