-- The three changes of the gate, for Lifeboat and, with psql, for the day on which Lifeboat itself is broken.
-- Privilege: ownership of the schema; for admit also CREATEROLE and ADMIN on app_rw, which who made it has.
-- LB002: the epoch is not the gate's. LB003: not on this server, or not in this state.

-- Shut the gate. Its row keeps the last holder as long as the epoch is the same.
CREATE FUNCTION lifeboat.shut(wanted bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    seen lifeboat.gate;
BEGIN
    SELECT * INTO STRICT seen FROM lifeboat.gate FOR UPDATE;
    IF wanted < seen.epoch THEN
        RAISE EXCEPTION USING ERRCODE = 'LB002',
            MESSAGE = format('epoch %s is older than the gate''s epoch %s', wanted, seen.epoch);
    END IF;
    UPDATE lifeboat.gate SET epoch = wanted, fenced = true, valid_until = '-infinity',
        holder = CASE WHEN wanted = seen.epoch THEN seen.holder END, changed_at = clock_timestamp();
    PERFORM setval('lifeboat.deadline', 0);
END
$$;

-- Open the gate on this server. valid_until is by this server's clock, which was read before the lease was
-- granted: an admission that is late by a lease opens nothing.
CREATE FUNCTION lifeboat.admit(wanted bigint, until timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    seen lifeboat.gate;
    me text := lifeboat.identity();
    deadline timestamptz := until;
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION USING ERRCODE = 'LB003', MESSAGE = format('%s is in recovery; promote it first', me);
    END IF;
    SELECT * INTO STRICT seen FROM lifeboat.gate FOR UPDATE;
    IF wanted < 1 OR wanted < seen.epoch OR (wanted = seen.epoch AND seen.holder <> me) THEN
        RAISE EXCEPTION USING ERRCODE = 'LB002',
            MESSAGE = format('epoch %s cannot be admitted on %s: the gate holds epoch %s of %s',
                wanted, me, seen.epoch, coalesce(seen.holder, 'nobody'));
    END IF;
    IF wanted = seen.epoch AND NOT seen.fenced THEN
        deadline := greatest(until, seen.valid_until);
    END IF;
    ALTER ROLE app_rw LOGIN;  -- a fence's NOLOGIN came here by replication
    UPDATE lifeboat.gate SET epoch = wanted, holder = me, fenced = false, valid_until = deadline,
        changed_at = clock_timestamp();
    -- Last, since no rollback takes it back.
    PERFORM setval('lifeboat.deadline', (extract(epoch FROM deadline) * 1000000)::bigint);
END
$$;

-- Move the deadline of an admitted gate on. Opens nothing that an admission has not opened, and never moves
-- the deadline back, so that overlapping guards cannot harm each other.
CREATE FUNCTION lifeboat.extend(wanted bigint, until timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    seen lifeboat.gate;
    me text := lifeboat.identity();
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION USING ERRCODE = 'LB003', MESSAGE = format('%s is in recovery and has no lease', me);
    END IF;
    SELECT * INTO STRICT seen FROM lifeboat.gate FOR UPDATE;
    IF wanted <> seen.epoch THEN
        RAISE EXCEPTION USING ERRCODE = 'LB002',
            MESSAGE = format('epoch %s is not the gate''s epoch %s', wanted, seen.epoch);
    END IF;
    IF seen.fenced OR seen.holder IS DISTINCT FROM me THEN
        RAISE EXCEPTION USING ERRCODE = 'LB003',
            MESSAGE = format('only an admission opens this gate: epoch %s of %s%s, this server is %s', seen.epoch,
                coalesce(seen.holder, 'nobody'), CASE WHEN seen.fenced THEN ', fenced' ELSE '' END, me);
    END IF;
    IF until > seen.valid_until THEN
        UPDATE lifeboat.gate SET valid_until = until, changed_at = clock_timestamp();
        PERFORM setval('lifeboat.deadline', (extract(epoch FROM until) * 1000000)::bigint);
    END IF;
    -- Rows of ended sessions; one whose number a new session has and is writing with is locked, and skipped.
    DELETE FROM lifeboat.writing WHERE pid IN (
        SELECT w.pid FROM lifeboat.writing w
        WHERE NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = w.pid)
        FOR UPDATE OF w SKIP LOCKED);
END
$$;

-- End the application's sessions, and whoever else is writing through the gate, as far as the caller may.
-- Returns how many sessions of the application are left. Privilege: pg_signal_backend, or membership.
CREATE FUNCTION lifeboat.end_writers() RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    writer integer;
BEGIN
    FOR writer IN
        SELECT a.pid FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid() AND (a.usename = 'app_rw'
            OR a.pid IN (SELECT l.pid FROM pg_locks l WHERE l.relation = 'lifeboat.writing'::regclass
                AND l.mode = 'RowExclusiveLock' AND l.granted))
    LOOP
        BEGIN
            PERFORM pg_terminate_backend(writer);
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;  -- a superuser's: whoever waits for the lock on lifeboat.writing waits for it
        END;
    END LOOP;
    RETURN (SELECT count(*) FROM pg_stat_activity WHERE usename = 'app_rw');
END
$$;

REVOKE EXECUTE ON FUNCTION lifeboat.end_writers(), lifeboat.shut(bigint), lifeboat.admit(bigint, timestamptz),
    lifeboat.extend(bigint, timestamptz) FROM PUBLIC;
