"""The same server, authentication, parsing and thread hop, with no store behind.

Run as a program it prints its address and serves A1, acknowledging creates that go nowhere.
"""

from collections.abc import Callable
from typing import cast

from bench.servers import KEY, USER
from ringfence.app import create_app
from ringfence.cli.options import read_settings
from ringfence.core.credentials import digest_of
from ringfence.http.server import listen, run_server
from ringfence.logs import configure_logs
from ringfence.model.phone_numbers import PhoneNumberSaved
from ringfence.store import Store, Transaction

_ROWS = {digest_of(KEY): (1, USER, "IN", "Asia/Kolkata", 10_000_000, 0, 1)}


class _Rows:
    """Answers the look-up of a key from memory."""

    def one(self, _sql: str, values: tuple[str]) -> tuple[object, ...] | None:
        return _ROWS.get(values[0])


class NoStore:
    """Keeps nothing, at no cost."""

    def read(self, work: Callable[["_Rows"], object]) -> object:
        """Let `work` find the one account there is."""
        return work(_Rows())

    def write(self, _work: Callable[[Transaction], object]) -> object:
        """Say that a phone number was saved."""
        return PhoneNumberSaved(1, skills_refused=False)

    def close(self) -> None:
        """Have nothing to close."""


def main() -> None:
    """Serve until stopped."""
    settings = read_settings()
    configure_logs(settings.log_level, settings.log_format)
    with listen("127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = create_app(cast("Store", NoStore()), settings)
        run_server(app, listener, settings, lambda: print(address, flush=True))


if __name__ == "__main__":
    main()
