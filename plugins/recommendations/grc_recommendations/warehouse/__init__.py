"""Counting together in a database, for histories that arrays would not hold."""
