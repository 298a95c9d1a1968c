"""Reading a request's body within bounded memory."""

from starlette.types import Receive


class BodyTooLargeError(Exception):
    """The body is larger than it may be: than `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes)
        self.max_bytes = max_bytes


class ClientGoneError(Exception):
    """The client went away before it had sent its request."""


async def read_body(receive: Receive, max_bytes: int) -> bytes:
    """Return the whole body. Raises BodyTooLargeError as soon as it is longer than `max_bytes`."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise BodyTooLargeError(max_bytes)
        more = message.get("more_body", False)
    return bytes(body)
