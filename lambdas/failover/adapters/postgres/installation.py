"""Putting the gate into a database, and bringing an older one up to date."""

from dataclasses import dataclass, field
from pathlib import Path

from pg8000.native import identifier, literal

from failover.adapters.postgres.passwords import scram_verifier
from failover.adapters.postgres.session import Session
from failover.errors import GateRefusedError

STEPS = Path(__file__).parent / "sql"
"""``<number>_<name>.sql``, applied in order, each once. What was released is never edited: a change is a new file."""

LOCK = 0x6C696665626F6174
"""The advisory lock under which one installer works at a time: "lifeboat" in ASCII."""


@dataclass(frozen=True, slots=True)
class ApplicationRoles:
    """How the application logs in, and the schemas whose tables it has; a password of None stays as it is."""

    app_rw_password: str | None = field(default=None, repr=False)
    app_ro_password: str | None = field(default=None, repr=False)
    schemas: tuple[str, ...] = ("public",)


def install(session: Session, wanted: ApplicationRoles) -> None:
    """Install what is missing, set the passwords, and give every table of the schemas the gate; all or nothing.

    Whether ``app_rw`` may log in is left as it is: only an admission undoes a fence.

    Raises:
        GateRefusedError: a role of the application could take on another role's rights.
        ValueError: a password that cannot be used.
    """
    roles = _roles(wanted)
    session.rows(f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
    session.rows(roles)
    session.rows(_missing_steps(session))
    _let_connect(session)
    for schema in wanted.schemas:
        session.rows("SELECT lifeboat.attach(:schema)", schema=schema)
    session.rows("SELECT lifeboat.tail_tables()")
    session.rows("COMMIT")


def install_roles(session: Session, wanted: ApplicationRoles) -> None:
    """Make the application's roles alone, where nothing asks for a lease; raises as ``install``."""
    roles = _roles(wanted)
    session.rows(f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
    session.rows(roles)
    _let_connect(session)
    session.rows("COMMIT")


def _roles(wanted: ApplicationRoles) -> str:
    return _role("app_rw", wanted.app_rw_password) + _role("app_ro", wanted.app_ro_password)


def _let_connect(session: Session) -> None:
    _refuse_other_rights(session)
    (database,) = session.row("SELECT current_database()")
    session.rows(f"GRANT CONNECT ON DATABASE {identifier(database)} TO app_rw, app_ro")


def _role(name: str, password: str | None) -> str:
    made = f"DO $$ BEGIN IF to_regrole('{name}') IS NULL THEN CREATE ROLE {name} LOGIN; END IF; END $$;\n"
    if password is None:
        return made
    return f"{made}ALTER ROLE {name} PASSWORD {literal(scram_verifier(password))};\n"


def _missing_steps(session: Session) -> str:
    """Return the SQL of the steps that this database has not had."""
    (exists,) = session.row("SELECT to_regclass('lifeboat.version') IS NOT NULL")
    done = {row[0] for row in session.rows("SELECT version FROM lifeboat.version")} if exists else set()
    steps = {int(file.name[:3]): file for file in sorted(STEPS.glob("*.sql"))}
    return "".join(
        f"{file.read_text('utf-8')}\nINSERT INTO lifeboat.version (version) VALUES ({number});\n"
        for number, file in steps.items()
        if number not in done
    )


def _refuse_other_rights(session: Session) -> None:
    found = session.rows(
        "SELECT m.rolname, g.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member "
        "JOIN pg_roles g ON g.oid = a.roleid WHERE m.rolname IN ('app_rw', 'app_ro') ORDER BY 1, 2"
    )
    special = session.rows(
        "SELECT rolname FROM pg_roles WHERE rolname IN ('app_rw', 'app_ro') "
        "AND (rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls) ORDER BY 1"
    )
    if found or special:
        told = [f"{member} is a member of {role}" for member, role in found]
        told += [f"{row[0]} has attributes of an administrator" for row in special]
        raise GateRefusedError(
            f"{'; '.join(told)}: it could pass the gate; revoke this and grant what the application needs "
            "on its tables directly"
        )
