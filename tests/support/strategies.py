"""Strategies for Hypothesis: arbitrary messages, records and conversations within their bounds."""

from hypothesis import strategies as st

from anoncloud import limits
from anoncloud.wire import messages, records

numbers = st.integers(0, 2**63 - 1)
requests = st.integers(1, 2**32 - 1)
identifiers = st.binary(min_size=16, max_size=16)
keys = st.binary(min_size=32, max_size=32)
hashes = keys
signatures = st.binary(min_size=64, max_size=64)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=limits.MAX_SENTENCE)
account_names = text.filter(bool).map(lambda name: name[: limits.MAX_ACCOUNT_NAME])
keyrings = st.binary(min_size=1, max_size=300)
record_bytes = st.binary(min_size=1, max_size=300)
pairing_messages = st.binary(min_size=1, max_size=300)
slots = st.integers(1, limits.MAX_SLOT)
statements = st.builds(messages.Statement, keys, keys, signatures)
blob_places = st.integers(1, limits.BULK_BLOB)

client_messages = st.one_of(
    st.builds(
        messages.Register,
        requests,
        account_names,
        st.binary(max_size=16),
        keys,
        keyrings,
        identifiers,
    ),
    st.builds(messages.LogIn, requests, account_names, keys, signatures),
    st.builds(messages.FetchKeyring, requests),
    st.builds(messages.EnrolDevice, requests, keys),
    st.builds(messages.ForgetDevice, requests, keys),
    st.builds(messages.ReadJournal, requests, identifiers, numbers),
    st.builds(messages.Commit, requests, record_bytes),
    st.builds(messages.StageBlob, requests, identifiers, identifiers, blob_places),
    st.builds(
        messages.ReadBlob,
        requests,
        identifiers,
        identifiers,
        st.integers(0, limits.BULK_BLOB - 1),
        blob_places,
        blob_places,
    ),
    st.builds(messages.Cancel, requests, requests),
    st.builds(messages.ReadUsage, requests, identifiers),
    st.builds(messages.Ping, requests),
    st.builds(
        messages.Unstage,
        requests,
        identifiers,
        st.lists(identifiers, min_size=1, max_size=4).map(tuple),
    ),
    st.builds(messages.ReadTerms, requests),
    st.builds(messages.ReplaceKeyring, requests, keys, keyrings),
    st.builds(messages.SetRecovery, requests, keys, keyrings),
    st.builds(messages.DropRecovery, requests),
    st.builds(messages.ListDevices, requests),
    st.builds(messages.DeleteAccount, requests, account_names),
    st.builds(messages.OpenPairing, requests, pairing_messages),
    st.builds(messages.JoinPairing, requests, slots, pairing_messages),
    st.builds(messages.SayPairing, requests, pairing_messages),
    st.builds(messages.ClosePairing, requests),
    st.builds(messages.Credit, requests, st.integers(1, limits.MAX_CREDIT)),
)
"""Whatever a client may say."""

server_messages = st.one_of(
    st.builds(messages.Done, requests),
    st.builds(messages.Refusal, requests, st.integers(0, 2**16 - 1), text, text),
    st.builds(messages.LoggedIn, requests, identifiers, numbers, hashes),
    st.builds(messages.Keyring, requests, keyrings),
    st.builds(
        messages.JournalPage, requests, st.lists(record_bytes, max_size=4).map(tuple), numbers
    ),
    st.builds(messages.Committed, requests, numbers),
    st.builds(messages.Usage, requests, numbers, numbers),
    st.builds(messages.Terms, requests, st.integers(0, 2), st.integers(0, limits.MAX_SCORE)),
    st.builds(messages.Devices, requests, st.lists(keys, max_size=4).map(tuple), st.integers(0, 1)),
    st.builds(messages.PairingOpened, requests, slots),
    st.builds(messages.PairingJoined, requests, pairing_messages),
    st.builds(messages.JournalGrew, identifiers, numbers),
    st.builds(messages.GoingDown),
    st.builds(messages.ServerKeys, st.lists(statements, min_size=1, max_size=3).map(tuple)),
    st.builds(messages.PairingSaid, pairing_messages),
    st.builds(messages.PairingClosed),
    st.builds(messages.Credit, requests, st.integers(1, limits.MAX_CREDIT)),
)
"""Whatever a server may say."""

blob_lists = st.lists(identifiers, max_size=3).map(tuple)
headers = st.builds(
    records.Header,
    st.just(records.FORMAT),
    identifiers,
    numbers,
    st.integers(1, 2**63 - 1),
    hashes,
    blob_lists,
    blob_lists,
)

bulk = st.tuples(st.integers(0, 2**32 - 1), st.binary(min_size=1, max_size=300))
conversations = st.lists(client_messages | bulk, max_size=8)
"""What a client says in order: messages, and (request, bulk bytes)."""

places = st.lists(st.integers(0, 10_000), max_size=12)
"""Where to split a stream of bytes; see ``tests.support.damage.split``."""
