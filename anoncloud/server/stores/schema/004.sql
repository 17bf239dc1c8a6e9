-- Locked accounts, the day of their last login, checksums of blobs, and what the owner asks of a server.

-- when the account was locked, or 0
ALTER TABLE accounts ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;
-- the last login, to a day or coarser; 0 before the first
ALTER TABLE accounts ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
CREATE INDEX accounts_locked ON accounts (account) WHERE locked <> 0;

-- CRC-32 of the bytes as they came in
ALTER TABLE blobs ADD COLUMN checksum INTEGER;

-- answer: NULL until the running server has done it
CREATE TABLE errands (
    errand INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    answer TEXT
);
