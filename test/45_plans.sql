-- Commands reach their rows through indexes also while the tables are small
-- and have no statistics: the plans that a session keeps from then would read
-- whole tables later (principle: a case costs the same whatever there is).
BEGIN;
\ir helpers/cases.sql
SELECT plan(18);

-- How often this transaction has read a table from end to end.
CREATE FUNCTION pg_temp.scans(of_table text)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = of_table::regclass $$;

SELECT pg_temp.at('2026-01-09T16:00:00-05:00');
CREATE TEMPORARY TABLE kase AS SELECT pg_temp.new_case() AS case_id FROM generate_series(1, 20);
CREATE TEMPORARY TABLE before AS
SELECT pg_temp.scans('support_case.support_case') AS cases, pg_temp.scans('support_case.sales_order_line') AS lines;

SELECT pg_temp.at('2026-01-12T10:00:00-05:00');
SELECT is((SELECT count(*) FROM kase AS k, support_case.offer_full_refund(1, k.case_id) AS c
        WHERE c.status = 'closed'),
    20::bigint, 'twenty refunds');
SELECT is(pg_temp.scans('support_case.support_case'), (SELECT cases FROM before), 'read no case but their own');
SELECT is(pg_temp.scans('support_case.sales_order_line'), (SELECT lines FROM before), 'and no line but their own');

-- Queues: the first rows of a long one are read in the order of an index.
SET LOCAL session_replication_role = replica;
INSERT INTO support_case.support_case (seller_id, case_id, order_id, buyer_id, currency, reason, description,
    policy_version, calendar_code, is_discretionary, is_returnable, routed_because, opened_at, status, status_since,
    deadline, due_at, escalation_reason, is_responded, is_conversation_closed, last_event_number, last_effective_at)
SELECT 1, 1000 + n, 1000 + n, 7, 'USD', 'damaged_in_transit', 'Broken.', 1, 'platform', false, true, 'seller', at.opened,
    CASE WHEN at.is_escalated THEN 'escalated' ELSE 'return_inspection' END, at.opened + n * interval '1 second',
    CASE WHEN NOT at.is_escalated THEN 'return_inspection' END,
    CASE WHEN NOT at.is_escalated THEN at.opened + interval '90 days' + n * interval '1 second' END,
    CASE WHEN at.is_escalated THEN 'buyer_escalated' END, false, at.is_escalated, 1, at.opened
FROM generate_series(1, 5000) AS n,
    LATERAL (SELECT support_case.clock() - interval '1 day' AS opened, n % 2 = 0 AS is_escalated) AS at;
INSERT INTO support_case.sales_order
SELECT (jsonb_populate_record(o, jsonb_build_object('order_id', 1000 + n))).*
FROM support_case.sales_order AS o, generate_series(1, 5000) AS n
WHERE o.order_id = (SELECT order_id FROM support_case.support_case WHERE case_id = 1);
INSERT INTO support_case.sales_order_line
SELECT (jsonb_populate_record(l, jsonb_build_object('order_id', 1000 + n, 'refunded', 0, 'refunded_quantity', 0,
    'consumed_payout', 0, 'consumed_shipping', 0, 'consumed_fee', 0, 'consumed_commission', 0))).*
FROM support_case.sales_order_line AS l, generate_series(1, 5000) AS n
WHERE l.order_id = (SELECT order_id FROM support_case.support_case WHERE case_id = 1);
INSERT INTO support_case.case_line SELECT 1, 1000 + n, 1, 1000 + n, 1 FROM generate_series(1, 5000) AS n;
INSERT INTO support_case.refund_instruction (seller_id, case_id, instruction_number, event_number, amount, currency,
    status, instructed_at, status_since)
SELECT c.seller_id, c.case_id, 1, 1, 100, 'USD', CASE WHEN c.case_id % 4 = 0 THEN 'failed' ELSE 'settled' END,
    c.status_since, c.status_since
FROM support_case.support_case AS c WHERE c.case_id > 1000;
INSERT INTO support_case.public_rating (seller_id, rating_id, order_id, buyer_id, mark, rated_at, status, status_since)
SELECT c.seller_id, c.case_id, c.order_id, c.buyer_id, 1, c.opened_at,
    CASE WHEN c.case_id % 4 = 0 THEN 'disputed' ELSE 'published' END, c.status_since
FROM support_case.support_case AS c WHERE c.case_id > 1000;
SET LOCAL session_replication_role = origin;
ANALYZE support_case.support_case, support_case.refund_instruction, support_case.public_rating;

CREATE FUNCTION pg_temp.plan_of(query text)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS off) ' || query; END $$;
CREATE FUNCTION pg_temp.reads_through(query text, index text)
RETURNS boolean
LANGUAGE sql
AS $$ SELECT bool_or(p LIKE '%Index Scan using ' || index || ' on %') FROM pg_temp.plan_of(query) AS p $$;
-- The sorts that stand over the union of all rows.
CREATE FUNCTION pg_temp.sorts_of(query text)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT count(*) FILTER (WHERE p.line ~ '^( *->)? *(Incremental )?Sort$') FROM (
    SELECT l.line, bool_or(l.line ~ 'Append') OVER (ORDER BY l.number) AS is_below
    FROM pg_temp.plan_of(query) WITH ORDINALITY AS l (line, number)) AS p WHERE NOT p.is_below $$;

\set platform_queue '''SELECT * FROM support_case.platform_queue ORDER BY waiting_since LIMIT 50'''
SELECT ok(pg_temp.reads_through(:platform_queue, 'support_case_waiting_on_platform'),
    'platform_queue: the first cases come through an index');
SELECT ok(pg_temp.reads_through(:platform_queue, 'refund_instruction_failed'), 'so do failed refunds');
SELECT ok(pg_temp.reads_through(:platform_queue, 'support_case_replacement_overdue'), 'overdue replacements');
SELECT ok(pg_temp.reads_through(:platform_queue, 'public_rating_disputed'), 'and disputed ratings');
SELECT is(pg_temp.sorts_of(:platform_queue), 0::bigint, 'in their order');
\set due_queue '''SELECT * FROM support_case.due_queue ORDER BY due_at LIMIT 50'''
SELECT ok(pg_temp.reads_through(:due_queue, 'support_case_due'), 'due_queue: the first cases come through an index');
SELECT is(pg_temp.sorts_of(:due_queue), 0::bigint, 'in their order');

-- One case of a seller whose deadlines nobody has swept.
CREATE FUNCTION pg_temp.cases_read(query text)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    so_far bigint := (SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables
        WHERE relid = 'support_case.support_case'::regclass);
BEGIN
    EXECUTE query;
    RETURN (SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables
        WHERE relid = 'support_case.support_case'::regclass) - so_far;
END
$$;
SELECT pg_temp.at('2026-06-01T10:00:00-04:00');
SELECT is((SELECT count(*) FROM support_case.seller_ledger WHERE seller_id = 1 AND case_id = 1001), 5::bigint,
    'the entries of one unswept charge');
SELECT cmp_ok(pg_temp.cases_read(format('SELECT * FROM support_case.%I WHERE seller_id = 1 AND case_id = 1001', v)),
    '<', 20::bigint, v || ' of one case reads no other case that is due')
FROM unnest(ARRAY['case_timeline', 'seller_ledger', 'refund_instructions']) AS v;

-- One conversation is read through indexes, its case alone is rolled forward.
INSERT INTO support_case.conversation (seller_id, conversation_id, kind, order_id, case_id, buyer_id, opened_at,
    last_message_at)
SELECT 1, 100000 + c.case_id, 'case', c.order_id, c.case_id, 7, c.opened_at, c.opened_at
FROM support_case.support_case AS c WHERE c.case_id > 1000;
\set conversation_history '''SELECT * FROM support_case.conversation_history WHERE seller_id = 1 AND conversation_id = 101001 ORDER BY occurred_at, event_number, message_number LIMIT 50'''
SELECT is((SELECT string_agg(h.body || ' ' || h.status, ', ') FROM support_case.conversation_history AS h
    WHERE h.seller_id = 1 AND h.conversation_id = 101001), 'expire_deadline closed', 'an unswept deadline of a conversation');
SELECT cmp_ok(pg_temp.cases_read(:conversation_history), '<', 20::bigint,
    'conversation_history of one conversation reads no other case that is due');
SELECT ok(pg_temp.reads_through(:conversation_history, 'conversation_pkey')
    AND pg_temp.reads_through(:conversation_history, 'case_event_pkey'), 'it is found by its key, and so are the events');
SELECT is_empty(format('SELECT p FROM pg_temp.plan_of(%L) AS p
    WHERE p ~ ''Seq Scan on (message|conversation|case_event|support_case|attachment)''', :conversation_history),
    'no table of conversations or cases is read from end to end');

SELECT * FROM finish();
ROLLBACK;
