"""What an account may be called: PRECIS UsernameCaseMapped (RFC 8265), in its canonical form.

A client judges a name before it makes a kit of it, and a server before it takes a registration. The
rules depend on the Unicode tables of the Python that runs, so a name that was taken once is never
judged again: names are compared as they are.
"""

from typing import Final

from anoncloud.limits import MAX_ACCOUNT_NAME

FAULT: Final = "this can't be the name of an account"
_MARKS: Final = frozenset("/\\@:#")
"""What would be taken for a part of a path or an address."""


def advice(name: str) -> str:
    """Tell what to take instead of *name*; "" if it may be an account's."""
    from precis_i18n import get_profile  # noqa: PLC0415 - needed by registrations alone

    if not 0 < len(name) <= MAX_ACCOUNT_NAME:
        return f"take one of 1 to {MAX_ACCOUNT_NAME} characters"
    try:
        canonical = get_profile("UsernameCaseMapped").enforce(name)
    except UnicodeEncodeError:
        return "take letters and digits, without spaces"
    if _MARKS & set(canonical):
        return "take letters, digits, dots and hyphens"
    if len(canonical) > MAX_ACCOUNT_NAME:
        return f"take one of 1 to {MAX_ACCOUNT_NAME} characters"
    return "" if canonical == name else f"take {canonical!r}"
