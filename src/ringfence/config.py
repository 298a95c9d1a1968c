"""Every setting, typed, one line each.

A setting comes from a flag of the command, else from the environment (`RINGFENCE_` and its name
in capitals), else from a `.env` file in the working directory, else from its default here.
"""

import re
from datetime import UTC, date, datetime, time
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from annotated_types import Ge, Le
from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_DATABASE = "sqlite:///var/ringfence.db"

MAX_PORT = 65535
MAX_MMAP_BYTES = 0x7FFF0000
"""As much as SQLite maps: https://sqlite.org/compile.html#max_mmap_size."""
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LISTEN_ADDRESS = re.compile(r"(?:\[(?P<bracketed>[^]]+)]|(?P<host>[^:\s]+)):(?P<port>[0-9]{1,5})")

Network = IPv4Network | IPv6Network
Seconds = Annotated[float, Ge(0), Le(3600)]
Count = Annotated[int, Ge(1)]


class Settings(BaseSettings):
    """All settings of one process."""

    model_config = SettingsConfigDict(
        env_prefix="RINGFENCE_", env_file=".env", extra="ignore", frozen=True
    )

    database: str = Field(
        DEFAULT_DATABASE,
        description="Where the store is: sqlite:///relative.db, sqlite:////absolute.db or "
        "postgresql://user@host/name.",
    )
    host: str = Field("127.0.0.1", description="The address that `serve` listens on.")
    port: Annotated[int, Ge(0), Le(MAX_PORT)] = Field(
        8080, description="The port that `serve` listens on; 0 takes a free one."
    )
    workers: Annotated[int, Ge(1), Le(256)] = Field(
        1, description="How many processes `serve` runs; more than one on PostgreSQL only."
    )
    tls_cert: str = Field(
        "",
        description="The file of the certificate, and its chain, in PEM form; with `tls_key`, "
        "`serve` speaks HTTPS only. A renewed file is taken while it runs.",
    )
    tls_key: str = Field(
        "",
        validate_default=True,
        description="The file of the certificate's private key, in PEM form, not encrypted.",
    )
    operations_listen: str = Field(
        "",
        description="An address of its own, as 127.0.0.1:9090, for /readyz and /metrics, in plain "
        "HTTP; port 0 takes a free one. Empty, they are at the address of `serve`.",
    )
    trusted_proxies: str = Field(
        "",
        description="The addresses and networks of the proxies in front, separated by commas: "
        "only from these, X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    legacy_http_codes: bool = Field(
        default=False,
        description="Answer the CloudAgent paths with real HTTP codes (401, 409, 422 …) "
        "instead of 200; the bodies stay the same.",
    )
    legacy_deprecated_at: str = Field(
        "",
        description="The day, as 2026-12-31 in UTC, from which the older CloudAgent paths, "
        "those in .php, are deprecated: their answers say so. Empty, they do not.",
    )
    legacy_sunset_at: str = Field(
        "",
        description="The day on which they end, not before that one: their answers say so. "
        "They go on all the same.",
    )
    auth_delay_max_s: Annotated[float, Ge(0), Le(1)] = Field(
        1.0,
        description="The longest delay, in seconds, of the answer to repeated wrong keys from "
        "one address or for one user; 0 turns delays off.",
    )
    max_body_bytes: Count = Field(
        1024 * 1024, description="The largest request body, in bytes; a larger one gets 413."
    )
    max_upload_bytes: Count = Field(
        128 * 1024 * 1024,
        description="The largest file to import or to scrub over HTTP, in bytes; a larger one gets "
        "413. It is kept in the folder of TMPDIR while it is read.",
    )
    max_head_bytes: Count = Field(
        64 * 1024,
        description="The largest request line with its headers, in bytes; a larger one gets 431.",
    )
    max_parameters: Count = Field(
        10_000, description="The most parameters in one query or form; more get 400."
    )
    max_connections: Count = Field(
        512, description="How many connections may be open; further ones get 503."
    )
    request_timeout_s: Annotated[float, Ge(0.1), Le(3600)] = Field(
        30.0,
        description="How long a client may take to send a request, or each 64 KiB of a larger one, "
        "in seconds; then it gets 408.",
    )
    max_waiting_requests: Count = Field(
        1024, description="How many requests may wait for the store; more get 503."
    )
    busy_timeout_s: Seconds = Field(
        5.0, description="How long a write waits for another process that holds the SQLite file."
    )
    sqlite_mmap_bytes: Annotated[int, Ge(0), Le(MAX_MMAP_BYTES)] = Field(
        MAX_MMAP_BYTES,
        description="How much of the SQLite file, from its start, screening maps into memory, in "
        "bytes; beyond it, and with 0, it reads the file.",
    )
    postgres_timeout_s: Annotated[float, Ge(0.1), Le(3600)] = Field(
        2.0,
        description="How long a request may wait for PostgreSQL, retries included, in seconds; "
        "then it gets 503.",
    )
    postgres_connections: Annotated[int, Ge(1), Le(1000)] = Field(
        10, description="How many connections to PostgreSQL one process may hold."
    )
    drain_timeout_s: Seconds = Field(
        30.0, description="How long requests may take to finish after SIGTERM, in seconds."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe log lines to write."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="How log lines look; auto is console on a terminal, otherwise json."
    )

    @field_validator("tls_key")
    @classmethod
    def _come_together(cls, key: str, others: ValidationInfo) -> str:
        if bool(key) != bool(others.data.get("tls_cert")):
            raise ValueError("tls_cert and tls_key are given both or neither")
        return key

    @field_validator("legacy_deprecated_at")
    @classmethod
    def _names_a_day(cls, text: str) -> str:
        read_date(text)
        return text

    @field_validator("legacy_sunset_at")
    @classmethod
    def _names_a_day_not_before(cls, text: str, others: ValidationInfo) -> str:
        sunset_at = read_date(text)
        deprecated_at = read_date(others.data.get("legacy_deprecated_at", ""))
        if sunset_at and deprecated_at and sunset_at < deprecated_at:
            raise ValueError("paths do not end before they are deprecated")
        return text

    @field_validator("operations_listen")
    @classmethod
    def _names_an_address(cls, text: str) -> str:
        read_listen_address(text)
        return text

    @field_validator("trusted_proxies")
    @classmethod
    def _names_networks(cls, text: str) -> str:
        read_networks(text)
        return text


def read_date(text: str) -> datetime | None:
    """Return the moment at which the day of `text` begins in UTC, or None where it is empty.

    Raises ValueError.
    """
    if not text:
        return None
    if _DATE.fullmatch(text) is None:
        raise ValueError("a day is written as 2026-12-31")
    return datetime.combine(date.fromisoformat(text), time(), UTC)


def read_listen_address(text: str) -> tuple[str, int] | None:
    """Return the host and the port of `text`, or None where it is empty. Raises ValueError."""
    if not text:
        return None
    found = _LISTEN_ADDRESS.fullmatch(text)
    if found is None or int(found["port"]) > MAX_PORT:
        raise ValueError("an address is written as 127.0.0.1:9090 or [::1]:9090")
    return found["bracketed"] or found["host"], int(found["port"])


def read_networks(text: str) -> tuple[Network, ...]:
    """Return the networks that `text` lists; an address is a network of one.

    Raises ValueError that names the first part which is neither.
    """
    return tuple(_network(part.strip()) for part in text.split(",") if part.strip())


def _network(text: str) -> Network:
    network = ip_network(text)
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise ValueError(f"{text} is an IPv4 network: write it as one, as in 10.0.0.0/8")
    return network


def environment_name(setting: str) -> str:
    """Return the environment variable that gives `setting`."""
    return f"RINGFENCE_{setting.upper()}"
