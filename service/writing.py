"""Who may write answers, and how they are asked and checked; what that needs is loaded when it is first needed."""

from functools import cached_property

from index.sentences import split_sentences
from prompts import load_prompt
from rag.answer_tree import Unproved
from rag.answering import Answerer
from rag.models import LanguageModel
from rag.tokens import OFFLINE, CountTokens, token_counter
from service.backends import Backends
from service.errors import RequestInvalid
from service.settings import nearest


class Writing:
    """Language models by name, the one way in which all of them are asked, and the measure of their texts."""

    def __init__(self, backends: Backends, *, encoding: str = OFFLINE, unproved: Unproved = "unquote") -> None:
        self.backends = backends
        self._encoding = encoding
        self._unproved: Unproved = unproved

    @cached_property
    def count_tokens(self) -> CountTokens:
        """How long a text is for a language model. Raises SettingInvalid for an encoding that is not at hand."""
        return token_counter(self._encoding)

    @cached_property
    def answerer(self) -> Answerer:
        """Asks and checks. Raises SettingInvalid as ``count_tokens``."""
        return Answerer(load_prompt("answer"), self.count_tokens, split_sentences, unproved=self._unproved)

    def model(self, name: str) -> LanguageModel:
        """The language model of this name; for "" the first. Raises RequestInvalid."""
        if (model := self.backends.find(name)) is not None:
            return model
        if not self.backends.names:
            raise RequestInvalid(
                "an answer is asked for and there is no language model",
                rule="answers are written by a backend of the settings",
                remedy="ask for mode passages, or add a table [backends.NAME] to ibid.toml",
            )
        raise RequestInvalid(
            f"the model is {name!r}", rule="a model is a backend of the settings", remedy=nearest(name, list(self.backends.names))
        )
