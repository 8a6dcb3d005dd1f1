-- Six weeks of a marketplace's support desk, told in one session.  Needs an
-- empty database; demo/run.sh runs it and compares what it prints with
-- story.out, which is recorded with
--
--     dev/with_cluster.sh psql -X -q -f demo/story.sql > demo/story.out
--
-- The clock is injected, so it always begins on Friday, 9 January 2026.
\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
\pset null '-'
SET client_min_messages = warning;
SET TimeZone = 'America/New_York';
SET DateStyle = 'ISO, YMD';

\echo
\echo '== A marketplace opens its support desk'
\echo
SET support_case.now = '2026-01-09T09:00:00-05:00';
\set ECHO queries
CREATE EXTENSION support_case;
SELECT support_case.install() AS version;
SELECT definition, effective_from
FROM support_case.create_calendar('platform', 'America/New_York; Mo-Fr; 2026-01-19 off');
\set ECHO none

\echo 'It registers its sellers, and orders as they come in (demo/data/*.csv):'
\echo
CREATE TEMP TABLE seller_file (seller_id bigint, name text, is_enabled boolean);
CREATE TEMP TABLE order_file (seller_id bigint, order_id bigint, buyer_id bigint, currency text, payout numeric,
    buyer_shipping numeric, processing_fee numeric, commission numeric, tax numeric, return_shipping numeric,
    purchased_at timestamptz, delivered_at timestamptz);
CREATE TEMP TABLE line_file (seller_id bigint, order_id bigint, line_number integer, title text, quantity integer,
    unit_price numeric, product_kind text, category text);
\copy seller_file FROM 'demo/data/sellers.csv' (FORMAT csv, HEADER match)
\copy order_file FROM 'demo/data/orders.csv' (FORMAT csv, HEADER match)
\copy line_file FROM 'demo/data/order_lines.csv' (FORMAT csv, HEADER match)

SELECT count(*) AS sellers
FROM seller_file AS f, support_case.register_seller(f.seller_id, f.is_enabled);
WITH registered AS (
    SELECT o.seller_id, o.order_id, o.currency
    FROM order_file AS f
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(to_jsonb(l) - ARRAY['seller_id', 'order_id', 'title']) AS lines
        FROM line_file AS l
        WHERE l.seller_id = f.seller_id AND l.order_id = f.order_id
    ) AS l
    CROSS JOIN LATERAL support_case.register_order(f.seller_id, f.order_id, f.buyer_id, f.currency, f.payout,
        f.buyer_shipping, f.processing_fee, l.lines, f.commission, f.tax, f.return_shipping, f.purchased_at,
        f.delivered_at) AS o
)
SELECT currency, count(*) AS orders, sum(quantity * unit_price) AS sold
FROM registered JOIN line_file USING (seller_id, order_id)
GROUP BY currency ORDER BY currency;

-- What the tables below are made of.
CREATE TEMP VIEW board AS
SELECT c.case_id AS "case", s.name AS seller, c.status, c.resolution, c.waiting_on,
    to_char(c.due_at, 'Dy DD Mon HH24:MI') AS due, c.seller_id, c.reason, c.next_step, c.deadline, c.is_overdue,
    to_char(c.opened_at, 'Dy DD Mon HH24:MI') AS opened
FROM support_case.case_current AS c JOIN seller_file AS s USING (seller_id);

-- Runs a command that has to be refused and returns the error.
CREATE FUNCTION pg_temp.refusal_of(command text, OUT code text, OUT error text, OUT detail text, OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        EXECUTE command;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, error = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
            hint = PG_EXCEPTION_HINT;
        RETURN;
    END;
    RAISE EXCEPTION 'this should have been refused: %', command USING ERRCODE = 'assert_failure';
END
$$;

\echo '== Friday, 9 January 2026, 16:00: buyers ask for help'
\echo
SET support_case.now = '2026-01-09T16:00:00-05:00';
\set ECHO queries
SELECT case_id, status, due_at
FROM support_case.open_case(1, 1001, 'damaged_in_transit', 'The plinth is cracked, the box was crushed.');
\set ECHO none
\echo '... and six more:'
\echo
SELECT count(*) AS opened
FROM (VALUES
        (1, 2, 2001, 'not_as_described', 'Sold as mint; the front element has fungus.', NULL, '[{"uri": "s3://evidence/2001-1.jpg"}]'),
        (2, 3, 3001, 'defective', 'Two of the six cups leak.', '[{"line_number": 2}]', '[{"uri": "s3://evidence/3001-1.mp4"}]'),
        (3, 4, 4002, 'wrong_item', 'I ordered S and got two L.', '[{"line_number": 2, "quantity": 2}]', '[{"uri": "s3://evidence/4002-1.jpg"}]'),
        (4, 1, 1002, 'not_as_described', 'The sleeve has a seam split.', '[{"line_number": 1}]', '[{"uri": "s3://evidence/1002-1.jpg"}]'),
        (5, 4, 4004, 'missing_item', 'There were two bags in the parcel, not three.', '[{"line_number": 1, "quantity": 1}]', NULL),
        (6, 5, 5001, 'damaged_in_transit', 'A sleeve is torn.', NULL, NULL)
    ) AS r (position, seller_id, order_id, reason, description, lines, evidence)
CROSS JOIN LATERAL support_case.open_case(r.seller_id, r.order_id, r.reason, r.description, r.lines::jsonb,
    r.evidence::jsonb);
\echo 'Sellers have 48 business hours: over the weekend their clock stands still.'
\echo 'Loch Wool is not enabled for direct support, so its request goes to the platform.'
\echo
SELECT "case", seller, reason, status, waiting_on, opened, due FROM board ORDER BY "case";

\echo '== Saturday, 10 January, 10:00: one more, while everything is closed'
\echo
SET support_case.now = '2026-01-10T10:00:00-05:00';
\set ECHO queries
SELECT case_id, to_char(opened_at, 'Dy DD Mon HH24:MI') AS opened, to_char(due_at, 'Dy DD Mon HH24:MI') AS due
FROM support_case.open_case(1, 1003, 'late_not_shipped', 'The birthday it was for is over.');
\set ECHO none

\echo '== Monday, 12 January, 10:00: the sellers answer, each in their own way'
\echo
SET support_case.now = '2026-01-12T10:00:00-05:00';
\set ECHO queries
SELECT case_id, status, resolution FROM support_case.offer_full_refund(1, 1);
SELECT case_id, status, due_at FROM support_case.offer_full_refund(2, 2, return_required => true);
SELECT case_id, status, partial_amount, currency, due_at FROM support_case.offer_partial_refund(3, 3, 4.250);
SELECT case_id, status, due_at FROM support_case.explain_no_refund(1, 5, 'The listing shows the split in photo 3.');
SELECT case_id, status, due_at FROM support_case.request_information(4, 6, 'What does the scale say on the label?');
\set ECHO none
\echo 'A replacement needs the consent of the buyer, so this one is refused:'
\echo
\pset format unaligned
\pset fieldsep ': '
\x on
\set ECHO queries
SELECT * FROM pg_temp.refusal_of(
    $$SELECT support_case.send_replacement(4, 4, 'Colissimo', '6A12345678901')$$);
\set ECHO none
\x off
\pset format aligned
\echo
\echo 'An hour later the buyer has agreed:'
\echo
SET support_case.now = '2026-01-12T11:00:00-05:00';
\set ECHO queries
SELECT case_id, status FROM support_case.consent_to_replacement(4, 4);
SELECT case_id, status, due_at FROM support_case.send_replacement(4, 4, 'Colissimo', '6A12345678901');
\set ECHO none
\echo 'A partial refund and a return have their own deadlines; 19 January is a holiday:'
\echo
SELECT "case", seller, status, resolution, waiting_on, next_step, due FROM board ORDER BY "case";

\echo '== Tuesday, 13 January, 14:00: buyers and carriers move'
\echo
SET support_case.now = '2026-01-13T14:00:00-05:00';
\set ECHO queries
SELECT case_id, status, resolution FROM support_case.accept_offer(3, 3);
SELECT case_id, status, due_at FROM support_case.provide_information(4, 6, '1.1 kg, and one bag weighs 0.55.');
SELECT case_id, status FROM support_case.record_return_label(2, 2, 950, 'Yamato', 'YM-77-2001');
SELECT case_id, status, due_at FROM support_case.record_return_dropped_off(2, 2, '2026-01-13T12:30:00-05:00');
SELECT case_id, status, due_at FROM support_case.record_replacement_shipped(4, 4, '2026-01-13T11:15:00-05:00');
\set ECHO none

\echo '== Wednesday, 14 January, 09:00: a silent seller'
\echo
SET support_case.now = '2026-01-14T09:00:00-05:00';
\echo 'Nobody at Harbour Vinyl has looked at case 8, whose time was over at midnight:'
\echo
SELECT "case", seller, status, is_overdue, deadline, due FROM board WHERE "case" = 8;
\set ECHO queries
SELECT case_id, status, waiting_on FROM support_case.escalate(1, 8, 'I have heard nothing.');
SELECT case_id, task, waiting_since, target_at FROM support_case.platform_queue ORDER BY case_id;
\set ECHO none

\echo '== Thursday, 15 January, 11:30: the platform decides, parcels arrive'
\echo
SET support_case.now = '2026-01-15T11:30:00-05:00';
\set ECHO queries
SELECT case_id, status, resolution
FROM support_case.decide(1, 8, 'refund', 'split', seller_amount => 30.00, actor_id => 'agent-7');
SELECT case_id, status, resolution FROM support_case.decide(5, 7, 'uphold_seller', actor_id => 'agent-7');
SELECT case_id, status, resolution FROM support_case.offer_full_refund(4, 6);
SELECT case_id, status, resolution
FROM support_case.record_replacement_delivered(4, 4, '2026-01-15T10:05:00-05:00');
SELECT case_id, status, due_at
FROM support_case.record_return_delivered(2, 2, '2026-01-15T11:30:00-05:00');
\set ECHO none
\echo 'Kanda Camera now has 48 business hours to inspect the lens, weekend and holiday not counted.'
\echo

\echo '== Tuesday, 20 January: nobody inspects, and no sweep runs'
\echo
SET support_case.now = '2026-01-20T11:29:59-05:00';
\echo 'At 11:29:59:'
\echo
SELECT "case", status, resolution, waiting_on, due FROM board WHERE "case" = 2;
SELECT coalesce(sum(balance), 0) AS balance, 'JPY' AS currency FROM support_case.seller_balance WHERE seller_id = 2;
SET support_case.now = '2026-01-20T11:30:00-05:00';
\echo 'At 11:30:00 the refund has happened, although nothing has written it:'
\echo
SELECT "case", status, resolution, waiting_on, due FROM board WHERE "case" = 2;
SELECT coalesce(sum(balance), 0) AS balance, 'JPY' AS currency FROM support_case.seller_balance WHERE seller_id = 2;
\set ECHO queries
SELECT account, component, amount, currency, effective_at, recorded_at
FROM support_case.seller_ledger WHERE case_id = 2 ORDER BY entry_number;
\set ECHO none
\echo 'So the seller comes too late, at the very instant:'
\echo
\pset format unaligned
\pset fieldsep ': '
\x on
\set ECHO queries
SELECT * FROM pg_temp.refusal_of($$SELECT support_case.confirm_return(2, 2)$$);
\set ECHO none
\x off
\pset format aligned
\echo
\echo 'At 18:00 one sweep writes it down, as of 11:30:'
\echo
SET support_case.now = '2026-01-20T18:00:00-05:00';
\set ECHO queries
SELECT support_case.sweep() AS deadlines_written;
SELECT account, component, amount, currency, effective_at, recorded_at
FROM support_case.seller_ledger WHERE case_id = 2 ORDER BY entry_number;
SELECT event_number AS nr, action, actor, status, effective_at, recorded_at
FROM support_case.case_timeline WHERE case_id = 2 ORDER BY event_number;
\set ECHO none

\echo '== Monday, 16 February: the books'
\echo
SET support_case.now = '2026-02-16T09:00:00-05:00';
\echo 'The buyer of case 5 never escalated, so it closed by itself on 11 February.'
\echo
\set ECHO queries
SELECT support_case.sweep() AS deadlines_written;
SELECT resolution, count(*) AS cases FROM support_case.case_current GROUP BY resolution ORDER BY resolution;
SELECT case_id, response, currency, sum(amount) FILTER (WHERE amount > 0) AS debit,
    -sum(amount) FILTER (WHERE amount < 0) AS credit, sum(amount) AS total
FROM support_case.seller_ledger GROUP BY case_id, response, currency ORDER BY case_id;
\set ECHO none
\echo 'What the buyers got, when they see it, and what it cost the sellers:'
\echo
SELECT i.case_id AS "case", -l.amount AS refund, l.currency, i.instructed_at::date AS instructed,
    i.visible_from::date AS visible_from, i.visible_until::date AS visible_until
FROM support_case.refund_instruction AS i
JOIN support_case.seller_ledger AS l
    ON l.seller_id = i.seller_id AND l.case_id = i.case_id AND l.event_number = i.event_number
        AND l.account = 'buyer_refund'
ORDER BY i.case_id;
\set ECHO queries
SELECT seller_id, currency, balance FROM support_case.seller_balance ORDER BY seller_id, currency;
\set ECHO none
