"""What a benchmark says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio, what it should be, and the figures it was made of."""

    what: str
    ratio: float
    wanted: str
    made_of: str

    def __str__(self) -> str:
        """Return the figure as one line."""
        return f"{self.ratio:6.2f}  (wanted {self.wanted})  {self.what}: {self.made_of}"
