"""What curl must be told about a certificate, so that a line works as it is pasted."""

import shlex
import ssl
from pathlib import Path

from ringfence.http.certificates import Certificate

_FLIGHTS = 4
"""More messages one way than any handshake has."""


def curl_flags(certificate: Certificate, host: str) -> tuple[str, str | None]:
    """Return the flags that curl needs at `host`, and what it would object to without --insecure.

    None where nothing has to be left out: the machine trusts the certificate, or it will where
    the certificate's own file is named.
    """
    if _objection(certificate.context, host, None) is None:
        return "", None
    objection = _objection(certificate.context, host, certificate.path)
    if objection is None:
        return f"--cacert {shlex.quote(str(certificate.path.absolute()))} ", None
    return "--insecure ", objection


def _objection(server: ssl.SSLContext, host: str, trusted: Path | None) -> str | None:
    """Return why a client that trusts the machine's authorities, or a file, would hang up."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # as curl does
    if trusted is None:
        client.load_default_certs()
    else:
        client.load_verify_locations(trusted)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller = client.wrap_bio(back, there, server_hostname=host)
    callee = server.wrap_bio(there, back, server_side=True)
    for _ in range(_FLIGHTS):
        try:
            _step(caller)
            _step(callee)
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
    return None


def _step(side: ssl.SSLObject) -> None:
    """Let one side say what it can."""
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return
