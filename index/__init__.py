"""From files to something searchable; knows no question, no prompt and no HTTP."""

from index.privacy import refuse_telemetry

# The one thing done at import: whichever part of Ibid is used first, a library that reads these switches is loaded after it.
refuse_telemetry()
