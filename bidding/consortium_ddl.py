"""What the database itself holds of consortia: concluded whole, by all, before any bid of theirs, and then unchanged.

Run by the migrations as the owner; no service can get around it.
"""

from __future__ import annotations

from bidding.guard_ddl import guard_statements

GUARD_CONSORTIA = """
CREATE OR REPLACE FUNCTION guard_consortia() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    members bigint;
    agreed bigint;
    shares bigint;
BEGIN
    IF OLD.state <> 'forming' AND (TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD) THEN
        RAISE EXCEPTION 'an agreement stays as it was concluded' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.state = 'concluded' THEN
        SELECT count(*), count(*) FILTER (WHERE m.is_bound AND m.agreed_sha256 = NEW.agreement_sha256), sum(m.share)
            INTO members, agreed, shares FROM consortium_members m WHERE m.consortium_id = NEW.id;
        IF members < 2 OR agreed <> members OR (NEW.kind <> 'divided' AND shares <> 100000) THEN
            RAISE EXCEPTION 'not every member has agreed, or shares are missing' USING ERRCODE = 'restrict_violation';
        END IF;
        IF EXISTS (SELECT FROM bids b JOIN consortium_members m ON m.organisation_id = b.organisation_id
            WHERE b.tender_id = NEW.tender_id AND m.consortium_id = NEW.id) THEN
            RAISE EXCEPTION 'a member has bid already' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$
"""

GUARD_MEMBERS = """
CREATE OR REPLACE FUNCTION guard_consortium_members() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_fixed boolean;
BEGIN
    SELECT c.state <> 'forming' INTO is_fixed FROM consortia c
        WHERE c.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.consortium_id ELSE OLD.consortium_id END;
    IF is_fixed AND (TG_OP <> 'UPDATE' OR
        (NEW.organisation_id, NEW.tender_id, NEW.position, NEW.share, NEW.part, NEW.agreed_sha256, NEW.agreed_at)
        IS DISTINCT FROM
        (OLD.organisation_id, OLD.tender_id, OLD.position, OLD.share, OLD.part, OLD.agreed_sha256, OLD.agreed_at)) THEN
        RAISE EXCEPTION 'an agreement stays as it was concluded' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
"""

GUARDS = (
    (GUARD_CONSORTIA, "consortia", "UPDATE OR DELETE"),
    (GUARD_MEMBERS, "consortium_members", "INSERT OR UPDATE OR DELETE"),
)


def statements() -> list[str]:
    """Every function and its trigger."""
    return guard_statements(GUARDS)
