"""Mail: rendered in the reader's language, queued in the outbox, sent through the shop's server."""
