"""Files that are sent as a body: kept on the disk while they are read, whatever their size."""

from tempfile import TemporaryFile
from typing import BinaryIO

from starlette.types import Receive

from ringfence.http.bodies import BodyTooLargeError, ClientGoneError


async def keep_upload(receive: Receive, max_bytes: int) -> BinaryIO:
    """Return the whole body as a file, at its beginning; whoever has it closes it.

    It has no name in any folder, so that nothing is left of it. Raises BodyTooLargeError as soon
    as it is longer than `max_bytes`, ClientGoneError.
    """
    file = TemporaryFile()  # noqa: SIM115  it outlives this function
    try:
        await _fill(file, receive, max_bytes)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def _fill(file: BinaryIO, receive: Receive, max_bytes: int) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        body = message.get("body", b"")
        size += len(body)
        if size > max_bytes:
            raise BodyTooLargeError(max_bytes)
        file.write(body)
        more = message.get("more_body", False)
