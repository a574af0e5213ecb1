"""Questions that come by e-mail."""
