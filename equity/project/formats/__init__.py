"""How dates are written, in each language of the interface: the day before the month, the month in letters."""
