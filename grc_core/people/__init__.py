"""People: contacts and who they are, what happened with them, and what may be sent to them."""
