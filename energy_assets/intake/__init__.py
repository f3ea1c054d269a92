"""Any file to checked, versioned rows. Knows no meter, no flow, and Dagster in `dagster` only."""
