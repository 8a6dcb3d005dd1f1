-- Trigger functions that keep derived tables up to date.

CREATE FUNCTION support_case._refresh_sent_notices()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    DELETE FROM support_case.sent_notice;
    INSERT INTO support_case.sent_notice (action, actor, outcome, notices)
    SELECT r.action, r.actor, r.outcome,
        array_agg(ARRAY[r.recipient, t.channel, r.template] ORDER BY r.recipient, t.channel)
    FROM support_case.notice_rule AS r
    JOIN support_case.notice_template AS t ON t.template = r.template AND t.recipient = r.recipient
    WHERE t.is_sent
    GROUP BY r.action, r.actor, r.outcome;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION support_case._refresh_sent_notices() IS
'Trigger function of notice_rule and notice_template: AFTER INSERT OR UPDATE OR DELETE for each statement. Makes table sent_notice anew, with the rights of whoever changed the others.';
