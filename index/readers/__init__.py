"""Readers turn one file into documents with excerpts; this module names the contract and the registry."""
