"""Example data: what is shipped, how it was made, and where it comes from. See README.md."""
