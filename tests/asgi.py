"""One request to an ASGI app in this process: no network, no client library."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

type Message = MutableMapping[str, Any]
