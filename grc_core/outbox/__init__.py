"""Events kept after commit, and delivered to each subscriber on its own."""
