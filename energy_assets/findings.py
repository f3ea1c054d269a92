"""What a check found, and how Dagster shows it. The evaluations live in the flows' `checks`."""

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The outcome of a check: whether it holds, and the evidence.

    Attributes:
        passed: Whether it holds.
        sentence: The outcome for people.
        offenders: What breaks it, one sentence each.
    """

    passed: bool
    sentence: str
    offenders: Sequence[str] = ()


def check_result(
    name: str, finding: Finding, *, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN
) -> dg.AssetCheckResult:
    """A finding as Dagster shows it; at most 50 offenders are listed."""
    return dg.AssetCheckResult(
        check_name=name,
        passed=finding.passed,
        severity=severity,
        description=finding.sentence,
        metadata={"offenders": list(finding.offenders[:50]), "count": len(finding.offenders)},
    )
