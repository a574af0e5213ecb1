"""The JSON API at `/grc/api/v1`: for programs with a key, never for a browser's cookies."""
