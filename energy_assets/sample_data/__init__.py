"""The seeded generator of the demo estate."""
