"""One file per behaviour; `from tests.fakes import …` for what they share."""
