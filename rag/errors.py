"""What can go wrong between a question and its answer.

IbidError (index.errors)
├── QuestionInvalid     empty, too long, or its field syntax cannot be read
├── FilterInvalid       a filter that does not exist, or a value it does not take
├── SettingInvalid      a setting that does not exist, or a value it does not take
├── PromptInvalid       a prompt file with an unknown, unused or missing field
└── BackendFailed       a language model that is down, slow, limited or answers rubbish
"""

from index.errors import IbidError


class QuestionInvalid(IbidError):
    """The question is empty, too long, or its field syntax cannot be read."""


class FilterInvalid(IbidError):
    """A filter that does not exist, or a value it does not take."""


class SettingInvalid(IbidError):
    """A setting that does not exist, or a value it does not take."""


class PromptInvalid(IbidError):
    """A prompt file with an unknown, unused or missing field."""


class BackendFailed(IbidError):
    """A language model is down, slow, limited or answers rubbish."""
