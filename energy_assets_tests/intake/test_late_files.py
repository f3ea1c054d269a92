"""Files that arrive after a newer one that says something else."""

from energy_assets_tests.intake.exports import rows_of, text


def test_a_row_that_a_newer_file_corrected_may_be_repeated_anywhere_in_an_older_one(world):
    old, new = rows_of(), rows_of()
    new[0][5] = "99.000"
    older = world.arrive(text([*old, old[0]]), "old.csv", after_hours=1)
    newer = world.arrive(text(new), "new.csv", after_hours=2)
    world.ingest(newer)
    report = world.ingest(older, chunk_rows=4)
    assert (report.rows_superseded, report.rows_duplicate, report.rows_quarantined) == (2, 7, 0)
    assert world.current()["import_kwh"].iloc[0] == 99.0
