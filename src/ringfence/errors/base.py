"""What every error that Ringfence raises on purpose is."""

from typing import ClassVar


class RingfenceError(Exception):
    """Something that Ringfence refuses or cannot do, said in one sentence."""

    code: ClassVar[str] = "error"
    sentence: ClassVar[str] = "the request failed"

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.sentence.format(**facts))
