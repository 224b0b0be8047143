"""Settings: typed, complete, and unsafe ones refused in production."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app import config
from app.config import ConfigurationError
from wsgi import create_app

URL = "postgresql://naru_app:x@127.0.0.1:5432/naru"


def production(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    """Settings that production accepts, with `changes`."""
    for name in config.KEY_NAMES:
        (tmp_path / f"{name}.key").write_text("key")
    environ = {
        "NARU_ENV": "production",
        "SECRET_KEY": "s" * config.LEAST_SECRET,
        "DATABASE_URL": URL,
        "NARU_BASE_URL": "https://naru.example",
        "NARU_KEYS_DIR": str(tmp_path),
    }
    overrides = {name: changes.pop(name) for name in list(changes) if name not in {s.name for s in config.SETTINGS}}
    return config.complete(config.read(environ | changes)) | overrides


def test_production_starts_with_safe_settings(tmp_path: Path) -> None:
    config.refuse_unsafe(production(tmp_path))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": config.DEVELOPMENT_SECRET}, "SECRET_KEY"),
        ({"SECRET_KEY": "s" * (config.LEAST_SECRET - 1)}, "SECRET_KEY"),
        ({"FLASK_DEBUG": "1"}, "Debug"),
        ({"NARU_BASE_URL": "http://naru.example"}, "NARU_BASE_URL"),
        ({"SESSION_COOKIE_SECURE": False}, "SESSION_COOKIE_SECURE"),
        ({"WTF_CSRF_ENABLED": False}, "WTF_CSRF_ENABLED"),
    ],
)
def test_production_refuses_each_unsafe_setting_by_name(tmp_path: Path, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        config.refuse_unsafe(production(tmp_path, **changes))


@pytest.mark.parametrize("missing", config.KEY_NAMES)
def test_production_refuses_to_start_without_each_signing_key(tmp_path: Path, missing: str) -> None:
    settings = production(tmp_path)
    (tmp_path / f"{missing}.key").unlink()
    with pytest.raises(ConfigurationError, match=missing):
        config.refuse_unsafe(settings)


def test_everything_unsafe_is_named_at_once(tmp_path: Path) -> None:
    settings = production(tmp_path, SECRET_KEY="short", NARU_BASE_URL="http://naru.example")
    found = config.unsafe(settings)
    assert len(found) == 3  # secret, address, and the cookie that follows from the address


def test_the_application_itself_refuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NARU_ENV", "production")
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        create_app({"DATABASE_URL": URL, "NARU_ENV": "production", "NARU_KEYS_DIR": str(tmp_path)})


def test_cookies_are_for_https_only_and_bound_to_the_host_where_the_address_is_https(tmp_path: Path) -> None:
    settings = production(tmp_path)
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert settings["SESSION_COOKIE_HTTPONLY"] is True
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_development_starts_with_defaults() -> None:
    settings = config.complete(config.read({"DATABASE_URL": URL}))
    config.refuse_unsafe(settings)
    assert settings["NARU_ENV"] == "development"
    assert settings["DATABASE_URL"] == URL.replace("postgresql:", "postgresql+psycopg:")
    assert settings["DATABASE_OWNER_URL"] == settings["DATABASE_URL"]


def test_without_a_database_both_ways_out_are_named() -> None:
    with pytest.raises(ConfigurationError, match=r"(?s)make run.*DATABASE_URL="):
        config.complete(config.read({"NARU_VAR": "/nonexistent"}))


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("MAIL_PORT", "smtp"),
        ("NARU_ENV", "staging"),
        ("FLASK_DEBUG", "perhaps"),
        ("NARU_BASE_URL", "naru.example"),
        ("DATABASE_URL", "sqlite:///naru.db"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(name: str, spelling: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        config.read({name: spelling})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_spelling_of_a_postgresql_url_is_understood(scheme: str) -> None:
    values = config.read({"DATABASE_URL": f"{scheme}://u:p@h/d"})
    assert values["DATABASE_URL"] == "postgresql+psycopg://u:p@h/d"


def test_commands_beside_a_running_system_find_its_stores(tmp_path: Path) -> None:
    (tmp_path / "environment").write_text(f"DATABASE_URL={URL}\nREDIS_URL=redis://127.0.0.1:7/0\n")
    values = config.read({"NARU_VAR": str(tmp_path)})
    assert values["REDIS_URL"] == "redis://127.0.0.1:7/0"
    # What the caller says goes first, and production takes nothing from a file.
    assert config.read({"NARU_VAR": str(tmp_path), "DATABASE_URL": "postgresql://h/d"})["REDIS_URL"].endswith(":6379/0")
    assert config.read({"NARU_VAR": str(tmp_path), "NARU_ENV": "production"})["DATABASE_URL"] is None


def test_the_manual_explains_every_setting(root: Path) -> None:
    manual = (root / "docs" / "operations.md").read_text("utf-8")
    missing = [setting.name for setting in config.SETTINGS if f"`{setting.name}`" not in manual]
    assert missing == []
