"""What the database itself holds of score sheets: written by whoever has declared, and nothing after the signature.

Run by the migrations as the owner; no service can get around it.
"""

from __future__ import annotations

from bidding.guard_ddl import guard_statements

GUARD_SHEETS = """
CREATE OR REPLACE FUNCTION guard_evaluation_sheets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.submitted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a submitted sheet stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NOT EXISTS (
        SELECT FROM evaluation_seats s
        WHERE s.tender_id = NEW.tender_id AND s.person_id = NEW.person_id
            AND s.has_conflict IS FALSE AND s.left_at IS NULL
    ) THEN
        RAISE EXCEPTION 'only who declared no conflict scores' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

GUARD_SEATS = """
CREATE OR REPLACE FUNCTION guard_evaluation_seats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.submitted_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD) THEN
        RAISE EXCEPTION 'what an evaluator signed stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.declared_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.declared_at IS DISTINCT FROM OLD.declared_at
        OR NEW.has_conflict IS DISTINCT FROM OLD.has_conflict OR NEW.conflict_note <> OLD.conflict_note) THEN
        RAISE EXCEPTION 'a declaration stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""

GUARD_COMMITTEES = """
CREATE OR REPLACE FUNCTION guard_evaluation_committees() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.pool IS NOT NULL AND (NEW.pool IS DISTINCT FROM OLD.pool OR NEW.seats <> OLD.seats
        OR NEW.fields <> OLD.fields) THEN
        RAISE EXCEPTION 'the pool was frozen at the deadline' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.drawn IS NOT NULL AND NEW.drawn IS DISTINCT FROM OLD.drawn THEN
        RAISE EXCEPTION 'a committee is drawn once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.fixed_at IS NOT NULL AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'the technical result is fixed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

GUARDS = (
    (GUARD_SHEETS, "evaluation_sheets", "INSERT OR UPDATE OR DELETE"),
    (GUARD_SEATS, "evaluation_seats", "UPDATE OR DELETE"),
    (GUARD_COMMITTEES, "evaluation_committees", "UPDATE"),
)


def statements() -> list[str]:
    """Every function and its trigger."""
    return guard_statements(GUARDS)
