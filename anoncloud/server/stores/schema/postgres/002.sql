-- Recovery keys, closed accounts, and what delays logins.

ALTER TABLE accounts ADD COLUMN recovery_key bytea;
ALTER TABLE accounts ADD COLUMN recovery_keyring bytea;
-- when the account was closed, or 0; its name is '/' and its drive in hexadecimal then, which no
-- account can have, and its row stays until its blobs are gone
ALTER TABLE accounts ADD COLUMN closed bigint NOT NULL DEFAULT 0;
CREATE INDEX accounts_closed ON accounts (account) WHERE closed <> 0;

-- kind: 0 an account's name, 1 a network, 2 all together; times are milliseconds since 1970
CREATE TABLE delays (
    kind bigint NOT NULL,
    subject bytea NOT NULL,
    failures bigint NOT NULL,
    last bigint NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX delays_by_end ON delays (kind, until);

CREATE INDEX blobs_of_drive ON blobs (drive);
