-- Recovery keys, closed accounts, and what delays logins.

ALTER TABLE accounts ADD COLUMN recovery_key BLOB;
ALTER TABLE accounts ADD COLUMN recovery_keyring BLOB;
-- when the account was closed, or 0; its name is '/' and its drive in hexadecimal then, which no
-- account can have, and its row stays until its blobs are gone
ALTER TABLE accounts ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX accounts_closed ON accounts (account) WHERE closed <> 0;

-- kind: 0 an account's name, 1 a network, 2 all together; times are milliseconds since 1970
CREATE TABLE delays (
    kind INTEGER NOT NULL,
    subject BLOB NOT NULL,
    failures INTEGER NOT NULL,
    last INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
CREATE INDEX delays_by_end ON delays (kind, until);

CREATE INDEX blobs_of_drive ON blobs (drive);
