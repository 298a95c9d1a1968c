"""A file that belongs to another program is refused in one line, and not touched."""

from pathlib import Path

import apsw
import pytest

from ringfence.errors import Unavailable
from ringfence.store import open_store


@pytest.mark.parametrize("create", [True, False])
def test_another_programs_database_is_not_touched(tmp_path: Path, *, create: bool) -> None:
    """Not one byte of it changes, whether the store may be made or not."""
    path = tmp_path / "theirs.db"
    connection = apsw.Connection(str(path))
    connection.execute("create table account (id integer primary key, owner text)")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(Unavailable, match="another program"):
        open_store(f"sqlite:///{path}", create=create)

    assert path.read_bytes() == before
