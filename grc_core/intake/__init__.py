"""How GRC learns what happened: hints at endpoints, the pull, and the past."""
