-- A roll-forward never raises: what cannot proceed stalls, the others go on
-- (AMB-122), and a fault of the surroundings stalls nobody.
BEGIN;
SET LOCAL client_min_messages = error;
SELECT plan(38);

SET LOCAL support_case.now = '2026-01-05T12:00:00Z';
SELECT support_case.create_policy('{"partial_offer_on_expiry": "treat_as_accepted"}');
SELECT support_case.register_seller(1);
SELECT support_case.register_order(1, o, 7, 'USD', 93, 5, 2, '[{"unit_price": 50}, {"unit_price": 50}]')
FROM generate_series(1, 20) AS o;

CREATE FUNCTION pg_temp.case_of(bigint, integer)
RETURNS bigint
LANGUAGE sql STABLE
AS 'SELECT case_id FROM support_case.support_case WHERE order_id = $1 ORDER BY case_id OFFSET $2 - 1 LIMIT 1';
CREATE FUNCTION pg_temp.state_of(bigint, integer)
RETURNS text
LANGUAGE sql STABLE
AS 'SELECT concat_ws('' '', status, resolution, stalled_code) FROM support_case.case_current
    WHERE case_id = pg_temp.case_of($1, $2)';

SELECT support_case.open_case(1, o, 'damaged_in_transit', 'a', '[{"line_number": 1}]') FROM generate_series(1, 20) AS o;
SELECT support_case.open_case(1, o, 'damaged_in_transit', 'b', '[{"line_number": 2}]') FROM generate_series(1, 4) AS o;
SELECT support_case.offer_partial_refund(1, c.case_id, 10) FROM support_case.support_case AS c;

-- Damage that no guard sees: an offer without an amount.
UPDATE support_case.support_case SET agreed_amount = NULL
WHERE case_id IN (pg_temp.case_of(1, 1), pg_temp.case_of(2, 1), pg_temp.case_of(3, 1), pg_temp.case_of(9, 1));

-- Mended at the instant at which it stalled, it goes on as well.
SAVEPOINT at_once;
SET LOCAL support_case.now = '2026-01-07T12:00:00Z';
SELECT support_case.sweep();
UPDATE support_case.support_case SET agreed_amount = 1000 WHERE case_id = pg_temp.case_of(2, 1);
SELECT is(status || ' ' || resolution, 'closed partial_refund', 'AMB-122: resume_case() ends a stall of the same instant')
FROM support_case.resume_case(1, pg_temp.case_of(2, 1), actor_id => 'agent');
ROLLBACK TO at_once;

-- Views show what can be shown ...
SET LOCAL support_case.now = '2026-01-12T12:00:00Z';
SELECT is((SELECT count(DISTINCT order_id) FROM support_case.seller_ledger WHERE seller_id = 1), 16::bigint,
    'AMB-122: the ledger shows every order but the damaged ones');
SELECT lives_ok('SELECT * FROM support_case.' || v, 'AMB-122: ' || v || ' does not raise before the sweep')
FROM unnest(ARRAY['case_timeline', 'refund_instructions', 'seller_balance']) AS v;

-- ... the commands go on ...
SELECT lives_ok($$SELECT support_case.record_external_refund(1, 1, 1)$$,
    'a command on the order of a case that cannot roll forward');
SELECT is(pg_temp.state_of(1, 1), 'partial_offered 22023', 'stalls that case');
SELECT is(pg_temp.state_of(1, 2), 'closed partial_refund', 'and rolls the other one of the order forward');
SELECT throws_ok($$SELECT support_case.accept_offer(1, pg_temp.case_of(2, 2))$$, 'SC001', NULL,
    'an act that comes too late is refused, whatever became of the other case');
SELECT is(pg_temp.state_of(2, 2), 'closed partial_refund', 'which shows in the view as before');

-- ... and so does the sweep.
SELECT is(support_case.sweep(), 22, 'the sweep writes every deadline, the stalled ones included');
SELECT is(pg_temp.state_of(2, 1), 'partial_offered 22023', 'a case that cannot roll forward stalls with its SQLSTATE');
SELECT is(pg_temp.state_of(9, 1), 'partial_offered 22023', 'every such case does');
SELECT is(count(*), 20::bigint, 'all others have rolled forward')
FROM support_case.support_case WHERE status = 'closed';
SELECT is(count(*), 20::bigint, 'and are charged once each')
FROM support_case.ledger_journal WHERE kind = 'charge' AND response = 'partial_refund';
SELECT is(support_case.sweep(), 0, 'the next sweep finds nothing');
SELECT results_eq(
    $$SELECT action, actor, status, details, effective_at FROM support_case.case_event
      WHERE case_id = pg_temp.case_of(2, 1) ORDER BY event_number DESC LIMIT 1$$,
    $$VALUES ('stall', 'system', 'partial_offered',
        '{"ended_deadline": "partial_offer_answer", "sqlstate": "22023"}'::jsonb,
        '2026-01-07 12:00:00+00'::timestamptz)$$,
    'the event says why, as of the deadline');
SELECT is(count(*), 4::bigint, 'the platform''s queue shows them')
FROM support_case.platform_queue WHERE task = 'stalled' AND stalled_code = '22023';
SELECT is(status || ': ' || detail, 'warning: 4 cases are stalled by 22023', 'and so does health()')
FROM support_case.health() WHERE component = 'stalled_cases';

-- Mended, it goes on where it stood.
UPDATE support_case.support_case SET agreed_amount = 1000 WHERE case_id = pg_temp.case_of(2, 1);
SELECT is(status || ' ' || resolution, 'closed partial_refund', 'a mended case goes on with resume_case()')
FROM support_case.resume_case(1, pg_temp.case_of(2, 1), actor_id => 'agent');
SELECT is(status || coalesce(stalled_code, ''), 'partial_offered22023', 'one that was not mended stalls again')
FROM support_case.resume_case(1, pg_temp.case_of(3, 1), actor_id => 'agent');
SAVEPOINT stalled;
SELECT is(stalled_code, '22023', 'AMB-122: what leaves the deadline alone leaves the stall, too')
FROM support_case.post_message(1, pg_temp.case_of(3, 1), 'seller', 'wait');
SELECT is(pg_temp.state_of(3, 1), 'partial_offered 22023', 'AMB-122: and so it is written');
SELECT is(concat(status, stalled_code), 'return_pending', 'AMB-122: another deadline runs by itself')
FROM support_case.offer_full_refund(1, pg_temp.case_of(3, 1), true);
ROLLBACK TO stalled;
SELECT is(j.effective_at, '2026-01-12 12:00:00+00'::timestamptz, 'the refund counts from then on')
FROM support_case.ledger_journal AS j WHERE j.case_id = pg_temp.case_of(2, 1);

-- A trigger of the host's own raises whatever it likes.
CREATE TABLE pg_temp.mishap (case_id bigint, action text, sqlstate text);
CREATE FUNCTION pg_temp.have_mishap()
RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    code text;
BEGIN
    SELECT m.sqlstate INTO code FROM mishap AS m
    WHERE m.case_id = NEW.case_id AND NEW.action LIKE m.action;
    IF FOUND THEN
        RAISE EXCEPTION 'mishap' USING ERRCODE = code;
    END IF;
    RETURN NEW;
END
$$;
GRANT SELECT ON mishap TO support_case_owner;
CREATE TRIGGER mishap BEFORE INSERT ON support_case.case_event
    FOR EACH ROW EXECUTE FUNCTION pg_temp.have_mishap();
SET LOCAL support_case.now = '2026-02-02T12:00:00Z';
SELECT support_case.register_order(1, o, 7, 'USD', 93, 5, 2, '[{"unit_price": 100}]') FROM generate_series(31, 33) AS o;
SELECT support_case.open_case(1, o, 'damaged_in_transit', 'a') FROM generate_series(31, 33) AS o;
SELECT support_case.request_information(1, pg_temp.case_of(o, 1), 'what?') FROM generate_series(31, 33) AS o;
SET LOCAL support_case.now = '2026-02-20T12:00:00Z';

INSERT INTO mishap VALUES (pg_temp.case_of(31, 1), 'expire_deadline', 'HO001');
SAVEPOINT before;
SELECT is(support_case.sweep(), 3, 'a code of the host''s stalls its case');
SELECT is(pg_temp.state_of(31, 1), 'awaiting_buyer HO001', 'with that code');
SELECT is(pg_temp.state_of(32, 1), 'closed no_buyer_response', 'and no other');
ROLLBACK TO before;

UPDATE mishap SET sqlstate = '53100';
SELECT throws_ok('SELECT support_case.sweep()', '53100', 'mishap', 'a full disk is no fault of the case');
SELECT throws_ok($$SELECT support_case.provide_information(1, pg_temp.case_of(31, 1), 'that')$$, '53100', 'mishap',
    'nor for a command');
SELECT is_empty($$SELECT FROM support_case.support_case WHERE stalled_code = '53100'$$, 'nobody stalls for it');

UPDATE mishap SET action = '%', sqlstate = 'HO001';
SELECT is(support_case.sweep(), 2, 'a case that cannot even stall is passed over');
SELECT is(pg_temp.state_of(32, 1), 'closed no_buyer_response', 'and the sweep goes on');
SELECT is(due_at, '2026-02-09 12:00:00+00'::timestamptz, 'its deadline waits')
FROM support_case.support_case WHERE case_id = pg_temp.case_of(31, 1);
SELECT throws_ok($$SELECT support_case.provide_information(1, pg_temp.case_of(31, 1), 'that')$$, 'HO001', 'mishap',
    'and no command acts as if it were still running');
TRUNCATE mishap;
SELECT is(support_case.sweep(), 1, 'until what is wrong is gone');

SELECT support_case.sweep() FROM generate_series(1, 5);
SELECT is(count(*), 3::bigint, 'a sweep that finds nothing adds no row to sweep_run') FROM support_case.sweep_run;
SELECT results_eq('SELECT check_name, case_id FROM support_case.verify() ORDER BY case_id',
    $$VALUES ('partial_offer', pg_temp.case_of(1, 1)), ('partial_offer', pg_temp.case_of(3, 1)),
        ('partial_offer', pg_temp.case_of(9, 1))$$,
    'verify() finds the damage that was never mended, and no other');

SELECT * FROM finish();
ROLLBACK;
