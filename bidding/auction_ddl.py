"""What the database itself holds of an auction's chain: it only grows, without a gap, and a bidder's price only falls.

Run by the migrations as the owner.
"""

from __future__ import annotations

GROW_ONLY = """
CREATE OR REPLACE FUNCTION auction_bids_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    former record;
    lowest bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'bids of an auction are never changed' USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO former FROM auction_bids b WHERE b.tender_id = NEW.tender_id ORDER BY b.seq DESC LIMIT 1;
    IF NEW.seq <> coalesce(former.seq, 0) + 1 OR NEW.prev <> former.record OR NEW.received_at < former.received_at THEN
        RAISE EXCEPTION 'the bid does not follow the last one' USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce(min(b.amount_won), (SELECT s.amount_won FROM bids s WHERE s.id = NEW.bid_id)) INTO lowest
        FROM auction_bids b WHERE b.tender_id = NEW.tender_id AND b.bid_id = NEW.bid_id;
    IF lowest IS NULL OR NEW.amount_won >= lowest THEN
        RAISE EXCEPTION 'a price only falls' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = (
    "CREATE OR REPLACE TRIGGER auction_bids_only_grow BEFORE INSERT OR UPDATE OR DELETE ON auction_bids "
    "FOR EACH ROW EXECUTE FUNCTION auction_bids_only_grow()"
)
GRANTS = (
    "GRANT SELECT, INSERT ON auction_bids TO naru_app",
    "GRANT SELECT, INSERT, UPDATE ON auctions TO naru_app",
)
