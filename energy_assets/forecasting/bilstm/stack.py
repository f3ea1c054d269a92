"""Training a stack of customers at once: early stopping, optimiser state and best weights of each.

Customers never mix: a stack of many gives what a stack of each one alone gives. Whoever has stopped
leaves the stack and costs nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, cos, pi

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from energy_assets.forecasting.bilstm import network
from energy_assets.forecasting.bilstm.shape import Shape
from energy_assets.forecasting.bilstm.windows import Pool


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast a stack trains.

    Attributes:
        epochs: Passes, at most.
        batch: Windows of a customer in one step.
        rate: Learning rate.
        patience: Passes without a better validation loss after which a customer stops.
        clip: Largest norm of a customer's gradient.
        falling: Whether the rate falls to zero along half a cosine.
        windows: Windows drawn for one pass, at most; all when nothing is given.
    """

    epochs: int
    batch: int
    rate: float
    patience: int
    clip: float
    falling: bool = False
    windows: int | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """What one customer of a stack learns from.

    Attributes:
        train: Rows of its training windows.
        validate: Rows of its validation windows; none means that the last pass is kept.
        seed: Of the order of its windows.
    """

    train: NDArray[np.int64]
    validate: NDArray[np.int64]
    seed: int


@dataclass(kw_only=True)
class Outcome:
    """What became of one customer.

    Attributes:
        weights: The best parameters, on the CPU.
        losses: Validation loss before the first pass and after each one.
        best_epoch: Number of passes behind the weights; 0 when no pass was better.
    """

    weights: Tensor
    losses: list[float] = field(default_factory=list[float])
    best_epoch: int = 0


def train_stack(
    start: Tensor, *, shape: Shape, pool: Pool, tasks: Sequence[Task], schedule: Schedule
) -> list[Outcome]:
    """Train one model per task, each from its own row of parameters.

    Args:
        start: Parameters, one row per task.
        shape: Shape of the models.
        pool: Where the windows' rows point.
        tasks: What each learns from.
        schedule: How long and how fast.

    Returns:
        One outcome per task, in order, with the weights of its best pass.
    """
    stack = _Stack(start=start.to(pool.device), shape=shape, pool=pool, tasks=tasks)
    stack.judge(epoch=0)
    for epoch in range(1, schedule.epochs + 1):
        stack.drop_finished(epoch=epoch, patience=schedule.patience)
        if not stack.active:
            break
        rate = schedule.rate
        if schedule.falling:
            rate *= 0.5 * (1 + cos(pi * (epoch - 0.5) / schedule.epochs))
        stack.learn(schedule, rate=rate)
        stack.judge(epoch=epoch)
    return stack.outcomes


class _Stack:
    """The customers that still train, as rows of matrices, and what became of all."""

    def __init__(self, *, start: Tensor, shape: Shape, pool: Pool, tasks: Sequence[Task]) -> None:
        self.shape = shape
        self.pool = pool
        self.tasks = tasks
        self.active = [number for number, task in enumerate(tasks) if len(task.train)]
        self.outcomes = [Outcome(weights=row.detach().cpu().clone()) for row in start]
        self.weights = start[self.active].clone()
        self.first_moment = torch.zeros_like(self.weights)
        self.second_moment = torch.zeros_like(self.weights)
        self.steps = torch.zeros(len(self.active), 1, device=start.device)
        self.orders = {n: np.random.default_rng(tasks[n].seed) for n in self.active}

    def learn(self, schedule: Schedule, *, rate: float) -> None:
        """One pass of every active customer over its own windows, in its own random order."""
        orders = [
            self.orders[n].permutation(self.tasks[n].train)[: schedule.windows] for n in self.active
        ]
        for step in range(max(ceil(len(order) / schedule.batch) for order in orders)):
            part = [order[step * schedule.batch : (step + 1) * schedule.batch] for order in orders]
            rows, present = self._padded(part)
            weights = self.weights.detach().requires_grad_(True)
            batch = self.pool.batch(rows, present)
            loss = network.pinball(network.quantiles(self.shape, weights, batch), batch)
            (gradient,) = torch.autograd.grad(loss.sum(), weights)
            self._adam(
                gradient, learning=present.any(dim=1, keepdim=True), rate=rate, schedule=schedule
            )

    def judge(self, *, epoch: int) -> None:
        """Validation losses now; the best weights so far are copied, never referred to."""
        if not self.active:
            return
        losses = self._validation_losses()
        for place, number in enumerate(self.active):
            outcome = self.outcomes[number]
            has_validation = len(self.tasks[number].validate) > 0
            if epoch and (not has_validation or losses[place] < min(outcome.losses)):
                outcome.weights = self.weights[place].detach().cpu().clone()
                outcome.best_epoch = epoch
            outcome.losses.append(losses[place])

    def drop_finished(self, *, epoch: int, patience: int) -> None:
        """Take out the customers whose last `patience` passes were no better."""
        kept = [
            place
            for place, number in enumerate(self.active)
            if not len(self.tasks[number].validate)
            or epoch - 1 - self.outcomes[number].best_epoch < patience
        ]
        if len(kept) == len(self.active):
            return
        self.active = [self.active[place] for place in kept]
        for name in ("weights", "first_moment", "second_moment", "steps"):
            setattr(self, name, getattr(self, name)[kept])

    def _validation_losses(self) -> list[float]:
        """Mean loss over each customer's validation windows, in parts that fit in memory."""
        validate = [self.tasks[n].validate for n in self.active]
        longest = max(len(rows) for rows in validate)
        total = torch.zeros(len(self.active), device=self.pool.device)
        weight = torch.zeros_like(total)
        with torch.no_grad():
            for first in range(0, longest, 256):
                rows, present = self._padded([rows[first : first + 256] for rows in validate])
                batch = self.pool.batch(rows, present)
                loss = network.pinball(network.quantiles(self.shape, self.weights, batch), batch)
                known = batch.known.sum(dim=(1, 2))
                total += loss * known
                weight += known
        return (total / weight.clamp(min=1.0)).tolist()

    def _padded(self, part: Sequence[NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
        """Rows of equal length, and 1 where they are real; the filling repeats a valid row."""
        width = max(len(rows) for rows in part)
        filled = np.empty((len(part), width), dtype=np.int64)
        present = np.zeros((len(part), width), dtype=np.float32)
        for place, rows in enumerate(part):
            filled[place] = self.tasks[self.active[place]].train[0]
            filled[place, : len(rows)] = rows
            present[place, : len(rows)] = 1.0
        device = self.pool.device
        return torch.from_numpy(filled).to(device), torch.from_numpy(present).to(device)

    def _adam(self, gradient: Tensor, *, learning: Tensor, rate: float, schedule: Schedule) -> None:
        """One clipped step of Adam (Kingma and Ba, 2015) for the customers that had windows."""
        norm = gradient.norm(dim=1, keepdim=True)
        gradient = gradient * (schedule.clip / norm.clamp(min=schedule.clip))
        moved = learning.to(gradient.dtype)
        self.steps += moved
        self.first_moment.lerp_(gradient, 0.1 * moved)
        self.second_moment.lerp_(gradient * gradient, 0.001 * moved)
        count = self.steps.clamp(min=1.0)
        first = self.first_moment / (1 - 0.9**count)
        second = self.second_moment / (1 - 0.999**count)
        self.weights = self.weights - rate * moved * first / (second.sqrt() + 1e-8)
