"""Keys to the API, and webhooks: who may reach in, and what is told to the outside."""
