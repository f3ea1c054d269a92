"""Findings about ingested meter files, as pure functions that asset checks report."""

from collections.abc import Mapping
from dataclasses import dataclass

from energy_assets.findings import Finding
from energy_assets.intake.report import IngestReport


@dataclass(frozen=True, kw_only=True)
class KeptRows:
    """Rows of a file as they were counted in the stores."""

    stored: int
    quarantined: int


def evaluate_row_balance(
    reports: Mapping[str, IngestReport], kept: Mapping[str, KeptRows]
) -> Finding:
    """Whether every row of every file is accounted for exactly once, and is where it should be.

    Rows in the file must equal rows stored + duplicates + superseded + quarantined, and the stores
    must hold as many rows of the file as the report says.

    Args:
        reports: The ingest report of each file, by partition key.
        kept: What was counted in the stores, by partition key.
    """
    offenders = [
        f"{key}: {report.rows_in} rows in, but {report.rows_accounted} accounted for"
        for key, report in reports.items()
        if report.rows_in != report.rows_accounted
    ]
    for key, report in reports.items():
        if kept[key].stored != report.rows_stored:
            offenders.append(
                f"{key}: {report.rows_stored:,} rows stored, but the store holds "
                f"{kept[key].stored:,} of this file"
            )
        if kept[key].quarantined != report.rows_quarantined:
            offenders.append(
                f"{key}: {report.rows_quarantined:,} rows refused, but {kept[key].quarantined:,} "
                f"are in quarantine"
            )
    rows = sum(report.rows_in for report in reports.values())
    if offenders:
        return Finding(
            passed=False,
            sentence=f"{len(offenders)} times rows were lost or invented in {len(reports)} files.",
            offenders=offenders,
        )
    return Finding(passed=True, sentence=f"{rows:,} rows of {len(reports)} readable files add up.")


def evaluate_quarantine_share(
    reports: Mapping[str, IngestReport],
    faults: Mapping[str, str],
    *,
    largest_share: float = 0.05,
) -> Finding:
    """Whether every file could be read and few rows were refused.

    Args:
        reports: The ingest report of each file that could be read, by partition key.
        faults: Why each other file could not be read, by partition key.
        largest_share: Share of a file's rows that may be refused.
    """
    offenders = [
        f"{key}: {report.rows_quarantined:,} of {report.rows_in:,} rows refused"
        for key, report in reports.items()
        if report.rows_quarantined > largest_share * report.rows_in
    ]
    offenders += list(faults.values())
    refused = sum(report.rows_quarantined for report in reports.values())
    sentence = f"{refused:,} rows refused in {len(reports)} files; {len(faults)} files unreadable."
    return Finding(passed=not offenders, sentence=sentence, offenders=offenders)
