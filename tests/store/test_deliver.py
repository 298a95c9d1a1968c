"""One who cannot be told what came of a job does not silence the others."""

import logging
from threading import Event

import pytest

from ringfence.store import OpenStore
from ringfence.store.database import Job

PATIENCE_S = 10


def test_a_deliver_that_raises_is_logged_and_survived(
    store: OpenStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The neighbour of the same batch is told, and later writes are durable."""
    told = Event()

    def fail(_result: object, _error: BaseException | None) -> None:
        raise RuntimeError("nobody is there")

    with caplog.at_level(logging.ERROR):
        store.perform([Job(int, fail), Job(int, lambda _result, _error: told.set())])
        assert told.wait(PATIENCE_S)
        store.write(lambda tx: tx.run("insert into login values (?, ?)", ("alice", 1)))

    assert "nobody could be told" in caplog.text
    assert store.read(lambda tx: tx.all("select user_name from login")) == [("alice",)]
