"""What the database host of a site outside AWS runs by: its files, its certificates, and who signs them."""

from site_hosts.authority import AuthorityError, Pem, SitesAuthority, write_secret
from site_hosts.files import HOME, SECRETS, TAILS, certificates, host_files

__all__ = [
    "HOME",
    "SECRETS",
    "TAILS",
    "AuthorityError",
    "Pem",
    "SitesAuthority",
    "certificates",
    "host_files",
    "write_secret",
]
