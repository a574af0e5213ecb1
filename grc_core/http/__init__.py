"""The blueprint `grc`: plugins' pages, fetched slots, and the storefront's script and style."""
