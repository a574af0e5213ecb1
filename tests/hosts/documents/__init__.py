"""A flower shop on a document store."""
