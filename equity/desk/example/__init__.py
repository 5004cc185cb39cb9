"""The example: two institutions to look at, one with real counts, one invented, and a department that adds up three more."""
