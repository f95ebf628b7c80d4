-- What the gate knows. Privilege: CREATE on the database.

CREATE SCHEMA lifeboat;
COMMENT ON SCHEMA lifeboat IS 'The gate: whether this server may take writes now. See docs/gate.md.';
-- Whoever writes to a gated table runs its trigger; whoever creates one attaches it.
GRANT USAGE ON SCHEMA lifeboat TO PUBLIC;

CREATE TABLE lifeboat.version (
    version integer PRIMARY KEY,
    installed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE lifeboat.gate (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    holder text,
    valid_until timestamptz NOT NULL DEFAULT '-infinity',
    fenced boolean NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN lifeboat.gate.holder IS 'The identity of the server that was admitted last, or null.';
INSERT INTO lifeboat.gate DEFAULT VALUES;  -- closed
GRANT SELECT ON lifeboat.gate TO PUBLIC;

-- valid_until once more, in microseconds since 1970, where no snapshot can hide a change: a REPEATABLE READ
-- transaction sees the row above as it was when it began, but a sequence always as it is. 0 is shut.
CREATE SEQUENCE lifeboat.deadline AS bigint MINVALUE 0 START 0;

-- One row for each session that ever wrote. Writing to it queues the check at commit, and takes a lock that
-- lasts as long as the transaction, by which a fence knows when the last writer is gone. Unlogged: it means
-- nothing to another server. Free space keeps its updates on their page and out of its index.
CREATE UNLOGGED TABLE lifeboat.writing (
    pid integer PRIMARY KEY,
    xid xid8 NOT NULL,
    step text NOT NULL CHECK (step IN ('armed', 'last'))
) WITH (fillfactor = 50);

-- Schemas whose tables must have the gate.
CREATE TABLE lifeboat.attached (schema name PRIMARY KEY);
GRANT SELECT ON lifeboat.attached TO PUBLIC;
