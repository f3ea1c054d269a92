"""Histories as tensors, and the windows that training and serving cut out of them.

A window is known by the row of its origin. Rows before it are the past; of the rows after it only
profiles and the calendar are read as input.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from energy_assets.calendar import calendar
from energy_assets.forecasting.bilstm.profiles import profiles_of, recent_use
from energy_assets.forecasting.bilstm.scaler import Scaler
from energy_assets.forecasting.series import HOURS_AHEAD, Series

PAST_HOURS: Final[int] = 48
"""Hours of the past that a window shows, one token each."""

LARGEST_INPUT: Final[float] = 8.0
"""Inputs are cut here, in spreads: one absurd reading must not drown a window."""

LARGEST_TARGET: Final[float] = 20.0
"""Targets are cut here, in spreads, in training and validation only."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Windows of a stack of customers, hour by hour.

    Attributes:
        past: 48 hours, customers, windows, channels.
        ahead: 24 hours, customers, windows, channels.
        blend: Baseline of each interval ahead: customers, windows, intervals.
        spread: The customer's spread at the origin: customers, windows, 1. [kWh]
        width: Spread of the profile of each interval, in spreads.
        target: Energy over the blend, in spreads; zero where unknown.
        known: 1 where the target is known, else 0.
    """

    past: Tensor
    ahead: Tensor
    blend: Tensor
    spread: Tensor
    width: Tensor
    target: Tensor
    known: Tensor


class Pool:
    """Histories of one interval length as tables that windows are gathered from.

    Args:
        histories: All of one interval length.
        scalers: One for each history.
        device: Where the tables live.
    """

    def __init__(
        self, histories: Sequence[Series], scalers: Sequence[Scaler], *, device: str
    ) -> None:
        self.steps_per_hour = histories[0].steps_per_hour
        tables = [_tables(h, s) for h, s in zip(histories, scalers, strict=True)]
        lengths = np.array([len(table.energy) for table in tables])
        lead = PAST_HOURS * self.steps_per_hour
        self.first_rows: NDArray[np.int64] = np.concatenate([[0], lengths.cumsum()[:-1]]) + lead
        shift = np.repeat(self.first_rows - lead, lengths)
        late_count = np.array([len(table.late_profiles) for table in tables])
        late_shift = np.repeat(
            lengths.sum() + np.concatenate([[0], late_count.cumsum()[:-1]]), lengths
        )
        late = np.concatenate([table.late for table in tables])
        yesterday = np.concatenate([table.yesterday for table in tables])
        self._late = torch.from_numpy(np.where(late >= 0, late + late_shift, 0)).to(device)
        self._yesterday = torch.from_numpy(np.where(late >= 0, yesterday + shift, -1)).to(device)
        self._any_late = bool(late_count.sum())

        def joined(parts: list[NDArray[np.float32]]) -> Tensor:
            return torch.from_numpy(np.concatenate(parts)).to(device)

        self._energy = joined([table.energy for table in tables])
        self._others = joined([table.others for table in tables])
        self._calendar = joined([table.calendar for table in tables])
        self._profiles = joined(
            [table.profiles for table in tables] + [table.late_profiles for table in tables]
        )
        self._level = joined([table.level for table in tables])
        self._spread = joined([table.spread for table in tables])
        self.device = device

    def rows(self, number: int, origins: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of one history's origins, given as positions in that history."""
        return origins + self.first_rows[number]

    def places(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which history each row is of, and its position there: the reverse of `rows`."""
        number = np.searchsorted(self.first_rows, rows, side="right") - 1
        return number, rows - self.first_rows[number]

    def energy_ahead(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """What really was used after each origin; NaN where unknown: windows, intervals."""
        ahead = np.arange(HOURS_AHEAD * self.steps_per_hour)
        at = torch.from_numpy(rows[:, None] + ahead).to(self.device)
        return self._energy[at].double().cpu().numpy()

    def batch(self, rows: Tensor, present: Tensor | None = None) -> Batch:
        """The windows at these rows: customers, windows.

        Args:
            rows: Row of each origin.
            present: 0 for places that only fill up the batch; their targets count as unknown.
        """
        per_hour = self.steps_per_hour
        level = self._level[rows][..., None]
        spread = self._spread[rows][..., None]
        past, ahead_at = self._past(rows, level, spread)
        profiles = self._profiles_at(rows, ahead_at)
        blend = profiles[..., 0]
        blend = torch.where(blend.isfinite(), blend, level)
        width = profiles[..., -1] / spread
        width = torch.where(width.isfinite(), width, torch.ones_like(width)).clamp(0.05, 5.0)
        ahead = (profiles - blend[..., None]) / spread[..., None]
        ahead[..., 0] = (blend - level) / spread
        ahead[..., -1] = width
        target = (self._energy[ahead_at] - blend) / spread
        known = target.isfinite().to(target.dtype)
        if present is not None:
            known = known * present[..., None]
        return Batch(
            past=past,
            ahead=_tokens(ahead, per_hour, self._token(ahead_at[..., ::per_hour], level, spread)),
            blend=blend,
            spread=spread,
            width=width,
            target=target.nan_to_num(0.0).clamp(-LARGEST_TARGET, LARGEST_TARGET),
            known=known,
        )

    def _past(self, rows: Tensor, level: Tensor, spread: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens of the past, and the rows of the intervals ahead."""
        per_hour = self.steps_per_hour
        lead = PAST_HOURS * per_hour
        at = rows[..., None] + torch.arange(-lead, 0, device=self.device)
        energy = self._energy[at]
        known = energy.isfinite()
        past = torch.cat(
            [
                ((energy - level) / spread)[..., None],
                self._others[at],
                ((energy - self._profiles[at][..., 0]) / spread)[..., None],
                known.to(energy.dtype)[..., None],
            ],
            dim=-1,
        )
        tokens = _tokens(past, per_hour, self._token(at[..., ::per_hour], level, spread))
        return tokens, rows[..., None] + torch.arange(HOURS_AHEAD * per_hour, device=self.device)

    def _profiles_at(self, rows: Tensor, at: Tensor) -> Tensor:
        """Profiles of intervals ahead, as they were known at the origin."""
        if not self._any_late:
            return self._profiles[at]
        unknown = self._yesterday[at] >= rows[..., None]
        return self._profiles[torch.where(unknown, self._late[at], at)]

    def _token(self, at: Tensor, level: Tensor, spread: Tensor) -> Tensor:
        """Channels that a token has once: calendar, and the level in spreads."""
        ratio = (level / spread)[..., None].expand(*at.shape, 1)
        return torch.cat([self._calendar[at], ratio], dim=-1)


def _tokens(readings: Tensor, per_hour: int, once: Tensor) -> Tensor:
    """Hour tokens: the readings of an hour side by side, then what the token has once."""
    customers, windows, steps, _ = readings.shape
    readings = readings.nan_to_num(0.0).clamp(-LARGEST_INPUT, LARGEST_INPUT)
    hours = readings.reshape(customers, windows, steps // per_hour, -1)
    return torch.cat([hours, once], dim=-1).permute(2, 0, 1, 3).contiguous()


@dataclass(frozen=True, kw_only=True)
class _Tables:
    """One history, 48 unknown hours before it and 24 after it, as columns of equal length."""

    energy: NDArray[np.float32]
    others: NDArray[np.float32]
    calendar: NDArray[np.float32]
    profiles: NDArray[np.float32]
    level: NDArray[np.float32]
    spread: NDArray[np.float32]
    late: NDArray[np.int64]
    yesterday: NDArray[np.int64]
    late_profiles: NDArray[np.float32]


def _tables(history: Series, scaler: Scaler) -> _Tables:
    lead = PAST_HOURS * history.steps_per_hour
    ahead = history.steps_per_day
    starts = pd.date_range(
        history.start_at - lead * history.interval,
        periods=lead + len(history) + ahead,
        freq=history.interval,
    )
    profiles = profiles_of(history)
    scale = recent_use(history)

    def framed(
        column: NDArray[np.float32], before: float = np.nan, after: int = ahead
    ) -> NDArray[np.float32]:
        widths = [(lead, after)] + [(0, 0)] * (column.ndim - 1)
        return np.pad(column, widths, constant_values=np.float32(before)).astype(np.float32)

    return _Tables(
        energy=framed(history.values.astype(np.float32)),
        others=framed(scaler.scaled(history)),
        calendar=calendar(starts, zone=history.zone),
        profiles=framed(profiles.values, after=0),
        level=framed(scale.level.astype(np.float32), 0.0, ahead - 1),
        spread=framed(scale.spread.astype(np.float32), 1.0, ahead - 1),
        late=np.concatenate([np.full(lead, -1), profiles.late]),
        yesterday=np.concatenate([np.full(lead, -1), profiles.yesterday + lead]),
        late_profiles=profiles.late_values,
    )
