-- What the SQL shell passes around: a step of a case, about to be written.

CREATE TYPE support_case._case_write AS (
    seller_id bigint,
    case_id bigint,
    order_id bigint,
    event_number integer,
    actor text,
    actor_id text,
    details jsonb,
    step support_case._case_step
);

COMMENT ON TYPE support_case._case_write IS
'A step of a case with the event that records it, as _write_step() takes it.';

-- Stable like the function it calls: else it could not be inlined.
CREATE FUNCTION support_case._step_details(ended_deadline text, stalled_code text)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN stalled_code IS NULL
        THEN pg_catalog.jsonb_build_object('ended_deadline', ended_deadline)
        ELSE pg_catalog.jsonb_build_object('ended_deadline', ended_deadline, 'sqlstate', stalled_code)
    END
$$;

COMMENT ON FUNCTION support_case._step_details(text, text) IS
'The details of the event of a deadline that ended, or stalled.';

CREATE FUNCTION support_case._clamp_details(entitled bigint, refunded bigint, currency text)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT pg_catalog.jsonb_build_object(
        'entitled', support_case._to_major(entitled, currency),
        'refunded', support_case._to_major(refunded, currency),
        'currency', currency)
$$;

COMMENT ON FUNCTION support_case._clamp_details(bigint, bigint, text) IS
'The details of event refund_clamped: what the buyer would have got, and got (AMB-122).';

-- The text of an instant in the details of events and in the arguments of
-- commands must not depend on the session's TimeZone or DateStyle.
CREATE FUNCTION support_case._iso_instant(at timestamptz)
RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_iso_instant';

COMMENT ON FUNCTION support_case._iso_instant(timestamptz) IS
'An instant as ISO 8601 in UTC, such as 2026-01-09T21:00:00Z, whatever the session''s TimeZone; infinity and -infinity as they are.';

CREATE FUNCTION support_case._notice_version()
RETURNS integer
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_notice_version';

COMMENT ON FUNCTION support_case._notice_version() IS
'The version of the form of notices and events, as all of them tell it.';

CREATE TYPE support_case._outbox_row AS (
    seller_id bigint,
    subject text,
    subject_id bigint,
    event_number integer,
    recipient text,
    recipient_id bigint,
    channel text,
    template text,
    data jsonb,
    occurred_at timestamptz,
    available_at timestamptz
);

COMMENT ON TYPE support_case._outbox_row IS
'A row of the outbox as it is written.';

CREATE FUNCTION support_case._outbox_rows(
    buyer_id bigint,
    reason text,
    currency text,
    routed_because text,
    w support_case._case_write,
    refunded bigint,
    seller_charge bigint,
    sent text[]
)
RETURNS SETOF support_case._outbox_row
LANGUAGE c STABLE PARALLEL SAFE
ROWS 4
AS 'MODULE_PATHNAME', 'sc_outbox_rows';

COMMENT ON FUNCTION support_case._outbox_rows(bigint, text, text, text, support_case._case_write, bigint, bigint, text[]) IS
'What the outbox says of a step of a case that was opened by a buyer, for a reason, in a currency, and routed for a reason: the event for the host, and a notice for each recipient, channel and template of sent. A notice tells of the details of the event the deadline that ended, and the carrier, number and label of a parcel; what is refunded, minor units, to everybody and what is charged to the seller to him; never the words, the evidence or who else bears what. What is null is left out.';

CREATE FUNCTION support_case._notifies_outbox()
RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_notifies_outbox';

COMMENT ON FUNCTION support_case._notifies_outbox() IS
'Whether the setting support_case.notify_outbox is on.';
