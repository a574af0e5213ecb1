"""The staff console at `/grc/admin`: its pages, and what pages of plugins are made from."""
