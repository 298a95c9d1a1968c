"""A document as a terminal sees it: which commands it has, and what it says that they print."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_BLOCK = re.compile(r"^```(?P<kind>sh|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(slots=True)
class Command:
    """A command line and the output that the document shows under it."""

    line: str
    output: list[str] = field(default_factory=list)

    def matches(self, printed: str) -> bool:
        """Whether `printed` is what the document shows; `…` there stands for anything."""
        shown = "\n".join(self.output)
        pattern = ".*".join(re.escape(part) for part in shown.split("…"))
        return re.fullmatch(pattern, printed.strip("\n")) is not None


def shell_blocks(document: Path = README) -> list[str]:
    """Return the text of the blocks that show commands without output."""
    return [text for kind, text in _blocks(document) if kind == "sh"]


def console_commands(document: Path = README) -> list[Command]:
    """Return the commands of the blocks that show a terminal, in order."""
    commands: list[Command] = []
    for kind, text in _blocks(document):
        for line in text.splitlines() if kind == "console" else ():
            if line.startswith("$ "):
                commands.append(Command(line.removeprefix("$ ")))
            else:
                commands[-1].output.append(line)
    return commands


def _blocks(document: Path) -> Iterator[tuple[str, str]]:
    text = document.read_text("utf-8")
    return ((match["kind"], match["text"]) for match in _BLOCK.finditer(text))
