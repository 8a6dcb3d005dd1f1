-- The support rating: why a closed case counts as it does, and which cases of
-- a seller count.

CREATE FUNCTION support_case._rating_ground(
    resolution text,
    has_reached_seller boolean,
    is_responded boolean,
    is_late boolean,
    escalated_after text,
    platform_ruling text,
    is_borne_by_seller boolean,
    is_thumbs_up boolean
)
RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_rating_ground_sql';

COMMENT ON FUNCTION support_case._rating_ground(text, boolean, boolean, boolean, text, text, boolean, boolean) IS
'Why a closed case counts as it does for the rating, a code of rating_grounds(); null for an open case, whose resolution is null. The facts are those since the request last reached the seller; is_late: a missed response deadline that the policy counts. Errors: 22023. (W-106 to W-108, AMB-49 to AMB-51)';

CREATE FUNCTION support_case._rating_effect(ground text)
RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_rating_effect';

COMMENT ON FUNCTION support_case._rating_effect(text) IS
'What a ground does to the rating: positive, negative or neutral. Errors: 22023.';

CREATE FUNCTION support_case.rating_grounds(
    OUT ground text,
    OUT effect text,
    OUT requirements text,
    OUT meaning text
)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
ROWS 17
AS 'MODULE_PATHNAME', 'sc_rating_grounds_sql';

COMMENT ON FUNCTION support_case.rating_grounds() IS
'Every ground on which a closed case counts for the support rating or not: its code, its effect (positive, negative or neutral), the rules of the specification, and what it means. (W-106 to W-108, AMB-49 to AMB-51)';

CREATE TYPE support_case._rating_count AS (
    received bigint,
    handled_in_window bigint,
    neutral_in_window bigint,
    window_kind text,
    positives bigint,
    negatives bigint,
    positive_weight bigint,
    negative_weight bigint,
    first_closed_at timestamptz,
    first_case_id bigint
);

COMMENT ON TYPE support_case._rating_count IS
'What _rating_tally() returns: cases received, closed within the window, and neutral ones of those; window_kind, window or latest; cases for and against the seller that count, their weights, and the oldest of them.';

CREATE FUNCTION support_case._rating_tally_add(
    state internal,
    weight integer,
    closed_at timestamptz,
    case_id bigint,
    window_from timestamptz,
    minimum integer
)
RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_tally_add';

COMMENT ON FUNCTION support_case._rating_tally_add(internal, integer, timestamptz, bigint, timestamptz, integer) IS
'Transition of _rating_tally().';

CREATE FUNCTION support_case._rating_tally_combine(state internal, other internal)
RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_tally_combine';

COMMENT ON FUNCTION support_case._rating_tally_combine(internal, internal) IS
'Adds what another process counted for _rating_tally().';

CREATE FUNCTION support_case._rating_tally_serialize(state internal)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_tally_serialize';

COMMENT ON FUNCTION support_case._rating_tally_serialize(internal) IS
'Hands the state of _rating_tally() to another process.';

CREATE FUNCTION support_case._rating_tally_deserialize(bytes bytea, state internal)
RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_tally_deserialize';

COMMENT ON FUNCTION support_case._rating_tally_deserialize(bytea, internal) IS
'Receives the state of _rating_tally() from another process.';

CREATE FUNCTION support_case._rating_tally_final(state internal)
RETURNS support_case._rating_count
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_tally_final';

COMMENT ON FUNCTION support_case._rating_tally_final(internal) IS
'Result of _rating_tally().';

CREATE AGGREGATE support_case._rating_tally(
    weight integer,
    closed_at timestamptz,
    case_id bigint,
    window_from timestamptz,
    minimum integer
) (
    SFUNC = support_case._rating_tally_add,
    STYPE = internal,
    SSPACE = 400,
    FINALFUNC = support_case._rating_tally_final,
    COMBINEFUNC = support_case._rating_tally_combine,
    SERIALFUNC = support_case._rating_tally_serialize,
    DESERIALFUNC = support_case._rating_tally_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE support_case._rating_tally(integer, timestamptz, bigint, timestamptz, integer) IS
'Counts the cases that a seller has received. weight: positive for the seller, negative against, null for a neutral case, 0 for a neutral one that takes a place among the latest. closed_at: null for an open case. Those closed after window_from count when they are at least minimum, neutral ones included; else the latest minimum with a weight (W-103, W-104, AMB-49). Keeps no more than minimum cases. Errors: 22004, 22023.';

CREATE FUNCTION support_case._is_response(actor text, action text, transition text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN actor = 'seller' AND action NOT IN ('start_carrier_enquiry', 'record_parcel_found')
    AND (action <> 'post_message' OR transition IS NOT DISTINCT FROM 'T-46');

COMMENT ON FUNCTION support_case._is_response(text, text, text) IS
'Whether an event is a response of the seller, as the state machine counts it (AMB-07).';
