"""What makes the log append-only inside the database: roles, rights and triggers. Run by the migration as the owner.

Rights stop the application; triggers stop accidents of the owner. Neither stops a superuser who means it: that is what
the signed tree outside the database is for.
"""

from __future__ import annotations

ROLES = ("naru_app", "naru_sequencer", "naru_auditor")
APPEND_ONLY = ("event", "leaf", "checkpoint")
TABLES = (*APPEND_ONLY, "pending", "tree")


def _make_role(role: str) -> str:
    """Where the owner may not make roles, the operator has made them: see the operator's manual."""
    return f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION 'the role {role} is missing and may not be made here';
        END $$"""


def _rights() -> list[str]:
    all_roles = ", ".join(ROLES)
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM PUBLIC, {all_roles}",
        f"GRANT USAGE ON SCHEMA audit TO {all_roles}",
        "GRANT SELECT, INSERT ON audit.event, audit.pending TO naru_app",
        "GRANT SELECT ON audit.leaf, audit.tree, audit.checkpoint TO naru_app",
        "GRANT SELECT (id, leaf) ON audit.event TO naru_sequencer",
        "GRANT SELECT, DELETE ON audit.pending TO naru_sequencer",
        "GRANT SELECT, INSERT ON audit.leaf, audit.checkpoint TO naru_sequencer",
        "GRANT SELECT, UPDATE ON audit.tree TO naru_sequencer",
        "GRANT SELECT ON ALL TABLES IN SCHEMA audit TO naru_auditor",
    ]


def _refusals() -> list[str]:
    refuse = """
        CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
        BEGIN
            RAISE EXCEPTION 'audit.% is append-only: % refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'insufficient_privilege';
        END $$"""
    grow = """
        CREATE OR REPLACE FUNCTION audit.only_grow() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
        BEGIN
            IF NEW.size <= OLD.size THEN
                RAISE EXCEPTION 'the tree only grows: % after %', NEW.size, OLD.size
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END $$"""
    triggers = [("refuse_change", "UPDATE OR DELETE", table, "ROW", "refuse") for table in APPEND_ONLY]
    triggers += [("refuse_truncate", "TRUNCATE", table, "STATEMENT", "refuse") for table in TABLES]
    triggers += [
        ("refuse_change", "UPDATE", "pending", "ROW", "refuse"),
        ("refuse_change", "DELETE", "tree", "ROW", "refuse"),
        ("only_grow", "UPDATE", "tree", "ROW", "only_grow"),
    ]
    return [refuse, grow] + [
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {what} ON audit.{table} "
        f"FOR EACH {each} EXECUTE FUNCTION audit.{how}()"
        for name, what, table, each, how in triggers
    ]


STATEMENTS: tuple[str, ...] = (
    *map(_make_role, ROLES),
    "CREATE SCHEMA IF NOT EXISTS audit",
    *_rights(),
    *_refusals(),
    "INSERT INTO audit.tree (one, size, frontier, root) VALUES (true, 0, '', sha256('')) ON CONFLICT DO NOTHING",
)

WITNESSED = ("cosig", "anchor")
WITNESS_STATEMENTS: tuple[str, ...] = (
    f"REVOKE ALL ON audit.cosig, audit.anchor FROM PUBLIC, {', '.join(ROLES)}",
    "GRANT SELECT ON audit.cosig, audit.anchor TO naru_app, naru_auditor, naru_sequencer",
    "GRANT INSERT ON audit.cosig TO naru_sequencer",
    "GRANT INSERT ON audit.anchor TO naru_app",
    *(
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {what} ON audit.{table} "
        f"FOR EACH {each} EXECUTE FUNCTION audit.refuse()"
        for table in WITNESSED
        for name, what, each in (
            ("refuse_change", "UPDATE OR DELETE", "ROW"),
            ("refuse_truncate", "TRUNCATE", "STATEMENT"),
        )
    ),
)

SEALED_OR_ERASED = (
    "open = (c IS NULL) AND (NOT open OR salt IS NULL) AND (open OR (salt IS NULL) = (octet_length(body) = 0))"
)
_ONLY_ERASE = """
    CREATE OR REPLACE FUNCTION audit.only_erase() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    DECLARE place bigint;
    BEGIN
        SELECT idx INTO place FROM audit.leaf WHERE event_id = OLD.id;
        IF OLD.open OR OLD.salt IS NULL OR place IS NULL OR NEW.salt IS NOT NULL OR NEW.body <> ''
            OR (NEW.id, NEW.at, NEW.type, NEW.open, NEW.c, NEW.leaf)
                IS DISTINCT FROM (OLD.id, OLD.at, OLD.type, OLD.open, OLD.c, OLD.leaf)
            OR NEW.actor <> 'erased' OR NEW.subject <> 'erased' OR NEW.tender IS NOT NULL
            OR NOT EXISTS (SELECT FROM audit.event WHERE type = 'log.erased' AND open AND subject = 'entry:' || place)
        THEN
            RAISE EXCEPTION 'audit.event is append-only: UPDATE refused' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$"""
_ERASE = """
    CREATE OR REPLACE FUNCTION audit.erase(place bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
        UPDATE audit.event e SET salt = NULL, body = '', actor = 'erased', subject = 'erased', tender = NULL
        FROM audit.leaf l WHERE l.idx = place AND e.id = l.event_id AND NOT e.open AND e.salt IS NOT NULL;
        RETURN FOUND;
    END $$"""
ERASURE_STATEMENTS: tuple[str, ...] = (
    _ONLY_ERASE,
    _ERASE,
    "REVOKE ALL ON FUNCTION audit.erase(bigint) FROM PUBLIC",
    *(
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {what} ON audit.event FOR EACH ROW EXECUTE FUNCTION audit.{how}()"
        for name, what, how in (("refuse_change", "DELETE", "refuse"), ("only_erase", "UPDATE", "only_erase"))
    ),
)
