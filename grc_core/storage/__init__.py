"""GRC's own tables, engine and migrations; the shop's models and sessions are never touched."""
