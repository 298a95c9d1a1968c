"""Revisions: whether a thing is still what someone read."""

from dataclasses import fields
from hashlib import sha256
from typing import Any

_HEX_DIGITS = 16


def revision_of(noun: Any, *left_out: str) -> str:  # noqa: ANN401  any dataclass
    """Return 16 hex digits that differ where the fields of a dataclass instance do.

    The fields `left_out` do not count. The same values have the same revision in every process.
    """
    kept = [(each.name, getattr(noun, each.name)) for each in fields(noun)]
    text = repr([(name, value) for name, value in kept if name not in left_out])
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:_HEX_DIGITS]
