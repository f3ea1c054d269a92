"""Every number that the README or the docs claim, measured against a baseline."""
