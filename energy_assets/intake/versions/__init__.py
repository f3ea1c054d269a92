"""Rows against those that are stored: equal, new, corrected, late or in conflict."""
