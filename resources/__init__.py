"""The outside world: object store, document store, SQL, Parquet IO manager. Knows no energy."""
