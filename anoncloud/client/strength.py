"""How hard a new passphrase is to guess: zxcvbn's score and advice, on the client alone.

Source: Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016. A server
never sees a passphrase, so it can only ask for a higher score than the one that is asked for here.
"""

import threading
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from anoncloud.client.address import Address
from anoncloud.crypto.passphrases import prepare
from anoncloud.errors import UsageError
from anoncloud.limits import LEAST_SCORE, MAX_SCORE

_JUDGED: Final = 72
"""Characters that zxcvbn looks at; more of them only make a passphrase better."""
_OURS: Final = ("anonymouscloud", "anoncloud")
_SHORTEST: Final = 3
"""Letters of a word worth telling zxcvbn of; parts of IP addresses are none."""
_ONE_AT_A_TIME: Final = threading.Lock()
"""zxcvbn keeps the words of a call in a global."""


@attrs.frozen
class Verdict:
    """What zxcvbn says of a passphrase: 0 to 4, what is wrong with it, and what would be better."""

    score: int
    warning: str
    suggestions: tuple[str, ...]


@attrs.frozen
class Rule:
    """What a new passphrase must be worth, and the words that make it no harder to guess."""

    least: int
    words: tuple[str, ...]


def rule_for(address: Address, account: str, least_score: int) -> Rule:
    """Make the rule for *account* on a server that asks for *least_score*.

    A server may ask for more than this program does, but not for less.
    """
    words = {account, address.host, *account.split("."), *address.host.split("."), *_OURS}
    told = (word for word in words if len(word) >= _SHORTEST)
    return Rule(max(LEAST_SCORE, least_score), tuple(sorted(told)))


def judge(passphrase: str, words: Iterable[str] = ()) -> Verdict:
    """Judge *passphrase*, which is easier to guess if it is made of *words*.

    Mostly takes milliseconds, but seconds for some of odd characters: run it in a thread.

    :raises UsageError: it can't be a passphrase at all; the error does not hold it.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - reads lists of words; needed by new ones alone

    prepared = prepare(passphrase).decode()
    with _ONE_AT_A_TIME:
        found = zxcvbn(prepared[:_JUDGED], list(words), _JUDGED)
    said = found["feedback"]
    return Verdict(found["score"], said["warning"], tuple(said["suggestions"]))


def check(passphrase: str, rule: Rule) -> None:
    """See that *passphrase* is worth what *rule* asks for; takes the time of :func:`judge`.

    :raises UsageError: it is not; message and hint say why, and what would be better.
    """
    verdict = judge(passphrase, rule.words)
    if verdict.score >= rule.least:
        return
    message = (
        f"judging the passphrase: it is worth {verdict.score} of {MAX_SCORE}, and must be worth "
        f"{rule.least}"
    )
    better = list(_plain(verdict.warning, *verdict.suggestions))
    raise UsageError(message, "; ".join(better or ["add a word or two that nobody would expect"]))


def _plain(*said: str) -> Iterator[str]:
    """Make zxcvbn's sentences fit into a line of ours."""
    for sentence in filter(None, (one for text in said for one in text.split("."))):
        plain = sentence.strip()
        yield plain[:1].lower() + plain[1:]
