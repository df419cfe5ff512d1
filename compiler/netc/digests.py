"""SHA-256 of contents."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

MUCH = 1 << 20
"""Bytes from which on OpenSSL is worth its loading, which takes as long as digesting so many without it."""


def _of_python() -> Any:
    """Python's own SHA-256; `random` of the standard library takes its SHA-512 the same way."""
    try:
        from _sha2 import sha256  # type: ignore[import-not-found] # no stubs; from Python 3.12 on
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found] # the same before
        except ImportError:
            return _of_openssl()
    return sha256


def _of_openssl() -> Any:
    from hashlib import sha256

    return sha256


_sha256 = _of_python()
_digested = 0


@lru_cache(maxsize=256)
def digest(content: bytes) -> str:
    """The digest in hexadecimal. Of each file of a host it is asked twice: for the script's list and the manifest."""
    global _digested, _sha256
    if _digested <= MUCH < _digested + len(content):
        _sha256 = _of_openssl()
    _digested += len(content)
    found: str = _sha256(content).hexdigest()
    return found
