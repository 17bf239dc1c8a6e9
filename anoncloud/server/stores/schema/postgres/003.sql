-- What several processes of a server share while it runs: names that are being removed, pairings.

-- Blobs whose bytes are about to be removed: until they are, none of that name can be staged.
-- since: seconds since 1970
CREATE TABLE going (
    blob bytea PRIMARY KEY,
    since bigint NOT NULL
);

-- opener, joiner: the processes that have the connections of the two; joiner is NULL while the place
-- is free. said: messages so far; until: milliseconds since 1970
CREATE TABLE pairings (
    slot bigint PRIMARY KEY,
    pairing bytea NOT NULL UNIQUE,
    drive bytea NOT NULL UNIQUE,
    opener bytea NOT NULL,
    joiner bytea,
    first bytea NOT NULL,
    said bigint NOT NULL,
    until bigint NOT NULL
);
