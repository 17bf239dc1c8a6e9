-- What several processes of a server share while it runs: names that are being removed, pairings.

-- Blobs whose bytes are about to be removed: until they are, none of that name can be staged.
-- since: seconds since 1970
CREATE TABLE going (
    blob BLOB PRIMARY KEY,
    since INTEGER NOT NULL
) WITHOUT ROWID;

-- opener, joiner: the processes that have the connections of the two; joiner is NULL while the place
-- is free. said: messages so far; until: milliseconds since 1970
CREATE TABLE pairings (
    slot INTEGER PRIMARY KEY,
    pairing BLOB NOT NULL UNIQUE,
    drive BLOB NOT NULL UNIQUE,
    opener BLOB NOT NULL,
    joiner BLOB,
    first BLOB NOT NULL,
    said INTEGER NOT NULL,
    until INTEGER NOT NULL
);
