-- The support rating, the satisfaction score and the counters of the account
-- status.  Why a case counts is decided in C (rating_grounds()) from the row of
-- the case; which cases count, in the aggregate _rating_tally().

-- What the resolution of a case does not tell, written by the few commands
-- that bring it about, so that nobody has to read a seller's events.
CREATE OR REPLACE FUNCTION support_case._note_rating_fact(
    c support_case.support_case,
    step support_case._case_step,
    actor text,
    details jsonb
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    IF step.action = 'decide' THEN
        UPDATE support_case.support_case AS k
        SET platform_ruling = CASE
            WHEN details ->> 'outcome' = 'partial_refund' AND k.agreed_amount <= (
                SELECT o.amount FROM support_case.partial_offer AS o
                WHERE o.seller_id = c.seller_id AND o.case_id = c.case_id
                    AND o.event_number > coalesce(c.reached_seller_event, 0)
                ORDER BY o.offer_number DESC
                LIMIT 1) THEN 'uphold_seller'
            ELSE details ->> 'outcome' END
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
    ELSIF step.status = 'awaiting_seller' AND step.deadline = 'seller_response' THEN
        UPDATE support_case.support_case AS k
        SET reached_seller_event = c.last_event_number + 1, escalated_after = NULL, platform_ruling = NULL
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id;
    ELSIF step.status = 'escalated' AND actor = 'buyer' AND step.action <> 'reopen_case' THEN
        -- An appeal leaves what was brought to the platform first.
        UPDATE support_case.support_case AS k
        SET escalated_after = support_case._escalated_after(c, step.effective_at)
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id AND k.escalated_after IS NULL;
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._note_rating_fact(support_case.support_case, support_case._case_step, text, jsonb) IS
'Writes what a step of a case, c before it, means for the rating: the request reached the seller anew, the buyer escalated, the platform decided (W-107, W-108).';

-- A message or a question is a response, but no decision.
CREATE OR REPLACE FUNCTION support_case._escalated_after(c support_case.support_case, at timestamptz)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    reached_at constant timestamptz := coalesce((SELECT e.effective_at FROM support_case.case_event AS e
        WHERE e.seller_id = c.seller_id AND e.case_id = c.case_id AND e.event_number = c.reached_seller_event),
        c.opened_at);
    late_response_counts boolean;
    test_ends_at timestamptz;
    responded_at timestamptz;
    has_decided boolean;
BEGIN
    SELECT p.rating_late_response_counts,
        support_case._business_add_or_null(reached_at, p.rating_response::support_case.term,
            support_case._calendar_in_force(c.calendar_code, reached_at))
    INTO late_response_counts, test_ends_at
    FROM support_case.policy AS p
    WHERE p.policy_version = c.policy_version;
    SELECT min(e.effective_at),
        coalesce(bool_or(e.action IN ('offer_full_refund', 'offer_partial_refund', 'send_replacement',
            'explain_no_refund', 'refund_and_ask_to_reorder')), false)
    INTO responded_at, has_decided
    FROM support_case.case_event AS e
    WHERE e.seller_id = c.seller_id AND e.case_id = c.case_id
        AND e.event_number > coalesce(c.reached_seller_event, 0) AND e.event_number <= c.last_event_number
        AND support_case._is_response(e.actor, e.action, e.transition);
    RETURN CASE
        WHEN test_ends_at <= at AND (responded_at IS NULL
            OR (responded_at >= test_ends_at AND NOT late_response_counts)) THEN 'silence'
        WHEN has_decided THEN 'decision'
        ELSE 'conversation'
    END;
END
$$;

COMMENT ON FUNCTION support_case._escalated_after(support_case.support_case, timestamptz) IS
'What the buyer brings to the platform who escalates a case now: silence, when the seller has not responded within the term rating_response; a decision of the seller; else a conversation (W-107, D-02, AMB-51).';

-- The policy that a rating of now follows, and the instants after which a
-- case must have closed, or a deadline must have been missed, to count.  It
-- tells no secret, and runs with the owner's rights because the public rating does.
CREATE OR REPLACE VIEW support_case._rating_policy WITH (security_barrier = true) AS
SELECT p.policy_version, p.rating_min_received, p.rating_min_handled, p.rating_population, p.rating_late_alone,
    p.rating_solution_weight, p.rating_feedback_up_weight, p.rating_feedback_down_weight, p.rating_silence_weight,
    p.rating_reversal_weight, p.rating_excellent, p.rating_great, p.rating_good, p.rating_average,
    support_case._business_add_or_null(n.now, ('-' || p.rating_window)::support_case.term, c.compiled)
        AS rating_window_from,
    support_case._business_add_or_null(n.now,
        ('-' || coalesce(p.satisfaction_window, p.rating_window))::support_case.term, c.compiled)
        AS satisfaction_window_from,
    support_case._business_add_or_null(n.now, ('-' || p.account_status_window)::support_case.term, c.compiled)
        AS account_status_window_from
FROM (SELECT support_case.clock() AS now) AS n
JOIN support_case.policy AS p ON p.effective_from <= n.now
JOIN support_case.calendar AS c ON c.calendar_code = p.calendar_code AND c.effective_from <= n.now
-- No scalar subqueries: a plan with one at this place cannot run in parallel.
WHERE NOT EXISTS (SELECT FROM support_case.policy AS k
        WHERE k.effective_from > p.effective_from AND k.effective_from <= n.now)
    AND NOT EXISTS (SELECT FROM support_case.calendar AS k
        WHERE k.calendar_code = c.calendar_code AND k.effective_from > c.effective_from AND k.effective_from <= n.now);

COMMENT ON VIEW support_case._rating_policy IS 'The settings of the rating in force at clock().';
COMMENT ON COLUMN support_case._rating_policy.rating_window_from IS 'Cases that closed after this instant are in the window (D-11).';
COMMENT ON COLUMN support_case._rating_policy.satisfaction_window_from IS 'The same for the satisfaction score (AMB-53).';
COMMENT ON COLUMN support_case._rating_policy.account_status_window_from IS 'Deadlines missed after this instant count for the account status (AMB-54).';

DO $comment_settings$
DECLARE
    setting record;
BEGIN
    FOR setting IN
        SELECT a.attname, col_description('support_case.policy'::regclass, p.attnum) AS comment
        FROM pg_attribute AS a
        JOIN pg_attribute AS p ON p.attrelid = 'support_case.policy'::regclass AND p.attname = a.attname
        WHERE a.attrelid = 'support_case._rating_policy'::regclass AND a.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN support_case._rating_policy.%I IS %L', setting.attname, setting.comment);
    END LOOP;
END
$comment_settings$;

-- Every case with what it counts, as of clock().  Twice the same: with the
-- caller's rights for what a seller sees of his own cases, and with the owner's
-- for the rating that everybody sees.
DO $rated_cases$
DECLARE
    half record;
    shown record;
BEGIN
    FOR half IN
        VALUES ('_rated_case', 'true', 'false'), ('_publicly_rated_case', 'false', 'true')
    LOOP
        EXECUTE format($view$
            CREATE OR REPLACE VIEW support_case.%1$I WITH (security_invoker = %2$s, security_barrier = %3$s) AS
            SELECT r.seller_id, r.case_id, r.opened_at, r.closed_at, r.resolution, r.has_reached_seller, r.ground,
                r.is_thumbs_up,
                CASE r.ground
                    WHEN 'solution' THEN r.rating_solution_weight
                    WHEN 'feedback_up' THEN r.rating_feedback_up_weight
                    WHEN 'feedback_down' THEN -r.rating_feedback_down_weight
                    WHEN 'seller_silent' THEN -r.rating_silence_weight
                    WHEN 'late' THEN -r.rating_silence_weight
                    WHEN 'decision_reversed' THEN -r.rating_reversal_weight
                    ELSE r.neutral_weight
                END AS weight,
                r.rating_window_from, r.satisfaction_window_from, r.rating_min_handled
            FROM (
                SELECT c.seller_id, c.case_id, c.opened_at, c.closed_at, c.resolution, c.has_reached_seller,
                    f.is_thumbs_up,
                    support_case._rating_ground(c.resolution, c.has_reached_seller, c.is_responded,
                        p.rating_late_alone = 'negative' AND (c.resolution = 'no_seller_response'
                            OR m.event_number > coalesce(c.reached_seller_event, 0)),
                        c.escalated_after, c.platform_ruling,
                        coalesce(c.liability, 'seller') = 'seller'
                            OR (c.liability = 'split' AND c.liability_seller > 0),
                        f.is_thumbs_up) AS ground,
                    p.rating_solution_weight, p.rating_feedback_up_weight, p.rating_feedback_down_weight,
                    p.rating_silence_weight, p.rating_reversal_weight,
                    CASE p.rating_population WHEN 'handled' THEN 0 END AS neutral_weight,
                    p.rating_window_from, p.satisfaction_window_from, p.rating_min_handled
                FROM (
                    SELECT k.seller_id, k.case_id, k.opened_at, k.is_responded, k.reached_seller_event,
                        k.escalated_after, k.platform_ruling, k.liability, k.liability_seller,
                        k.routed_because = 'seller' OR k.reached_seller_event IS NOT NULL AS has_reached_seller,
                        CASE WHEN k.is_due THEN (k.step).resolution ELSE k.resolution END AS resolution,
                        CASE
                            WHEN NOT k.is_due THEN CASE WHEN k.status = 'closed' THEN k.status_since END
                            WHEN (k.step).status = 'closed' THEN (k.step).status_since
                        END AS closed_at
                    FROM (
                        SELECT s.*, d.is_due,
                            CASE WHEN d.is_due THEN support_case._effective_state(s, p.rules, h.calendars,
                                h.calendars_from, support_case.clock()) END AS step
                        FROM support_case.support_case AS s
                        JOIN support_case.policy AS p ON p.policy_version = s.policy_version
                        JOIN (
                            SELECT v.calendar_code, array_agg(v.compiled ORDER BY v.effective_from) AS calendars,
                                array_agg(v.effective_from ORDER BY v.effective_from) AS calendars_from
                            FROM support_case.calendar AS v
                            GROUP BY v.calendar_code
                        ) AS h ON h.calendar_code = s.calendar_code
                        CROSS JOIN LATERAL (
                            SELECT s.stalled_code IS NULL AND coalesce(s.due_at <= support_case.clock(), false)
                                AS is_due
                        ) AS d
                    ) AS k
                ) AS c
                CROSS JOIN support_case._rating_policy AS p
                -- A thumb for an earlier end of a case that was reopened says nothing about this one.
                LEFT JOIN support_case.case_feedback AS f
                    ON f.seller_id = c.seller_id AND f.case_id = c.case_id AND f.given_at >= c.closed_at
                -- Reads no event unless the policy asks for it.
                LEFT JOIN (
                    SELECT e.seller_id, e.case_id, max(e.event_number) AS event_number
                    FROM support_case.case_event AS e
                    JOIN support_case._rating_policy AS q ON q.rating_late_alone = 'negative'
                    WHERE e.action = 'expire_deadline' AND e.details ->> 'ended_deadline' = 'seller_response'
                    GROUP BY e.seller_id, e.case_id
                ) AS m ON m.seller_id = c.seller_id AND m.case_id = c.case_id
            ) AS r
            $view$,
            half.column1, half.column2, half.column3);
        EXECUTE format('COMMENT ON VIEW support_case.%I IS %L', half.column1,
            'Every case as of clock(), with what it counts for the rating' || CASE half.column2
                WHEN 'true' THEN '.' ELSE ': for public views, with the owner''s rights.' END);
        FOR shown IN
            VALUES
                ('seller_id', 'The seller.'),
                ('case_id', 'The case.'),
                ('opened_at', 'When it was opened.'),
                ('closed_at', 'When it closed; null while it is open.'),
                ('resolution', 'How it ended.'),
                ('has_reached_seller', 'Whether the seller ever received the request (W-102).'),
                ('ground', 'Why it counts as it does, a code of rating_grounds(); null while it is open.'),
                ('is_thumbs_up', 'The buyer''s thumb for this end of the case.'),
                ('weight', 'Positive for the seller, negative against; null or 0 for a neutral case.'),
                ('rating_window_from', 'As in _rating_policy: the tally has to pass no join of its own.'),
                ('satisfaction_window_from', 'As in _rating_policy.'),
                ('rating_min_handled', 'As in _rating_policy.')
        LOOP
            EXECUTE format('COMMENT ON COLUMN support_case.%I.%I IS %L', half.column1, shown.column1, shown.column2);
        END LOOP;
    END LOOP;
END
$rated_cases$;

CREATE OR REPLACE VIEW support_case.support_rating WITH (security_barrier = true) AS
SELECT q.seller_id,
    CASE
        WHEN q.score >= q.rating_excellent THEN 'excellent'
        WHEN q.score >= q.rating_great THEN 'great'
        WHEN q.score >= q.rating_good THEN 'good'
        WHEN q.score >= q.rating_average THEN 'average'
        WHEN q.score IS NOT NULL THEN 'below_average'
    END AS label,
    round(q.score, 4) AS score,
    q.positives, q.negatives, q.neutral, q.received, q.handled_in_window, q.window_kind, q.is_shown
FROM (
    SELECT s.seller_id, p.rating_excellent, p.rating_great, p.rating_good, p.rating_average,
        v.is_shown,
        CASE WHEN v.is_shown THEN (t.tally).positive_weight::numeric
            / NULLIF((t.tally).positive_weight + (t.tally).negative_weight, 0) END AS score,
        CASE WHEN v.is_shown THEN (t.tally).positives END AS positives,
        CASE WHEN v.is_shown THEN (t.tally).negatives END AS negatives,
        CASE WHEN v.is_shown THEN (t.tally).neutral_in_window END AS neutral,
        CASE WHEN v.is_shown THEN (t.tally).window_kind END AS window_kind,
        coalesce((t.tally).received, 0) AS received,
        coalesce((t.tally).handled_in_window, 0) AS handled_in_window
    FROM support_case.seller AS s
    LEFT JOIN (
        SELECT c.seller_id, support_case._rating_tally(c.weight, c.closed_at, c.case_id, c.rating_window_from,
            c.rating_min_handled) AS tally
        FROM support_case._publicly_rated_case AS c
        WHERE c.has_reached_seller
        GROUP BY c.seller_id
    ) AS t ON t.seller_id = s.seller_id
    CROSS JOIN support_case._rating_policy AS p
    CROSS JOIN LATERAL (
        SELECT coalesce((t.tally).received, 0) >= p.rating_min_received AS is_shown
    ) AS v
) AS q;

COMMENT ON VIEW support_case.support_rating IS 'The public support rating of every seller, as of clock(). Nothing that tells the rating is shown before the seller has received enough requests (W-101 to W-105, AMB-47 to AMB-49).';
COMMENT ON COLUMN support_case.support_rating.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.support_rating.label IS 'excellent, great, good, average or below_average; null until it is shown, and while no case has a score (W-105).';
COMMENT ON COLUMN support_case.support_rating.score IS 'The weight of the positives as a share of that of positives and negatives, 0 to 1, rounded to four decimals; the label follows from the exact share.';
COMMENT ON COLUMN support_case.support_rating.positives IS 'Cases that count for the seller.';
COMMENT ON COLUMN support_case.support_rating.negatives IS 'Cases that count against the seller.';
COMMENT ON COLUMN support_case.support_rating.neutral IS 'Neutral cases that closed in the window; they have no part in the score (AMB-49).';
COMMENT ON COLUMN support_case.support_rating.received IS 'Requests that the seller has received, ever (W-102).';
COMMENT ON COLUMN support_case.support_rating.handled_in_window IS 'Cases of the seller that closed in the window, neutral ones included (W-103).';
COMMENT ON COLUMN support_case.support_rating.window_kind IS 'window: the cases of the last rating_window count; latest: fewer than rating_min_handled closed in it, and the latest ones with a score count (W-103, W-104).';
COMMENT ON COLUMN support_case.support_rating.is_shown IS 'Whether the seller has received the rating_min_received requests that it takes (W-102).';

CREATE OR REPLACE VIEW support_case.rating_explanation WITH (security_invoker = true) AS
SELECT c.seller_id, c.case_id, c.opened_at, c.closed_at, c.resolution,
    CASE
        WHEN c.closed_at IS NULL THEN 'open'
        WHEN NULLIF(c.weight, 0) IS NULL THEN 'neutral'
        -- The oldest case that counts is the boundary, whichever the window.
        WHEN ((c.closed_at, c.case_id) >= ((t.tally).first_closed_at, (t.tally).first_case_id)) IS NOT TRUE
            THEN 'outside_window'
        ELSE support_case._rating_effect(c.ground)
    END AS counts_as,
    c.ground, abs(NULLIF(c.weight, 0)) AS weight, c.is_thumbs_up,
    c.has_reached_seller AS is_received,
    c.has_reached_seller AND coalesce(c.closed_at > c.rating_window_from, false) AS is_handled_in_window,
    (t.tally).window_kind AS window_kind
FROM support_case.seller AS s
JOIN support_case._rated_case AS c ON c.seller_id = s.seller_id
LEFT JOIN (
    SELECT k.seller_id, support_case._rating_tally(k.weight, k.closed_at, k.case_id, k.rating_window_from,
        k.rating_min_handled) AS tally
    FROM support_case._rated_case AS k
    WHERE k.has_reached_seller
    GROUP BY k.seller_id
) AS t ON t.seller_id = c.seller_id;

COMMENT ON VIEW support_case.rating_explanation IS 'Every case of a seller, whether and how it counts for the support rating as of clock(), and why; for the seller and the platform (W-106 to W-108).';
COMMENT ON COLUMN support_case.rating_explanation.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.rating_explanation.case_id IS 'The case.';
COMMENT ON COLUMN support_case.rating_explanation.opened_at IS 'When it was opened.';
COMMENT ON COLUMN support_case.rating_explanation.closed_at IS 'When it closed; null while it is open.';
COMMENT ON COLUMN support_case.rating_explanation.resolution IS 'How it ended.';
COMMENT ON COLUMN support_case.rating_explanation.counts_as IS 'positive or negative where it counts; neutral; outside_window where it would count if it were newer; open.';
COMMENT ON COLUMN support_case.rating_explanation.ground IS 'Why, a code of rating_grounds(); null while it is open.';
COMMENT ON COLUMN support_case.rating_explanation.weight IS 'What it weighs, by the policy in force; null for a neutral or open case.';
COMMENT ON COLUMN support_case.rating_explanation.is_thumbs_up IS 'The buyer''s thumb; null without one.';
COMMENT ON COLUMN support_case.rating_explanation.is_received IS 'Whether it is one of the requests that the seller has received (W-102).';
COMMENT ON COLUMN support_case.rating_explanation.is_handled_in_window IS 'Whether it is one of the cases handled in the window (W-103).';
COMMENT ON COLUMN support_case.rating_explanation.window_kind IS 'Which cases count: window or latest, as in support_rating.';

CREATE OR REPLACE VIEW support_case.satisfaction_score WITH (security_invoker = true) AS
SELECT s.seller_id,
    round((t.tally).positives::numeric / NULLIF((t.tally).positives + (t.tally).negatives, 0), 4) AS score,
    coalesce((t.tally).positives, 0) AS thumbs_up,
    coalesce((t.tally).negatives, 0) AS thumbs_down,
    coalesce((t.tally).handled_in_window, 0) AS handled_in_window,
    (t.tally).window_kind AS window_kind
FROM support_case.seller AS s
LEFT JOIN (
    SELECT c.seller_id, support_case._rating_tally(CASE WHEN c.is_thumbs_up THEN 1 WHEN NOT c.is_thumbs_up THEN -1 END,
        c.closed_at, c.case_id, c.satisfaction_window_from, c.rating_min_handled) AS tally
    FROM support_case._rated_case AS c
    WHERE c.has_reached_seller
    GROUP BY c.seller_id
) AS t ON t.seller_id = s.seller_id;

COMMENT ON VIEW support_case.satisfaction_score IS 'What buyers think of a seller''s support, as of clock(): the thumbs of the survey alone, nothing else (W-111); for the seller and the platform, never public (W-109). It has no part in the account status (W-112).';
COMMENT ON COLUMN support_case.satisfaction_score.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.satisfaction_score.score IS 'Thumbs up as a share of all thumbs, 0 to 1, rounded to four decimals; null without any (AMB-53).';
COMMENT ON COLUMN support_case.satisfaction_score.thumbs_up IS 'Thumbs up that count.';
COMMENT ON COLUMN support_case.satisfaction_score.thumbs_down IS 'Thumbs down that count.';
COMMENT ON COLUMN support_case.satisfaction_score.handled_in_window IS 'Cases of the seller that closed in the window.';
COMMENT ON COLUMN support_case.satisfaction_score.window_kind IS 'window: thumbs for cases that closed in the window count; latest: fewer than rating_min_handled closed in it, and the latest thumbs count (AMB-53, W-114).';

CREATE OR REPLACE VIEW support_case.feedback_survey WITH (security_invoker = true) AS
SELECT c.seller_id, c.case_id, c.order_id, c.buyer_id, c.resolution, c.status_since AS closed_at,
    support_case._is_action_possible(s, p.rules, h.calendars, h.calendars_from, 'leave_feedback', 'buyer',
        support_case.clock()) AS is_open,
    (SELECT support_case._business_add_or_null(c.status_since, p.feedback_window::support_case.term, v.compiled)
        FROM support_case.calendar AS v
        WHERE v.calendar_code = k.calendar_code AND v.effective_from <= c.status_since
        ORDER BY v.effective_from DESC
        LIMIT 1) AS closes_at,
    f.is_thumbs_up, f.given_at
FROM support_case.case_current AS c
JOIN support_case.support_case AS k ON k.seller_id = c.seller_id AND k.case_id = c.case_id
JOIN support_case.policy AS p ON p.policy_version = k.policy_version
JOIN support_case._calendar_history AS h ON h.calendar_code = k.calendar_code
-- No deadline changes whether the seller has responded, or opens the conversation.
CROSS JOIN LATERAL (
    SELECT c.status, c.resolution, c.deadline, c.escalation_reason, k.is_responded, c.is_discretionary,
        c.is_returnable, k.is_conversation_closed, c.due_at, c.status_since, c.opened_at, c.stalled_code
) AS s
LEFT JOIN support_case.case_feedback AS f ON f.seller_id = c.seller_id AND f.case_id = c.case_id
WHERE c.status = 'closed';

COMMENT ON VIEW support_case.feedback_survey IS 'The survey about the handling of each closed case, as of clock(): one thumb a case, up or down, which the buyer may give and change with leave_feedback() while the survey is open (W-110, AMB-52).';
COMMENT ON COLUMN support_case.feedback_survey.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.feedback_survey.case_id IS 'The case.';
COMMENT ON COLUMN support_case.feedback_survey.order_id IS 'The order.';
COMMENT ON COLUMN support_case.feedback_survey.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.feedback_survey.resolution IS 'How the case ended.';
COMMENT ON COLUMN support_case.feedback_survey.closed_at IS 'When it closed.';
COMMENT ON COLUMN support_case.feedback_survey.is_open IS 'Whether the survey may be shown: not after feedback_window, not for a case that the buyer withdrew or left unanswered, and after an escalation only when the seller had responded.';
COMMENT ON COLUMN support_case.feedback_survey.closes_at IS 'When the time for an answer ends; null where the policy grants none.';
COMMENT ON COLUMN support_case.feedback_survey.is_thumbs_up IS 'The answer given; null: none.';
COMMENT ON COLUMN support_case.feedback_survey.given_at IS 'When it was given or changed last.';

CREATE OR REPLACE VIEW support_case.account_status WITH (security_invoker = true) AS
SELECT s.seller_id, coalesce(m.missed_responses, 0) AS missed_responses, m.last_missed_at,
    p.account_status_window_from AS counted_from
FROM support_case.seller AS s
CROSS JOIN support_case._rating_policy AS p
LEFT JOIN (
    SELECT e.seller_id, count(*) AS missed_responses, max(e.effective_at) AS last_missed_at
    FROM (
        SELECT w.seller_id, w.effective_at
        FROM support_case.case_event AS w
        WHERE w.action = 'expire_deadline' AND w.details ->> 'ended_deadline' = 'seller_response'
        UNION ALL
        SELECT d.seller_id, d.effective_at
        FROM support_case._due_step AS d
        WHERE d.action = 'expire_deadline' AND d.ended_deadline = 'seller_response'
    ) AS e
    WHERE e.effective_at > (SELECT k.account_status_window_from FROM support_case._rating_policy AS k)
    GROUP BY e.seller_id
) AS m ON m.seller_id = s.seller_id;

COMMENT ON VIEW support_case.account_status IS 'Signals for a seller''s account status, as of clock(): how many first-response deadlines were missed. They decide nothing here (W-25, D-01, AMB-54).';
COMMENT ON COLUMN support_case.account_status.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.account_status.missed_responses IS 'First-response deadlines missed in the policy''s account_status_window; a reopened case has one anew.';
COMMENT ON COLUMN support_case.account_status.last_missed_at IS 'When the latest of them was missed; null: none.';
COMMENT ON COLUMN support_case.account_status.counted_from IS 'Deadlines missed after this instant are counted.';
