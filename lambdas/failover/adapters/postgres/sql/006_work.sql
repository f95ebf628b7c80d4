-- Schedulers and queue consumers: they run in every region, and work where the database is written.
-- Privilege: ownership of the schema.

-- What was begun, and committed. Rows are kept for a day, for whoever asks who worked when.
CREATE TABLE lifeboat.work (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    worker text NOT NULL CHECK (worker <> ''),
    epoch bigint NOT NULL,
    identity text NOT NULL,
    place text,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN lifeboat.work.place IS 'Where the worker says that it runs: its region.';
CREATE INDEX ON lifeboat.work (at);
GRANT SELECT ON lifeboat.work TO PUBLIC;
-- As on an application's table: it is this trigger that also has the commit checked.
SELECT lifeboat.attach_table('lifeboat.work');

-- Begin a piece of work: the first statement of the transaction that does it. Raises LB001 unless a write would
-- pass this server's gate, and again at commit if the lease has run out meanwhile, so that nothing of it is kept.
-- What a worker does outside of the database it should do after the commit, and in a way that can be repeated.
-- Returns the epoch. Ask the copy of the worker's own region: that one is open in one region at a time.
CREATE FUNCTION lifeboat.begin_work(worker text, place text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    under bigint;
BEGIN
    PERFORM lifeboat.require_open();  -- on a replica the insert would only say that it is read-only
    INSERT INTO lifeboat.work AS w (worker, epoch, identity, place)
    SELECT begin_work.worker, g.epoch, lifeboat.identity(), begin_work.place FROM lifeboat.gate g
    RETURNING w.epoch INTO under;
    IF random() < 0.01 THEN
        -- Skipping what another worker is just deleting: they must not wait for each other.
        DELETE FROM lifeboat.work WHERE id IN (
            SELECT o.id FROM lifeboat.work o WHERE o.at < clock_timestamp() - interval '1 day'
            LIMIT 1000 FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN under;
END
$$;
REVOKE EXECUTE ON FUNCTION lifeboat.begin_work(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lifeboat.begin_work(text, text) TO app_rw;
