-- What logical decoding shall give of each table, for the day on which an old writer returns with writes that the
-- new one lacks. Privilege: CREATE on the database, and for each table its ownership.

-- A table that publishes its updates must have a replica identity, or PostgreSQL refuses its updates. So there are
-- two publications: one of everything, and one for tables without, whose updates and deletes cannot be kept.
DO $install$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'lifeboat_tail') THEN
        CREATE PUBLICATION lifeboat_tail;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'lifeboat_tail_inserts') THEN
        CREATE PUBLICATION lifeboat_tail_inserts WITH (publish = 'insert, truncate');
    END IF;
END
$install$;

-- Each permanent table of the attached schemas, where it should be and where it is.
CREATE VIEW lifeboat.tailed AS
SELECT c.oid::regclass AS "table",
    CASE
        WHEN c.relreplident = 'f' OR EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
                AND (i.indisreplident OR (c.relreplident = 'd' AND i.indisprimary)))
        THEN 'lifeboat_tail' ELSE 'lifeboat_tail_inserts'
    END AS wanted,
    (SELECT p.pubname FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
        WHERE r.prrelid = c.oid AND p.pubname IN ('lifeboat_tail', 'lifeboat_tail_inserts')) AS present
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN lifeboat.attached a ON a.schema = n.nspname
WHERE c.relkind = 'r' AND c.relpersistence = 'p';
GRANT SELECT ON lifeboat.tailed TO PUBLIC;

-- Put each table where it should be. Out of the first publication needs the publication's ownership only: that is
-- the direction which must not fail, since a table that lost its key could not be updated any more.
CREATE FUNCTION lifeboat.tail_tables() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT * FROM lifeboat.tailed WHERE present IS DISTINCT FROM wanted LOOP
        IF each.present IS NOT NULL THEN
            EXECUTE format('ALTER PUBLICATION %I DROP TABLE %s', each.present, each."table");
        END IF;
        BEGIN
            EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s', each.wanted, each."table");
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'the changes of table % cannot be kept in a tail: %', each."table", SQLERRM
                USING HINT = 'Make the owner of the schema lifeboat a member of the table''s owner.';
        END;
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION lifeboat.tail_tables() FROM PUBLIC;

-- As tables come, change and lose their keys. Privilege: as for lifeboat_attach; without it, install the gate again
-- after each migration.
CREATE FUNCTION lifeboat.tail_new() RETURNS event_trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM lifeboat.tail_tables();
END
$$;
REVOKE EXECUTE ON FUNCTION lifeboat.tail_new() FROM PUBLIC;

DO $install$
BEGIN
    CREATE EVENT TRIGGER lifeboat_tail ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE SCHEMA', 'ALTER TABLE', 'DROP INDEX')
    EXECUTE FUNCTION lifeboat.tail_new();
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'no event trigger: %; install the gate again after each migration', SQLERRM;
END
$install$;
