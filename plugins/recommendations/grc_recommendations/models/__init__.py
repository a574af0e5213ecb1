"""The models: each learns from a history what a product calls for."""
