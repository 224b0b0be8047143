"""What the database itself holds of contracts without competition: one outcome of a failed tender, within its price.

Run by the migrations as the owner; no service can get around it.
"""

from __future__ import annotations

from bidding.guard_ddl import guard_statements

# Whoever writes takes the failed tender first (FOR SHARE here, FOR NO KEY UPDATE below): two roads never cross.
GUARD_DIRECT_AWARDS = """
CREATE OR REPLACE FUNCTION guard_direct_awards() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands text;
    most bigint;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.tender_id, NEW.organisation_id, NEW.amount_won, NEW.ceiling_won, NEW.action, NEW.ground,
            NEW.legal_basis, NEW.reason, NEW.asked_by_id, NEW.asked_at) IS DISTINCT FROM
           (OLD.tender_id, OLD.organisation_id, OLD.amount_won, OLD.ceiling_won, OLD.action, OLD.ground,
            OLD.legal_basis, OLD.reason, OLD.asked_by_id, OLD.asked_at) THEN
            RAISE EXCEPTION 'what was asked for stays as it was' USING ERRCODE = 'restrict_violation';
        END IF;
        IF OLD.state <> 'asked' AND (NEW.decided_by_id, NEW.decided_at) IS DISTINCT FROM
            (OLD.decided_by_id, OLD.decided_at) OR OLD.state IN ('refused', 'lapsed') AND NEW.state <> OLD.state THEN
            RAISE EXCEPTION 'what was decided stays as it was' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF NEW.state NOT IN ('asked', 'approved') THEN
        RETURN NEW;
    END IF;
    SELECT t.state, t.base_amount_won INTO stands, most FROM tenders t WHERE t.id = NEW.tender_id FOR SHARE;
    IF stands <> 'failed' THEN
        RAISE EXCEPTION 'only a failed tender is followed by a contract without competition'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT FROM tenders t WHERE t.previous_id = NEW.tender_id AND t.state <> 'cancelled') THEN
        RAISE EXCEPTION 'another notice follows this tender' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.ceiling_won >
        coalesce((SELECT o.estimated_price_won FROM openings o WHERE o.tender_id = NEW.tender_id), most) THEN
        RAISE EXCEPTION 'above the estimated price' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

GUARD_TENDERS = """
CREATE OR REPLACE FUNCTION guard_tenders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'failed' AND NEW.state <> 'failed' AND EXISTS (
        SELECT FROM direct_awards d WHERE d.tender_id = NEW.id AND d.state IN ('asked', 'approved')) THEN
        RAISE EXCEPTION 'a contract without competition came of this tender' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.previous_id IS NOT NULL AND NEW.state <> 'cancelled' AND
        (TG_OP = 'INSERT' OR NEW.previous_id IS DISTINCT FROM OLD.previous_id) THEN
        PERFORM 1 FROM tenders t WHERE t.id = NEW.previous_id FOR NO KEY UPDATE;
        IF EXISTS (SELECT FROM direct_awards d WHERE d.tender_id = NEW.previous_id AND d.state IN ('asked', 'approved'))
        THEN
            RAISE EXCEPTION 'a contract without competition came of the tender before'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$
"""

GUARDS = (
    (GUARD_DIRECT_AWARDS, "direct_awards", "INSERT OR UPDATE"),
    (GUARD_TENDERS, "tenders", "INSERT OR UPDATE OF state, previous_id"),
)


def statements() -> list[str]:
    """Every function and its trigger."""
    return guard_statements(GUARDS)
