-- Writing what deadlines have brought about.  The views show it before: the
-- sweep only keeps storage close to the truth, so it may come late, twice, in
-- parallel or never.

CREATE OR REPLACE FUNCTION support_case.sweep(batch integer DEFAULT 1000)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    until timestamptz := support_case._instant();
    seller_ids bigint[];
    case_ids bigint[];
    order_seller_ids bigint[];
    order_ids bigint[];
    step_count integer := 0;
BEGIN
    PERFORM support_case._require(batch, 'batch');
    IF batch < 1 THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "batch" must be at least 1',
            format('It is %s.', batch), 'Pass how many cases one call may write, such as 1000.');
    END IF;

    -- Cases first, orders second, neither waited for: nobody can be in a
    -- deadlock with a sweep.
    WITH due AS MATERIALIZED (
        SELECT c.seller_id, c.case_id, c.order_id, support_case._expiry_moves_money(c.status) AS moves_money
        FROM support_case.support_case AS c
        WHERE c.due_at <= until AND c.stalled_code IS NULL
        ORDER BY c.due_at
        LIMIT batch
        FOR NO KEY UPDATE SKIP LOCKED
    )
    SELECT array_agg(d.seller_id) FILTER (WHERE NOT d.moves_money),
        array_agg(d.case_id) FILTER (WHERE NOT d.moves_money),
        array_agg(d.seller_id) FILTER (WHERE d.moves_money),
        array_agg(d.order_id) FILTER (WHERE d.moves_money)
    INTO seller_ids, case_ids, order_seller_ids, order_ids
    FROM due AS d;

    IF order_ids IS NOT NULL THEN
        SELECT seller_ids || array_agg(k.seller_id), case_ids || array_agg(k.case_id)
        INTO seller_ids, case_ids
        FROM support_case._lock_due_orders(order_seller_ids, order_ids, until) AS k;
    END IF;
    IF case_ids IS NOT NULL THEN
        step_count := support_case._roll_cases(seller_ids, case_ids, until);
    END IF;
    step_count := step_count + support_case._sweep_small_machine('price_offer', until, batch);
    step_count := step_count + support_case._sweep_small_machine('carrier_claim', until, batch);
    PERFORM support_case._note_sweep(until, step_count);
    RETURN step_count;
END
$$;

COMMENT ON FUNCTION support_case.sweep(integer) IS
'Writes deadlines that have passed, of up to batch cases and as many price offers and claims against carriers, and returns how many deadlines it wrote: 0 when nothing is left, or others hold the locks of all that it found. An offer or claim whose deadline cannot be written is left out with a warning for an hour. Safe to run many at once. Errors: 22004, 22023.';

-- The heartbeat that health() listens to.  Sweeps that find nothing leave no
-- row each: the table grows with the deadlines, not with the minutes.
CREATE OR REPLACE FUNCTION support_case._note_sweep(started_at timestamptz, deadlines integer)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    IF _note_sweep.deadlines = 0 THEN
        UPDATE support_case.sweep_run AS r
        SET last_seen_at = greatest(r.last_seen_at, _note_sweep.started_at)
        WHERE r.run_id = (
            SELECT k.run_id FROM support_case.sweep_run AS k
            ORDER BY k.run_id DESC
            LIMIT 1
            FOR NO KEY UPDATE SKIP LOCKED);
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO support_case.sweep_run (started_at, deadlines, last_seen_at)
    VALUES (_note_sweep.started_at, _note_sweep.deadlines, _note_sweep.started_at);
END
$$;

COMMENT ON FUNCTION support_case._note_sweep(timestamptz, integer) IS
'Records a call of sweep().';

-- All due cases of an order are charged together, in the order of their
-- deadlines (AMB-121): an order of which not all can be locked waits.
CREATE OR REPLACE FUNCTION support_case._lock_due_orders(
    seller_ids bigint[],
    order_ids bigint[],
    until timestamptz
)
RETURNS TABLE (seller_id bigint, case_id bigint)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH locked_order AS MATERIALIZED (
        SELECT o.seller_id, o.order_id
        FROM (SELECT DISTINCT u.seller_id, u.order_id
            FROM unnest(seller_ids, order_ids) AS u (seller_id, order_id)) AS w
        JOIN support_case.sales_order AS o ON o.seller_id = w.seller_id AND o.order_id = w.order_id
        FOR NO KEY UPDATE OF o SKIP LOCKED
    ), locked_case AS MATERIALIZED (
        SELECT c.seller_id, c.case_id, c.order_id
        FROM locked_order AS o
        JOIN support_case.support_case AS c ON c.seller_id = o.seller_id AND c.order_id = o.order_id
        WHERE c.due_at <= until AND c.stalled_code IS NULL
        FOR NO KEY UPDATE OF c SKIP LOCKED
    )
    SELECT c.seller_id, c.case_id
    FROM (
        SELECT k.seller_id, k.case_id, k.order_id,
            count(*) OVER (PARTITION BY k.seller_id, k.order_id) AS locked_count
        FROM locked_case AS k
    ) AS c
    WHERE c.locked_count = (SELECT count(*) FROM support_case.support_case AS k
        WHERE k.seller_id = c.seller_id AND k.order_id = c.order_id
            AND k.due_at <= until AND k.stalled_code IS NULL);
END
$$;

COMMENT ON FUNCTION support_case._lock_due_orders(bigint[], bigint[], timestamptz) IS
'Locks those of the orders that nobody else holds, and returns their due cases, locked.';

CREATE OR REPLACE PROCEDURE support_case.run_sweep(batch integer DEFAULT 1000)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    step_count integer;
BEGIN
    LOOP
        step_count := support_case.sweep(batch);
        COMMIT;
        EXIT WHEN step_count = 0;
    END LOOP;
END
$$;

COMMENT ON PROCEDURE support_case.run_sweep(integer) IS
'What the scheduler calls: sweep() until nothing is due, with a commit after every batch. Runs with the caller''s rights and must not be called in a transaction. Errors: those of sweep(), and 2D000 inside a transaction.';
