"""What every address of the API has in common, whichever app it belongs to: errors, limits, how a request begins and ends."""
