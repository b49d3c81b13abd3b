"""Citations: recognised and parsed from lines, merged into works, formatted for scholars."""
