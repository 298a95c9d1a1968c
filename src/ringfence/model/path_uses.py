"""Which account still uses a path that has a successor."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PathUse:
    """How often an account used a path with the right credentials, and when last."""

    user_name: str
    path: str
    requests: int
    last_at: datetime
