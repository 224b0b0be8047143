"""The barrier of a deadline, where nothing gets around it: the acceptance of a bid as one function of the database.

Lock, look, clock, insert and log entry happen in one call and one transaction (protocol 3.5, section 5). The lock is
shared by all bidders of a tender and taken alone by its closing; state and deadline are read after it (a function's
statements each see what is committed by then), the clock after those. A clock that its guard does not trust, or that
has gone back more than a second behind the last bid of the tender, decides nothing. Run by the migrations as the owner.

The log entry's body is canonical JSON around one instant that only the database knows: the caller gives what stands
before and after it. Commitment and leaf are those of `app.audit.emission`; `flask audit verify` recomputes them.
"""

from __future__ import annotations

TENDER_LOCK = 7  # first key of the advisory lock that bids share and the closing takes alone

ACCEPT_BID = f"""
CREATE OR REPLACE FUNCTION accept_bid(
    p_tender uuid, p_reference text, p_lot text, p_bid uuid, p_organisation uuid, p_person uuid, p_supplier text,
    p_receipt_number text, p_stmt text, p_statement bytea, p_signature jsonb, p_envelope bytea, p_docs_envelope bytea,
    p_event uuid, p_actor text, p_subject text, p_before bytea, p_after bytea, p_salt bytea, p_at timestamptz)
RETURNS TABLE (outcome text, instant timestamptz, state text, bids_from_at timestamptz, closes_at timestamptz,
    commitment bytea, leaf bytea)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    body bytea;
    is_live boolean;
    is_joint boolean;
BEGIN
    PERFORM pg_advisory_xact_lock_shared({TENDER_LOCK}, hashtext(p_reference));
    -- Whoever revokes the key waits until the bid is in, and reads the clock after that.
    PERFORM 1 FROM signing_keys k WHERE k.id = (p_signature->>'kid')::uuid AND k.revoked_at IS NULL FOR KEY SHARE;
    is_live := FOUND;
    SELECT t.state, t.bids_from_at, t.closes_at, t.joint IS NOT NULL INTO state, bids_from_at, closes_at, is_joint
        FROM tenders t WHERE t.id = p_tender;
    instant := coalesce(p_at, clock_timestamp());
    IF EXISTS (SELECT FROM clock_guard g WHERE g.state = 'hold')
        OR instant < (SELECT max(b.received_at) FROM bids b WHERE b.tender_id = p_tender) - interval '1 second' THEN
        outcome := 'clock';
    ELSIF instant >= closes_at THEN
        outcome := 'late';
    ELSIF state <> 'published' OR instant < bids_from_at THEN
        outcome := 'closed';
    ELSIF NOT is_live THEN
        outcome := 'revoked';
    ELSIF is_joint AND EXISTS (
        SELECT FROM consortium_members m JOIN consortia c ON c.id = m.consortium_id
        WHERE m.tender_id = p_tender AND m.organisation_id = p_organisation AND m.is_bound AND m.position > 0
            AND c.state = 'concluded') THEN
        outcome := 'member'; -- its lead bids for it
    ELSE
        body := p_before || convert_to(to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'UTF8')
            || p_after;
        commitment := sha256('koneps/v1/event\\000'::bytea || p_salt || body);
        leaf := convert_to('{{"c":"' || encode(commitment, 'hex') || '","v":1}}', 'UTF8');
        INSERT INTO bids (id, tender_id, lot, organisation_id, person_id, supplier, state, receipt_number, stmt,
            statement, signature, envelope, docs_envelope, received_at, event_id, salt, commitment)
        VALUES (p_bid, p_tender, p_lot, p_organisation, p_person, p_supplier, 'submitted', p_receipt_number, p_stmt,
            p_statement, p_signature, p_envelope, p_docs_envelope, instant, p_event, p_salt, commitment)
        ON CONFLICT DO NOTHING;
        outcome := CASE WHEN FOUND THEN 'accepted' ELSE 'raced' END;
        IF outcome = 'accepted' THEN
            INSERT INTO audit.event (id, at, type, actor, subject, tender, open, body, salt, c, leaf)
            VALUES (p_event, instant, 'bid.submitted', p_actor, p_subject, p_reference, false, body, p_salt,
                commitment, leaf);
            INSERT INTO audit.pending (event_id, at, leaf, tender) VALUES (p_event, instant, leaf, p_reference);
            IF p_docs_envelope IS NOT NULL THEN
                -- From now on these files are kept: they cannot be cleared away any more.
                INSERT INTO bid_documents (bid_id, n, organisation_id, blob_sha256, sealed_size, state)
                SELECT p_bid, (f->>'n')::integer, p_organisation, f->>'ct_sha256', (f->>'ct_len')::bigint, 'sealed'
                FROM jsonb_array_elements(convert_from(p_docs_envelope, 'UTF8')::jsonb->'files') f;
            END IF;
        END IF;
    END IF;
    RETURN NEXT;
END $$
"""  # noqa: S608 - nothing of it comes from outside
