// The tables of the mail store, in one SQLite database beside the blobs that they count.

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS account (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    mod_seq INTEGER NOT NULL DEFAULT 0, -- of the last change in any of its mailboxes
    messages INTEGER NOT NULL DEFAULT 0,
    octets INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS mailbox (
    number INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    name TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid_next INTEGER NOT NULL DEFAULT 1,
    highest_mod_seq INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    octets INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, name)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    mod_seq INTEGER NOT NULL,
    flags TEXT NOT NULL DEFAULT '', -- parted by spaces
    octets INTEGER NOT NULL,
    internal_date_ms INTEGER NOT NULL,
    sender TEXT NOT NULL,
    trace TEXT NOT NULL,
    from_text TEXT NOT NULL,
    subject TEXT NOT NULL,
    trace_fields BLOB NOT NULL,
    blob TEXT NOT NULL,
    UNIQUE (mailbox, uid)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS delivery (
    id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    answer TEXT NOT NULL -- JSON: Delivered[]
  ) STRICT;
  CREATE INDEX IF NOT EXISTS delivery_by_time ON delivery (at_ms);
  CREATE TABLE IF NOT EXISTS uid_validity (last INTEGER NOT NULL) STRICT;
  INSERT INTO uid_validity SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM uid_validity);
`
