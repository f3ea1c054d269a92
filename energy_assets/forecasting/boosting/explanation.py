"""Why the next day looks as it does: what each feature adds, and five sentences about it.

Terms of the linear part are exact; those of the trees follow the path of each row through each tree
(Saabas, approximate contributions in XGBoost's words). Both add up on the learned scale and are
turned into consumption by the logarithmic mean: Ang (2004), Energy Policy 32, 1131-1139.
"""

from calendar import day_name, month_name
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
import xgboost as xgb

from energy_assets.forecasting.boosting.columns import Design
from energy_assets.forecasting.boosting.learner import Learner, tree_table
from energy_assets.forecasting.forecast import Explanation, spelled
from energy_assets.forecasting.past import Past, Rows
from energy_assets.forecasting.scale import Scale
from energy_assets.forecasting.series import Series
from energy_assets.forecasting.timeline import Floats, Positions
from energy_assets.forecasting.weather_path import WeatherPath

Group = Literal["Temperature", "Recent use", "Day and hour", "Holidays", "Season"]
"""What features are about."""

USUAL: Final[str] = "usual"
"""Name of what contributions start from."""

INTERCEPT, LIMITS, SKEW = "intercept", "limits", "skew"
"""Names of what belongs to no feature."""

OF_THE_MODEL: Final[dict[str, str]] = {
    INTERCEPT: "the model's constant",
    LIMITS: "held within what was seen before",
    SKEW: "expected over median",
}
"""What belongs to no feature, in words."""

LINES: Final[int] = 5
"""Sentences of an explanation."""


def group_of(name: str) -> Group:
    """What a column is about."""
    if "temp" in name or name.endswith("_degrees"):
        return "Temperature"
    if "holiday" in name or name in ("bridge_day", "turn_of_year"):
        return "Holidays"
    if name in ("month", "day") or "year_" in name:
        return "Season"
    if name in ("hour", "is_weekend", "day_of_week") or name.startswith("weekday_"):
        return "Day and hour"
    return "Recent use"


@dataclass(frozen=True, kw_only=True, eq=False)
class Facts:
    """What the sentences mention.

    Attributes:
        unit: Of consumption.
        last_day: Consumption of the newest 24 hours, scaled up where some are missing; NaN without
            any.
        usual_day: The same of the four weeks before, a day.
        temperature_c: Mean over the explained hours, NaN without weather. [°C]
        usual_temperature_c: Mean over the week before the origin. [°C]
        day: The local day in words, where all explained intervals lie on one.
        weekdays: Names of the local days, in order.
        month: Name of the month.
        holidays: How many of the explained intervals lie on public holidays or bridge days.
    """

    unit: str
    last_day: float
    usual_day: float
    temperature_c: float
    usual_temperature_c: float
    day: str
    weekdays: tuple[str, ...]
    month: str
    holidays: int

    @staticmethod
    def of(past: Past, rows: Rows, path: WeatherPath | None, window: Series) -> "Facts":
        """Facts of the explained rows."""
        clock, at, day = past.timeline, rows.targets, rows.steps_per_day
        now = usual = float("nan")
        if path is not None:
            now = float(path.at(at, rows).mean())
            usual = float(path.mean(rows.origins, 7 * day, rows)[0])
        names = dict.fromkeys(day_name[int(number)] for number in clock.weekday[at])
        return Facts(
            unit=spelled(window.unit),
            last_day=_daily(window.values[-day:], day),
            usual_day=_daily(window.values[-29 * day : -day], day),
            temperature_c=now,
            usual_temperature_c=usual,
            day=_day_of(past, at),
            weekdays=tuple(names),
            month=month_name[int(clock.month[at[0]])],
            holidays=int((clock.holiday[at] | clock.bridge[at]).sum()),
        )


def explain(
    past: Past,
    made: Design,
    learner: Learner,
    *,
    mean: Floats,
    scale: Scale,
    facts: Facts,
) -> Explanation:
    """Contributions of every feature to the expected total of some rows, and five sentences.

    Every part is worked out on its own, none as what the others leave: they add up to the total
    only where all of them are right.

    Args:
        past: What is known.
        made: Columns of the rows.
        learner: What predicted them.
        mean: Their expected values, as stored. [unit of the series]
        scale: The learned scale.
        facts: What the sentences mention.

    Returns:
        Contributions by feature, beside `usual` (the seasonal baseline), `intercept` (what the
        model adds to every hour), `limits` (where a forecast left the range that was learned) and
        `skew` (expected value over median); they add up to the sum of `mean`.
    """
    linear = learner.terms(past, made)
    departure = linear.sum(axis=1)
    matrix = xgb.DMatrix(
        tree_table(made, departure, made.warm, columns=len(learner.tree_names)), nthread=1
    )
    trees = np.mean(
        [
            b.predict(matrix, pred_contribs=True, approx_contribs=True, validate_features=False)
            for b in learner.boosters
        ],
        axis=0,
    )
    # One unit on the learned scale is worth this much of each row's consumption.
    start, free = scale.to_unit(made.baseline), made.baseline + departure + trees.sum(axis=1)
    step = free - made.baseline
    with np.errstate(invalid="ignore", divide="ignore"):
        worth = np.where(np.abs(step) > 1e-9, (scale.to_unit(free) - start) / step, 0.0)
    held = scale.to_unit(np.clip(free, *learner.limits))
    contributions = {
        USUAL: float(start.sum()),
        INTERCEPT: float(worth @ (linear[:, -1] + trees[:, -1])),
        LIMITS: float((held - scale.to_unit(free)).sum()),
        SKEW: float((mean - held).sum()),
    }
    for names, values in ((learner.linear_names, linear), (learner.tree_names, trees)):
        for name, value in zip(names, worth @ values[:, :-1], strict=True):
            contributions[name] = contributions.get(name, 0.0) + float(value)
    return Explanation(lines=_lines(contributions, facts), contributions=contributions)


def _lines(contributions: dict[str, float], facts: Facts) -> tuple[str, ...]:
    groups: dict[Group, float] = {}
    for name, value in contributions.items():
        if name not in (USUAL, *OF_THE_MODEL):
            groups[group_of(name)] = groups.get(group_of(name), 0.0) + value
    largest = sorted(groups, key=lambda group: -abs(groups[group]))[: LINES - 2]
    return (
        f"Expected: {_amount(sum(contributions.values()))} {facts.unit} {facts.day}; the same "
        f"hours of recent days and weeks suggest {_amount(contributions[USUAL])} {facts.unit}.",
        *(
            f"{group}: {_signed(groups[group])} {facts.unit}, "
            f"{_reason(group, facts, amount=groups[group])}."
            for group in largest
        ),
        _rest(
            {str(group): amount for group, amount in groups.items() if group not in largest}
            | {OF_THE_MODEL[name]: contributions[name] for name in OF_THE_MODEL},
            unit=facts.unit,
        ),
    )


def _rest(others: dict[str, float], *, unit: str) -> str:
    """What is left, by name: nothing is hidden in a remainder."""
    total = sum(others.values())
    named = sorted((name for name in others if others[name]), key=lambda name: -abs(others[name]))
    listed = ", ".join(f"{name.lower()} {_signed(others[name])}" for name in named)
    return f"All else: {_signed(total)} {unit}" + (f" ({listed})." if listed else ".")


def _reason(group: Group, facts: Facts, *, amount: float) -> str:
    if group == "Temperature":
        return _temperature_reason(facts, amount=amount)
    if group == "Recent use":
        if not np.isfinite(facts.last_day) or not np.isfinite(facts.usual_day):
            return "from what little is known of the last weeks"
        compared = (
            f"a last day of {_amount(facts.last_day)} {facts.unit} where the four weeks before it "
            f"had {_amount(facts.usual_day)} {facts.unit} a day"
        )
        if amount * (facts.last_day - facts.usual_day) >= 0:
            return f"after {compared}"
        return f"for {compared} is not expected to last"
    if group == "Day and hour":
        return f"because these hours fall on {' and '.join(facts.weekdays)}"
    if group == "Holidays":
        if facts.holidays:
            return "because of a public holiday or a bridge day"
        return "with no public holiday among them"
    return f"because it is {facts.month}"


def _temperature_reason(facts: Facts, *, amount: float) -> str:
    now, usual = facts.temperature_c, facts.usual_temperature_c
    if not np.isfinite(usual):
        return f"at {now:.1f} °C"
    if abs(now - usual) < 0.05:
        return f"at {now:.1f} °C, as in the week before"
    word, hence = "warmer" if now > usual else "colder", "more" if amount >= 0 else "less"
    return f"{now:.1f} °C is {word} than the {usual:.1f} °C of the week before, hence {hence}"


def _day_of(past: Past, targets: Positions) -> str:
    """The local day in words; the next 24 hours where they are of two."""
    days = past.timeline.day[targets]
    if days[0] != days[-1]:
        return "over the next 24 hours"
    return f"on {pd.Timestamp(0) + pd.Timedelta(days=int(days[0])):%A, %d %B}"


def _daily(values: Floats, steps_per_day: int) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) * steps_per_day if len(known) else float("nan")


def _amount(value: float) -> str:
    """Three significant digits, without powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _signed(value: float) -> str:
    return ("+" if value >= 0 else "") + _amount(value)
