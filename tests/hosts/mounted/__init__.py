"""A book shop that is a part of a larger site."""
