-- verify(): everything with a life cycle that is no case, replayed from its
-- events, and the numbers of what belongs to it.

CREATE OR REPLACE VIEW support_case._life_cycle_state WITH (security_invoker = true) AS
SELECT 'public_rating' AS machine, r.seller_id, r.rating_id AS subject_id, r.status, r.status_since
FROM support_case.public_rating AS r
UNION ALL
SELECT 'price_offer', o.seller_id, o.offer_id, o.status, o.status_since
FROM support_case.price_offer AS o
UNION ALL
SELECT 'carrier_claim', k.seller_id, k.claim_id, k.status, k.status_since
FROM support_case.carrier_claim AS k;

COMMENT ON VIEW support_case._life_cycle_state IS 'What is stored of everything that has a life cycle and is no case.';
COMMENT ON COLUMN support_case._life_cycle_state.machine IS 'A machine of state_machine().';
COMMENT ON COLUMN support_case._life_cycle_state.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case._life_cycle_state.subject_id IS 'Number of the thing.';
COMMENT ON COLUMN support_case._life_cycle_state.status IS 'The stored status.';
COMMENT ON COLUMN support_case._life_cycle_state.status_since IS 'Since when, as stored.';

CREATE OR REPLACE FUNCTION support_case._verify_life_cycles()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    WITH event AS (
        SELECT e.*,
            lag(e.status) OVER w AS previous_status,
            lag(e.effective_at) OVER w AS previous_at,
            row_number() OVER w AS position,
            lead(e.event_number) OVER w IS NULL AS is_last
        FROM support_case.life_cycle_event AS e
        WINDOW w AS (PARTITION BY e.seller_id, e.machine, e.subject_id ORDER BY e.event_number)
    )
    SELECT 'life_cycle_event', e.seller_id, NULL::bigint,
        format('Event %s of %s %s follows event %s.', e.event_number, e.machine, e.subject_id, e.position - 1)
    FROM event AS e
    WHERE e.event_number <> e.position
    UNION ALL
    SELECT 'life_cycle_time', e.seller_id, NULL,
        format('Event %s of %s %s takes effect before the one before it, or after it was recorded.', e.event_number,
            e.machine, e.subject_id)
    FROM event AS e
    WHERE e.effective_at < e.previous_at OR e.effective_at > e.recorded_at
    UNION ALL
    SELECT 'life_cycle_transition', e.seller_id, NULL,
        format('Event %s of %s %s: %s by the %s does not lead from %s to %s.', e.event_number, e.machine, e.subject_id,
            e.action, e.actor, coalesce(e.previous_status, '(none)'), e.status)
    FROM event AS e
    LEFT JOIN support_case.state_machine() AS m
        ON m.machine = e.machine AND m.action = e.action AND m.actor = e.actor AND m.to_status = e.status
            AND coalesce(m.from_status, '') = coalesce(e.previous_status, '')
    WHERE m.machine IS NULL
    UNION ALL
    SELECT 'life_cycle_state', coalesce(e.seller_id, s.seller_id), NULL,
        CASE WHEN s.seller_id IS NULL THEN format('%s %s has events and no row.', e.machine, e.subject_id)
            WHEN e.seller_id IS NULL THEN format('%s %s has a row and no events.', s.machine, s.subject_id)
            ELSE format('%s %s is %s since %s; its events say %s since %s.', e.machine, e.subject_id, s.status,
                s.status_since, e.status, e.effective_at) END
    FROM (SELECT * FROM event WHERE is_last) AS e
    FULL JOIN support_case._life_cycle_state AS s
        ON s.machine = e.machine AND s.seller_id = e.seller_id AND s.subject_id = e.subject_id
    WHERE (e.status, e.effective_at) IS DISTINCT FROM (s.status, s.status_since)
    UNION ALL
    SELECT 'listing_comment', coalesce(l.seller_id, c.seller_id), NULL,
        format('Listing %s counts %s comments; there are %s, the last has number %s.', coalesce(l.listing_id, c.listing_id),
            l.comment_count, coalesce(c.comments, 0), c.last_number)
    FROM support_case.listing AS l
    FULL JOIN (
        SELECT k.seller_id, k.listing_id, count(*) AS comments, max(k.comment_number) AS last_number
        FROM support_case.listing_comment AS k
        GROUP BY k.seller_id, k.listing_id
    ) AS c ON c.seller_id = l.seller_id AND c.listing_id = l.listing_id
    WHERE l.comment_count <> coalesce(c.comments, 0) OR l.comment_count <> coalesce(c.last_number, 0)
$$;

COMMENT ON FUNCTION support_case._verify_life_cycles() IS
'verify(): public ratings, price offers and claims against carriers, replayed from their events, comments against their listings.';
