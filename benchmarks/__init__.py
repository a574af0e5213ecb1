"""What GRC costs, beside the same work without it: run `python -m benchmarks`."""
