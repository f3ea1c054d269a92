"""What live scores add up to: one asset over all flows, and the tables that people read."""
