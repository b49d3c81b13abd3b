"""Quotations: where they stand in a text, whether they stand in the source, and how they differ from it."""
