"""What a server's refusal becomes on this side: an exception."""

from anoncloud.errors import AnonymousCloudError, Code, Refused, RemoteError
from anoncloud.wire import messages


def refused(refusal: messages.Refusal) -> AnonymousCloudError:
    """Turn a refusal into the exception that says it."""
    try:
        code = Code(refusal.code)
    except ValueError:
        message = f"the server refused with the unknown code {refusal.code}"
        return RemoteError(message, "update this program")
    return Refused(code, refusal.sentence, refusal.hint)
