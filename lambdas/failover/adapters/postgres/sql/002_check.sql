-- Whether a write may pass. Privilege: ownership of the schema; EXECUTE on pg_control_system (everyone's).

-- Who this server is: promotion gives it a new timeline and thereby a new identity, so that a gate row which
-- came by replication, or in a backup, names somebody else. pg_control_checkpoint() would not do for the
-- timeline: after a promotion it names the old one until the next checkpoint. Aurora's instances share one
-- storage and have no timelines; there an instance is its own identity.
DO $install$
BEGIN
    IF to_regprocedure('aurora_db_instance_identifier()') IS NOT NULL THEN
        CREATE FUNCTION lifeboat.identity() RETURNS text
        LANGUAGE sql VOLATILE
        AS $$
            SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE aurora_db_instance_identifier() END
        $$;
    ELSE
        CREATE FUNCTION lifeboat.identity() RETURNS text
        LANGUAGE plpgsql VOLATILE
        AS $$
        BEGIN
            IF pg_is_in_recovery() THEN
                RETURN (SELECT system_identifier FROM pg_control_system()) || '/replica';
            END IF;
            RETURN (SELECT system_identifier FROM pg_control_system()) || '/'
                || ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer;
        END
        $$;
    END IF;
END
$install$;

-- Why a write is refused now, or null when it may pass. For everyone: health checks ask it.
CREATE FUNCTION lifeboat.refusal() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    seen lifeboat.gate;
    deadline bigint;
    me text := lifeboat.identity();
BEGIN
    SELECT * INTO STRICT seen FROM lifeboat.gate;
    SELECT last_value INTO STRICT deadline FROM lifeboat.deadline;
    IF seen.holder = me AND NOT seen.fenced
        AND clock_timestamp() < to_timestamp(deadline / 1000000.0::double precision)
        AND current_setting('max_prepared_transactions') = '0'
    THEN
        RETURN NULL;
    END IF;
    RETURN format('epoch %s, valid until %s: ', seen.epoch,
            CASE WHEN deadline = 0 THEN 'never' ELSE to_timestamp(deadline / 1000000.0::double precision)::text END)
        || CASE
            WHEN seen.fenced THEN 'it was fenced'
            WHEN seen.holder IS NULL THEN 'no server has been admitted'
            WHEN seen.holder <> me THEN format('%s was admitted, this server is %s', seen.holder, me)
            WHEN deadline = 0 THEN 'it was fenced a moment ago'
            -- COMMIT PREPARED runs no trigger, so that a write could wait for it beyond any lease.
            WHEN current_setting('max_prepared_transactions') <> '0'
                THEN 'this server allows prepared transactions; set max_prepared_transactions to 0'
            ELSE 'its lease has run out'
        END;
END
$$;

-- Only for functions that have set their search path, as identity is: each such setting costs time per write.
CREATE FUNCTION lifeboat.require_open() RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    reason text := lifeboat.refusal();
BEGIN
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'LB001',
            MESSAGE = 'write refused, the gate of this database is closed: ' || reason,
            HINT = 'Connect again: another server may be the writer now.';
    END IF;
END
$$;

-- Before each statement. Armed first, once per transaction: from there on the lock on lifeboat.writing tells a
-- fence that somebody may be about to commit, and whoever arms after a fence has shut the gate sees it shut.
-- ON CONFLICT finds the session's row without a snapshot and therefore without a predicate lock: SERIALIZABLE
-- transactions must not meet each other here. A savepoint rolled back takes row and queued check away together.
-- A step of 'last' means that the commit has begun and that a deferred trigger of the application writes: then
-- the check goes behind it once more.
CREATE FUNCTION lifeboat.check_gate() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO lifeboat.writing AS mine VALUES (pg_backend_pid(), pg_current_xact_id(), 'armed')
    ON CONFLICT (pid) DO UPDATE SET xid = excluded.xid, step = excluded.step
    WHERE mine.xid <> excluded.xid OR mine.step = 'last';
    PERFORM lifeboat.require_open();
    RETURN NULL;
END
$$;

-- At commit, once per transaction, and last. Two things need care.
-- Deferred checks run in the order they were queued, so this one would come first and an application's slow
-- ones after it: it queues itself once more ('last') and checks then.
-- SET CONSTRAINTS ALL IMMEDIATE, which applications do for their own constraints, runs this one early and
-- would leave nothing for the commit. Nothing tells a trigger that it runs at commit, but an event queued now
-- tells whether the constraint is immediate: then it runs at once, inside this very call. So an early run
-- checks, makes the constraint deferred again, and queues itself for the commit.
-- The deadline alone decides here: who this server is was checked before the statement, and cannot change
-- under a transaction that writes; what shuts the gate takes the deadline away.
CREATE FUNCTION lifeboat.recheck_gate() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    early boolean := pg_trigger_depth() > 1;  -- a commit never happens inside a trigger
BEGIN
    IF early AND NEW.step = 'last' AND current_setting('lifeboat.asked', true) = 'asked' THEN
        PERFORM set_config('lifeboat.asked', 'immediate', true);
        RETURN NULL;
    END IF;
    IF NOT early AND NEW.step = 'armed' THEN
        PERFORM set_config('lifeboat.asked', 'asked', true);
        INSERT INTO lifeboat.writing VALUES (NEW.pid, NEW.xid, 'last')
        ON CONFLICT (pid) DO UPDATE SET step = 'last';
        early := current_setting('lifeboat.asked') = 'immediate';
        PERFORM set_config('lifeboat.asked', '', true);
        IF NOT early THEN
            RETURN NULL;  -- this is the commit; 'last' is queued behind everything
        END IF;
    END IF;
    IF clock_timestamp() >= (SELECT to_timestamp(last_value / 1000000.0::double precision) FROM lifeboat.deadline)
    THEN
        PERFORM lifeboat.require_open();
    END IF;
    IF early THEN
        SET CONSTRAINTS lifeboat.recheck DEFERRED;
        INSERT INTO lifeboat.writing VALUES (NEW.pid, NEW.xid, 'armed')
        ON CONFLICT (pid) DO UPDATE SET step = 'armed';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER recheck AFTER INSERT OR UPDATE ON lifeboat.writing
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lifeboat.recheck_gate();
ALTER TABLE lifeboat.writing ENABLE ALWAYS TRIGGER recheck;

REVOKE EXECUTE ON FUNCTION lifeboat.require_open() FROM PUBLIC;
