"""A multipart form that was cut off on the way is not read as a shorter one."""

import pytest

from ringfence.cloudagent.wire import UnreadableError, WireRequest, read_body_fields

BOUNDARY = "------------------------d74496d66958873e"
FIELDS = {"Id": "1", "blockNumbers": "9812345678", "name": "a--b", "expiryDate": "2099-01-01"}
FORM = (
    "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in FIELDS.items()
    )
    + f"--{BOUNDARY}--\r\n"
).encode()


def read(body: bytes) -> dict[str, object]:
    """Return the fields of a multipart body."""
    headers = {b"content-type": f"multipart/form-data; boundary={BOUNDARY}".encode()}
    return read_body_fields(WireRequest("PUT", b"", headers, body, 100))


def test_a_whole_form_is_read() -> None:
    """With or without the line end behind its last delimiter."""
    assert read(FORM) == read(FORM[:-2]) == FIELDS


@pytest.mark.parametrize("length", range(len(FORM) - 2))
def test_a_form_cut_anywhere_is_unreadable(length: int) -> None:
    """Otherwise a block whose expiry was lost would have no end."""
    with pytest.raises(UnreadableError):
        read(FORM[:length])
