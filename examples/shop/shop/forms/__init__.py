"""The forms that people fill in."""
