-- A number for what a sweep wrote, whenever it ran.
SELECT sum(hashtextextended(w.written, 0))
FROM (
    SELECT c::text AS written FROM support_case.support_case AS c WHERE c.last_event_number > 1
    UNION ALL
    SELECT (e.seller_id, e.case_id, e.event_number, e.transition, e.action, e.actor, e.status, e.resolution,
        e.deadline, e.due_at, e.details, e.effective_at)::text
    FROM support_case.case_event AS e WHERE e.event_number > 1
    UNION ALL
    -- When the payment is to be visible depends on the business calendar.
    SELECT (to_jsonb(o) #- '{data,visible_from}' #- '{data,visible_until}')::text FROM support_case.outbox AS o
    UNION ALL
    SELECT (j.seller_id, j.case_id, j.journal_number, j.event_number, j.response, j.effective_at)::text
    FROM support_case.ledger_journal AS j
    UNION ALL
    SELECT e::text FROM support_case.ledger_entry AS e
    UNION ALL
    SELECT (l.seller_id, l.order_id, l.refunded, l.refunded_quantity, l.consumed_payout, l.consumed_shipping,
        l.consumed_fee, l.consumed_commission, l.consumed_tax)::text
    FROM support_case.sales_order_line AS l WHERE l.refunded > 0
    UNION ALL
    SELECT (i.seller_id, i.case_id, i.instruction_number, i.event_number, i.amount, i.status)::text
    FROM support_case.refund_instruction AS i
) AS w;
