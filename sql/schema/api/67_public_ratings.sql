-- Public ratings of orders: the buyer rates, everybody reads, the seller
-- disputes, the platform decides.

CREATE OR REPLACE VIEW support_case.order_ratings WITH (security_invoker = true) AS
SELECT r.seller_id, r.rating_id, r.order_id, r.buyer_id, r.mark, r.comment, r.rated_at, r.status, r.status_since
FROM support_case.public_rating AS r;

COMMENT ON VIEW support_case.order_ratings IS 'Public ratings as their parties and the platform see them, removed ones included; what happened to one is in life_cycle_event. Commands on ratings return rows of this view.';
COMMENT ON COLUMN support_case.order_ratings.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.order_ratings.rating_id IS 'Number of the rating.';
COMMENT ON COLUMN support_case.order_ratings.order_id IS 'The order.';
COMMENT ON COLUMN support_case.order_ratings.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.order_ratings.mark IS 'From 1 (worst) to 5 (best).';
COMMENT ON COLUMN support_case.order_ratings.comment IS 'The buyer''s words; null: none.';
COMMENT ON COLUMN support_case.order_ratings.rated_at IS 'When the buyer rated.';
COMMENT ON COLUMN support_case.order_ratings.status IS 'published, disputed, upheld or removed.';
COMMENT ON COLUMN support_case.order_ratings.status_since IS 'When the status was reached.';

-- For strangers: with the owner's rights, and neither order nor buyer.
CREATE OR REPLACE VIEW support_case.public_ratings WITH (security_barrier = true) AS
SELECT r.seller_id, r.rating_id, r.mark, r.comment, r.rated_at
FROM support_case.public_rating AS r
WHERE r.status <> 'removed';

COMMENT ON VIEW support_case.public_ratings IS 'Ratings of sellers by their buyers, for every prospect (A-12); those that the platform removed are not shown.';
COMMENT ON COLUMN support_case.public_ratings.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.public_ratings.rating_id IS 'Number of the rating.';
COMMENT ON COLUMN support_case.public_ratings.mark IS 'From 1 (worst) to 5 (best).';
COMMENT ON COLUMN support_case.public_ratings.comment IS 'The buyer''s words; null: none.';
COMMENT ON COLUMN support_case.public_ratings.rated_at IS 'When the buyer rated.';

CREATE OR REPLACE VIEW support_case.seller_rating_summary WITH (security_barrier = true) AS
SELECT r.seller_id,
    count(*)::integer AS rating_count,
    round(avg(r.mark), 2) AS average_mark,
    count(*) FILTER (WHERE r.mark = 5)::integer AS mark_5_count,
    count(*) FILTER (WHERE r.mark = 4)::integer AS mark_4_count,
    count(*) FILTER (WHERE r.mark = 3)::integer AS mark_3_count,
    count(*) FILTER (WHERE r.mark = 2)::integer AS mark_2_count,
    count(*) FILTER (WHERE r.mark = 1)::integer AS mark_1_count,
    count(*) FILTER (WHERE r.rated_at >= support_case.clock() - interval '2160 hours')::integer AS rating_count_90_days,
    round(avg(r.mark) FILTER (WHERE r.rated_at >= support_case.clock() - interval '2160 hours'), 2)
        AS average_mark_90_days,
    count(*) FILTER (WHERE r.rated_at >= support_case.clock() - interval '8760 hours')::integer AS rating_count_year,
    round(avg(r.mark) FILTER (WHERE r.rated_at >= support_case.clock() - interval '8760 hours'), 2)
        AS average_mark_year
FROM support_case.public_rating AS r
WHERE r.status <> 'removed'
GROUP BY r.seller_id;

COMMENT ON VIEW support_case.seller_rating_summary IS 'Public ratings of each seller, counted; those that the platform removed do not count (A-12, A-13). Sellers without a rating have no row.';
COMMENT ON COLUMN support_case.seller_rating_summary.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.seller_rating_summary.rating_count IS 'All ratings.';
COMMENT ON COLUMN support_case.seller_rating_summary.average_mark IS 'Mean mark, two decimals.';
COMMENT ON COLUMN support_case.seller_rating_summary.mark_5_count IS 'Ratings with mark 5, the best.';
COMMENT ON COLUMN support_case.seller_rating_summary.mark_4_count IS 'Ratings with mark 4.';
COMMENT ON COLUMN support_case.seller_rating_summary.mark_3_count IS 'Ratings with mark 3.';
COMMENT ON COLUMN support_case.seller_rating_summary.mark_2_count IS 'Ratings with mark 2.';
COMMENT ON COLUMN support_case.seller_rating_summary.mark_1_count IS 'Ratings with mark 1, the worst.';
COMMENT ON COLUMN support_case.seller_rating_summary.rating_count_90_days IS 'Ratings of the last 90 times 24 hours.';
COMMENT ON COLUMN support_case.seller_rating_summary.average_mark_90_days IS 'Their mean mark; null: none.';
COMMENT ON COLUMN support_case.seller_rating_summary.rating_count_year IS 'Ratings of the last 365 times 24 hours.';
COMMENT ON COLUMN support_case.seller_rating_summary.average_mark_year IS 'Their mean mark; null: none.';

-- The name of a member is no contact data.
CREATE OR REPLACE FUNCTION support_case._screen_comment(body text, pii_mode text)
RETURNS TABLE (screened_body text, has_contact_data boolean)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    contact record;
BEGIN
    screened_body := body;
    has_contact_data := false;
    IF pii_mode <> 'allow' THEN
        FOR contact IN
            SELECT f.start, f.length
            FROM support_case._find_contact_data(body) AS f
            WHERE f.kind <> 'handle' OR NOT EXISTS (SELECT FROM support_case.member AS m
                WHERE m.user_name = lower(substr(_screen_comment.body, f.start + 1, f.length - 1)))
            ORDER BY f.start DESC
        LOOP
            IF pii_mode = 'reject' THEN
                PERFORM support_case._raise('invalid_parameter_value', 'a public comment must not contain contact data',
                    format('It was found at character %s.', contact.start),
                    'Leave out addresses, telephone numbers, links and accounts elsewhere.');
            END IF;
            has_contact_data := true;
            IF pii_mode = 'mask' THEN
                screened_body := overlay(screened_body PLACING '***' FROM contact.start FOR contact.length);
            END IF;
        END LOOP;
    END IF;
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION support_case._screen_comment(text, text) IS
'A public comment as it may be shown, and whether contact data was found in it. Errors: 22023 where pii_mode is reject. (V-06, AMB-99)';

-- What is done about an order that did not arrive comes late, and keeps nobody
-- from rating it: its window starts anew when such a request ends.
CREATE OR REPLACE FUNCTION support_case._check_rating_window(
    o support_case.sales_order,
    p support_case.policy,
    at timestamptz
)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    closes_at timestamptz;
BEGIN
    closes_at := support_case._term_end(
        greatest(coalesce(o.delivered_at, o.purchased_at), (
            SELECT max(CASE c.status WHEN 'closed' THEN c.status_since ELSE at END)
            FROM support_case.case_current AS c
            WHERE c.seller_id = o.seller_id AND c.order_id = o.order_id AND c.reason = 'not_received'
                AND NOT c.is_discretionary)),
        p.public_rating_window, p.calendar_code);
    IF at >= closes_at THEN
        PERFORM support_case._raise('deadline_passed', 'the time to rate this order is over',
            format('It ended at %s.', closes_at),
            'Ratings are possible for a while after the delivery only, or after a request about what did not arrive.');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_rating_window(support_case.sales_order, support_case.policy, timestamptz) IS
'Raises SC003 when an order can no longer be rated at an instant (A-15, AMB-78).';

CREATE OR REPLACE FUNCTION support_case._notify_of_rating(
    step support_case.life_cycle_event,
    recipient text,
    recipient_id bigint,
    order_id bigint
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._notify(step.seller_id, 'public_rating', step.subject_id, step.event_number, recipient,
        recipient_id, 'rating_' || step.status, jsonb_build_object('order_id', _notify_of_rating.order_id),
        step.effective_at);
END
$$;

COMMENT ON FUNCTION support_case._notify_of_rating(support_case.life_cycle_event, text, bigint, bigint) IS
'Tells somebody what has become of a public rating, without its words.';

CREATE OR REPLACE FUNCTION support_case.rate_order(
    seller_id bigint,
    order_id bigint,
    mark integer,
    comment text DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.order_ratings
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(order_id, mark, comment) END;
    answer jsonb;
    o support_case.sales_order;
    p support_case.policy;
    at timestamptz;
    new_id bigint;
    step support_case.life_cycle_event;
BEGIN
    actor_id := support_case._authorise('buyer', rate_order.seller_id, rate_order.order_id, actor_id => actor_id);
    o := support_case._lock_order(rate_order.seller_id, rate_order.order_id);
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, 'rate_order', arguments);
    END IF;
    IF answer IS NULL THEN
        at := support_case._instant();
        p := support_case._policy_in_force(at);
        PERFORM support_case._require(mark, 'mark');
        IF mark NOT BETWEEN 1 AND 5 THEN
            PERFORM support_case._raise('invalid_parameter_value', 'argument "mark" must be from 1 to 5',
                format('It is %s.', mark), 'Pass 1 for the worst and 5 for the best.');
        END IF;
        IF comment IS NOT NULL THEN
            PERFORM support_case._check_text(comment, 'comment', p.public_rating_comment_length);
        END IF;
        IF EXISTS (SELECT FROM support_case.public_rating AS r
            WHERE r.seller_id = o.seller_id AND r.order_id = o.order_id)
        THEN
            PERFORM support_case._raise('unique_violation', format('order %s is rated already', o.order_id),
                'An order can be rated once, and a rating is not edited.', 'View order_ratings shows the ratings of your orders.', 'support_case', 'public_rating');
        END IF;
        PERFORM support_case._check_rating_window(o, p, at);
        new_id := nextval('support_case.rating_id_seq');
        step := support_case._take_step('public_rating', o.seller_id, new_id, NULL, 'rate_order', 'buyer',
            actor_id, jsonb_build_object('mark', mark), at, at);
        INSERT INTO support_case.public_rating (seller_id, rating_id, order_id, buyer_id, mark, comment, rated_at,
            status, status_since)
        VALUES (o.seller_id, new_id, o.order_id, o.buyer_id, rate_order.mark,
            (SELECT s.screened_body FROM support_case._screen_comment(rate_order.comment, p.public_pii_mode) AS s), at,
            step.status, at);
        PERFORM support_case._notify_of_rating(step, 'seller', o.seller_id, o.order_id);
        SELECT jsonb_agg(to_jsonb(k)) INTO answer FROM support_case.order_ratings AS k
        WHERE k.seller_id = o.seller_id AND k.rating_id = new_id;
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, 'rate_order', arguments, answer);
        END IF;
    END IF;
    RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.order_ratings, answer) AS k;
END
$$;

COMMENT ON FUNCTION support_case.rate_order(bigint, bigint, integer, text, text, text) IS
'The buyer of an order rates it publicly, and the rating is returned: mark from 1 (worst) to 5 (best), comment of at most public_rating_comment_length characters, in which contact data is treated as public_pii_mode says. Possible once an order, within public_rating_window, and as long after a guarantee claim or a timely case about its not having arrived, whatever was refunded (A-15, AMB-82). Errors: P0002 (order), 22004, 22023, 23505 (rated already), SC003 (window), SC004, SC009. (A-11, AMB-78)';

-- What the seller and the platform do to a rating: one event, one status.
CREATE OR REPLACE FUNCTION support_case._act_on_rating(
    seller_id bigint,
    rating_id bigint,
    action text,
    actor text,
    actor_id text,
    idempotency_key text,
    message text
)
RETURNS SETOF support_case.order_ratings
LANGUAGE plpgsql VOLATILE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    arguments jsonb := CASE WHEN idempotency_key IS NOT NULL THEN jsonb_build_array(rating_id, message) END;
    answer jsonb;
    r support_case.public_rating;
    at timestamptz;
    step support_case.life_cycle_event;
BEGIN
    PERFORM support_case._require(_act_on_rating.seller_id, 'seller_id');
    PERFORM support_case._require(_act_on_rating.rating_id, 'rating_id');
    SELECT k.* INTO r FROM support_case.public_rating AS k
    WHERE k.seller_id = _act_on_rating.seller_id AND k.rating_id = _act_on_rating.rating_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found',
            format('rating %s of seller %s does not exist', _act_on_rating.rating_id, _act_on_rating.seller_id),
            NULL, 'Pass the seller and the number of a rating that rate_order() returned.',
            'support_case', 'public_rating');
    END IF;
    IF idempotency_key IS NOT NULL THEN
        answer := support_case._find_answer(seller_id, actor_id, idempotency_key, action, arguments);
    END IF;
    IF answer IS NULL THEN
        at := greatest(support_case._instant(), r.status_since);
        step := support_case._take_step('public_rating', r.seller_id, r.rating_id, r.status, action, actor,
            actor_id, jsonb_build_object('message', message), at, at);
        PERFORM support_case._check_text(message, 'message');
        UPDATE support_case.public_rating AS k
        SET status = step.status, status_since = at
        WHERE k.seller_id = r.seller_id AND k.rating_id = r.rating_id;
        IF actor = 'seller' THEN
            PERFORM support_case._notify_of_rating(step, 'platform', 0, r.order_id);
        ELSE
            PERFORM support_case._notify_of_rating(step, 'seller', r.seller_id, r.order_id);
            PERFORM support_case._notify_of_rating(step, 'buyer', r.buyer_id, r.order_id);
        END IF;
        SELECT jsonb_agg(to_jsonb(k)) INTO answer FROM support_case.order_ratings AS k
        WHERE k.seller_id = r.seller_id AND k.rating_id = r.rating_id;
        IF idempotency_key IS NOT NULL THEN
            PERFORM support_case._keep_answer(seller_id, actor_id, idempotency_key, action, arguments, answer);
        END IF;
    END IF;
    RETURN QUERY SELECT k.* FROM jsonb_populate_recordset(NULL::support_case.order_ratings, answer) AS k;
END
$$;

COMMENT ON FUNCTION support_case._act_on_rating(bigint, bigint, text, text, text, text, text) IS
'A whole command on a public rating.';

CREATE OR REPLACE FUNCTION support_case.dispute_rating(
    seller_id bigint,
    rating_id bigint,
    message text,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.order_ratings
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('seller', dispute_rating.seller_id, actor_id => actor_id);
    RETURN QUERY SELECT k.* FROM support_case._act_on_rating(seller_id, rating_id, 'dispute_rating', 'seller', actor_id,
        idempotency_key, message) AS k;
END
$$;

COMMENT ON FUNCTION support_case.dispute_rating(bigint, bigint, text, text, text) IS
'The seller tells the platform why a rating is unjustified, and the rating is returned; it stays visible until the platform removes it. A rating can be disputed once. message has 1 to 10,000 characters. Errors: P0002, 22004, 22023, SC001, SC004, SC009. (A-14, AMB-79)';

CREATE OR REPLACE FUNCTION support_case.decide_rating_dispute(
    seller_id bigint,
    rating_id bigint,
    outcome text,
    message text,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.order_ratings
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    actor_id := support_case._authorise('platform', decide_rating_dispute.seller_id, actor_id => actor_id);
    PERFORM support_case._check_choice(outcome, 'outcome', 'uphold', 'remove');
    PERFORM support_case._require_actor(actor_id);
    RETURN QUERY SELECT k.* FROM support_case._act_on_rating(seller_id, rating_id, outcome || '_rating', 'platform',
        actor_id, idempotency_key, message) AS k;
END
$$;

COMMENT ON FUNCTION support_case.decide_rating_dispute(bigint, bigint, text, text, text, text) IS
'The platform decides whether a disputed rating stays (uphold) or goes (remove), and the rating is returned. A removed rating is shown and counted no more, but stays on record with its events. actor_id is required. Errors: P0002, 22004, 22023, SC001, SC004, SC009. (A-14, AMB-79)';
