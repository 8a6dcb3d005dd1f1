-- Refund fraud: who is suspected, what the platform does about it, and how
-- buyers ask for refunds (W-22, W-115, W-116, AMB-62).

CREATE OR REPLACE FUNCTION support_case._take_over(
    c support_case.support_case,
    is_suspected boolean,
    message text,
    actor_id text
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._transition(c, 'take_over_case', 'platform', actor_id, '{}',
        jsonb_strip_nulls(jsonb_build_object('because', 'beyond_seller',
            'message', CASE WHEN NOT is_suspected THEN message END)));
    UPDATE support_case.support_case AS k
    SET routed_because = 'beyond_seller'
    WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
    IF is_suspected THEN
        PERFORM support_case._note_suspicion(c.seller_id, c.case_id, c.last_event_number + 1, message);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._take_over(support_case.support_case, boolean, text, text) IS
'Takes a case from the seller to the platform, who alone reads whether refund fraud is suspected, and what is said of it. Errors: SC001.';

CREATE OR REPLACE FUNCTION support_case.take_over_case(
    seller_id bigint,
    case_id bigint,
    because text DEFAULT 'beyond_seller',
    message text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(case_id, because, message) END;
    c support_case.support_case;
BEGIN
    actor_id := support_case._authorise('platform', take_over_case.seller_id, actor_id => actor_id);
    PERFORM support_case._require_actor(actor_id);
    PERFORM support_case._check_choice(because, 'because', 'beyond_seller', 'fraud_suspected');
    IF message IS NOT NULL THEN
        PERFORM support_case._check_text(message, 'message');
    END IF;
    c := support_case._begin(seller_id, case_id, 'take_over_case', actor_id, idempotency_key, arguments);
    IF c.case_id IS NOT NULL THEN
        PERFORM support_case._take_over(c, because = 'fraud_suspected', message, actor_id);
    END IF;
    RETURN NEXT support_case._finish(seller_id, case_id, 'take_over_case', actor_id,
        idempotency_key, arguments);
END
$$;

COMMENT ON FUNCTION support_case.take_over_case(bigint, bigint, text, text, text, text) IS
'The platform takes an open case from the seller, and returns it: it waits for decide(), and the conversation is closed. because: beyond_seller (W-01), or fraud_suspected, which flags this request alone (W-22) and which neither seller nor buyer reads. The message is for the platform and the seller, or, where fraud is suspected, for the platform alone (table case_suspicion). actor_id is required. Errors: P0002, 22004, 22023, SC001, SC009. (W-01, W-22, W-116)';

-- The cases of an order which the seller has, and which are under suspicion
-- now, but those in handed_back.
CREATE OR REPLACE FUNCTION support_case._take_over_suspected(
    seller_id bigint,
    order_id bigint,
    handed_back bigint[],
    actor_id text
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    c support_case.support_case;
    at timestamptz := support_case._roll_order(seller_id, order_id);
BEGIN
    FOR c IN
        SELECT k.* FROM support_case.support_case AS k
        WHERE k.seller_id = _take_over_suspected.seller_id AND k.order_id = _take_over_suspected.order_id
            AND k.status NOT IN ('escalated', 'closed') AND k.case_id <> ALL (handed_back)
        ORDER BY k.case_id
    LOOP
        IF support_case._is_fraud_suspected_in(c) THEN
            c.last_effective_at := at;
            PERFORM support_case._take_over(c, true, NULL, actor_id);
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION support_case._take_over_suspected(bigint, bigint, bigint[], text) IS
'Takes the open cases of an order, whose lock the caller holds, over to the platform where refund fraud is suspected (W-22), but for those that the platform has handed back under this suspicion.';

-- Order of locks: the buyer, where the buyer is assessed, the order, then the
-- buyer's other orders.  With all of them locked, the cases of before are there
-- to be taken over; who opens one locks buyer and order as well
-- (_lock_standing()), and opens it under suspicion.
CREATE OR REPLACE FUNCTION support_case._assess_fraud(
    seller_id bigint,
    order_id bigint,
    action text,
    subject text,
    ground text,
    score numeric,
    actor_id text,
    idempotency_key text
)
RETURNS SETOF support_case.fraud_assessment
LANGUAGE plpgsql VOLATILE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL
        THEN jsonb_build_array(order_id, subject, ground, trim_scale(score)) END;
    answer jsonb;
    o support_case.sales_order;
    other record;
    was_flagged boolean;
    handed_back bigint[];
    a support_case.fraud_assessment;
BEGIN
    PERFORM support_case._check_choice(subject, 'subject', 'order', 'buyer');
    IF subject = 'buyer' THEN
        INSERT INTO support_case.buyer_standing (buyer_id)
        SELECT k.buyer_id FROM support_case.sales_order AS k
        WHERE k.seller_id = _assess_fraud.seller_id AND k.order_id = _assess_fraud.order_id
        ON CONFLICT DO NOTHING;
        PERFORM FROM support_case.buyer_standing AS b
        WHERE b.buyer_id = (SELECT k.buyer_id FROM support_case.sales_order AS k
            WHERE k.seller_id = _assess_fraud.seller_id AND k.order_id = _assess_fraud.order_id)
        FOR NO KEY UPDATE;
    END IF;
    o := support_case._lock_order(seller_id, order_id);
    -- A transaction that reads from an older snapshot must not miss what is known
    -- of the order from now on: it fails with 40001.
    UPDATE support_case.sales_order AS k
    SET case_count = k.case_count
    WHERE k.seller_id = o.seller_id AND k.order_id = o.order_id;
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, action, arguments);
    END IF;
    IF answer IS NOT NULL THEN
        RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.fraud_assessment, answer) AS k;
        RETURN;
    END IF;

    IF subject = 'buyer' THEN
        PERFORM FROM support_case.sales_order AS k
        WHERE k.buyer_id = o.buyer_id
        ORDER BY k.seller_id, k.order_id
        FOR NO KEY UPDATE;
    END IF;
    -- A seller has a case that is under suspicion already only where the platform
    -- has handed it back knowingly: it stays until a new suspicion arises.
    handed_back := ARRAY(
        SELECT c.case_id
        FROM support_case.sales_order AS k
        JOIN support_case.support_case AS c ON c.seller_id = k.seller_id AND c.order_id = k.order_id
        WHERE k.buyer_id = o.buyer_id AND c.status NOT IN ('escalated', 'closed')
            AND (subject = 'buyer' OR (k.seller_id = o.seller_id AND k.order_id = o.order_id))
            AND support_case._is_fraud_suspected_in(c));

    IF subject = 'buyer' THEN
        SELECT b.is_fraud_suspected INTO was_flagged FROM support_case.buyer_standing AS b
        WHERE b.buyer_id = o.buyer_id;
        UPDATE support_case.buyer_standing AS b
        SET is_fraud_suspected = CASE action WHEN 'flag_fraud' THEN true WHEN 'clear_fraud_flag' THEN false
                ELSE b.is_fraud_suspected END,
            fraud_score = coalesce(score, b.fraud_score)
        WHERE b.buyer_id = o.buyer_id;
    ELSE
        was_flagged := EXISTS (SELECT FROM support_case.order_standing AS s
            WHERE s.seller_id = o.seller_id AND s.order_id = o.order_id AND s.is_fraud_suspected);
        INSERT INTO support_case.order_standing AS s (seller_id, order_id, is_fraud_suspected, fraud_score)
        VALUES (o.seller_id, o.order_id, action = 'flag_fraud', score)
        ON CONFLICT (seller_id, order_id) DO UPDATE
            SET is_fraud_suspected = CASE action WHEN 'record_fraud_score' THEN s.is_fraud_suspected
                    ELSE excluded.is_fraud_suspected END,
                fraud_score = coalesce(excluded.fraud_score, s.fraud_score);
    END IF;
    IF action = 'clear_fraud_flag' AND NOT was_flagged THEN
        PERFORM support_case._raise('action_not_allowed',
            format(CASE subject WHEN 'buyer' THEN 'the buyer of order %s is not flagged' ELSE 'order %s is not flagged' END,
                o.order_id),
            'No flag is set that could be cleared.', 'Pass the subject that was flagged: order or buyer.',
            'support_case', 'fraud_assessment');
    END IF;
    INSERT INTO support_case.fraud_assessment AS f (seller_id, order_id, assessment_number, buyer_id, subject, action,
        ground, fraud_score, actor_id, assessed_at)
    VALUES (o.seller_id, o.order_id,
        coalesce((SELECT max(k.assessment_number) FROM support_case.fraud_assessment AS k
            WHERE k.seller_id = o.seller_id AND k.order_id = o.order_id), 0) + 1,
        o.buyer_id, _assess_fraud.subject, _assess_fraud.action, _assess_fraud.ground, score,
        support_case._acting_id(_assess_fraud.actor_id), support_case._instant())
    RETURNING f.* INTO a;

    FOR other IN
        SELECT DISTINCT k.seller_id, k.order_id
        FROM support_case.sales_order AS k
        JOIN support_case.support_case AS c ON c.seller_id = k.seller_id AND c.order_id = k.order_id
        WHERE k.buyer_id = o.buyer_id AND c.status NOT IN ('escalated', 'closed')
            AND (subject = 'buyer' OR (k.seller_id = o.seller_id AND k.order_id = o.order_id))
        ORDER BY k.seller_id, k.order_id
    LOOP
        PERFORM support_case._take_over_suspected(other.seller_id, other.order_id, handed_back, actor_id);
    END LOOP;
    IF idempotency_key IS NOT NULL THEN
        PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, action, arguments,
            jsonb_build_array(to_jsonb(a)));
    END IF;
    RETURN NEXT a;
END
$$;

COMMENT ON FUNCTION support_case._assess_fraud(bigint, bigint, text, text, text, numeric, text, text) IS
'A whole command that flags an order or its buyer, clears a flag or records a score: open cases of sellers that are under suspicion then go to the platform (W-22, AMB-62).';

CREATE OR REPLACE FUNCTION support_case.flag_fraud(
    seller_id bigint,
    order_id bigint,
    ground text,
    subject text DEFAULT 'order',
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.fraud_assessment
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('platform', flag_fraud.seller_id, actor_id => actor_id);
    PERFORM support_case._require_actor(actor_id);
    PERFORM support_case._check_text(ground, 'ground', 1000);
    RETURN QUERY SELECT k.* FROM support_case._assess_fraud(seller_id, order_id, 'flag_fraud', subject, ground, NULL,
        actor_id, idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.flag_fraud(bigint, bigint, text, text, text, text) IS
'The platform flags an order for refund fraud (subject: order), or its buyer in all orders of all sellers (subject: buyer), and returns the assessment. Open cases go from the sellers to the platform, and new ones directly; decide() may deny them (W-116). ground says why, for the platform alone. actor_id is required. Errors: P0002, 22004, 22023, SC009. (W-22, W-115, W-116, AMB-62)';

CREATE OR REPLACE FUNCTION support_case.clear_fraud_flag(
    seller_id bigint,
    order_id bigint,
    ground text,
    subject text DEFAULT 'order',
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.fraud_assessment
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('platform', clear_fraud_flag.seller_id, actor_id => actor_id);
    PERFORM support_case._require_actor(actor_id);
    PERFORM support_case._check_text(ground, 'ground', 1000);
    RETURN QUERY SELECT k.* FROM support_case._assess_fraud(seller_id, order_id, 'clear_fraud_flag', subject, ground,
        NULL, actor_id, idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.clear_fraud_flag(bigint, bigint, text, text, text, text) IS
'The platform clears the flag of an order or of its buyer, and returns the assessment. New cases go to the seller again, unless a score says otherwise; the platform hands back what it has with return_to_seller(). actor_id is required. Errors: P0002, 22004, 22023, SC001 (not flagged), SC009. (W-22, AMB-62)';

CREATE OR REPLACE FUNCTION support_case.record_fraud_score(
    seller_id bigint,
    order_id bigint,
    score numeric,
    subject text DEFAULT 'order',
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.fraud_assessment
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('host', record_fraud_score.seller_id, actor_id => actor_id);
    PERFORM support_case._require(score, 'score');
    PERFORM support_case._check_score(score, 'score');
    RETURN QUERY SELECT k.* FROM support_case._assess_fraud(seller_id, order_id, 'record_fraud_score', subject, NULL,
        score, actor_id, idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.record_fraud_score(bigint, bigint, numeric, text, text, text) IS
'The host scores an order (subject: order) or its buyer (subject: buyer), on any scale from 0 that fraud_threshold of the policy uses, too, and returns the assessment; the latest score counts. From the threshold on, open cases go from the sellers to the platform, and new ones directly. Errors: P0002, 22004, 22023, SC009. (W-22, AMB-62)';

CREATE OR REPLACE VIEW support_case.buyer_refund_behaviour WITH (security_invoker = true) AS
SELECT t.buyer_id, t.period, t.orders, t.orders_with_case, t.orders_refunded,
    round(t.orders_refunded::numeric / NULLIF(t.orders, 0), 4) AS refund_share,
    t.cases, t.cases_denied, t.refunds, t.refunded, t.chargebacks, t.charged_back, t.flagged_orders,
    coalesce(b.is_fraud_suspected, false) AS is_flagged, b.fraud_score
FROM (
    SELECT p.buyer_id, p.period, sum(p.orders)::bigint AS orders, sum(p.orders_with_case)::bigint AS orders_with_case,
        sum(p.orders_refunded)::bigint AS orders_refunded, sum(p.flagged_orders)::bigint AS flagged_orders,
        sum(p.cases)::bigint AS cases, sum(p.cases_denied)::bigint AS cases_denied, sum(p.refunds)::bigint AS refunds,
        coalesce(jsonb_object_agg(p.currency, support_case._to_major(p.refunded, p.currency))
            FILTER (WHERE p.refunded > 0), '{}') AS refunded,
        sum(p.chargebacks)::bigint AS chargebacks,
        coalesce(jsonb_object_agg(p.currency, support_case._to_major(p.charged_back, p.currency))
            FILTER (WHERE p.charged_back > 0), '{}') AS charged_back
    FROM (
        SELECT f.buyer_id, w.period, f.currency,
            count(*) FILTER (WHERE f.kind = 'order' AND f.at >= w.since) AS orders,
            count(*) FILTER (WHERE f.kind = 'order' AND f.at >= w.since AND f.has_case) AS orders_with_case,
            count(*) FILTER (WHERE f.kind = 'order' AND f.at >= w.since AND f.is_refunded) AS orders_refunded,
            count(*) FILTER (WHERE f.kind = 'order' AND f.at >= w.since AND f.is_flagged) AS flagged_orders,
            count(*) FILTER (WHERE f.kind = 'case' AND f.at >= w.since) AS cases,
            count(*) FILTER (WHERE f.kind = 'case' AND f.at >= w.since AND f.is_denied) AS cases_denied,
            count(*) FILTER (WHERE f.kind IN ('refund', 'external_refund') AND f.at >= w.since) AS refunds,
            coalesce(sum(f.amount) FILTER (WHERE f.kind IN ('refund', 'external_refund') AND f.at >= w.since), 0)::bigint
                AS refunded,
            count(*) FILTER (WHERE f.kind = 'chargeback' AND f.at >= w.since) AS chargebacks,
            coalesce(sum(f.amount) FILTER (WHERE f.kind = 'chargeback' AND f.at >= w.since), 0)::bigint AS charged_back
        FROM (
            SELECT o.buyer_id, 'order' AS kind, o.currency, o.purchased_at AS at, 0::bigint AS amount,
                o.case_count > 0 AS has_case,
                EXISTS (SELECT FROM support_case.sales_order_line AS l
                    WHERE l.seller_id = o.seller_id AND l.order_id = o.order_id AND l.refunded > 0) AS is_refunded,
                EXISTS (SELECT FROM support_case.order_standing AS s
                    WHERE s.seller_id = o.seller_id AND s.order_id = o.order_id AND s.is_fraud_suspected) AS is_flagged,
                false AS is_denied
            FROM support_case.sales_order AS o
            UNION ALL
            -- Through the orders, which an index finds by buyer.
            SELECT o.buyer_id, 'case' AS kind, o.currency, c.opened_at AS at, 0 AS amount, false AS has_case,
                false AS is_refunded, false AS is_flagged,
                c.resolution IS NOT DISTINCT FROM 'platform_denied' AS is_denied
            FROM support_case.sales_order AS o
            JOIN support_case.support_case AS c ON c.seller_id = o.seller_id AND c.order_id = o.order_id
            UNION ALL
            SELECT o.buyer_id, 'refund' AS kind, i.currency, i.instructed_at AS at, i.amount, false AS has_case,
                false AS is_refunded, false AS is_flagged, false AS is_denied
            FROM support_case.sales_order AS o
            JOIN support_case.support_case AS c ON c.seller_id = o.seller_id AND c.order_id = o.order_id
            JOIN support_case.refund_instruction AS i ON i.seller_id = c.seller_id AND i.case_id = c.case_id
            UNION ALL
            SELECT o.buyer_id, e.kind, o.currency, e.happened_at AS at, e.amount, false AS has_case,
                false AS is_refunded, false AS is_flagged, false AS is_denied
            FROM support_case.sales_order AS o
            JOIN support_case.external_refund AS e ON e.seller_id = o.seller_id AND e.order_id = o.order_id
        ) AS f
        CROSS JOIN (VALUES ('all', '-infinity'::timestamptz),
            ('last_90_days', support_case.clock() - interval '2160 hours')) AS w (period, since)
        GROUP BY f.buyer_id, w.period, f.currency
    ) AS p
    GROUP BY p.buyer_id, p.period
) AS t
LEFT JOIN support_case.buyer_standing AS b ON b.buyer_id = t.buyer_id;

COMMENT ON VIEW support_case.buyer_refund_behaviour IS 'How buyers ask for refunds with all sellers, for the platform (W-115): two rows a buyer, for all time and for the last 90 days. What deadlines bring about counts once it is written.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.period IS 'all or last_90_days; cases, refunds and chargebacks count by when they happened, orders by when they were bought.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.orders IS 'Orders.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.orders_with_case IS 'Of these orders, those with a case, whenever it was opened.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.orders_refunded IS 'Of these orders, those refunded in full or in part, whenever and however.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.refund_share IS 'orders_refunded as a fraction of orders, 0 to 1; null without orders.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.cases IS 'Cases opened.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.cases_denied IS 'Of these cases, those that the platform denied.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.refunds IS 'Refunds instructed by cases or made outside them, without chargebacks.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.refunded IS 'Their amounts in major units by currency, such as {"USD": 105.00}.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.chargebacks IS 'Chargebacks.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.charged_back IS 'Their amounts in major units by currency.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.flagged_orders IS 'Of these orders, those flagged for refund fraud.';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.is_flagged IS 'Whether the buyer is flagged (W-116).';
COMMENT ON COLUMN support_case.buyer_refund_behaviour.fraud_score IS 'The host''s latest score of the buyer.';

CREATE OR REPLACE FUNCTION support_case._verify_fraud()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    SELECT 'fraud_party', f.seller_id, NULL::bigint,
        format('Assessment %s of order %s is about buyer %s, the order about buyer %s.', f.assessment_number, f.order_id,
            f.buyer_id, coalesce(o.buyer_id::text, '(none)'))
    FROM support_case.fraud_assessment AS f
    LEFT JOIN support_case.sales_order AS o ON o.seller_id = f.seller_id AND o.order_id = f.order_id
    WHERE o.buyer_id IS DISTINCT FROM f.buyer_id
    UNION ALL
    SELECT 'fraud_flag', NULL, NULL, format('Buyer %s is flagged, and nobody has flagged them.', b.buyer_id)
    FROM support_case.buyer_standing AS b
    WHERE b.is_fraud_suspected AND NOT EXISTS (
        SELECT FROM support_case.fraud_assessment AS f
        WHERE f.buyer_id = b.buyer_id AND f.subject = 'buyer' AND f.action = 'flag_fraud')
    UNION ALL
    SELECT 'fraud_suspicion', s.seller_id, s.case_id,
        format('Event %s is to have brought the case to the platform, and has not.', s.event_number)
    FROM support_case.case_suspicion AS s
    LEFT JOIN support_case.case_event AS e
        ON e.seller_id = s.seller_id AND e.case_id = s.case_id AND e.event_number = s.event_number
    WHERE e.status IS DISTINCT FROM 'escalated'
$$;

COMMENT ON FUNCTION support_case._verify_fraud() IS
'verify(): fraud flags, suspicions and assessments.';
