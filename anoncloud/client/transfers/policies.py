"""What happens to a file that is there already: kept, replaced, or joined by a second one."""

import enum
from collections.abc import Callable

import attrs


class Existing(enum.Enum):
    """What to do when there is a file of that name."""

    FAIL = "fail"
    REPLACE = "replace"
    SKIP = "skip"
    NEWER = "newer"
    RENAME = "rename"
    ASK = "ask"


class Decision(enum.Enum):
    """What is done with one file."""

    STORE = "store it there"
    LEAVE = "leave what is there"
    BESIDE = "store it beside that, under a free name"
    REFUSE = "say that something is in the way"


@attrs.frozen
class Policy:
    """What to do with files that exist; *ask* is told the path and says whether to replace."""

    existing: Existing
    ask: Callable[[str], bool] = lambda _: False

    def decide(self, shown: str, ours: int, theirs: int) -> Decision:
        """Decide on a file that exists as *shown*; times of the new and the old in nanoseconds."""
        if self.existing is Existing.NEWER:
            return Decision.STORE if ours > theirs else Decision.LEAVE
        if self.existing is Existing.ASK:
            return Decision.STORE if self.ask(shown) else Decision.LEAVE
        return _DECISIONS[self.existing]


_DECISIONS = {
    Existing.FAIL: Decision.REFUSE,
    Existing.REPLACE: Decision.STORE,
    Existing.SKIP: Decision.LEAVE,
    Existing.RENAME: Decision.BESIDE,
}
