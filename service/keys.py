"""API keys: made at random, kept as digests in one file, and looked up in a time that tells nothing of them.

A key is ``ibid_ID_SECRET``: the id names it in lists and logs, the secret has 256 random bits. The file holds its SHA-256.
A slow hash (Argon2, bcrypt) protects passwords, which can be guessed; 2^256 secrets cannot be, and a slow hash at every request
would let anybody keep the processor busy.
"""

import hashlib
import hmac
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from index.errors import Unknown
from index.home import Home, locked, make_home
from rag.errors import SettingInvalid
from service.errors import KeysUnreadable
from service.settings import Settings

Scope = Literal["ask", "read", "index", "admin"]
SCOPES: tuple[Scope, ...] = ("ask", "read", "index", "admin")
"""What a key may be for; ``admin`` includes the others."""

USUAL: tuple[Scope, ...] = ("ask", "read")
PREFIX = "ibid"
FORMAT = 1
LOCK_SECONDS = 10.0
_ID_BYTES, _SECRET_BYTES = 5, 32
_LONGEST_NAME = 100
_MOST_DAYS = 36_500


class Key(msgspec.Struct, frozen=True, dict=True):
    """A key as it is kept; times in ISO 8601, UTC. Empty ``collections``: all; ``per_minute`` 0: as the settings say."""

    id: str
    name: str
    digest: str
    scopes: tuple[Scope, ...]
    created: str
    expires: str = ""
    revoked: str = ""
    collections: tuple[str, ...] = ()
    per_minute: int = 0

    @cached_property
    def digest_bytes(self) -> bytes:
        """The digest to compare with."""
        return bytes.fromhex(self.digest)

    @cached_property
    def ends(self) -> float:
        """When it ends, in seconds since 1970, as one number: comparing takes as long for every key."""
        if self.revoked:
            return float("-inf")
        return _moment(self.expires) if self.expires else float("inf")

    def is_valid(self, now: float) -> bool:
        """Whether it is neither revoked nor expired."""
        return now < self.ends


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int = FORMAT
    keys: tuple[Key, ...] = ()


NOBODYS = Key("", "", hashlib.sha256(secrets.token_bytes(_SECRET_BYTES)).hexdigest(), (), "")
"""What a key of an unknown id is compared with: nobody has the secret of it."""

_ = NOBODYS.digest_bytes, NOBODYS.ends  # worked out before the first look


class KeyFile:
    """The keys in one file, for its owner alone; read anew when it has changed, looked at every ``refresh_seconds``.

    Raises (whatever reads it):
        KeysUnreadable: the file is there and cannot be read. Nobody is let in then.
    """

    def __init__(self, path: Path, refresh_seconds: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._looked = float("-inf")
        self._state: tuple[int, ...] | None = None
        self._keys: dict[str, Key] = {}

    def find(self, token: str) -> Key | None:
        """The key that ``token`` is, or None where it is unknown, wrong, expired or revoked: one path for all of them."""
        keys, digest = self._current(), hashlib.sha256(token.encode("utf-8", "replace")).digest()
        key = keys.get(_id_of(token), NOBODYS)
        same, valid = hmac.compare_digest(digest, key.digest_bytes), key.is_valid(time.time())
        return key if same & valid else None

    def by_id(self, key_id: str) -> Key | None:
        """The key of that id, where it is valid: for sessions, which prove themselves."""
        key = self._current().get(key_id)
        return key if key is not None and key.is_valid(time.time()) else None

    def all(self) -> tuple[Key, ...]:
        """Every key, revoked ones too, in the order in which they were made."""
        return tuple(self._current().values())

    def create(
        self,
        name: str,
        scopes: tuple[Scope, ...] = USUAL,
        days: int | None = None,
        collections: tuple[str, ...] = (),
        per_minute: int = 0,
    ) -> tuple[Key, str]:
        """A new key, and its text, which is kept nowhere. Raises SettingInvalid, IndexLocked."""
        _validate(name, scopes, days, per_minute)
        key_id, now = secrets.token_hex(_ID_BYTES), datetime.now(UTC)
        token = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        expires = "" if days is None else _told(now + timedelta(days=days))
        digest = hashlib.sha256(token.encode()).hexdigest()
        key = Key(key_id, name, digest, tuple(dict.fromkeys(scopes)), _told(now), expires, "", collections, per_minute)
        with self._writing() as keys:
            keys[key.id] = key
        return key, token

    def revoke(self, key_id: str) -> Key:
        """Takes a key back, for good. Raises Unknown, IndexLocked."""
        with self._writing() as keys:
            if key_id not in keys:
                raise Unknown(
                    f"the key {key_id!r} is not known",
                    rule="a key is named by its id",
                    remedy="see `ibid key list`",
                )
            keys[key_id] = msgspec.structs.replace(keys[key_id], revoked=keys[key_id].revoked or _told(datetime.now(UTC)))
            return keys[key_id]

    def _current(self) -> dict[str, Key]:
        now = self._clock()
        if now - self._looked >= self._refresh_seconds:
            state = _state_of(self.path)
            if state != self._state:
                self._keys = self._read() if state else {}
                self._state = state
            self._looked = now
        return self._keys

    def _read(self) -> dict[str, Key]:
        try:
            told = msgspec.json.decode(self.path.read_bytes(), type=_File)
            keys = {key.id: key for key in told.keys}
            for key in keys.values():
                _ = key.digest_bytes, key.ends
        except (OSError, ValueError, TypeError) as error:
            raise self._unreadable(str(error)) from error
        if told.format != FORMAT:
            raise self._unreadable(f"its format is {told.format}")
        return keys

    def _unreadable(self, why: str) -> KeysUnreadable:
        return KeysUnreadable(
            f"the file of keys {self.path} cannot be read ({why})",
            rule=f"it is as `ibid key` writes it, format {FORMAT}; until it can be read, nobody is let in",
            remedy="put a copy of it back, or take it away and make keys anew",
        )

    @contextmanager
    def _writing(self) -> Iterator[dict[str, Key]]:
        """The keys to be changed, alone; written whole, or not at all."""
        make_home(Home(self.path.parent))
        with locked(self.path.with_suffix(".lock"), LOCK_SECONDS):
            keys = self._read() if self.path.exists() else {}
            yield keys
            told = msgspec.json.format(msgspec.json.encode(_File(keys=tuple(keys.values()))))
            handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=".keys-")  # 0600
            with os.fdopen(handle, "wb") as file:
                file.write(told)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(self.path)
            self._looked = float("-inf")


def key_file(settings: Settings, refresh_seconds: float = 0.0) -> KeyFile:
    """The file of keys that the settings mean."""
    return KeyFile(Path(settings.keys_file) if settings.keys_file else settings.home / "keys.json", refresh_seconds)


def _id_of(token: str) -> str:
    """The id within a key's text; "" where it has none."""
    parts = token.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == PREFIX else ""


def _state_of(path: Path) -> tuple[int, ...] | None:
    try:
        told = path.stat()
    except FileNotFoundError:
        return None
    except OSError:
        return (-1,)  # reading it will say why
    return told.st_ino, told.st_mtime_ns, told.st_size


def _validate(name: str, scopes: tuple[Scope, ...], days: int | None, per_minute: int) -> None:
    if not 0 < len(name.strip()) <= _LONGEST_NAME or not name.isprintable():
        raise SettingInvalid(
            f"the name is {name!r}",
            rule=f"a key has a name of 1 to {_LONGEST_NAME} printable characters",
            remedy="say who or what it is for",
        )
    if not scopes or (wrong := set(scopes) - set(SCOPES)):
        raise SettingInvalid(
            f"the scopes are {sorted(wrong) if scopes else 'none'}",
            rule=f"scopes are {', '.join(SCOPES)}",
            remedy="name at least one of them",
        )
    if days is not None and not 1 <= days <= _MOST_DAYS:
        raise SettingInvalid(f"days is {days}", rule=f"a key lasts 1 to {_MOST_DAYS} days", remedy="leave it out for no end")
    if per_minute < 0:
        raise SettingInvalid(f"per_minute is {per_minute}", rule="it is 0 or more", remedy="leave it out for the setting's limit")


def _moment(told: str) -> float:
    moment = datetime.fromisoformat(told)
    if moment.tzinfo is None:
        raise ValueError(f"the time {told} has no zone")
    return moment.timestamp()


def _told(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
