"""Ready-made adapters for extensions that many shops are made with; the core needs none of them."""
