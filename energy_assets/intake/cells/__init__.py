"""What single cells mean: dates, clocks, numbers, identifiers."""
