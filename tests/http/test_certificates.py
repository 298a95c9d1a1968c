"""A certificate in two files: until when it is valid, and when a change of them is taken."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from structlog.testing import capture_logs

from ringfence.http.certificates import Certificate

NEAR = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
FAR = datetime(2051, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def authority() -> trustme.CA:
    """Give an authority."""
    return trustme.CA()


def put(folder: Path, authority: trustme.CA, not_after: datetime = NEAR) -> tuple[Path, Path]:
    """Write a certificate and its key, and return where they are."""
    issued = authority.issue_cert("ringfence.test", not_after=not_after)
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    paths[1].write_bytes(issued.private_key_pem.bytes())
    return paths


def looks(certificate: Certificate, times: int) -> list[str]:
    """Let it look at its files so many times; return what it logged."""
    with capture_logs() as lines:
        for _ in range(times):
            certificate.renew_if_changed()
    return [line["log_level"] for line in lines]


@pytest.mark.parametrize("not_after", [NEAR, FAR])
def test_it_is_known_until_when_it_is_valid(
    tmp_path: Path, authority: trustme.CA, not_after: datetime
) -> None:
    """From 2050 on, that is written in another form."""
    certificate = Certificate(*put(tmp_path, authority, not_after))
    assert certificate.expires_at == not_after
    assert certificate.expires_s() == not_after.timestamp()


def test_files_that_stay_are_left_alone(tmp_path: Path, authority: trustme.CA) -> None:
    """Nothing is read, nothing is logged."""
    certificate = Certificate(*put(tmp_path, authority))
    context = certificate.context
    assert looks(certificate, 5) == []
    assert certificate.context is context


def test_a_change_is_taken_once_it_has_stood(tmp_path: Path, authority: trustme.CA) -> None:
    """Half of it may be written at the first look."""
    certificate = Certificate(*put(tmp_path, authority))
    put(tmp_path, authority, FAR)
    assert looks(certificate, 1) == []
    assert certificate.expires_at == NEAR
    assert looks(certificate, 3) == ["info"]
    assert certificate.expires_at == FAR


@pytest.mark.parametrize("broken", [0, 1])
def test_a_bad_change_is_told_once(tmp_path: Path, authority: trustme.CA, broken: int) -> None:
    """And the next change is tried again."""
    paths = put(tmp_path, authority)
    certificate = Certificate(*paths)
    context = certificate.context
    paths[broken].write_bytes(b"half")
    assert looks(certificate, 5) == ["warning"]
    paths[broken].unlink()
    assert looks(certificate, 5) == ["warning"]
    assert (certificate.context, certificate.expires_at) == (context, NEAR)
    put(tmp_path, authority, FAR)
    assert looks(certificate, 5) == ["info"]
    assert certificate.expires_at == FAR


def test_asked_to_it_takes_a_change_at_once(tmp_path: Path, authority: trustme.CA) -> None:
    """Whoever asks knows that it is whole."""
    certificate = Certificate(*put(tmp_path, authority))
    put(tmp_path, authority, FAR)
    with capture_logs() as lines:
        certificate.renew()
    assert [line["log_level"] for line in lines] == ["info"]
    assert certificate.expires_at == FAR
    assert looks(certificate, 3) == []
