"""What a family answers, before it is known which HTTP status is sent."""

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Reply:
    """A body with its real HTTP status, and the one that is sent where nobody asks for real ones.

    The latter is 200 but for a few rows: old clients read `status` in the body.
    """

    content: object
    real: int = HTTPStatus.OK
    usual: int = HTTPStatus.OK

    def status(self, *, real: bool) -> int:
        """Return the HTTP status to send, as the setting `legacy_http_codes` wants it."""
        return int(self.real if real else self.usual)
