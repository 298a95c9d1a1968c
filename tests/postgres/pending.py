"""A statement that may not be answered, sent without waiting for the answer."""

import select

import psycopg
from psycopg import pq

HANG_S = 0.3
"""How long an answer stays away before we say that it does not come."""


class Pending:
    """A `statement` sent on `connection`, which is free again once it was answered."""

    def __init__(self, connection: psycopg.Connection, statement: str) -> None:
        self._wire = connection.pgconn
        self._wire.send_query(statement.encode())

    def is_answered(self) -> bool:
        """Whether the answer is there or comes within HANG_S."""
        while self._wire.is_busy():
            readable, _, _ = select.select([self._wire.socket], [], [], HANG_S)
            if not readable:
                return False
            self._wire.consume_input()
        return True

    def status(self) -> pq.ExecStatus:
        """Return how it went, one of pq.ExecStatus, after the answer came."""
        result = self._wire.get_result()
        assert result is not None, "the answer was read already"
        assert self._wire.get_result() is None, "one statement has one answer"
        return pq.ExecStatus(result.status)
