"""Meter files to checked readings: export layouts, registers, clocks, gaps, quarantine."""
