"""Counts that systems of an institution send by themselves: the addresses, and what OpenAPI says of them."""
