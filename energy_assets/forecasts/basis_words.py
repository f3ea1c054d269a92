"""How what made a forecast reads, under the title of a plot."""

from typing import Final

BASIS_WORDS: Final[dict[str, str]] = {
    "customer": "a Bi-LSTM of its own",
    "shared": "the shared Bi-LSTM",
    "xgboost": "a boosted model of its own",
    "no_weather": "its boosted model without weather",
    "kernel": "days like those to come",
    "pooled": "trees shared with others",
    "combination": "an average of several families",
    "naive_yesterday": "repeating yesterday",
    "naive_last_week": "repeating last week",
    "naive_four_weeks": "the mean of four weeks",
    "naive_median_28": "the median of 28 days",
    "naive_blend": "a seasonal blend",
}
"""Words by basis."""


def words_of(bases: list[str]) -> str:
    """What made the rows of a forecast, each once, in order."""
    return " and ".join(dict.fromkeys(BASIS_WORDS.get(basis, basis) for basis in bases))


def looked_back_on(basis: str) -> str:
    """The past that the imputed share of such a forecast is of."""
    return "the last 48 h" if basis in ("customer", "shared") else "the last 14 days"
