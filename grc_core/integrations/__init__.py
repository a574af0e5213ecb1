"""What connects GRC to systems that a shop may have; each needs its own extra."""
