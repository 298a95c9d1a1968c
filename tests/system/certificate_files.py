"""Certificates of an authority of the tests' own, as files that somebody renews."""

import os
import ssl
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization

HOST = "127.0.0.1"


class CertificateFiles:
    """A certificate and its key in `folder`, and what a client of theirs trusts."""

    def __init__(self, folder: Path, host: str = HOST) -> None:
        self.certificate = folder / "certificate.pem"
        self.key = folder / "key.pem"
        self._authority = trustme.CA()
        self._host = host
        self.renew()

    @property
    def flags(self) -> tuple[str, ...]:
        """What `serve` is told about them."""
        return "--tls-cert", str(self.certificate), "--tls-key", str(self.key)

    def trust(self) -> ssl.SSLContext:
        """Return a client's side that believes the authority."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    def issue(self) -> tuple[bytes, bytes]:
        """Return a new certificate and its key."""
        issued = self._authority.issue_cert(self._host)
        return issued.cert_chain_pems[0].bytes(), issued.private_key_pem.bytes()

    def renew(self) -> bytes:
        """Put a new certificate and its key in place; return the certificate."""
        certificate, key = self.issue()
        replace(self.key, key)
        replace(self.certificate, certificate)
        return certificate


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of a file at once, as who renews a certificate does."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    os.replace(new, path)  # noqa: PTH105  what it says is what it does


def encrypted(key: bytes) -> bytes:
    """Return the key with a password."""
    loaded = serialization.load_pem_private_key(key, None)
    return loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
