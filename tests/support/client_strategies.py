"""Strategies for Hypothesis: names, versions, operations and changes within their bounds."""

from hypothesis import strategies as st

from anoncloud.client.tree import affairs, changes
from anoncloud.client.tree.nodes import File, Folder, Kept, Link, pack
from anoncloud.client.tree.versions import Piece, Stream, Version
from anoncloud.crypto.packing import Extent
from anoncloud.crypto.segments import sealed_length
from tests.support.strategies import identifiers, keys, signatures

times = st.integers(-(2**63), 2**63 - 1)
modes = st.integers(0, 0o7777)
numbers = st.integers(1, 2**63 - 1)
parents = st.integers(0, 2**63 - 1)
names = st.binary(min_size=1, max_size=255)
extents = st.builds(Extent, identifiers, st.integers(0, 4_194_303), st.integers(1, 4_194_304))
extent_lists = st.lists(extents, max_size=3).map(tuple)
streams = st.builds(Stream, keys, st.integers(0, 2**63 - 1), extent_lists, extent_lists)
digests = st.binary(min_size=16, max_size=16)
pieces = st.builds(Piece, st.integers(0, 63), st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
versions = st.builds(
    Version,
    times,
    modes,
    digests,
    st.lists(streams, min_size=1, max_size=3).map(tuple),
    st.lists(pieces, max_size=3).map(tuple),
)
"""Versions that can be encoded; their parts need not fit together."""

costs = st.integers(1, 2**32 - 1)
events = st.sampled_from(changes.KeyEvent)
deliveries = st.builds(changes.Delivery, keys, st.binary(min_size=104, max_size=104))

operations = st.one_of(
    st.builds(changes.MakeFolder, numbers, parents, names, times, modes),
    st.builds(changes.PutFile, numbers, parents, names, versions),
    st.builds(changes.PutVersion, numbers, versions),
    st.builds(changes.Move, numbers, parents, names),
    st.builds(changes.Trash, numbers),
    st.builds(changes.Restore, numbers, parents, names),
    st.builds(changes.Purge, numbers),
    st.builds(changes.EnrolDevice, keys, keys, names),
    st.builds(changes.RevokeDevice, keys),
    st.builds(changes.MakeLink, numbers, parents, names, st.binary(min_size=1, max_size=99), times),
    st.builds(changes.SetAttributes, numbers, times, modes),
    st.builds(changes.ForgetVersions, numbers, st.integers(1, 2**63 - 1)),
    st.builds(changes.Relocate, numbers, keys, extent_lists, extent_lists),
    st.builds(changes.SetOptions, st.booleans()),
    st.builds(changes.RenameDevice, keys, names),
    st.builds(
        changes.NewEpoch,
        st.integers(1, 127),
        keys,
        st.lists(deliveries, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(changes.NewAccountKeys, keys, keys, signatures),
    st.builds(changes.NoteKeys, events, costs, costs),
    st.builds(changes.NoteServer, keys, keys, signatures),
    st.builds(changes.AcceptHistory, keys, numbers, keys, numbers, keys),
)
"""Any operation, whether a tree takes it or not."""
all_changes = st.builds(changes.Change, times, st.lists(operations, max_size=5).map(tuple))

devices = st.builds(affairs.Device, keys, keys, names, times)
all_affairs = st.builds(
    affairs.Affairs,
    st.booleans(),
    st.integers(0, 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.none() | st.builds(affairs.AccountKeys, keys, keys),
    st.none() | st.builds(affairs.ServerKey, keys, keys, signatures),
    st.lists(st.builds(affairs.Note, events, times), max_size=3).map(tuple),
    st.lists(
        st.builds(affairs.Acceptance, keys, st.integers(0, 9), keys, st.just(0), keys, times),
        max_size=3,
    ).map(tuple),
)
"""What a drive of the samples' keyring may know beside its files."""

trashings = st.just(0) | times
nodes = st.one_of(
    st.builds(Folder, numbers, parents, names, times, modes, trashings),
    st.builds(
        File,
        numbers,
        parents,
        names,
        st.lists(st.builds(Kept, times, versions), min_size=1, max_size=2).map(tuple).map(pack),
        trashings,
    ),
    st.builds(Link, numbers, parents, names, st.binary(min_size=1, max_size=99), times, trashings),
)


@st.composite
def whole_versions(draw: st.DrawFn) -> Version:
    """Give a version whose streams, extents and pieces fit each other."""
    made = []
    for _ in range(draw(st.integers(1, 3))):
        size = draw(st.integers(0, 200_000))
        cut = draw(st.integers(0, sealed_length(size) - 1))
        parts = [part for part in (cut, sealed_length(size) - cut) if part]
        laid = tuple(Extent(draw(identifiers), draw(st.integers(0, 9)), part) for part in parts)
        made.append(Stream(draw(keys), size, laid, ()))
    several = len(made) > 1
    cuts = []
    for _ in range(draw(st.integers(1, 3)) if several else draw(st.integers(0, 3))):
        number = draw(st.integers(0, len(made) - 1))
        offset = draw(st.integers(0, made[number].size))
        cuts.append(Piece(number, offset, draw(st.integers(0, made[number].size - offset))))
    return Version(0, 0, bytes(16), tuple(made), tuple(cuts))
