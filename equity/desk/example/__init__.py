"""The example: two institutions to look at, one with real counts, one invented, both with invented people."""
