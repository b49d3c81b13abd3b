"""What can go wrong between a question and its answer.

IbidError (index.errors)
├── QuestionInvalid     empty, too long, or its field syntax cannot be read
├── QuestionsInvalid    a question set or a run that cannot be read, or does not fit the collection
├── FilterInvalid       a filter that does not exist, or a value it does not take
├── SettingInvalid      a setting that does not exist, or a value it does not take
├── PromptInvalid       a prompt file with an unknown, unused or missing field
├── ReaderUnusable      the passage reader's weights are missing or not the published ones
├── Overloaded          more questions are waiting than can be answered soon
└── BackendFailed       a language model that is down, slow, limited or answers rubbish
"""

from index.errors import IbidError
from prompts import PromptInvalid

__all__ = [
    "BackendFailed",
    "FilterInvalid",
    "PromptInvalid",
    "QuestionInvalid",
    "QuestionsInvalid",
    "ReaderUnusable",
    "SettingInvalid",
]


class QuestionInvalid(IbidError):
    """The question is empty, too long, or its field syntax cannot be read."""


class QuestionsInvalid(IbidError):
    """A question set or a run that cannot be read, or does not fit the collection."""


class FilterInvalid(IbidError):
    """A filter that does not exist, or a value it does not take."""


class SettingInvalid(IbidError):
    """A setting that does not exist, or a value it does not take."""


class ReaderUnusable(IbidError):
    """The passage reader's weights are missing or not the published ones."""


class Overloaded(IbidError):
    """More questions are waiting than can be answered soon; ask again in ``retry_after`` seconds."""

    def __init__(self, found: str, *, rule: str, remedy: str, retry_after: float) -> None:
        super().__init__(found, rule=rule, remedy=remedy)
        self.retry_after = retry_after


class BackendFailed(IbidError):
    """A language model is down, slow, limited or answers rubbish."""
