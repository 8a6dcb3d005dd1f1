-- What analysts read: the facts of every case, without its words, with a
-- pseudonym for its buyer.  As written: a deadline that no sweep has written yet
-- shows nowhere here; health() tells how far behind that is.

CREATE OR REPLACE VIEW support_case.analysis_cases WITH (security_barrier = true) AS
SELECT c.seller_id, c.case_id,
    left(encode(sha256((SELECT k.secret FROM support_case.analysis_secret AS k) || int8send(c.buyer_id)), 'hex'), 32)
        AS buyer_pseudonym,
    c.reason, c.channel, c.currency, c.policy_version, c.calendar_code, c.is_discretionary, c.is_returnable,
    c.routed_because, c.opened_at, c.status, c.resolution,
    CASE WHEN c.status = 'closed' THEN c.status_since END AS closed_at,
    c.is_responded, c.escalated_after, c.platform_ruling, c.liability, f.is_thumbs_up, f.given_at AS thumb_given_at,
    EXISTS (SELECT FROM support_case.case_suspicion AS s WHERE s.seller_id = c.seller_id AND s.case_id = c.case_id)
        AS is_fraud_suspected
FROM support_case.support_case AS c
LEFT JOIN support_case.case_feedback AS f ON f.seller_id = c.seller_id AND f.case_id = c.case_id;

COMMENT ON VIEW support_case.analysis_cases IS 'Every case as written, for analysts: no names, no words, and a pseudonym for the buyer.';
COMMENT ON COLUMN support_case.analysis_cases.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.analysis_cases.case_id IS 'The case.';
COMMENT ON COLUMN support_case.analysis_cases.buyer_pseudonym IS 'The same for all cases of a buyer in this installation: 32 hexadecimal digits.';
COMMENT ON COLUMN support_case.analysis_cases.reason IS 'Why the buyer asked for help (W-17).';
COMMENT ON COLUMN support_case.analysis_cases.channel IS 'Where the case was opened.';
COMMENT ON COLUMN support_case.analysis_cases.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.analysis_cases.policy_version IS 'The policy that the case keeps.';
COMMENT ON COLUMN support_case.analysis_cases.calendar_code IS 'The calendar that its deadlines are measured on.';
COMMENT ON COLUMN support_case.analysis_cases.is_discretionary IS 'Filed late: the seller alone decides (AMB-43).';
COMMENT ON COLUMN support_case.analysis_cases.is_returnable IS 'Whether the reason leaves an item to return.';
COMMENT ON COLUMN support_case.analysis_cases.routed_because IS 'Who handles the case: seller, or why the platform does.';
COMMENT ON COLUMN support_case.analysis_cases.opened_at IS 'When it was opened.';
COMMENT ON COLUMN support_case.analysis_cases.status IS 'Status as written.';
COMMENT ON COLUMN support_case.analysis_cases.resolution IS 'How a closed case ended.';
COMMENT ON COLUMN support_case.analysis_cases.closed_at IS 'When it closed; null while it is open.';
COMMENT ON COLUMN support_case.analysis_cases.is_responded IS 'Whether the seller has responded since the request last reached him.';
COMMENT ON COLUMN support_case.analysis_cases.escalated_after IS 'What the buyer brought to the platform since then: silence, conversation or decision; null: nothing.';
COMMENT ON COLUMN support_case.analysis_cases.platform_ruling IS 'The latest decision of the platform since then.';
COMMENT ON COLUMN support_case.analysis_cases.liability IS 'Who bears the refund by that decision; null: the seller.';
COMMENT ON COLUMN support_case.analysis_cases.is_thumbs_up IS 'The buyer''s thumb; null without one.';
COMMENT ON COLUMN support_case.analysis_cases.thumb_given_at IS 'When it was given or changed last.';
COMMENT ON COLUMN support_case.analysis_cases.is_fraud_suspected IS 'Whether it ever came to the platform because refund fraud was suspected (W-22).';

CREATE OR REPLACE VIEW support_case.analysis_responses WITH (security_barrier = true) AS
SELECT c.seller_id, c.case_id, c.reason, c.opened_at, e.received_at, e.response_due_at, e.first_response_at,
    support_case.business_between(e.received_at, e.first_response_at, k.compiled) AS response_time,
    -- Not where the wait ended before: withdrawn, taken over by the platform, charged back.
    e.response_due_at <= coalesce(e.first_response_at, support_case.clock())
        AND NOT EXISTS (SELECT FROM support_case.case_event AS v
            WHERE v.seller_id = c.seller_id AND v.case_id = c.case_id AND v.event_number > e.received_event
                AND v.deadline IS DISTINCT FROM 'seller_response' AND v.effective_at < e.response_due_at) AS is_breached
FROM support_case.support_case AS c
CROSS JOIN LATERAL (
    SELECT min(v.effective_at) FILTER (WHERE v.deadline = 'seller_response') AS received_at,
        min(v.event_number) FILTER (WHERE v.deadline = 'seller_response') AS received_event,
        min(v.due_at) FILTER (WHERE v.deadline = 'seller_response') AS response_due_at,
        min(v.effective_at) FILTER (WHERE support_case._is_response(v.actor, v.action, v.transition))
            AS first_response_at
    FROM support_case.case_event AS v
    WHERE v.seller_id = c.seller_id AND v.case_id = c.case_id
) AS e
-- Joined, not looked up row by row.
JOIN (
    SELECT l.calendar_code, l.compiled, l.effective_from,
        lead(l.effective_from, 1, 'infinity') OVER (PARTITION BY l.calendar_code ORDER BY l.effective_from)
            AS effective_until
    FROM support_case.calendar AS l
) AS k
    ON k.calendar_code = c.calendar_code AND k.effective_from <= e.received_at AND k.effective_until > e.received_at
WHERE e.received_at IS NOT NULL;

COMMENT ON VIEW support_case.analysis_responses IS 'How fast the seller first responded to every request that reached him, for analysts. Bound it by opened_at: it reads the events of each case (W-25, D-01).';
COMMENT ON COLUMN support_case.analysis_responses.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.analysis_responses.case_id IS 'The case.';
COMMENT ON COLUMN support_case.analysis_responses.reason IS 'Why the buyer asked for help (W-17).';
COMMENT ON COLUMN support_case.analysis_responses.opened_at IS 'When the case was opened.';
COMMENT ON COLUMN support_case.analysis_responses.received_at IS 'When the request first reached the seller.';
COMMENT ON COLUMN support_case.analysis_responses.response_due_at IS 'When the first response was due.';
COMMENT ON COLUMN support_case.analysis_responses.first_response_at IS 'When it came; null: not yet, or never.';
COMMENT ON COLUMN support_case.analysis_responses.response_time IS 'From received_at to first_response_at in open hours of the case''s calendar.';
COMMENT ON COLUMN support_case.analysis_responses.is_breached IS 'Whether the response deadline was missed; not when it ended before, because the platform took the case over for instance.';

CREATE OR REPLACE VIEW support_case.analysis_refund_costs WITH (security_barrier = true) AS
SELECT j.seller_id, j.case_id, j.journal_number, c.reason, j.kind, j.response, j.effective_at,
    date_trunc('month', j.effective_at AT TIME ZONE 'UTC')::date AS month,
    j.currency,
    support_case._to_major(-e.refunded, j.currency) AS refunded,
    support_case._to_major(e.seller, j.currency) AS borne_by_seller,
    support_case._to_major(e.platform, j.currency) AS borne_by_platform,
    support_case._to_major(e.carrier, j.currency) AS borne_by_carrier,
    support_case._to_major(e.commission, j.currency) AS commission,
    support_case._to_major(e.tax, j.currency) AS tax,
    support_case._to_major(-e.return_label, j.currency) AS return_label
FROM support_case.ledger_journal AS j
JOIN support_case.support_case AS c ON c.seller_id = j.seller_id AND c.case_id = j.case_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.amount) FILTER (WHERE l.account = 'buyer_refund'), 0)::bigint AS refunded,
        coalesce(sum(l.amount) FILTER (WHERE l.account = 'seller_payable'), 0)::bigint AS seller,
        coalesce(sum(l.amount) FILTER (WHERE l.account IN ('platform_absorbed', 'platform_subsidy')), 0)::bigint
            AS platform,
        coalesce(sum(l.amount) FILTER (WHERE l.account = 'carrier_claim'), 0)::bigint AS carrier,
        coalesce(sum(l.amount) FILTER (WHERE l.account = 'commission_reversal'), 0)::bigint AS commission,
        coalesce(sum(l.amount) FILTER (WHERE l.account = 'tax_reversal'), 0)::bigint AS tax,
        coalesce(sum(l.amount) FILTER (WHERE l.account = 'return_label'), 0)::bigint AS return_label
    FROM support_case.ledger_entry AS l
    -- Not what a carrier paid, which a corrected charge shares out anew.
    WHERE l.seller_id = j.seller_id AND l.case_id = j.case_id AND l.journal_number = j.journal_number
        AND l.component <> 'claim'
) AS e
WHERE j.kind IN ('charge', 'reversal');

COMMENT ON VIEW support_case.analysis_refund_costs IS 'What every posted refund cost and whom, for analysts, in major units: a row per charge, and per reversal with the signs reversed. refunded and return_label are what borne_by_seller, borne_by_platform, borne_by_carrier, commission and tax add up to. Bound it by effective_at (W-82 to W-89).';
COMMENT ON COLUMN support_case.analysis_refund_costs.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.analysis_refund_costs.case_id IS 'The case.';
COMMENT ON COLUMN support_case.analysis_refund_costs.journal_number IS 'Number of the journal within the case.';
COMMENT ON COLUMN support_case.analysis_refund_costs.reason IS 'Why the buyer asked for help (W-17).';
COMMENT ON COLUMN support_case.analysis_refund_costs.kind IS 'charge or reversal.';
COMMENT ON COLUMN support_case.analysis_refund_costs.response IS 'What is charged (W-82).';
COMMENT ON COLUMN support_case.analysis_refund_costs.effective_at IS 'When it took effect.';
COMMENT ON COLUMN support_case.analysis_refund_costs.month IS 'The first day of that month, in UTC.';
COMMENT ON COLUMN support_case.analysis_refund_costs.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.analysis_refund_costs.refunded IS 'What the buyer gets.';
COMMENT ON COLUMN support_case.analysis_refund_costs.borne_by_seller IS 'What the seller is charged.';
COMMENT ON COLUMN support_case.analysis_refund_costs.borne_by_platform IS 'What the platform absorbs, or subsidised before.';
COMMENT ON COLUMN support_case.analysis_refund_costs.borne_by_carrier IS 'What is claimed from the carrier.';
COMMENT ON COLUMN support_case.analysis_refund_costs.commission IS 'Commission that the platform gives back.';
COMMENT ON COLUMN support_case.analysis_refund_costs.tax IS 'Tax that is given back.';
COMMENT ON COLUMN support_case.analysis_refund_costs.return_label IS 'What the return label cost.';
