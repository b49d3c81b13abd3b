"""What is timed or scored: `python -m benchmarks.NAME`."""
