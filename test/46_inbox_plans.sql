-- An inbox costs what a page of it costs, however many conversations there are
-- and however far one has paged; also where the tables have no statistics, and
-- with plans that a session made while they were empty.
BEGIN;
\ir helpers/cases.sql
SELECT no_plan();

-- How many rows of a table this transaction has fetched through indexes, and
-- how often it has read it from end to end.
CREATE FUNCTION pg_temp.fetched(of_table text)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relid = of_table::regclass $$;
CREATE FUNCTION pg_temp.scans(of_table text)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = of_table::regclass $$;

-- A query gives so many rows, and fetches at most so many of the conversations,
-- cases and messages.
CREATE FUNCTION pg_temp.costs(query text, row_count bigint, conversations bigint, cases bigint, name text)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    tables constant text[] := '{support_case.conversation,support_case.support_case,support_case.message}';
    before bigint[] := ARRAY(SELECT pg_temp.fetched(t) FROM unnest(tables) AS t);
    scans bigint := (SELECT sum(pg_temp.scans(t)) FROM unnest(tables) AS t);
    found bigint;
    fetched bigint[];
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT q.*, q::text FROM %s AS q) AS k', query) INTO found;
    fetched := ARRAY(SELECT pg_temp.fetched(t.t) - before[t.n] FROM unnest(tables) WITH ORDINALITY AS t (t, n));
    RETURN NEXT is(found, row_count, name || ': ' || query);
    RETURN NEXT cmp_ok(fetched[1], '<=', conversations, name || ': reads the conversations of the page');
    RETURN NEXT cmp_ok(fetched[2], '<=', cases, name || ': reads the cases of the page');
    RETURN NEXT cmp_ok(fetched[3], '<=', row_count * 2, name || ': reads the messages of the page');
    RETURN NEXT is((SELECT sum(pg_temp.scans(t))::bigint FROM unnest(tables) AS t), scans, name || ': reads no table from end to end');
END
$$;

SELECT pg_temp.at('2026-03-02T12:00:00-05:00');
SELECT support_case.register_seller(1, buyer_id => 70);
-- The plans of this session are made here.
SELECT count(*) FROM support_case.seller_inbox_page(1) AS a, support_case.seller_inbox_page(1, 'all_messages') AS b,
    support_case.seller_inbox_page(1, is_waiting_on_me => true) AS c, support_case.buyer_inbox_page(70) AS d,
    support_case.buyer_inbox_page(70, 'all_messages') AS e, support_case.seller_inbox_counts(1),
    support_case.buyer_inbox_counts(70);

-- Of seller 1: 2,000 requests, 20 of them open, and as many conversations of
-- orders; of seller 2, buyer 70 has 1,000 of each.
SET LOCAL session_replication_role = replica;
INSERT INTO support_case.support_case (seller_id, case_id, order_id, buyer_id, currency, reason, description,
    policy_version, calendar_code, is_discretionary, is_returnable, routed_because, opened_at, status, resolution,
    status_since, deadline, due_at, is_responded, is_conversation_closed, last_event_number, last_effective_at)
SELECT CASE WHEN n <= 2000 THEN 1 ELSE 2 END, 100000 + n, 100000 + n, CASE WHEN n <= 2000 THEN 5 ELSE 70 END, 'USD',
    'damaged_in_transit', 'Broken.', 1, 'platform', false, true, 'seller', support_case.clock() - interval '1 day',
    CASE WHEN n % 100 = 0 THEN 'awaiting_seller' ELSE 'closed' END, CASE WHEN n % 100 <> 0 THEN 'withdrawn' END,
    support_case.clock() - interval '1 day', CASE WHEN n % 100 = 0 THEN 'seller_response' END,
    CASE WHEN n % 100 = 0 THEN support_case.clock() + interval '1 day' END, false, false, 1,
    support_case.clock() - interval '1 day'
FROM generate_series(1, 3000) AS n;
INSERT INTO support_case.conversation (seller_id, conversation_id, kind, order_id, case_id, buyer_id, opened_at, message_count,
    last_message_at, last_message_by, seller_read_count, buyer_read_count)
SELECT CASE WHEN n <= 2000 THEN 1 ELSE 2 END, 2 * (100000 + n) + k, CASE k WHEN 0 THEN 'order' ELSE 'case' END, 100000 + n,
    CASE k WHEN 1 THEN 100000 + n END, CASE WHEN n <= 2000 THEN 5 ELSE 70 END, support_case.clock(), 1,
    support_case.clock() - n * interval '1 minute', 'buyer', CASE WHEN n % 100 = 0 THEN 0 ELSE 1 END,
    CASE WHEN n % 100 = 0 THEN 0 ELSE 1 END
FROM generate_series(1, 3000) AS n, generate_series(0, 1) AS k;
INSERT INTO support_case.message (seller_id, conversation_id, message_number, author, body, posted_at)
SELECT seller_id, conversation_id, 1, 'buyer', 'Broken.', last_message_at FROM support_case.conversation;
SET LOCAL session_replication_role = origin;

CREATE FUNCTION pg_temp.all_costs(name text)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN QUERY SELECT pg_temp.costs('support_case.seller_inbox_page(1)', 50, 60, 110, name || ', the first page');
    RETURN QUERY SELECT pg_temp.costs($q$support_case.seller_inbox_page(1, before_at => support_case.clock() - interval '30 hours', before_id => 1)$q$,
        50, 60, 110, name || ', a page far down');
    RETURN QUERY SELECT pg_temp.costs($q$support_case.seller_inbox_page(1, 'all_messages')$q$, 50, 120, 220, name || ', all messages');
    RETURN QUERY SELECT pg_temp.costs('support_case.seller_inbox_page(1, is_archived => true)', 0, 0, 0, name || ', an empty archive');
    RETURN QUERY SELECT pg_temp.costs('support_case.buyer_inbox_page(70)', 50, 60, 110, name || ', purchases');
    RETURN QUERY SELECT pg_temp.costs($q$support_case.buyer_inbox_page(70, 'all_messages')$q$, 50, 60, 60, name || ', all messages of a buyer');
    RETURN QUERY SELECT pg_temp.costs('support_case.seller_inbox_page(1, is_waiting_on_me => true)', 20, 60, 70, name || ', what waits on the seller');
    RETURN QUERY SELECT pg_temp.costs('support_case.seller_inbox_counts(1)', 2, 60, 0, name || ', the badges');
    RETURN QUERY SELECT pg_temp.costs('support_case.buyer_inbox_counts(70)', 2, 20, 0, name || ', the badges of a buyer');
    RETURN QUERY SELECT pg_temp.costs('(SELECT * FROM support_case.order_support_status WHERE seller_id = 1 AND order_id = 100100)', 1, 1, 4,
        name || ', an order');
END
$$;
SELECT pg_temp.all_costs('without statistics');
ANALYZE support_case.conversation, support_case.support_case, support_case.message;
SELECT pg_temp.all_costs('with statistics');
SELECT pg_temp.costs(format('(SELECT * FROM support_case.order_support_status WHERE seller_id = 1 AND order_id IN (%s))',
    (SELECT string_agg(o::text, ', ') FROM generate_series(100001, 100020) AS o)), 20, 20, 80, 'the orders of a page');

-- The plans of the views, which anybody may page by himself.
CREATE FUNCTION pg_temp.plan_of(query text)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS off) ' || query; END $$;
CREATE FUNCTION pg_temp.reads_through(query text, index text)
RETURNS boolean
LANGUAGE sql
AS $$ SELECT bool_or(p LIKE '%Index Scan using ' || index || ' on %') AND NOT bool_or(p LIKE '%Sort Key: c.last_message_at%')
    FROM pg_temp.plan_of(query) AS p $$;
SELECT ok(pg_temp.reads_through(query || ' ORDER BY last_message_at DESC, conversation_id DESC LIMIT 50', index),
    format('%s reads through %s, and does not sort', query, index))
FROM (VALUES
    ('SELECT * FROM support_case.buyer_inbox WHERE buyer_id = 70 AND case_id IS NOT NULL AND NOT is_archived', 'conversation_buyer_purchases'),
    ('SELECT * FROM support_case.buyer_inbox WHERE buyer_id = 70 AND NOT is_archived', 'conversation_buyer_all'),
    ('SELECT * FROM support_case._inbox_of_sales WHERE seller_id = 1 AND case_id IS NOT NULL AND is_archived', 'conversation_seller_support'),
    ('SELECT * FROM support_case._inbox_of_sales WHERE seller_id = 1 AND NOT is_archived', 'conversation_seller_all')
) AS e (query, index);

SELECT * FROM finish();
ROLLBACK;
