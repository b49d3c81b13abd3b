"""From files to something searchable; knows no question, no prompt and no HTTP."""
