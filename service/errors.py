"""What can go wrong between a request and its answer, besides what goes wrong below.

IbidError (index.errors)
├── RequestInvalid          a request that cannot be understood, whatever the collection holds
│   ├── ContentTypeInvalid  a body that is not JSON
│   └── ModelUnknown        a model that is not in the list of models
├── HostUnknown             a request under a name that is not this service's
├── CrossSite               a page of another site, which may read nothing here
├── KeyNeeded               a request without a key that is valid here
├── ScopeMissing            a key that is not for this
├── KeysUnreadable          the file of keys is damaged: nobody is let in
├── QuotaExceeded           more or larger files than may be sent
├── SpanUnknown             a span that a document does not have
├── TooManyQuestions        a client that asks more often than a client may
├── TookTooLong             work that was stopped, because it took longer than a request may take
├── RequestFailed           a service that cannot be reached, or refuses (the client's side)
├── NotReady                the service is starting: it will answer soon
└── ClientGone              the client has disconnected
"""

from index.errors import IbidError


class RequestInvalid(IbidError):
    """A request that cannot be understood, whatever the collection holds."""


class ContentTypeInvalid(RequestInvalid):
    """A body that is not JSON."""


class ModelUnknown(RequestInvalid):
    """A model that is not in the list of models."""


class HostUnknown(IbidError):
    """A request under a name that is not this service's."""


class CrossSite(IbidError):
    """A page of another site, which may read nothing here."""


class KeyNeeded(IbidError):
    """A request without a key that is valid here; which of the two it is, is not told."""


class ScopeMissing(IbidError):
    """A key that is valid, and not for this."""


class KeysUnreadable(IbidError):
    """The file of keys is damaged: nobody is let in."""


class QuotaExceeded(IbidError):
    """More or larger files than may be sent."""


class SpanUnknown(IbidError):
    """A span that a document does not have."""


class TooManyQuestions(IbidError):
    """A client that asks more often than a client may; it may ask again in ``retry_after`` seconds."""

    def __init__(self, found: str, *, rule: str, remedy: str, retry_after: float) -> None:
        super().__init__(found, rule=rule, remedy=remedy)
        self.retry_after = retry_after


class TookTooLong(IbidError):
    """Work that was stopped, because it took longer than a request may take."""


class RequestFailed(IbidError):
    """A service that cannot be reached, or that refuses; ``status`` is its HTTP status, 0 where there was none."""

    def __init__(self, found: str, *, rule: str, remedy: str, status: int = 0) -> None:
        super().__init__(found, rule=rule, remedy=remedy)
        self.status = status


class NotReady(IbidError):
    """The service is starting: it will answer soon."""


class ClientGone(IbidError):
    """The client has disconnected: nobody will read this."""
