"""One contract a table: columns, units, ranges, keys."""
