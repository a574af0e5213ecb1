"""Privacy: what is stored about a person, in every table, exported and erased."""
