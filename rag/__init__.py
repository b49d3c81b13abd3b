"""From a question to evidence, and on to a checked answer; knows no HTTP."""
