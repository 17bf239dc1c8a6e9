-- The first schema. Times are seconds since 1970; identifiers and keys are bytes.

CREATE TABLE accounts (
    account INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    login_key BLOB NOT NULL,
    keyring BLOB NOT NULL,
    created INTEGER NOT NULL
);

CREATE TABLE devices (
    account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    key BLOB NOT NULL,
    PRIMARY KEY (account, key)
) WITHOUT ROWID;

CREATE TABLE invitations (
    code_hash BLOB PRIMARY KEY,
    quota INTEGER,
    expires INTEGER NOT NULL,
    used_by INTEGER REFERENCES accounts ON DELETE SET NULL,
    used INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE drives (
    drive BLOB PRIMARY KEY,
    account INTEGER NOT NULL UNIQUE REFERENCES accounts,
    head INTEGER NOT NULL,
    head_hash BLOB NOT NULL,
    stored INTEGER NOT NULL,  -- bytes of staged and stored blobs
    dropped INTEGER NOT NULL, -- bytes of dropped blobs that are still kept
    quota INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE records (
    drive BLOB NOT NULL REFERENCES drives,
    number INTEGER NOT NULL,
    record BLOB NOT NULL
);
CREATE UNIQUE INDEX records_in_order ON records (drive, number);

-- state: 0 staged, 1 stored, 2 dropped; since: when it came into that state
CREATE TABLE blobs (
    blob BLOB PRIMARY KEY,
    drive BLOB NOT NULL REFERENCES drives,
    size INTEGER NOT NULL,
    state INTEGER NOT NULL,
    since INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX blobs_to_collect ON blobs (since) WHERE state <> 1;
