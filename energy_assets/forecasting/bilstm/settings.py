"""Every number of the recipe in one place. Their measured effect is in docs/models.md."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BiLstmSettings:
    """How the Bi-LSTM is shaped and trained.

    Attributes:
        hidden: Units of each direction.
        head: Units between the two directions and the quantiles.
        origins_per_day: Training windows start this often by the local clock.
        shared_epochs: Passes over the pool, with a learning rate that falls to zero.
        shared_windows: Windows drawn from the pool for one pass, at most.
        shared_batch: Windows per step of the shared training.
        shared_rate: First learning rate of the shared training.
        own_epochs: Passes over a customer's own windows, at most.
        own_windows: Windows of a customer drawn for one pass, at most.
        own_batch: Windows per step of a customer's fine-tune.
        own_rate: Learning rate of a customer's fine-tune.
        patience: Passes without a better validation loss after which training ends.
        refit_epochs: Passes over everything, validation and test days included, that turn the
            weights that were scored into those that serve; 0 serves the scored ones.
        clip: Largest norm of a customer's gradient.
        minimum_days: Days of known energy from which on a customer gets its own weights.
        holdout_share: Share of a customer's days kept for validation, and again for the test.
        most_holdout_days: The longest validation and test part. [d]
        stack: Customers in one batched computation on an accelerator.
    """

    hidden: int = 48
    head: int = 48
    origins_per_day: int = 4
    shared_epochs: int = 10
    shared_windows: int = 6144
    shared_batch: int = 64
    shared_rate: float = 3e-3
    own_epochs: int = 10
    own_windows: int = 384
    own_batch: int = 32
    own_rate: float = 5e-4
    patience: int = 3
    refit_epochs: int = 2
    clip: float = 1.0
    minimum_days: float = 8.0
    holdout_share: float = 0.15
    most_holdout_days: int = 14
    stack: int = 512
