"""Numbers as keyed hashes: the same number has the same one, and nobody without the key reads it.

A telephone number has so few digits that a hash without a key would be tried out in minutes.
"""

import hmac

MARK = "#"
"""What a hash begins with; no number in E.164 does."""

HEX_DIGITS = 32


def hash_number(key: str, number: str) -> str:
    """Return the hash of `number`, in E.164, by `key`, in hexadecimal digits.

    It is `#` and the first 32 hexadecimal digits of HMAC-SHA256.
    """
    digest = hmac.digest(bytes.fromhex(key), number.encode(), "sha256")
    return MARK + digest.hex()[:HEX_DIGITS]


def is_hashed(party: str) -> bool:
    """Whether what is kept of a call's number is the hash of it."""
    return len(party) == len(MARK) + HEX_DIGITS and party.startswith(MARK)
