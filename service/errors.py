"""What can go wrong between a request and its answer, besides what goes wrong below.

IbidError (index.errors)
├── RequestInvalid          a request that cannot be understood, whatever the collection holds
│   ├── ContentTypeInvalid  a body that is not JSON
│   └── ModelUnknown        a model that is not in the list of models
├── RequestFailed           a service that cannot be reached, or refuses (the client's side)
├── NotReady                the service is starting: it will answer soon
└── ClientGone              whoever asked has closed the connection
"""

from index.errors import IbidError


class RequestInvalid(IbidError):
    """A request that cannot be understood, whatever the collection holds."""


class ContentTypeInvalid(RequestInvalid):
    """A body that is not JSON."""


class ModelUnknown(RequestInvalid):
    """A model that is not in the list of models."""


class RequestFailed(IbidError):
    """A service that cannot be reached, or that refuses; ``status`` is its HTTP status, 0 where there was none."""

    def __init__(self, found: str, *, rule: str, remedy: str, status: int = 0) -> None:
        super().__init__(found, rule=rule, remedy=remedy)
        self.status = status


class NotReady(IbidError):
    """The service is starting: it will answer soon."""


class ClientGone(IbidError):
    """Whoever asked has closed the connection: nobody will read this."""
