"""Who may sit at the desk and for whom: officers.yml, read strictly, so that a slip of the pen lets nobody in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

from harvester.errors import SettingsError
from publish.safe import http_link

Role = Literal["officer", "editor"]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
"""How an officer may be called: what a proxy hands over, a user name or a mail address."""
SLUG = re.compile(r"[^\s*]{1,200}")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
HASH = re.compile(r"pbkdf2_sha256\$[1-9][0-9]{4,7}\$[^$\s]+\$[A-Za-z0-9+/]{43}=")
"""What ``datasette hash-password`` prints."""
EVERY = "*"
"""In place of a provider: all of them."""


@dataclass(frozen=True, slots=True)
class Officer:
    """One who may answer: for the ``providers`` (slugs) named, an editor for all. ``password`` is a hash, or empty."""

    name: str
    role: Role
    providers: tuple[str, ...]
    password: str = field(repr=False)

    def may(self, provider: str) -> bool:
        """Tell whether they may answer for a provider."""
        return EVERY in self.providers or provider in self.providers


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole of officers.yml.

    ``address`` is where the desk is reached from outside and ``site`` where the public site is, both without a slash at
    the end and empty where not told; ``header`` is the proxy's header that names who is signed in, in small letters,
    empty where there is none, and ``trusted`` the networks from which alone it is believed.
    """

    officers: Mapping[str, Officer]
    address: str = ""
    site: str = ""
    header: str = ""
    trusted: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether readers come by https, so that cookies may be kept to it."""
        return self.address.startswith("https://")

    def trusts(self, host: str) -> bool:
        """Tell whether a connection from ``host`` (an address) may say who is signed in."""
        try:
            return any(ip_address(host) in ip_network(network) for network in self.trusted)
        except ValueError:
            return False


def load(path: Path) -> Settings:
    """Return the settings in the YAML file at ``path``.

    Raises SettingsError, in a sentence that names the place, where it is missing or says anything we do not know.
    """
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no file {path}: write one as docs/desk.md shows, or name it.") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path} cannot be read as YAML: {' '.join(str(error).split())[:200]}.") from error
    known = {"officers", "address", "site", "proxy"}
    top = _table(path, "the file", told, known)
    proxy = _table(path, "proxy", top.get("proxy") or {}, {"header", "from"})
    header = _fitting(path, "proxy: header", proxy.get("header", ""), HEADER) if proxy else ""
    officers = top.get("officers")
    if not isinstance(officers, dict) or not officers:
        raise SettingsError(f"{path}: officers names nobody: give at least one.")
    made = {str(name): _officer(path, str(name), each, bool(header)) for name, each in officers.items()}
    return Settings(
        MappingProxyType(made), _address(path, "address", top), _address(path, "site", top), header.lower(),
        _trusted(path, proxy) if proxy else (),
    )  # fmt: skip


def _table(path: Path, where: str, told: Any, known: set[str]) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise SettingsError(f"{path}: {where} must hold names and values, one a line.")
    for name in told:
        if name not in known:
            raise SettingsError(f"{path}: {where} says {str(name)[:60]!r}; it may say {', '.join(sorted(known))}.")
    return told


def _fitting(path: Path, where: str, told: Any, form: re.Pattern[str]) -> str:
    if not isinstance(told, str) or not form.fullmatch(told):
        raise SettingsError(f"{path}: {where} cannot be {str(told)[:60]!r}: see docs/desk.md.")
    return told


def _address(path: Path, where: str, top: Mapping[str, Any]) -> str:
    told = str(top.get(where) or "").rstrip("/")
    if told and not http_link(told):
        raise SettingsError(f"{path}: {where} must be an address such as https://desk.example.org.")
    return told


def _trusted(path: Path, proxy: Mapping[str, Any]) -> tuple[str, ...]:
    told = proxy.get("from", ["127.0.0.1", "::1"])
    try:
        return tuple(str(ip_network(each)) for each in told)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{path}: proxy: from must list addresses or networks, such as 127.0.0.1.") from error


def _officer(path: Path, name: str, told: Any, by_proxy: bool) -> Officer:
    where = f"officers: {name[:60]}"
    _fitting(path, where, name, NAME)
    table = _table(path, where, told, {"password", "role", "providers"})
    role, password, providers = table.get("role", "officer"), table.get("password", ""), table.get("providers", [])
    if role not in ("officer", "editor"):
        raise SettingsError(f"{path}: {where}: role is officer or editor.")
    if password:
        _fitting(path, f"{where}: password", password, HASH)
    elif not by_proxy:
        raise SettingsError(f"{path}: {where} has no password: make its hash with `datasette hash-password`.")
    if role == "editor":
        if providers:
            raise SettingsError(f"{path}: {where}: an editor answers for all: leave providers out.")
        return Officer(name, "editor", (EVERY,), password)
    if not isinstance(providers, list) or not providers:
        raise SettingsError(f"{path}: {where}: providers must list slugs, such as hk-hko.")
    slugs = tuple(_fitting(path, f"{where}: providers", each, SLUG) for each in providers)
    return Officer(name, "officer", slugs, password)
