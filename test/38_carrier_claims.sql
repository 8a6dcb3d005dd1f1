-- Claims against carriers: W-119 to W-128, AMB-57 to AMB-60, D-10, X-13.
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

-- An order of 100.00 plus 5.00 that was shipped on Monday, 5 January 2026, at
-- 15:00, or as the changes say, and a case about it of the day after.
CREATE FUNCTION pg_temp.shipped(
    reason text DEFAULT 'damaged_in_transit',
    carrier text DEFAULT 'USPS',
    service text DEFAULT 'priority_mail',
    declared numeric DEFAULT NULL,
    insured numeric DEFAULT NULL,
    insurer text DEFAULT NULL,
    scans text DEFAULT 'accepted',
    category text DEFAULT NULL,
    currency text DEFAULT 'USD'
)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    new_id bigint := nextval('pg_temp.order_id_seq');
    base timestamptz := greatest(support_case.clock(), '2026-01-05T14:00:00-05:00');
BEGIN
    PERFORM support_case.register_seller(1);
    PERFORM support_case.register_order(1, new_id, 7, currency, 88.80, 5.00, 3.20,
        jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('unit_price', 100, 'category', category))),
        commission => 8, tax => 0, return_shipping => 6.50, purchased_at => support_case.clock());
    PERFORM support_case.record_shipment(1, new_id, carrier, service, '94', declared_value => declared,
        insured_value => insured, insurer => shipped.insurer);
    PERFORM pg_temp.at((base + interval '1 hour')::text);
    PERFORM support_case.record_shipment_scan(1, new_id, 1, k, support_case.clock())
    FROM unnest(string_to_array(NULLIF(scans, ''), ',')) AS k;
    PERFORM pg_temp.at((base + interval '20 hours')::text);
    RETURN (SELECT case_id FROM support_case.open_case(1, new_id, reason, 'no good', evidence => '[{"uri": "x"}]'));
END
$$;
CREATE FUNCTION pg_temp.claim_shows(of_case bigint, expected jsonb, name text)
RETURNS text
LANGUAGE sql
AS $$
    SELECT is((SELECT jsonb_object_agg(w.key, to_jsonb(k) -> w.key) FROM jsonb_each(expected) AS w), expected, name)
    FROM (SELECT 1) AS one
    LEFT JOIN (SELECT n.*, (SELECT string_agg(e.action, ',' ORDER BY e.event_number) FROM support_case.carrier_claim_timeline AS e
            WHERE e.seller_id = 1 AND e.case_id = of_case AND e.claim_number = n.claim_number) AS actions
        FROM support_case.carrier_claims AS n
        WHERE n.seller_id = 1 AND n.case_id = of_case ORDER BY n.claim_number DESC LIMIT 1) AS k ON true
$$;
CREATE FUNCTION pg_temp.claims(of_case bigint, command text, expected jsonb, name text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    message text;
BEGIN
    EXECUTE 'SELECT support_case.' || command USING of_case;
    RETURN pg_temp.claim_shows(of_case, expected, name);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
    RETURN fail(name) || E'\n' || diag(format('%s raised %s: %s', command, SQLSTATE, message));
END
$$;
CREATE FUNCTION pg_temp.told(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT string_agg(replace(o.template, 'carrier_claim_', '') || ' ' || o.channel, ', ' ORDER BY o.event_number, o.channel)
    FROM support_case.outbox AS o
    JOIN support_case.carrier_claim AS k ON k.seller_id = o.seller_id AND k.claim_id = o.subject_id
    WHERE o.subject = 'carrier_claim' AND o.recipient = 'seller' AND o.recipient_id = 1 AND k.case_id = of_case
$$;
CREATE FUNCTION pg_temp.entries(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT string_agg(concat_ws(' ', account, component, amount), ', ' ORDER BY entry_number)
    FROM support_case.seller_ledger WHERE seller_id = 1 AND case_id = of_case AND kind = 'claim_payment'
$$;

---------- X-13, D-10, W-119, W-120, W-122, AMB-57: with the refund, fileable after 14 days ----------

SELECT pg_temp.at('2026-01-05T14:00:00-05:00');
SELECT pg_temp.shipped() AS id \gset
SAVEPOINT shipped;
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => NULL)', '22004', 'W-120: wanted or not');
SELECT pg_temp.refuses(:id, 'offer_partial_refund(1, $1, 5, is_carrier_claim_wanted => NULL)', '22004', 'W-120: wanted or not');
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1)');
SELECT pg_temp.claim_shows(:id, '{"status": null}', 'W-120: not by default');
ROLLBACK TO shipped;
SELECT pg_temp.claims(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)', '{"status": "scheduled",
    "claim_number": 1, "reason": "damaged", "carrier": "USPS", "service": "priority_mail", "shipment_number": 1,
    "handed_over_at": "2026-01-05T15:00:00-05:00", "wait_ends_at": "2026-01-19T15:00:00-05:00",
    "fileable_at": "2026-01-19T15:00:00-05:00", "refunded_at": "2026-01-06T10:00:00-05:00", "refunded_amount": 105.00,
    "maximum_amount": 100.00, "claimed_amount": null, "is_recorded": true, "requested_at": "2026-01-06T10:00:00-05:00"}',
    'X-13, W-120, W-121, W-122, AMB-57: opted in with the refund: fileable on 19 January, for 100.00');
SELECT pg_temp.shows(:id, '{"status": "closed", "charged": 97}', 'W-119: the seller has refunded the buyer');
SELECT pg_temp.refuses(:id, 'record_carrier_claim_filed(1, $1)', 'SC001', 'W-122: not to be filed before');
SELECT pg_temp.at('2026-01-19T14:59:59.999999-05:00');
SELECT pg_temp.claim_shows(:id, '{"status": "scheduled"}', 'D-10: not one microsecond before');
SELECT is(support_case.sweep(), 0, 'D-10: nothing to sweep then');
SELECT pg_temp.at('2026-01-19T15:00:00-05:00');
SELECT pg_temp.claim_shows(:id, '{"status": "fileable", "is_recorded": false, "status_since": "2026-01-19T15:00:00-05:00",
    "actions": "request_carrier_claim,expire_deadline"}', 'X-13, D-10: fileable from the instant on, before a sweep');
SAVEPOINT unswept;
SELECT pg_temp.at('2026-01-25T12:00:00-05:00');
SELECT is(support_case.sweep(), 1, 'D-10: the sweep writes it');
SELECT is(support_case.sweep(), 0, 'D-10: once');
SELECT pg_temp.claim_shows(:id, '{"status": "fileable", "is_recorded": true, "status_since": "2026-01-19T15:00:00-05:00",
    "fileable_at": "2026-01-19T15:00:00-05:00", "actions": "request_carrier_claim,expire_deadline"}', 'D-10: as of its instant');
SELECT is(ROW(e.effective_at, e.recorded_at, e.actor), ROW('2026-01-19T15:00:00-05:00'::timestamptz, support_case.clock(), 'system'::text),
    'D-10: with an event that says when and when written') FROM support_case.carrier_claim_timeline AS e WHERE e.event_number = 2;
SELECT is(pg_temp.told(:id), 'fileable in_app', 'W-122: the seller is told that it can be filed');
SELECT is(o.data, jsonb_build_object('version', 1, 'case_id', :id, 'claim_number', 1, 'order_id', k.order_id, 'shipment_number', 1,
    'reason', 'damaged', 'currency', 'USD'), 'W-122: with what the text needs') FROM support_case.outbox AS o
JOIN support_case.carrier_claims AS k ON k.claim_id = o.subject_id WHERE o.subject = 'carrier_claim';
CREATE FUNCTION pg_temp.health()
RETURNS text
LANGUAGE sql
AS $$ SELECT status || ': ' || detail FROM support_case.health() WHERE component = 'carrier_claims' $$;
SELECT is(pg_temp.health(), 'ok: 1 claims wait to be filed, the oldest since 2026-01-19T20:00:00Z', 'health() shows what the host has to file');
SELECT pg_temp.at('2026-01-26T15:00:00-05:00');
SELECT is(pg_temp.health(), 'warning: 1 claims wait to be filed, the oldest since 2026-01-19T20:00:00Z', 'and warns after seven days');
ROLLBACK TO unswept;

---------- filed, paid, denied: W-119, W-121, AMB-59 ----------

SELECT pg_temp.refuses(:id, 'record_carrier_claim_paid(1, $1)', 'SC001', 'not paid before it is filed');
SELECT pg_temp.refuses(:id, 'record_carrier_claim_denied(1, $1, ''no'')', 'SC001', 'nor denied');
SELECT pg_temp.refuses(:id, format('record_carrier_claim_filed(1, $1, %s)', arguments), sqlstate, 'filed: ' || arguments)
FROM (VALUES ('amount => 100.01', '22023'), ('amount => 0', '22023'), ('amount => 1.001', '22023'), ('carrier_reference => ''''', '22023'),
    ('claim_number => 2', 'P0002')) AS v (arguments, sqlstate);
SELECT pg_temp.claims(:id, 'record_carrier_claim_filed(1, $1, ''CL-1'')', '{"status": "filed", "claimed_amount": 100.00,
    "carrier_reference": "CL-1", "fileable_at": "2026-01-19T15:00:00-05:00",
    "actions": "request_carrier_claim,expire_deadline,record_carrier_claim_filed"}',
    'W-119, W-122: filed at the instant, whoever has swept');
SELECT pg_temp.refuses(:id, 'cancel_carrier_claim(1, $1)', 'SC001', 'what is filed is not cancelled');
SELECT pg_temp.refuses(:id, 'record_manual_carrier_claim(1, $1)', 'SC001', 'W-128: nor claimed directly');
SELECT pg_temp.refuses(:id, 'request_carrier_claim(1, $1)', 'SC001', 'a shipment is claimed once', '%has a claim%');
SAVEPOINT filed;
SELECT pg_temp.claims(:id, 'record_carrier_claim_denied(1, $1, ''badly packed'')', '{"status": "denied",
    "denial_reason": "badly packed", "paid_amount": null}', 'W-127: the carrier may deny it');
SELECT is(pg_temp.entries(:id), NULL, 'a denied claim posts nothing');
SELECT is(pg_temp.told(:id), 'fileable in_app, filed in_app, denied email, denied in_app', 'W-119: the seller is told that it was denied');
SELECT pg_temp.claims(:id, 'record_manual_carrier_claim(1, $1, carrier_reference => ''appeal'')', '{"claim_number": 2, "status": "manual",
    "manual_reason": "claimed_directly"}', 'W-128: then the seller may go on alone');
ROLLBACK TO filed;
SELECT pg_temp.refuses(:id, format('record_carrier_claim_paid(1, $1, %s)', amount), '22023', 'AMB-59: paid ' || amount)
FROM unnest(ARRAY['100.01', '0', '-1', '1.001', '''NaN''']) AS amount;
SELECT pg_temp.refuses(:id, 'record_carrier_claim_denied(1, $1, NULL)', '22004', 'a denial has a reason');
SELECT pg_temp.claims(:id, 'record_carrier_claim_paid(1, $1, 60)', '{"status": "paid", "claimed_amount": 100.00, "paid_amount": 60.00}',
    'W-119: paid, in part');
SELECT is(pg_temp.told(:id), 'fileable in_app, filed in_app, paid email, paid in_app', 'W-119: the seller is told of the payment');
SELECT is(data ->> 'claimed_amount' || ' ' || (data ->> 'paid_amount'), '10000 6000', 'W-119: with the amounts, in minor units')
FROM support_case.outbox WHERE template = 'carrier_claim_paid' AND channel = 'email';
SELECT is(pg_temp.entries(:id), 'carrier_claim claim 60.00, seller_payable claim -60.00, cash_clearing claim_payment 60.00, carrier_claim claim_payment -60.00',
    'W-119: the carrier owes the seller, and has paid');
SELECT pg_temp.shows(:id, '{"charged": 37, "action": "record_carrier_claim_paid", "actor": "host", "status": "closed"}', 'W-119: the cost is recovered');
SELECT is(balance, -37.00, 'W-119: the seller''s balance shows it') FROM support_case.seller_balance WHERE seller_id = 1;
SELECT pg_temp.refuses(:id, 'record_carrier_claim_paid(1, $1)', 'SC001', 'a claim is paid once');
ROLLBACK TO filed;
SELECT is((SELECT string_agg(paid_amount::text, ',') FROM generate_series(1, 2), LATERAL support_case.record_carrier_claim_paid(1, :id, idempotency_key => 'p')),
    '100.00,100.00', 'paid in full by default, once under a key');
SELECT is((SELECT count(*) FROM support_case.ledger_journal WHERE case_id = :id AND kind = 'claim_payment'), 1::bigint, 'one journal');
SELECT pg_temp.refuses(:id, 'record_carrier_claim_paid(1, $1, 5, idempotency_key => ''p'')', 'SC009', 'the key belongs to its arguments');

---------- who bore the refund gets it ----------

SELECT pg_temp.at('2026-03-02T09:00:00-05:00');
CREATE FUNCTION pg_temp.decided(decision text)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint := pg_temp.shipped();
BEGIN
    PERFORM pg_temp.run(of_case, 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)', format('decide(1, $1, %s, actor_id => ''a'')', decision),
        'request_carrier_claim(1, $1)');
    PERFORM pg_temp.at((support_case.clock() + interval '15 days')::text);
    PERFORM pg_temp.run(of_case, 'record_carrier_claim_filed(1, $1)', 'record_carrier_claim_paid(1, $1)');
    RETURN of_case;
END
$$;
SELECT is(pg_temp.entries(pg_temp.decided('''refund'', ''platform''')), 'carrier_claim claim 100.00, platform_absorbed claim -100.00, '
    'cash_clearing claim_payment 100.00, carrier_claim claim_payment -100.00', 'W-119: the platform, where it bore the refund');
SELECT is(pg_temp.entries(pg_temp.decided('''refund'', ''carrier''')), 'carrier_claim claim 3.00, platform_absorbed claim -3.00, '
    'cash_clearing claim_payment 100.00, carrier_claim claim_payment -100.00',
    'W-119: what a decision laid on the carrier is paid first');
SELECT is(pg_temp.entries(pg_temp.decided('''refund'', ''split'', seller_amount => 50, carrier_amount => 17')),
    'carrier_claim claim 83.00, seller_payable claim -50.00, platform_absorbed claim -33.00, '
    'cash_clearing claim_payment 100.00, carrier_claim claim_payment -100.00', 'W-119: the rest by what each bore, and no more');
SELECT is(pg_temp.entries(pg_temp.decided('''refund'', ''seller''')),
    'carrier_claim claim 100.00, seller_payable claim -97.00, platform_absorbed claim -3.00, '
    'cash_clearing claim_payment 100.00, carrier_claim claim_payment -100.00',
    'W-119: the seller gets back what he bore, and does not gain: the platform gave its commission back');

SELECT pg_temp.shipped() AS id \gset
SELECT pg_temp.run(:id, 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)', 'decide(1, $1, ''refund'', ''carrier'', return_required => true, actor_id => ''a'')',
    'record_return_delivered(1, $1, support_case.clock())', 'request_carrier_claim(1, $1)', 'confirm_return(1, $1)');
SELECT pg_temp.at((support_case.clock() + interval '15 days')::text);
SELECT pg_temp.run(:id, 'record_carrier_claim_filed(1, $1)', 'record_carrier_claim_paid(1, $1)');
SELECT is(pg_temp.entries(:id), 'cash_clearing claim_payment 100.00, carrier_claim claim_payment -100.00',
    'W-119: with the label, which a decision laid on it too, the carrier still owes 3.50');

-- Who bears the refund may change after the carrier has paid (AMB-38).
CREATE FUNCTION pg_temp.borne(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT string_agg(b.account || ' ' || b.amount, ', ' ORDER BY b.account)
    FROM (SELECT e.account, support_case._to_major(sum(e.amount)::bigint, 'USD') AS amount
        FROM support_case.ledger_entry AS e
        WHERE e.seller_id = 1 AND e.case_id = of_case
            AND e.account IN ('seller_payable', 'platform_absorbed', 'carrier_claim')
        GROUP BY e.account
        HAVING sum(e.amount) <> 0) AS b
$$;
SELECT pg_temp.decided('''refund'', ''seller''') AS id \gset
SELECT is(pg_temp.borne(:id), 'platform_absorbed -3.00', 'W-119: after the payment the seller bears nothing');
SELECT support_case.reassign_liability(1, :id, 'platform', actor_id => 'a') IS NOT NULL AS done;
SELECT is(pg_temp.borne(:id), 'platform_absorbed -3.00', 'AMB-38: the platform bears the refund now, and has what the carrier paid');
SELECT support_case.reassign_liability(1, :id, 'carrier', actor_id => 'a') IS NOT NULL AS done;
SELECT is(pg_temp.borne(:id), 'platform_absorbed -3.00', 'AMB-38: what is laid on the carrier has been paid');
SELECT support_case.reassign_liability(1, :id, 'split', 50, 17, actor_id => 'a') IS NOT NULL AS done;
SELECT is(pg_temp.borne(:id), 'platform_absorbed -3.00', 'AMB-38: nor does anybody gain by sharing it out');
SELECT support_case.reassign_liability(1, :id, 'seller', actor_id => 'a') IS NOT NULL AS done;
SELECT is(pg_temp.borne(:id), 'platform_absorbed -3.00', 'AMB-38: and back again, to the cent');
SELECT results_eq(format('SELECT borne_by_seller, borne_by_platform, borne_by_carrier FROM support_case.analysis_refund_costs
    WHERE case_id = %s AND kind = ''charge'' ORDER BY journal_number', :id),
    'VALUES (97.00, 0.00, 0.00), (0.00, 97.00, 0.00), (0.00, 0.00, 97.00), (50.00, 30.00, 17.00), (97.00, 0.00, 0.00)',
    'W-82: analysts read what was charged');
SELECT pg_temp.shipped() AS id \gset
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)', '@2026-06-30T09:00:00-04:00',
    'record_carrier_claim_filed(1, $1)', 'record_carrier_claim_paid(1, $1, 60)');
SELECT is(pg_temp.borne(:id), 'seller_payable 37.00', 'W-119: where the carrier pays less, the seller bears the rest');
SELECT support_case.reassign_liability(1, :id, 'platform', actor_id => 'a') IS NOT NULL AS done;
SELECT is(pg_temp.borne(:id), 'platform_absorbed 37.00', 'AMB-38: or whoever bears the refund now');
SELECT is_empty('SELECT * FROM support_case.verify()', 'AMB-38: every journal adds up');
SELECT pg_temp.at('2026-05-01T09:00:00-04:00');

---------- AMB-58: any executed refund, no replacement; W-120: afterwards ----------

SELECT pg_temp.at('2026-05-04T09:00:00-04:00');
SELECT pg_temp.shipped() AS id \gset
SELECT pg_temp.refuses(:id, 'request_carrier_claim(1, $1)', 'SC001', 'W-127, AMB-58: not before a refund is offered', '%No refund%');
SAVEPOINT open;
SELECT pg_temp.run(:id, 'consent_to_replacement(1, $1)', 'send_replacement(1, $1, ''UPS'', ''1Z'')', 'record_replacement_delivered(1, $1, support_case.clock())');
SELECT pg_temp.refuses(:id, 'request_carrier_claim(1, $1)', 'SC001', 'AMB-58: a replacement does not qualify', '%No refund%');
ROLLBACK TO open;
SELECT pg_temp.run(:id, 'explain_no_refund(1, $1, ''no'')');
SELECT pg_temp.refuses(:id, 'request_carrier_claim(1, $1)', 'SC001', 'AMB-58: nor a refusal');
ROLLBACK TO open;
SELECT support_case.record_chargeback(1, order_id, 105) IS NOT NULL AS made FROM support_case.support_case WHERE case_id = :id;
SELECT pg_temp.refuses(:id, 'request_carrier_claim(1, $1)', 'SC001', 'AMB-58: nor a chargeback');
ROLLBACK TO open;
SELECT support_case.record_external_refund(1, order_id, 25) IS NOT NULL AS made FROM support_case.support_case WHERE case_id = :id;
SELECT pg_temp.claims(:id, 'request_carrier_claim(1, $1)', '{"status": "scheduled", "maximum_amount": 25.00}', 'AMB-58, AMB-59: a refund outside the case does');
ROLLBACK TO open;
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1)');
SELECT pg_temp.claims(:id, 'request_carrier_claim(1, $1, 1, ''lost'')', '{"status": "scheduled", "reason": "lost",
    "fileable_at": "2026-05-18T10:00:00-04:00"}', 'W-120, AMB-60: asked for after the refund, for a reason of the seller''s');
ROLLBACK TO open;
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1)', '@2026-05-25T10:00:00-04:00');
SELECT pg_temp.claims(:id, 'request_carrier_claim(1, $1)', '{"status": "fileable", "wait_ends_at": "2026-05-18T10:00:00-04:00",
    "fileable_at": "2026-05-25T10:00:00-04:00"}', 'AMB-57: asked for after the wait, it is fileable at once');
ROLLBACK TO open;
-- A partial offer: the claim waits until it is accepted.
SELECT pg_temp.claims(:id, 'offer_partial_refund(1, $1, 40, is_carrier_claim_wanted => true)', '{"status": "scheduled",
    "wait_ends_at": "2026-05-18T10:00:00-04:00", "fileable_at": null, "refunded_at": null, "maximum_amount": 100.00}',
    'W-120, AMB-58: with a partial offer it waits for the refund');
SELECT pg_temp.claims(:id, 'accept_offer(1, $1)', '{"status": "scheduled", "refunded_amount": 40.00, "maximum_amount": 40.00,
    "fileable_at": "2026-05-18T10:00:00-04:00"}', 'AMB-58, AMB-59: a partial refund qualifies, and limits the claim');
ROLLBACK TO open;
SELECT pg_temp.run(:id, 'offer_partial_refund(1, $1, 40, is_carrier_claim_wanted => true)', '@2026-05-05T10:00:00-04:00', 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)');
SELECT pg_temp.claim_shows(:id, '{"claim_number": 1, "maximum_amount": 100.00}', 'AMB-15: a better offer needs no second claim');
ROLLBACK TO open;
SELECT pg_temp.run(:id, 'offer_partial_refund(1, $1, 40)');
SELECT pg_temp.claims(:id, 'request_carrier_claim(1, $1)', '{"status": "scheduled", "fileable_at": null}', 'W-120: or asked for while the offer stands');
ROLLBACK TO open;
-- A return: the claim waits for its end, though nobody sweeps.
SELECT pg_temp.claims(:id, 'offer_full_refund(1, $1, true, is_carrier_claim_wanted => true)', '{"status": "scheduled", "fileable_at": null}',
    'W-120, AMB-58: with a return it waits for the refund');
SELECT pg_temp.run(:id, '@2026-05-11T10:00:00-04:00', 'record_return_dropped_off(1, $1, support_case.clock())', '@2026-05-20T10:00:00-04:00');
SELECT pg_temp.claim_shows(:id, '{"status": "scheduled"}', 'AMB-58: the wait is over, the refund not executed');
SELECT is(support_case.sweep(), 0, 'AMB-58: and nothing to sweep');
SELECT pg_temp.run(:id, 'record_return_delivered(1, $1, support_case.clock())');
SAVEPOINT looked_at;
SELECT pg_temp.at('2026-05-20T10:20:00-04:00');
SELECT pg_temp.run(:id, 'confirm_return(1, $1)');
SELECT is(support_case.sweep(), 1, 'AMB-58: who is refunded before the next look');
SELECT is(pg_temp.told(:id), 'fileable in_app', 'W-122: is told by the next sweep all the same');
ROLLBACK TO looked_at;
SELECT pg_temp.at('2026-05-20T10:20:00-04:00');
SELECT support_case.record_external_refund(1, order_id, 5) IS NOT NULL AS made FROM support_case.support_case WHERE case_id = :id;
SELECT is(support_case.sweep(), 1, 'AMB-58, AMB-65: also outside the case');
ROLLBACK TO looked_at;
SELECT pg_temp.at('2026-05-22T10:00:00-04:00');
SELECT pg_temp.claim_shows(:id, '{"status": "fileable", "fileable_at": "2026-05-22T10:00:00-04:00", "is_recorded": false}',
    'W-43, AMB-58: the end of the inspection refunds, and so the claim is fileable, unswept');
SAVEPOINT refunded;
SELECT is(support_case.sweep(), 2, 'one sweep writes refund and claim');
SELECT pg_temp.claim_shows(:id, '{"status": "fileable", "status_since": "2026-05-22T10:00:00-04:00", "is_recorded": true}', 'as of their instant');
ROLLBACK TO refunded;
SELECT pg_temp.claims(:id, 'record_carrier_claim_filed(1, $1)', '{"status": "filed", "claimed_amount": 100.00}', 'or the command that needs them');
ROLLBACK TO open;

---------- W-128, W-120: manual, cancelled ----------

SELECT pg_temp.run(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)');
SAVEPOINT scheduled;
SELECT pg_temp.claims(:id, 'record_manual_carrier_claim(1, $1, carrier_reference => ''U-1'')', '{"status": "manual", "claim_number": 1,
    "manual_reason": "claimed_directly", "carrier_reference": "U-1"}', 'W-128: the seller claims directly instead');
SELECT pg_temp.at('2026-06-05T10:00:00-04:00');
SELECT pg_temp.claim_shows(:id, '{"status": "manual"}', 'W-128: and no wait ends');
SELECT pg_temp.refuses(:id, 'record_carrier_claim_filed(1, $1)', 'SC001', 'W-128: the platform files it no more');
SELECT pg_temp.claims(:id, 'cancel_carrier_claim(1, $1)', '{"status": "cancelled"}', 'a manual claim can be given up');
ROLLBACK TO scheduled;
SELECT pg_temp.claims(:id, 'cancel_carrier_claim(1, $1)', '{"status": "cancelled"}', 'W-120: so can one that is scheduled');
SELECT pg_temp.refuses(:id, 'cancel_carrier_claim(1, $1)', 'SC001', 'once');
SELECT pg_temp.claims(:id, 'request_carrier_claim(1, $1)', '{"status": "scheduled", "claim_number": 2}', 'and asked for again');
SELECT pg_temp.refuses(:id, 'record_manual_carrier_claim(1, $1, carrier_reference => '' '')', '22023', 'W-128: a reference says something');
SELECT pg_temp.refuses(:id, 'record_manual_carrier_claim(1, $1, reason => ''stolen'')', '22023', 'AMB-60: an unknown reason');
SELECT pg_temp.refuses(:id, 'request_carrier_claim(1, $1, reason => ''stolen'')', '22023', 'AMB-60: an unknown reason');
SELECT pg_temp.refuses(:id, 'request_carrier_claim(1, $1, 2)', 'P0002', 'an unknown shipment');
SELECT pg_temp.refuses(99999, 'request_carrier_claim(1, $1)', 'P0002', 'an unknown case');
SELECT pg_temp.refuses(99999, 'carrier_claim_eligibility(1, $1)', 'P0002', 'an unknown case is not one without shipments');

---------- AMB-59: the cap; W-121, W-123, W-124 ----------

-- What carrier_claim_eligibility() says of a case with one shipment.
CREATE FUNCTION pg_temp.eligible(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT concat_ws(' ', reason, CASE WHEN is_eligible THEN 'eligible' WHEN is_manual THEN 'manual' ELSE 'no' END, obstacle,
        coalesce(maximum_amount::text, '-'), currency)
    FROM support_case.carrier_claim_eligibility(1, of_case)
$$;
SELECT is(pg_temp.eligible(pg_temp.shipped(declared => declared, insured => insured)), expected,
    format('AMB-59: declared %s, purchased %s', declared, insured))
FROM (VALUES (NULL::numeric, NULL::numeric, 'damaged eligible 100.00 USD'), (80, NULL, 'damaged eligible 80.00 USD'),
    (NULL, 250, 'damaged eligible 250.00 USD'), (150, 250, 'damaged eligible 150.00 USD'), (NULL, 60, 'damaged eligible 100.00 USD'))
    AS v (declared, insured, expected);
SELECT pg_temp.shipped(insured => 250) AS id \gset
SELECT pg_temp.claims(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)', '{"maximum_amount": 105.00}',
    'W-121, AMB-59: with cover of 250.00 the refund is the limit');
SELECT pg_temp.policy('{"claim_cap": "included_cover"}') > 1 AS made;
SELECT is(pg_temp.eligible(pg_temp.shipped(insured => 250)), 'damaged eligible 100.00 USD', 'AMB-59 claim_cap = included_cover');
SELECT pg_temp.policy() > 1 AS made;
INSERT INTO support_case.carrier_service VALUES ('Post', 'box', 'EUR', 2500, true), ('Post', 'box', 'JPY', 2500, true), ('Post', 'letter', 'EUR', 0, true);
SELECT is(pg_temp.eligible(pg_temp.shipped(carrier => 'Post', service => 'box', currency => 'EUR')), 'damaged eligible 25.00 EUR',
    'AMB-59: in another currency the cover is that of the carrier''s service');
SELECT is(pg_temp.eligible(pg_temp.shipped(currency => 'EUR')), 'damaged manual carrier_without_automatic_claims - EUR',
    'AMB-59: 100 USD do not count in euros');
SELECT is(pg_temp.eligible(pg_temp.shipped(carrier => 'Post', service => 'letter', currency => 'EUR')), 'damaged no no_cover - EUR',
    'AMB-59: no cover, no claim');
SELECT is(pg_temp.eligible(pg_temp.shipped(declared => 0)), 'damaged no no_cover - USD', 'AMB-59: nor for what was declared worthless');

---------- why not: W-124 to W-126, AMB-57, AMB-60 ----------

SELECT is(pg_temp.eligible(pg_temp.shipped(carrier => 'UPS', service => 'ground')), 'damaged manual carrier_without_automatic_claims - USD',
    'W-125: other carriers: by hand');
SELECT is(pg_temp.eligible(pg_temp.shipped(service => 'media_mail')), 'damaged manual carrier_without_automatic_claims - USD',
    'W-123, W-125: other services too');
SELECT is(pg_temp.eligible(pg_temp.shipped(insured => 250, insurer => 'xcover')), 'damaged manual insured_elsewhere 250.00 USD',
    'W-124, AMB-59: insurers: by hand');
SELECT is(pg_temp.eligible(pg_temp.shipped(scans => '')), 'damaged no not_handed_over 100.00 USD', 'AMB-57: without an acceptance scan there is no ship date');
SELECT is(pg_temp.eligible(pg_temp.shipped(category => c)), 'damaged no category_excluded 100.00 USD', 'W-126: ' || c)
FROM unnest(ARRAY['precious_metals', 'money']) AS c;
INSERT INTO support_case.claim_excluded_category VALUES ('fireworks', 'Dangerous goods.');
SELECT is(pg_temp.eligible(pg_temp.shipped(category => c)), e, 'W-126: the list is the marketplace''s: ' || c)
FROM (VALUES ('fireworks', 'damaged no category_excluded 100.00 USD'), ('cards', 'damaged eligible 100.00 USD')) AS v (c, e);
SELECT is(pg_temp.eligible(pg_temp.shipped(r, scans => s)), e, format('AMB-60, W-119: %s, scanned %s', r, s))
FROM (VALUES ('damaged_in_transit', 'accepted,delivered', 'damaged eligible 100.00 USD'),
    ('missing_item', 'accepted,lost', 'lost eligible 100.00 USD'),
    ('missing_item', 'accepted', 'stuck eligible 100.00 USD'),
    ('not_as_described', 'accepted,damaged,delivered', 'damaged eligible 100.00 USD'),
    ('not_as_described', 'accepted,delivered', 'no reason_not_covered 100.00 USD'),
    ('returned_to_sender', 'accepted,returned_to_sender', 'no reason_not_covered 100.00 USD')) AS v (r, s, e);
SELECT pg_temp.policy('{"claim_reasons": ["damaged"]}') > 1 AS made;
SELECT is(pg_temp.eligible(pg_temp.shipped('missing_item', scans => 'accepted,lost')), 'lost no reason_not_covered 100.00 USD', 'AMB-60 claim_reasons = damaged');
SELECT pg_temp.refuses(NULL, format('create_policy(%L)', settings), sqlstate, 'create_policy: ' || settings)
FROM (VALUES ('{"claim_reasons": ["stolen"]}', '23514'), ('{"claim_cap": "none"}', '23514'), ('{"claim_requires": "x"}', '23514'),
    ('{"claim_wait": "soon"}', '22P02'), ('{"claim_wait": "-1 day"}', '23514'), ('{"claim_wait": null}', '23502')) AS v (settings, sqlstate);
SELECT pg_temp.policy() > 1 AS made;
SELECT pg_temp.shipped(scans => '') AS id \gset
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)', 'SC001', 'W-120: an offer with a claim that is not possible is none',
    '%has not accepted the parcel%');
SELECT pg_temp.refuses(:id, 'offer_partial_refund(1, $1, 5, is_carrier_claim_wanted => true)', 'SC001', 'W-120: partial ones too');
SELECT pg_temp.shipped(carrier => 'UPS', service => 'ground') AS id \gset
SELECT pg_temp.claims(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)', '{"status": "manual",
    "manual_reason": "carrier_without_automatic_claims", "fileable_at": null, "maximum_amount": null}', 'W-125: at other carriers it is manual');
SELECT pg_temp.shipped(insured => 250, insurer => 'xcover') AS id \gset
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1)');
SELECT pg_temp.claims(:id, 'request_carrier_claim(1, $1)', '{"status": "manual", "manual_reason": "insured_elsewhere"}', 'W-124: so at insurers');
SELECT pg_temp.shipped() AS id \gset
SELECT support_case.record_shipment(1, order_id, 'USPS', 'priority_mail') IS NOT NULL AS made FROM support_case.support_case WHERE case_id = :id;
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)', '22023', 'of two shipments one is named');
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1)', 'request_carrier_claim(1, $1, 1)', 'record_manual_carrier_claim(1, $1, 2)');
SELECT pg_temp.refuses(:id, 'cancel_carrier_claim(1, $1)', '22023', 'of two claims too');
SELECT pg_temp.claims(:id, 'cancel_carrier_claim(1, $1, 2)', '{"status": "cancelled", "shipment_number": 2}', 'each by its number');
-- Two parcels, one refund.
SELECT pg_temp.shipped() AS id \gset
SELECT s.shipment_number AS second FROM support_case.support_case AS c, support_case.record_shipment(1, c.order_id, 'USPS', 'priority_mail') AS s
WHERE c.case_id = :id \gset
SELECT support_case.record_shipment_scan(1, order_id, :second, 'accepted', support_case.clock()) IS NOT NULL AS made FROM support_case.support_case WHERE case_id = :id;
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1)', 'request_carrier_claim(1, $1, 1)', 'request_carrier_claim(1, $1, 2)');
SELECT pg_temp.at((support_case.clock() + interval '15 days')::text);
SELECT pg_temp.run(:id, 'record_carrier_claim_filed(1, $1, claim_number => 1)');
SELECT pg_temp.claim_shows(:id, '{"claim_number": 2, "status": "fileable", "refunded_amount": 105.00, "maximum_amount": 5.00}',
    'AMB-59: what was claimed for one parcel is not claimed for the other');
SELECT pg_temp.refuses(:id, 'record_carrier_claim_filed(1, $1, amount => 5.01)', '22023', 'AMB-59: not a cent more');
SAVEPOINT two;
SELECT pg_temp.claims(:id, 'record_carrier_claim_filed(1, $1, claim_number => 2)', '{"status": "filed", "claimed_amount": 5.00}', 'AMB-59: but the rest');
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify(): all is well');
ROLLBACK TO two;
SELECT pg_temp.run(:id, 'record_carrier_claim_paid(1, $1, 60, 1)');
SELECT pg_temp.claim_shows(:id, '{"claim_number": 2, "maximum_amount": 45.00}', 'AMB-59: of a claim that is paid it is the payment that counts');
ROLLBACK TO two;
SELECT pg_temp.run(:id, 'record_carrier_claim_denied(1, $1, ''no'', 1)');
SELECT pg_temp.claim_shows(:id, '{"maximum_amount": 100.00}', 'AMB-59: a denied claim takes nothing');
SELECT pg_temp.shipped() AS id \gset
SELECT support_case.record_shipment(1, c.order_id, 'USPS', 'priority_mail') IS NOT NULL AS made FROM support_case.support_case AS c WHERE c.case_id = :id;
SELECT support_case.record_shipment_scan(1, order_id, 2, 'accepted', support_case.clock()) IS NOT NULL AS made FROM support_case.support_case WHERE case_id = :id;
SELECT pg_temp.run(:id, 'offer_partial_refund(1, $1, 50)', 'accept_offer(1, $1)', 'request_carrier_claim(1, $1, 1)', 'request_carrier_claim(1, $1, 2)');
SELECT pg_temp.at((support_case.clock() + interval '15 days')::text);
SELECT pg_temp.run(:id, 'record_carrier_claim_filed(1, $1, claim_number => 1)');
SELECT pg_temp.refuses(:id, 'record_carrier_claim_filed(1, $1, claim_number => 2)', '22023', 'AMB-59: where nothing is left, nothing is filed', '%allow 0.00 USD%');
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)', 'P0002', 'an order without shipments has nothing to claim');

---------- AMB-57, AMB-58: other settings ----------

SELECT pg_temp.policy('{"claim_wait": "3 business days"}') > 1 AS made;
SELECT pg_temp.shipped() AS id \gset
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)');
SELECT is(k.wait_ends_at, support_case.business_add(k.handed_over_at, '3 business days', 'America/New_York; Mo-Fr'), 'AMB-57 claim_wait = 3 business days')
FROM support_case.carrier_claims AS k WHERE k.case_id = :id;
SELECT pg_temp.policy('{"claim_requires": "settled_refund"}') > 1 AS made;
SELECT pg_temp.shipped() AS id \gset
SELECT pg_temp.claims(:id, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)', '{"status": "scheduled", "fileable_at": null}',
    'AMB-58 claim_requires = settled_refund: the provider has not paid yet');
SELECT pg_temp.run(:id, 'record_refund_failed(1, $1, ''expired'')');
SAVEPOINT unsettled;
SELECT pg_temp.at((k.wait_ends_at + interval '1 minute')::text) FROM support_case.carrier_claim AS k WHERE k.case_id = :id;
SELECT support_case.sweep() >= 0 AS swept;
SELECT pg_temp.at((support_case.clock() + interval '1 minute')::text);
SELECT pg_temp.run(:id, 'record_refund_settled(1, $1)');
SELECT support_case.sweep() >= 0 AS swept;
SELECT is(pg_temp.told(:id), 'fileable in_app', 'AMB-58: the next sweep tells when it has paid after the wait');
ROLLBACK TO unsettled;
SELECT pg_temp.claims(:id, 'record_refund_settled(1, $1)', '{"status": "scheduled", "refunded_amount": 105.00}', 'AMB-58: now it has');
SELECT ok(fileable_at = wait_ends_at, 'AMB-58: and the wait counts') FROM support_case.carrier_claims WHERE case_id = :id;
SELECT pg_temp.policy() > 1 AS made;

---------- guards, rights ----------

SELECT throws_ok('UPDATE support_case.carrier_claim SET status = ''filed'' WHERE status = ''scheduled''', 'SC005', NULL, 'no arc, no change of status');
SELECT set_eq($$SELECT from_status, action, actor, to_status, deadline FROM support_case.state_machine() WHERE machine = 'carrier_claim'$$,
    $$VALUES (NULL, 'request_carrier_claim', 'seller', 'scheduled', 'claim_wait'), (NULL, 'record_manual_carrier_claim', 'seller', 'manual', NULL),
        ('scheduled', 'expire_deadline', 'system', 'fileable', NULL), ('scheduled', 'record_manual_carrier_claim', 'seller', 'manual', NULL),
        ('fileable', 'record_manual_carrier_claim', 'seller', 'manual', NULL), ('scheduled', 'cancel_carrier_claim', 'seller', 'cancelled', NULL),
        ('fileable', 'cancel_carrier_claim', 'seller', 'cancelled', NULL), ('manual', 'cancel_carrier_claim', 'seller', 'cancelled', NULL),
        ('fileable', 'record_carrier_claim_filed', 'host', 'filed', NULL), ('filed', 'record_carrier_claim_paid', 'host', 'paid', NULL),
        ('filed', 'record_carrier_claim_denied', 'host', 'denied', NULL)$$, 'state_machine() lists the machine');

CREATE ROLE tap_seller LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_other LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_buyer LOGIN IN ROLE support_case_buyer;
CREATE ROLE tap_carrier LOGIN IN ROLE support_case_carrier;
SELECT support_case.map_login('tap_seller', 1), support_case.map_login('tap_other', 2), support_case.map_login('tap_buyer', buyer_id => 7);
CREATE FUNCTION pg_temp.as_role(role_name text, query text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role_name);
    BEGIN
        EXECUTE query INTO result;
    EXCEPTION WHEN OTHERS THEN
        result := SQLSTATE;
    END;
    RESET ROLE;
    RETURN result;
END
$$;
SELECT pg_temp.shipped() AS id \gset
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1)');
SELECT is(pg_temp.as_role(role_name, format(query, :id)), expected, role_name || ': ' || query)
FROM (VALUES
    ('tap_other', 'SELECT status FROM support_case.request_carrier_claim(1, %s)', 'SC004'),
    ('tap_other', 'SELECT obstacle FROM support_case.carrier_claim_eligibility(1, %s)', 'SC004'),
    ('tap_buyer', 'SELECT status FROM support_case.request_carrier_claim(1, %s)', '42501'),
    ('tap_seller', 'SELECT is_eligible FROM support_case.carrier_claim_eligibility(1, %s)', 'true'),
    ('tap_seller', 'SELECT status FROM support_case.request_carrier_claim(1, %s)', 'scheduled'),
    ('tap_seller', 'SELECT maximum_amount FROM support_case.carrier_claims WHERE case_id = %s', '100.00'),
    ('tap_seller', 'SELECT actor_id FROM support_case.carrier_claim_timeline WHERE case_id = %s', 'tap_seller'),
    ('tap_seller', 'SELECT status FROM support_case.record_carrier_claim_filed(1, %s)', '42501'),
    ('tap_carrier', 'SELECT status FROM support_case.record_carrier_claim_filed(1, %s)', 'SC001'),
    ('tap_seller', 'SELECT string_agg(DISTINCT machine, '','') FROM support_case.life_cycle_event WHERE %s > 0', 'carrier_claim'),
    ('tap_other', 'SELECT status FROM support_case.carrier_claims WHERE case_id = %s', NULL),
    ('tap_other', 'SELECT status FROM support_case.carrier_claim_timeline WHERE case_id = %s', NULL),
    ('tap_buyer', 'SELECT status FROM support_case.carrier_claims WHERE case_id = %s', '42501')) AS v (role_name, query, expected);

---------- swept on time, late, in small batches or never: the same rows ----------

SELECT pg_temp.at('2026-09-07T09:00:00-04:00');
SELECT support_case.sweep(100000) >= 0 AS swept;
CREATE TEMPORARY TABLE history (id bigint, kind integer);
DO $made$
BEGIN
    FOR n IN 1 .. 40 LOOP
        PERFORM pg_temp.at('2026-09-07T09:00:00-04:00');
        INSERT INTO history SELECT pg_temp.shipped(), n % 5;
    END LOOP;
END
$made$;
CREATE FUNCTION pg_temp.variant(sweeps text)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    seen jsonb := '[]';
    start timestamptz := support_case.clock();
BEGIN
    BEGIN
        FOR day IN 0 .. 30 LOOP
            PERFORM pg_temp.at((start + day * interval '1 day')::text);
            PERFORM CASE
                WHEN day = 0 AND h.kind = 0 THEN (SELECT count(*) FROM support_case.offer_full_refund(1, h.id, is_carrier_claim_wanted => true))
                WHEN day = 0 AND h.kind = 1 THEN (SELECT count(*) FROM support_case.offer_full_refund(1, h.id, true, is_carrier_claim_wanted => true))
                WHEN day = 0 AND h.kind >= 2 THEN (SELECT count(*) FROM support_case.offer_partial_refund(1, h.id, 20, is_carrier_claim_wanted => true))
                WHEN day = 4 AND h.kind = 1 THEN (SELECT count(*) FROM support_case.record_return_dropped_off(1, h.id, support_case.clock()))
                WHEN day = 16 AND h.kind = 1 THEN (SELECT count(*) FROM support_case.record_return_delivered(1, h.id, support_case.clock()))
                WHEN day = 1 AND h.kind = 2 THEN (SELECT count(*) FROM support_case.accept_offer(1, h.id))
                WHEN day = 1 AND h.kind = 3 THEN (SELECT count(*) FROM support_case.decline_offer(1, h.id))
                WHEN day = 25 AND h.kind = 0 AND h.id % 2 = 0 THEN (SELECT count(*) FROM support_case.record_carrier_claim_filed(1, h.id))
                WHEN day = 27 AND h.kind = 2 THEN (SELECT count(*) FROM support_case.cancel_carrier_claim(1, h.id))
                END FROM history AS h;
            IF sweeps = 'on time' THEN
                PERFORM support_case.sweep();
            ELSIF sweeps = 'in small batches' THEN
                PERFORM support_case.sweep(1) FROM generate_series(1, 2);
            END IF;
        END LOOP;
        IF sweeps = 'late' THEN
            PERFORM support_case.sweep() FROM generate_series(1, 2);
        END IF;
        SELECT jsonb_agg(to_jsonb(k) - ARRAY['is_recorded', 'claim_id'] ORDER BY k.case_id) INTO seen FROM support_case.carrier_claims AS k
        JOIN history AS h ON h.id = k.case_id;
        SELECT seen || jsonb_agg(to_jsonb(e) - 'recorded_at' ORDER BY e.case_id, e.claim_number, e.event_number)
        INTO seen FROM support_case.carrier_claim_timeline AS e JOIN history AS h ON h.id = e.case_id;
        IF EXISTS (SELECT FROM support_case.verify()) THEN
            seen := seen || '["verify() found something"]';
        END IF;
        seen := seen || to_jsonb((SELECT count(*) FROM support_case.carrier_claims WHERE NOT is_recorded));
        RAISE EXCEPTION 'enough' USING ERRCODE = 'HI001';
    EXCEPTION WHEN SQLSTATE 'HI001' THEN
        PERFORM pg_temp.at(start::text);
    END;
    RETURN seen;
END
$$;
CREATE TEMPORARY TABLE seen AS
SELECT v AS variant, pg_temp.variant(v) AS rows FROM unnest(ARRAY['on time', 'late', 'in small batches', 'never']) AS v;
SELECT is((rows - (jsonb_array_length(rows) - 1))::text, (SELECT (rows - (jsonb_array_length(rows) - 1))::text FROM seen WHERE variant = 'on time'),
    'AMB-120: swept ' || variant || ': the same claims and events')
FROM seen WHERE variant <> 'on time';
SELECT is(rows -> -1, '0', 'all is written when swept ' || variant) FROM seen WHERE variant IN ('on time', 'late');
SELECT cmp_ok((rows -> -1)::integer, '>', 5, 'and some is not when never swept') FROM seen WHERE variant = 'never';
SELECT ok(rows::text NOT LIKE '%verify()%', 'verify() finds nothing when swept ' || variant) FROM seen;
SELECT set_eq($$SELECT DISTINCT e ->> 'status' FROM seen, jsonb_array_elements(rows) AS e WHERE variant = 'never' AND e ? 'reason'$$,
    $$VALUES ('fileable'), ('filed'), ('cancelled'), ('scheduled')$$, 'the history is worth its time');

---------- one that cannot be written, and those that wait ----------

SELECT pg_temp.at('2026-11-02T09:00:00-05:00');
SELECT support_case.sweep(100000) >= 0 AS swept;
SELECT pg_temp.shipped() AS good, pg_temp.shipped() AS bad, pg_temp.shipped() AS waiting \gset
SELECT pg_temp.run(k, 'offer_full_refund(1, $1, is_carrier_claim_wanted => true)') FROM unnest(ARRAY[:good, :bad]) AS k;
SELECT pg_temp.run(:waiting, 'offer_full_refund(1, $1, true, is_carrier_claim_wanted => true)', 'record_return_dropped_off(1, $1, support_case.clock())');
CREATE FUNCTION pg_temp.fail()
RETURNS trigger
LANGUAGE plpgsql
AS $$ BEGIN RAISE division_by_zero; END $$;
SELECT format('CREATE TRIGGER fail BEFORE UPDATE ON support_case.carrier_claim FOR EACH ROW WHEN (NEW.case_id = %s AND NEW.status <> OLD.status)
    EXECUTE FUNCTION pg_temp.fail()', :bad) \gexec
SELECT pg_temp.at((max(wait_ends_at) + interval '1 minute')::text) FROM support_case.carrier_claims;
SET client_min_messages = error;
SELECT is(support_case.sweep(1), 1, 'AMB-122: what can be written is, whatever fails or waits before it');
SELECT is(support_case.sweep(), 0, 'AMB-122: and the rest is left alone');
SET client_min_messages = warning;
SELECT results_eq(format('SELECT case_id, status, is_recorded FROM support_case.carrier_claims WHERE case_id IN (%s, %s, %s) ORDER BY 1', :good, :bad, :waiting),
    format('VALUES (%s::bigint, ''fileable'', true), (%s, ''fileable'', false), (%s, ''scheduled'', true)', :good, :bad, :waiting),
    'AMB-122: views are right all the same');
SELECT is((SELECT count(*) FROM support_case._lock_due_carrier_claims(support_case.clock(), 100)), 0::bigint,
    'D-10: a claim that waits for its refund is not read by every sweep');
SELECT is((SELECT array_agg(k.case_id) FROM support_case._lock_due_carrier_claims(support_case.clock() + interval '10 years', 100)
    JOIN support_case.carrier_claim AS k USING (seller_id, claim_id)), ARRAY[:bad::bigint],
    'W-119, AMB-58: nor by any before something is refunded');
SELECT is(pg_temp.told(:good), 'fileable in_app', 'AMB-122: the good one is told');
SELECT is(pg_temp.told(:bad), NULL, 'AMB-122: the bad one is not');
DROP TRIGGER fail ON support_case.carrier_claim;
SELECT pg_temp.run(:waiting, 'record_return_delivered(1, $1, support_case.clock())', 'confirm_return(1, $1)');
SELECT pg_temp.claim_shows(:waiting, '{"status": "fileable"}', 'AMB-58: refunded, it is fileable at once');
SELECT is(support_case.sweep(), 1, 'and written by the next sweep, which leaves the bad one alone');
SELECT pg_temp.at((support_case.clock() + interval '1 hour')::text);
SELECT is(support_case.sweep(), 1, 'AMB-122: an hour later the sweep tries again');
SELECT is((SELECT count(*) FROM support_case.carrier_claim WHERE retry_at IS NOT NULL AND status = 'fileable'), 0::bigint, 'and has done with them');

---------- verified ----------

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify(): all is well');
CREATE FUNCTION pg_temp.damage(command text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    found text;
BEGIN
    SET LOCAL session_replication_role = replica;
    EXECUTE command;
    SELECT string_agg(DISTINCT check_name, ', ' ORDER BY check_name) INTO found FROM support_case.verify();
    RAISE EXCEPTION USING ERRCODE = 'P0001', MESSAGE = 'undo';
EXCEPTION WHEN raise_exception THEN
    RETURN coalesce(found, '');
END
$$;
SELECT is(pg_temp.damage(command), expected, 'verify(): ' || title)
FROM (VALUES
    ('a claim is not where its events lead', $$UPDATE support_case.carrier_claim SET status = 'cancelled' WHERE status = 'manual'$$, 'life_cycle_state'),
    ('an event of a claim is missing', $$DELETE FROM support_case.life_cycle_event WHERE machine = 'carrier_claim' AND event_number = 2$$,
        'life_cycle_event, life_cycle_state, life_cycle_transition'),
    ('a claim without events', $$DELETE FROM support_case.life_cycle_event WHERE machine = 'carrier_claim'$$, 'life_cycle_state'),
    ('an event that no arc allows', $$UPDATE support_case.life_cycle_event SET actor = 'buyer' WHERE action = 'request_carrier_claim'$$, 'life_cycle_transition'),
    ('more is claimed than was refunded', $$UPDATE support_case.carrier_claim SET claimed_amount = 20000 WHERE status = 'filed'$$, 'claim_amount'),
    ('a payment that the ledger does not have', $$UPDATE support_case.carrier_claim SET paid_amount = paid_amount - 1 WHERE status = 'paid'$$, 'claim_payment'),
    ('a payment that no claim has', $$UPDATE support_case.ledger_journal SET revision = 9 WHERE kind = 'claim_payment'$$, 'claim_payment'),
    ('a payment of no event', $$UPDATE support_case.ledger_journal SET event_number = 1 WHERE kind = 'claim_payment'$$, 'journal_event, journal_ground'),
    ('a claim of another currency', $$UPDATE support_case.carrier_claim SET currency = 'JPY' WHERE status = 'manual'$$, 'claim_order')
) AS v (title, command, expected);

SELECT * FROM finish();
ROLLBACK;
