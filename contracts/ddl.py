"""What the database itself refuses: a signature while the tender's standstill runs, or a complaint blocks it.

The services refuse first and say until when; this holds for whatever writes besides them. Run by the migrations.
"""

from __future__ import annotations

REFUSE_EARLY_SIGNING = """
CREATE OR REPLACE FUNCTION refuse_early_signing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    signed timestamptz := CASE NEW.state WHEN 'agreed' THEN NEW.agreed_at ELSE NEW.concluded_at END;
BEGIN
    IF EXISTS (SELECT FROM tenders t WHERE t.id = NEW.tender_id AND t.standstill_until_at > signed)
        OR EXISTS (SELECT FROM complaints c WHERE c.tender_id = NEW.tender_id AND c.blocks_signing) THEN
        RAISE EXCEPTION 'nothing is signed while the standstill runs or a complaint blocks it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_contracts_standstill';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER contracts_standstill BEFORE UPDATE OF state ON contracts FOR EACH ROW
WHEN (NEW.state IN ('agreed', 'concluded') AND NEW.state IS DISTINCT FROM OLD.state)
EXECUTE FUNCTION refuse_early_signing()
"""
