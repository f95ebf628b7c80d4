-- Which tables have the gate. Privilege: for each table its ownership (CREATE TRIGGER, ENABLE ALWAYS, GRANT).

-- ENABLE ALWAYS: session_replication_role = replica does not pass. (A subscription's worker does: PostgreSQL
-- fires no statement triggers for it.)
CREATE FUNCTION lifeboat.attach_table(wanted regclass) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    state "char" := (SELECT tgenabled FROM pg_trigger WHERE tgrelid = wanted AND tgname = 'lifeboat_gate');
BEGIN
    IF state IS NULL THEN
        EXECUTE format('CREATE TRIGGER lifeboat_gate BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION lifeboat.check_gate()', wanted);
    END IF;
    IF state IS DISTINCT FROM 'A' THEN
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER lifeboat_gate', wanted);
    END IF;
END
$$;

-- Tables, also partitions, of the attached schemas through which a write can pass the gate, and why.
CREATE VIEW lifeboat.ungated AS
SELECT c.oid::regclass AS "table",
    CASE
        WHEN t.tgname IS NULL THEN 'it has no trigger lifeboat_gate'
        WHEN t.tgfoid <> 'lifeboat.check_gate'::regproc THEN 'its trigger lifeboat_gate is not the gate''s'
        WHEN t.tgenabled <> 'A' THEN 'its trigger lifeboat_gate is not ENABLE ALWAYS'
        ELSE 'app_rw owns it and may drop the trigger'
    END AS reason
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN lifeboat.attached a ON a.schema = n.nspname
LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = 'lifeboat_gate'
WHERE c.relkind IN ('r', 'p')
    AND (t.tgenabled IS DISTINCT FROM 'A' OR t.tgfoid <> 'lifeboat.check_gate'::regproc
        OR pg_get_userbyid(c.relowner) = 'app_rw');
GRANT SELECT ON lifeboat.ungated TO PUBLIC;

-- Give every table of a schema the gate, and the application's roles their rights on present tables and on
-- those that the caller will create. Returns how many tables still lack the gate (see lifeboat.ungated).
CREATE FUNCTION lifeboat.attach(wanted name) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lacking regclass;
BEGIN
    INSERT INTO lifeboat.attached VALUES (wanted) ON CONFLICT DO NOTHING;
    FOR lacking IN SELECT u."table" FROM lifeboat.ungated u JOIN pg_class c ON c.oid = u."table"
        WHERE c.relnamespace = wanted::text::regnamespace
    LOOP
        BEGIN
            PERFORM lifeboat.attach_table(lacking);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'table % did not get the gate: %', lacking, SQLERRM
                USING HINT = 'Let its owner call lifeboat.attach_table.';
        END;
    END LOOP;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO app_rw, app_ro', wanted);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA %I TO app_rw', wanted);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO app_rw', wanted);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO app_ro', wanted);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I '
        'GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO app_rw', wanted);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE, SELECT ON SEQUENCES TO app_rw', wanted);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO app_ro', wanted);
    RETURN (SELECT count(*) FROM lifeboat.ungated u JOIN pg_class c ON c.oid = u."table"
        WHERE c.relnamespace = wanted::text::regnamespace);
END
$$;
REVOKE EXECUTE ON FUNCTION lifeboat.attach(name) FROM PUBLIC;

-- New tables get the gate as they are made, and an owner who disables it finds it enabled again. It runs as
-- whoever creates the table, since only an owner may. Privilege: a superuser's; on RDS and Aurora
-- rds_superuser's. Without it, call lifeboat.attach after each migration.
CREATE FUNCTION lifeboat.attach_new() RETURNS event_trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made oid;
BEGIN
    FOR made IN
        SELECT c.oid FROM pg_event_trigger_ddl_commands() d
        JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'p')
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN lifeboat.attached a ON a.schema = n.nspname
    LOOP
        PERFORM lifeboat.attach_table(made::regclass);
    END LOOP;
END
$$;

DO $install$
BEGIN
    CREATE EVENT TRIGGER lifeboat_attach ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE SCHEMA', 'ALTER TABLE')
    EXECUTE FUNCTION lifeboat.attach_new();
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'no event trigger: %; call lifeboat.attach after each migration', SQLERRM;
END
$install$;
