"""What an account may be called: PRECIS UsernameCaseMapped (RFC 8265), in its canonical form."""

from anoncloud.errors import Code, Refused


def check_account_name(name: str) -> None:
    """See that *name* may be an account's.

    :raises Refused: NAME_INVALID; the hint has the form that would do, if there is one.
    """
    from precis_i18n import get_profile  # noqa: PLC0415 - needed by registrations alone

    message = "this can't be the name of an account"
    try:
        canonical = get_profile("UsernameCaseMapped").enforce(name)
    except UnicodeEncodeError as error:
        hint = "take letters and digits, without spaces"
        raise Refused(Code.NAME_INVALID, message, hint) from error
    if canonical != name:
        raise Refused(Code.NAME_INVALID, message, f"take {canonical!r}")
    if any(character in name for character in "/\\@:#"):
        raise Refused(Code.NAME_INVALID, message, "take letters, digits, dots and hyphens")
