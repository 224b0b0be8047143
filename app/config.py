"""Settings, read once from the environment: typed, with defaults that suit one machine, and strict in production.

`SETTINGS` is the whole list, in the order of the operator's manual. `read()` gives the values by name;
`refuse_unsafe()` names everything that must not be so in production.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app

DEVELOPMENT_SECRET = "development-only-secret-never-in-production"  # noqa: S105 - refused in production
ENVIRONMENTS = ("development", "test", "production")
KEY_NAMES = ("log", "receipt", "agency")  # the signing keys that production must bring along
LEAST_SECRET = 32  # characters
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


class ConfigurationError(Exception):
    """The settings are wrong. The message says which and what to do."""


def _flag(spelling: str) -> bool:
    if spelling.lower() in TRUE:
        return True
    if spelling.lower() in FALSE:
        return False
    raise ValueError("give 1 or 0")


def _environment(spelling: str) -> str:
    if spelling not in ENVIRONMENTS:
        raise ValueError(f"give one of {', '.join(ENVIRONMENTS)}")
    return spelling


def _base_url(spelling: str) -> str:
    if not spelling.startswith(("http://", "https://")):
        raise ValueError("give a URL that starts with https://")
    return spelling.rstrip("/")


def _addresses(spelling: str) -> dict[str, str]:
    """`A=http://…,B=http://…` by name."""
    pairs = [part.strip().partition("=") for part in spelling.split(",") if part.strip()]
    if any(not (name and url.startswith(("http://", "https://"))) for name, _, url in pairs):
        raise ValueError("give NAME=http://…, separated by commas")
    return {name: url.rstrip("/") for name, _, url in pairs}


def _address(spelling: str) -> str:
    return _base_url(spelling) if spelling else ""


def _socket(spelling: str) -> str:
    if spelling and not spelling.startswith("unix:/"):
        raise ValueError("give the path of its socket: unix:/run/naru-signer/socket")
    return spelling


def _postgresql_url(spelling: str) -> str:
    """SQLAlchemy's spelling of a PostgreSQL URL; psycopg 3 is the one driver."""
    scheme, found, rest = spelling.partition("://")
    if not found or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ValueError("give a URL that starts with postgresql://")
    return f"postgresql+psycopg://{rest}"


def _won(spelling: str) -> int | None:
    return int(spelling.replace(",", "").replace("_", "")) if spelling else None


def _named(spelling: str) -> dict[str, str]:
    """`A=one,B=another`, in this order."""
    pairs = [part.strip().partition("=") for part in spelling.split(",") if part.strip()]
    named = {name.strip(): value.strip() for name, _, value in pairs}
    if len(named) != len(pairs) or not all(name and value for name, value in named.items()):
        raise ValueError("give NAME=VALUE,NAME=VALUE, each name once")
    return named


def _named_urls(spelling: str) -> dict[str, str]:
    return {name: _base_url(url) for name, url in _named(spelling).items()}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `default` is its spelling in the environment; None means that it follows from others."""

    name: str
    meaning: str
    default: str | None = None
    parse: Callable[[str], Any] = str
    is_secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("NARU_ENV", "development, test or production", "development", _environment),
    Setting("SECRET_KEY", "signs sessions and CSRF tokens; 32 characters or more", DEVELOPMENT_SECRET, str, True),
    Setting("DATABASE_URL", "PostgreSQL, as the runtime role naru_app", None, _postgresql_url, True),
    Setting("DATABASE_OWNER_URL", "PostgreSQL, as the owner naru_owner: migrations only", None, _postgresql_url, True),
    Setting("SEQUENCER_DATABASE_URL", "PostgreSQL, as naru_sequencer: clockwork only", None, _postgresql_url, True),
    Setting("REDIS_URL", "Valkey or Redis: job hints, rate counters, caches", "redis://127.0.0.1:6379/0", str, True),
    Setting("NARU_BASE_URL", "the address that people use", "http://localhost:8080", _base_url),
    Setting("NARU_VAR", "folder for data that is neither code nor database", "var"),
    Setting("NARU_KEYS_DIR", "folder of the signing keys (log, receipt, agency)", None),
    Setting("NARU_LOG_ORIGIN", "name of the audit log in its checkpoints", "localhost/naru"),
    Setting("NARU_SIGNER", "the signer's process, unix:PATH; empty: the clockwork signs itself", "", _socket),
    Setting("NARU_POLICY", "file: the log's tlog-policy (witnesses, quorum); empty: no witnesses", ""),
    Setting("NARU_WITNESSES", "where the policy's witnesses answer: W1=http://…,W2=…", "", _addresses),
    Setting("NARU_SINK", "file to which each event's leaf hash is appended; empty: the process log only", ""),
    Setting("NARU_TSA_URL", "an RFC 3161 time-stamp authority; empty: none is asked", "", _address),
    Setting("NARU_TSA_CERTS", "PEM file: its root, and what lies between", ""),
    Setting("NARU_KEYHOLDERS", "keyholder services: A=http://…,B=http://…,C=http://…", "", _named_urls),
    Setting(
        "NARU_KEYHOLDER_URL",
        "the address of the one keyholder, A, where there is one",
        "http://127.0.0.1:8091",
        _base_url,
    ),
    Setting("NARU_KEYHOLDER_VKEYS", "their verifier keys, pinned: A=…,B=…", "", _named),
    Setting("NARU_KEYHOLDER_OPERATORS", "who runs each: A=…,B=…; empty: all are this site's", "", _named),
    Setting("NARU_COMMITTEE_FROM", "estimated value in won from which people should hold the keys", "", _won),
    Setting("NARU_KEYHOLDER_TIMEOUT", "seconds that a keyholder may take for an answer", "30", float),
    Setting("NARU_KEYHOLDER_PATIENCE", "seconds after which another group is asked at an opening", "60", float),
    Setting("NARU_AUCTION_LEAD", "seconds from an opening to the start of its reverse auction, at least", "3600", int),
    Setting("NARU_STANDSTILL_DAYS", "days between award and signing that a draft proposes; the law has none", "0", int),
    Setting("MAIL_SERVER", "SMTP server; empty: mail is kept in NARU_VAR/mail", ""),
    Setting("MAIL_PORT", "its port", "25", int),
    Setting("MAIL_USE_TLS", "STARTTLS (1 or 0)", "0", _flag),
    Setting("MAIL_USERNAME", "its user, where it wants one", ""),
    Setting("MAIL_PASSWORD", "its password", "", str, True),
    Setting("MAIL_DEFAULT_SENDER", "sender of every mail", "naru@localhost"),
    Setting("NARU_PROXIES", "reverse proxies in front whose X-Forwarded-* are believed", "0", int),
    Setting("NARU_METRICS_TOKEN", "bearer token for /metrics; empty: this machine only", "", str, True),
    Setting("NARU_RATE_LIMIT", "requests that one address may make", "600 per minute"),
    Setting("NARU_UPLOAD_LIMIT", "parts of files that one account may send", "1200 per minute"),
    Setting("NARU_BLOBS_MIRROR", "folder of the second site, which must hold a bid's files too; empty: none", ""),
    Setting("NARU_BLOBS_QUOTA", "bytes of files that no bid names yet, for one organisation", "2147483648", int),
    Setting("NARU_BLOBS_DAYS", "days after which files that no bid names are cleared away", "30", int),
    Setting("NARU_CLAMD", "ClamAV's clamd, host:port or the path of its socket; empty: no scan for viruses", ""),
    Setting("NARU_POOL_SIZE", "database connections that a process keeps", "8", int),
    Setting("NARU_DIRECT_POOL_SIZE", "connections kept apart for sign-ins and bids", "8", int),
    Setting("NARU_CLOCK_REQUIRED", "1: without a synchronised clock nothing closes; 0: nobody asks", None, _flag),
    Setting("NARU_PROBE", "1: the clockwork tries every 5 s whether bids can come in (1 or 0)", "1", _flag),
    Setting("NARU_PROBE_URL", "where the probe asks; empty: NARU_BASE_URL", ""),
    Setting("NARU_LOG_LEVEL", "debug, info, warning or error", "info"),
    Setting("FLASK_DEBUG", "Flask's debug mode (1 or 0)", "0", _flag),
)


def running_environment(environ: Mapping[str, str], path: Path | None = None) -> dict[str, str]:
    """What `make run` wrote down about the stores it started, so that commands beside it find them.

    Only outside production, and only where the environment names no database itself.
    """
    if environ.get("DATABASE_URL") or environ.get("NARU_ENV", "development") != "development":
        return {}
    path = path or Path(environ.get("NARU_VAR", "var")) / "environment"
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


def read(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Every setting by name. Raises ConfigurationError for a value that cannot be read."""
    environ = os.environ if environ is None else environ
    environ = running_environment(environ) | {name: value for name, value in environ.items() if value}
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        spelling = environ.get(setting.name, setting.default)
        try:
            values[setting.name] = None if spelling is None else setting.parse(spelling)
        except ValueError as error:
            raise ConfigurationError(f"{setting.name}: {error}") from error
    return values


def current(name: str) -> Any:
    """A setting of the application at work. LookupError for a name that is none."""
    return current_app.config[name]


def complete(values: Mapping[str, Any]) -> dict[str, Any]:
    """Add what follows from `values`: the derived defaults and the names that the Flask extensions read."""
    filled = dict(values)
    if not filled.get("DATABASE_URL"):
        raise ConfigurationError(
            "DATABASE_URL is not set. Start the system with `make run`, which brings its own PostgreSQL, "
            "or set DATABASE_URL=postgresql://user:password@host/database."
        )
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "SEQUENCER_DATABASE_URL"):
        filled[name] = _postgresql_url(filled.get(name) or filled["DATABASE_URL"])
    filled["NARU_KEYS_DIR"] = filled.get("NARU_KEYS_DIR") or str(Path(filled["NARU_VAR"]) / "keys")
    if filled.get("NARU_CLOCK_REQUIRED") is None:
        filled["NARU_CLOCK_REQUIRED"] = filled["NARU_ENV"] == "production"
    is_https = filled["NARU_BASE_URL"].startswith("https://")
    return {
        "SQLALCHEMY_DATABASE_URI": filled["DATABASE_URL"],
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": False,  # app.db asks those that have lain idle
            "hide_parameters": filled["NARU_ENV"] != "test",  # an error message must not carry what people entered
            "pool_size": filled["NARU_POOL_SIZE"],
            "max_overflow": 8,
            "pool_timeout": 10,
            "connect_args": {"options": "-c timezone=UTC -c lock_timeout=15s", "connect_timeout": 5},
        },
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "__Host-naru" if is_https else "naru",
        "WTF_CSRF_TIME_LIMIT": None,  # the token lives as long as the session
        "WTF_CSRF_SSL_STRICT": is_https,
        "MAX_CONTENT_LENGTH": 20 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "DEBUG": filled["FLASK_DEBUG"],
        "TESTING": filled["NARU_ENV"] == "test",
    } | filled


def unsafe(settings: Mapping[str, Any]) -> list[str]:
    """Everything in `settings` that production must not have, each as a sentence; empty where all is well."""
    found = []
    if settings["SECRET_KEY"] == DEVELOPMENT_SECRET or len(settings["SECRET_KEY"]) < LEAST_SECRET:
        found.append(f"SECRET_KEY must be your own, with at least {LEAST_SECRET} characters.")
    if settings["DEBUG"] or settings["FLASK_DEBUG"]:
        found.append("Debug mode must be off (FLASK_DEBUG=0).")
    if not settings["NARU_BASE_URL"].startswith("https://"):
        found.append("NARU_BASE_URL must start with https://.")
    if not settings["SESSION_COOKIE_SECURE"]:
        found.append("SESSION_COOKIE_SECURE must be on: cookies must not travel over plain http.")
    if not settings.get("WTF_CSRF_ENABLED", True):
        found.append("WTF_CSRF_ENABLED must not be off.")
    keys = Path(settings["NARU_KEYS_DIR"])
    found += [
        f"The signing key {name!r} is missing in NARU_KEYS_DIR ({keys})."
        for name in KEY_NAMES
        if not any(keys.glob(f"{name}*"))
    ]
    return found


def refuse_unsafe(settings: Mapping[str, Any]) -> None:
    """Raise ConfigurationError naming everything unsafe, in production only."""
    if settings["NARU_ENV"] == "production" and (found := unsafe(settings)):
        raise ConfigurationError("Naru does not start in production like this:\n  - " + "\n  - ".join(found))
