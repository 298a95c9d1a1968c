"""The certificate that the server shows, and its renewal while the server runs.

Each load makes a new context, and handshakes take the newest that was good: a renewal that cannot
be used changes nothing, and open connections keep what they have.
"""

import re
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import structlog

from ringfence.errors import InputCode, InvalidInput, Problem

_log = structlog.get_logger("ringfence.certificate")

_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_TIME = rb"(?:\x17\x0d\d{12}Z|\x18\x0f\d{14}Z)"
_VALIDITY = re.compile(rb"\x30[\x1e\x20\x22]" + _TIME + b"(" + _TIME + b")")
"""From when until when, as DER writes it (RFC 5280, 4.1.2.5)."""
_MISMATCHES = {"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"}

_Signature = tuple[tuple[int, ...] | None, ...]


@dataclass(frozen=True, slots=True)
class _Loaded:
    context: ssl.SSLContext
    expires_at: datetime


class _EncryptedError(Exception):
    """The key has a password."""


class Certificate:
    """A certificate with its key, in two files that somebody renews. Raises InvalidInput."""

    def __init__(self, path: Path, key_path: Path) -> None:
        self.path = path
        self._key_path = key_path
        self._tried = self._last_seen = self._signature()
        self._loaded = _load(path, key_path)

    @property
    def context(self) -> ssl.SSLContext:
        """What the next handshake needs."""
        return self._loaded.context

    @property
    def expires_at(self) -> datetime:
        """Until when the certificate in use is valid."""
        return self._loaded.expires_at

    def expires_s(self) -> float:
        """Return the same in seconds since 1970."""
        return self.expires_at.timestamp()

    def renew_if_changed(self) -> None:
        """Renew from files that have changed, and not since the last call: they are whole then."""
        seen, self._last_seen = self._last_seen, self._signature()
        if self._last_seen == seen != self._tried:
            self.renew()

    def renew(self) -> None:
        """Take the files as they are now, or keep what there is and say why."""
        self._tried = self._signature()
        try:
            self._loaded = _load(self.path, self._key_path)
        except InvalidInput as error:
            _log.warning("the renewed certificate cannot be used", reason=str(error))
        else:
            _log.info("certificate loaded", expires=self.expires_at.isoformat())

    def _signature(self) -> _Signature:
        return tuple(_signature(path) for path in (self.path, self._key_path))


def _signature(path: Path) -> tuple[int, ...] | None:
    """Return what changes when the file does, or who may read it; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size


def _load(path: Path, key_path: Path) -> _Loaded:
    expires_at = _expiry(_read("tls_cert", path))
    if expires_at is None:
        _refuse("tls_cert", f"{path} is no certificate in PEM form")
    _read("tls_key", key_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(path, key_path, password=_refuse_password)
    except _EncryptedError:
        _refuse("tls_key", f"{key_path} is encrypted; nobody is asked for its password")
    except ssl.SSLError as error:
        _refuse("tls_key", _why_refused(error, path, key_path))
    except OSError as error:
        _refuse("tls_key", f"{key_path}: {error.strerror}")
    return _Loaded(context, expires_at)


def _read(setting: str, path: Path) -> str:
    try:
        return path.read_text("latin-1")
    except OSError as error:
        _refuse(setting, f"{path}: {error.strerror}")


def _expiry(text: str) -> datetime | None:
    """Return until when the first certificate is valid; None where any of them is none."""
    found = _CERTIFICATE.search(text)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=_ascii(text))
        validity = found and _VALIDITY.search(ssl.PEM_cert_to_DER_cert(found[0]))
        return _time(validity[1]) if validity else None
    except (ValueError, ssl.SSLError):
        return None


def _ascii(text: str) -> str:
    return text.encode("ascii", "ignore").decode()


def _time(der: bytes) -> datetime:
    digits = der[2:-1].decode()
    form = "%y%m%d%H%M%S" if len(digits) == len("yymmddHHMMSS") else "%Y%m%d%H%M%S"
    return datetime.strptime(digits, form).replace(tzinfo=UTC)


def _why_refused(error: ssl.SSLError, path: Path, key_path: Path) -> str:
    if not error.reason:
        return f"{key_path} is no private key in PEM form"
    if error.reason in _MISMATCHES:
        return f"{key_path} does not belong to the certificate {path}"
    return f"{path} with {key_path}: {error.reason.replace('_', ' ').lower()}"


def _refuse_password() -> NoReturn:
    raise _EncryptedError


def _refuse(setting: str, rule: str) -> NoReturn:
    message = f"{setting}: {rule}"
    raise InvalidInput(Problem(InputCode.SETTING_INVALID, setting, message)) from None
