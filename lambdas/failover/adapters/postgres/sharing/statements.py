"""The SQL of both ends: pure, in the order in which it is run."""

from typing import Final

from pg8000.native import identifier, literal

from failover.adapters.postgres.sharing import names
from failover.sharing import SharedTable, Sharing

EVENTS: Final = "insert, update, delete"
"""No TRUNCATE: no filter holds it back, and it would empty the rows of all regions at the other end."""

FOLLOWING: Final = "origin = none, synchronous_commit = on"


def publishing(sharing: Sharing, region: str, verifier: str) -> list[str]:
    """Return what makes a database publish exactly this; each is a transaction.

    The publication comes last: until then nobody may read anything of it.
    """
    made = [_login(verifier)]
    for table in sharing.tables:
        if table.filled_from:
            made.append(_filling(table, region))
        made.append(_identity(table))
    return [*made, _rights(sharing), _publication(sharing, region)]


def columns_and_filter(table: SharedTable, region: str) -> str:
    """Return ``public.t (a, b) WHERE (…)`` as CREATE and ALTER PUBLICATION take it."""
    listed = ", ".join(map(identifier, table.columns))
    wanted = [f"{identifier(name)} = {_value(value)}" for name, value in table.conditions(region).items()]
    return f"{_table(table.name)} ({listed})" + (f" WHERE ({' AND '.join(wanted)})" if wanted else "")


def subscribing(sharing: Sharing, source: str, subscriber: str, conninfo: str, *, exists: bool) -> list[str]:
    """Return what makes a database receive from one publisher.

    ``origin = none``: what a publisher has from others is not sent on, so that nothing goes round. The initial copy
    knows no origins; there the filter on ``home`` keeps others' rows out. ``synchronous_commit = on``: at PostgreSQL's
    own ``off`` a subscriber that dies right after a first copy has dropped the copy's slot at the publisher, and does
    not know any more that the copy has ended.
    """
    name, publication = identifier(names.subscription(sharing.name, source)), names.publication(sharing.name)
    if not exists:
        slot = literal(names.slot(sharing.name, subscriber))
        return [
            f"CREATE SUBSCRIPTION {name} CONNECTION {literal(conninfo)} PUBLICATION {identifier(publication)} "
            f"WITH (slot_name = {slot}, {FOLLOWING}, copy_data = true, streaming = off)"
        ]
    return [
        f"ALTER SUBSCRIPTION {name} CONNECTION {literal(conninfo)}",
        f"ALTER SUBSCRIPTION {name} SET ({FOLLOWING})",
        f"ALTER SUBSCRIPTION {name} ENABLE",
        f"ALTER SUBSCRIPTION {name} REFRESH PUBLICATION",
    ]


def receiving(table: SharedTable) -> str:
    """Return what the subscriber's table needs: the same identity, by which a change finds its row."""
    return _identity(table)


def _login(verifier: str) -> str:
    return (
        f"DO $$ BEGIN IF to_regrole('{names.PUBLISHER}') IS NULL THEN CREATE ROLE {names.PUBLISHER} LOGIN; END IF;\n"
        # RDS gives the attribute to nobody, and a role in its place.
        f"IF to_regrole('rds_replication') IS NOT NULL THEN GRANT rds_replication TO {names.PUBLISHER};\n"
        f"ELSE ALTER ROLE {names.PUBLISHER} REPLICATION; END IF; END $$;\n"
        f"ALTER ROLE {names.PUBLISHER} PASSWORD {literal(verifier)};"
    )


def _identity(table: SharedTable) -> str:
    """A partition has an identity of its own, which its parent's does not bring along."""
    index, on = names.identity(table.name), _table(table.name)
    listed = ", ".join(map(identifier, table.identity))
    return f"""CREATE UNIQUE INDEX IF NOT EXISTS {identifier(index)} ON {on} ({listed});
DO $$ DECLARE each record; BEGIN
FOR each IN SELECT i.indrelid::regclass AS place, c.relname AS index
    FROM (SELECT {literal(f"public.{index}")}::regclass AS relid
        UNION SELECT relid FROM pg_partition_tree({literal(f"public.{index}")}::regclass)) p
    JOIN pg_index i ON i.indexrelid = p.relid JOIN pg_class c ON c.oid = p.relid
LOOP EXECUTE format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', each.place, each.index);
END LOOP; END $$;"""  # noqa: S608 - names are quoted by ``identifier``


def _rights(sharing: Sharing) -> str:
    """The login's own rights are the second wall: the initial copy reads as it, and may read no other column."""
    told = [
        f"DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO {names.PUBLISHER}', current_database()); END $$",
        f"GRANT USAGE ON SCHEMA public TO {names.PUBLISHER}",
    ]
    for table in sharing.tables:
        listed = ", ".join(map(identifier, table.columns))
        told.append(f"REVOKE ALL ON {_table(table.name)} FROM {names.PUBLISHER}")
        told.append(f"GRANT SELECT ({listed}) ON {_table(table.name)} TO {names.PUBLISHER}")
    return ";\n".join(told) + ";"


def _publication(sharing: Sharing, region: str) -> str:
    name = names.publication(sharing.name)
    options = f"publish = '{EVENTS}', publish_via_partition_root = true"
    tables = ", ".join(columns_and_filter(table, region) for table in sharing.tables)
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = {literal(name)}) THEN\n"
        f"CREATE PUBLICATION {identifier(name)} WITH ({options}); END IF; END $$;\n"
        f"ALTER PUBLICATION {identifier(name)} SET ({options});\n"
        f"ALTER PUBLICATION {identifier(name)} SET TABLE {tables};"
    )


def _filling(table: SharedTable, region: str) -> str:
    """Copy each row of another table as it is written: a hypertable's rows are in chunks, which nobody subscribes to.

    A trigger of rows, which hypertables pass on to their chunks; dropped and made, since they replace none.
    """
    assert table.filled_from is not None
    name, source = identifier(names.filler(table.name)), _table(table.filled_from)
    home = {table.home: literal(region)} if table.home else {}
    listed = ", ".join(map(identifier, table.columns))
    new = ", ".join(home.get(column, f"NEW.{identifier(column)}") for column in table.columns)
    old = " AND ".join(
        f"{identifier(column)} = {home.get(column, f'OLD.{identifier(column)}')}" for column in table.identity
    )
    rest = [identifier(column) for column in table.columns if column not in table.identity]
    again = f"UPDATE SET {', '.join(f'{each} = EXCLUDED.{each}' for each in rest)}" if rest else "NOTHING"
    keyed = ", ".join(map(identifier, table.identity))
    return f"""CREATE OR REPLACE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $fill$ BEGIN
IF TG_OP <> 'INSERT' THEN DELETE FROM {_table(table.name)} WHERE {old}; END IF;
IF TG_OP <> 'DELETE' THEN INSERT INTO {_table(table.name)} ({listed}) VALUES ({new})
    ON CONFLICT ({keyed}) DO {again}; END IF;
RETURN NULL; END $fill$;
DROP TRIGGER IF EXISTS {name} ON {source};
CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {source} FOR EACH ROW EXECUTE FUNCTION public.{name}();
"""  # noqa: S608 - names are quoted by ``identifier``


def _table(name: str) -> str:
    return f"public.{identifier(name)}"


def _value(value: str | int | bool) -> str:  # noqa: FBT001 - a value of a document
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else literal(value)
