"""Run by the environment of txtai: `build MODEL LINES FOLDER` or `ask FOLDER QUESTION`; hybrid, as its manual shows."""

import json
import sys
from pathlib import Path

from txtai import Embeddings  # type: ignore[import-not-found]  # it lives in an environment of its own

match sys.argv[1:]:
    case ["build", model, lines, folder]:
        texts = [json.loads(line)["text"] for line in Path(lines).read_text(encoding="utf-8").splitlines()]
        embeddings = Embeddings(path=model, content=True, hybrid=True)
        embeddings.index((number, text, None) for number, text in enumerate(texts))
        embeddings.save(folder)
    case ["ask", folder, question]:
        embeddings = Embeddings()
        embeddings.load(folder)
        print(json.dumps(embeddings.search(question, 5)))
