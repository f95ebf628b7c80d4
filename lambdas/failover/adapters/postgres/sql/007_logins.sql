-- A role of the application may have two logins, of which one is changed while the other one goes on: app_rw itself,
-- and app_rw_2, whose sessions are app_rw's. What is done to the one is done to the other. Privilege: as for 004.

CREATE OR REPLACE FUNCTION lifeboat.admit(wanted bigint, until timestamptz) RETURNS void
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
    IF to_regrole('app_rw_2') IS NOT NULL THEN
        ALTER ROLE app_rw_2 LOGIN;
    END IF;
    UPDATE lifeboat.gate SET epoch = wanted, holder = me, fenced = false, valid_until = deadline,
        changed_at = clock_timestamp();
    -- Last, since no rollback takes it back.
    PERFORM setval('lifeboat.deadline', (extract(epoch FROM deadline) * 1000000)::bigint);
END
$$;

CREATE OR REPLACE FUNCTION lifeboat.end_writers() RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    writer integer;
BEGIN
    FOR writer IN
        SELECT a.pid FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid() AND (a.usename IN ('app_rw', 'app_rw_2')
            OR a.pid IN (SELECT l.pid FROM pg_locks l WHERE l.relation = 'lifeboat.writing'::regclass
                AND l.mode = 'RowExclusiveLock' AND l.granted))
    LOOP
        BEGIN
            PERFORM pg_terminate_backend(writer);
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;  -- a superuser's: whoever waits for the lock on lifeboat.writing waits for it
        END;
    END LOOP;
    RETURN (SELECT count(*) FROM pg_stat_activity WHERE usename IN ('app_rw', 'app_rw_2'));
END
$$;
