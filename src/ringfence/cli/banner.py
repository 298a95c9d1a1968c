"""What `ringfence serve` prints: where it listens, and what to paste for a first try."""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from ringfence.cli.curl_flags import curl_flags
from ringfence.core.accounts import has_accounts
from ringfence.http.certificates import Certificate
from ringfence.model.accounts import NewAccount
from ringfence.store import Store

DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The URLs of the main address, with its certificate, and of the one for operations."""

    main: str
    operations: str | None
    certificate: Certificate | None


def url_of(listener: socket.socket, certificate: Certificate | None = None) -> str:
    """Return the URL by which this machine reaches a socket that listens."""
    scheme = "http" if certificate is None else "https"
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  only compared
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def banner(addresses: Addresses, store: Store, demo: NewAccount | None) -> str:
    """Return what is printed once requests are answered."""
    lines = [f"Ringfence is listening on {addresses.main}"]
    if addresses.operations is not None:
        paths = " and ".join(f"{addresses.operations}{path}" for path in ("/readyz", "/metrics"))
        lines += [f"Readiness and metrics: {paths}"]
    if demo is not None:
        lines += _demo_lines(addresses, demo.key)
    elif not has_accounts(store):
        lines += ["There are no accounts yet; make one with: ringfence account create NAME"]
    return "\n".join(lines)


def _demo_lines(addresses: Addresses, key: str) -> list[str]:
    flags, objection = _curl_flags(addresses)
    phones = f"{addresses.main}/CAServices/PhoneManageV2.php"
    query = "phoneName=Front.Desk&phoneNumber=%2B918041234567&skill=General"
    groups = f"{addresses.main}/CAServicesV3/blockNumberGroupV2.php"
    block = "-d name=Spam -d 'description=Spam callers' -d blockNumbers=9812345678,9812345679"
    return [
        "",
        "A demo account was made. Its key is shown only here, only now:",
        f"  user name  {DEMO}",
        f"  API key    {key}",
        "",
        "Create a phone number:",
        f"  curl {flags}'{phones}?action=create&apiKey={key}&userName={DEMO}&{query}'",
        "",
        "Block two callers:",
        f"  curl {flags}-u {DEMO}:{key} {groups} {block}",
        *_told(objection),
    ]


def _curl_flags(addresses: Addresses) -> tuple[str, str | None]:
    if addresses.certificate is None:
        return "", None
    return curl_flags(addresses.certificate, urlsplit(addresses.main).hostname or "")


def _told(objection: str | None) -> list[str]:
    if objection is None:
        return []
    return ["", f"--insecure is there because a client would object here: {objection}."]
