"""Scrubbing: a calling list without the rows whose numbers may not be called.

`calling_lists.py` has the verb. `outbound.py` says what may not be called, by `blocks.py` and
`patterns.py`. Rows that need no CSV reader go through `feed.py`, `workers.py` and `lines.py`, all
of them through `scrubber.py`. numpy is imported when a list is scrubbed, not before: decision 0008.
"""

from ringfence.core.scrubbing.calling_lists import ScrubOptions, scrub, scrub_list
from ringfence.core.scrubbing.outbound import OutboundBlocks, outbound_blocks
from ringfence.core.scrubbing.workers import usable_processors

__all__ = [
    "OutboundBlocks",
    "ScrubOptions",
    "outbound_blocks",
    "scrub",
    "scrub_list",
    "usable_processors",
]
