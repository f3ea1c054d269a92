"""What days that choose say of families: of one series, of a pool, and of a series in its pool.

Only numbers: who serves because of them is decided in `contest`. A series has few days and a pool
has many, so what a pool says is presumed of each of its series (partial pooling).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_SERIES: Final = 5
"""Fewer series with a score are no pool: they say nothing of each other."""

USUAL_DAYS: Final = 6.0
"""What others' errors say of how much errors vary counts as much as this many own days. [d]"""

ABSURD: Final = 3.0
"""A lead farther from the pool's middle than this many usual distances counts as that in what is
said of the pool: no series decides for the others."""

FARTHEST_DRAWN: Final = 1.5
"""A series' own lead is drawn towards the pool's by this many of its standard errors at most: one
that is really unlike the others is known as such."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Errors of families on the days of one series that choose.

    Attributes:
        errors: Mean absolute error of each, live errors included. [unit of the series]
        usual: What errors of this series are counted in, positive. [unit of the series]
        by_day: Mean absolute error of held-out days by family: days and families.
    """

    errors: Mapping[str, float]
    usual: float
    by_day: pd.DataFrame

    def knows(self, *families: str) -> bool:
        """Whether all of some families have a score."""
        return all(np.isfinite(self.errors.get(name, np.nan)) for name in families)

    def daily_leads(self, family: str, over: str) -> pd.Series:
        """How much less a family errs than another one on each day, in usual errors."""
        if family not in self.by_day or over not in self.by_day:
            return pd.Series(dtype=np.float64)
        return ((self.by_day[over] - self.by_day[family]) / self.usual).dropna()

    def lead(self, family: str, over: str) -> float:
        """How much less a family errs than another one, in usual errors."""
        return (self.errors[over] - self.errors[family]) / self.usual

    def alone(self, family: str, over: str) -> "Lead":
        """The lead as its own days show it."""
        days = self.daily_leads(family, over)
        doubt = float(days.std(ddof=1)) / np.sqrt(len(days)) if len(days) > 1 else 0.0
        return Lead(gain=self.lead(family, over), doubt=doubt)


@dataclass(frozen=True, kw_only=True)
class Lead:
    """How much less one family errs than another one.

    Attributes:
        gain: The difference; negative where it errs more. [usual errors]
        doubt: Its standard error. [usual errors]
    """

    gain: float
    doubt: float


@dataclass(frozen=True, kw_only=True)
class PoolLead:
    """How much less one family errs than another one over a pool.

    Attributes:
        mean: Over series; the standard error is over both series and days.
        between: Variance of the true differences of series around it.
        variance: Usual variance of one series' days.
    """

    mean: Lead
    between: float
    variance: float

    def of_series(self, evidence: Evidence, family: str, over: str) -> Lead:
        """The lead within a series: its own, drawn towards the pool's as far as days are few.

        With limited translation: Efron and Morris (1971), JASA 66, 807-815.
        """
        days = evidence.daily_leads(family, over).to_numpy(np.float64)
        free = max(len(days) - 1.0, 0.0)
        own = float(days.var(ddof=1)) if len(days) > 1 else 0.0
        variance = (free * own + USUAL_DAYS * self.variance) / (free + USUAL_DAYS)
        variance /= max(len(days), 1)
        trust = self.between / max(self.between + variance, 1e-12)
        gain, error = evidence.lead(family, over), float(np.sqrt(variance))
        drawn = trust * gain + (1.0 - trust) * self.mean.gain
        if abs(drawn - gain) > FARTHEST_DRAWN * error:
            return Lead(gain=gain + np.sign(drawn - gain) * FARTHEST_DRAWN * error, doubt=error)
        doubt = np.sqrt(trust * variance + (1.0 - trust) ** 2 * self.mean.doubt**2)
        return Lead(gain=drawn, doubt=float(doubt))


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool:
    """Series of one kind that compete on the same days.

    Attributes:
        series: What the days that choose say of each.
    """

    series: Sequence[Evidence]
    _leads: dict[tuple[str, str], PoolLead | None] = field(
        default_factory=dict[tuple[str, str], PoolLead | None], init=False
    )

    @property
    def is_one(self) -> bool:
        """Whether the series are enough to say anything of each other."""
        return len(self.series) >= FEWEST_SERIES

    def errors(self) -> dict[str, float]:
        """Mean over series of the usual errors of each family that most of them know."""
        known = {
            name: [one.errors[name] / one.usual for one in self.series if one.knows(name)]
            for name in sorted({name for one in self.series for name in one.errors})
        }
        return {
            name: float(np.mean(own))
            for name, own in known.items()
            if len(own) > len(self.series) / 2
        }

    def lead(self, family: str, over: str) -> PoolLead | None:
        """How much less a family errs than another one over the series that know both.

        Returns:
            None where so few series know both that they are no pool.
        """
        if (family, over) not in self._leads:
            self._leads[family, over] = _pool_lead(self.series, family, over)
        return self._leads[family, over]


def _pool_lead(evidence: Sequence[Evidence], family: str, over: str) -> PoolLead | None:
    both = [one for one in evidence if one.knows(family, over)]
    days = [one.daily_leads(family, over) for one in both]
    both = [one for one, own in zip(both, days, strict=True) if len(own) > 1]
    days = [own for own in days if len(own) > 1]
    if len(both) < FEWEST_SERIES:
        return None
    gains = _held(np.array([one.lead(family, over) for one in both]))
    variances = np.array([own.var(ddof=1) for own in days])
    of_means = float(np.median(variances / np.array([len(own) for own in days])))
    return PoolLead(
        mean=Lead(gain=float(gains.mean()), doubt=_doubt(days, gains)),
        between=max(float(gains.var(ddof=1)) - of_means, 0.0),
        variance=float(np.median(variances)),
    )


def _held(gains: Floats) -> Floats:
    """Numbers, absurd ones held within what is usual among them; NaN stays."""
    middle = float(np.nanmedian(gains))
    usual = 1.4826 * float(np.nanmedian(np.abs(gains - middle)))
    return np.clip(gains, middle - ABSURD * usual, middle + ABSURD * usual)


def _doubt(days: Sequence[pd.Series], gains: Floats) -> float:
    """Standard error of the mean over series of daily leads, of which all share the same days.

    Clustered both ways: Cameron, Gelbach and Miller (2011), JBES 29, 238-249.
    """
    table = pd.concat(dict(enumerate(days)), axis=1).to_numpy(np.float64)
    table = _held(table - np.nanmean(table, axis=0)) + gains - gains.mean()
    off = np.nan_to_num(table / (np.isfinite(table).sum(axis=0) * table.shape[1]))
    parts = (_clustered(off.sum(axis=0)), _clustered(off.sum(axis=1)), _clustered(off.reshape(-1)))
    return float(np.sqrt(max(parts[0] + parts[1] - parts[2], parts[0], parts[1])))


def _clustered(sums: Floats) -> float:
    """Variance of a total of independent parts."""
    return float((sums**2).sum()) * len(sums) / max(len(sums) - 1, 1)
