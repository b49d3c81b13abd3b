"""How texts, bytes and vectors are written into the catalog and read back, byte for byte."""

import zlib

import numpy as np
import numpy.typing as npt

from index.errors import IndexDamaged

_PLAIN, _ZLIB = b"\x00", b"\x01"


def pack(data: bytes) -> bytes:
    """The bytes, compressed where that makes them smaller; the first byte says which."""
    packed = zlib.compress(data)
    return _ZLIB + packed if len(packed) < len(data) else _PLAIN + data


def unpack(data: bytes) -> bytes:
    """The bytes that ``pack`` was given.

    Raises:
        IndexDamaged: these are not bytes that ``pack`` returned.
    """
    try:
        return zlib.decompress(data[1:]) if data[:1] == _ZLIB else data[1:]
    except zlib.error as error:
        raise IndexDamaged(
            f"a stored file cannot be unpacked ({error})",
            rule="the catalog keeps every file byte for byte",
            remedy="index the files again: delete the index's folder and run `ibid index`",
        ) from error


def encode_vector(vector: npt.NDArray[np.float32]) -> bytes:
    """Little-endian float32."""
    return vector.astype("<f4").tobytes()


def decode_vectors(data: list[bytes], dimension: int) -> npt.NDArray[np.float32]:
    """Rows of little-endian float32, shape (n, dimension).

    Raises:
        IndexDamaged: a row is not ``dimension`` wide.
    """
    if any(len(row) != 4 * dimension for row in data):
        raise IndexDamaged(
            "a stored vector has another width than the index",
            rule=f"vectors are {dimension} wide",
            remedy="index the files again: delete the index's folder and run `ibid index`",
        )
    return np.frombuffer(b"".join(data), "<f4").reshape(len(data), dimension).astype(np.float32, copy=False)
