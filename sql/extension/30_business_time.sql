-- Business time: deadlines and open time on a calendar.
-- Immutable as timezone(text, timestamptz) is: new time-zone data can move
-- future results, so whoever needs an instant to stay stores it.

CREATE FUNCTION support_case.business_add(
    at timestamptz,
    duration support_case.term,
    calendar support_case.business_calendar
)
RETURNS timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_business_add_sql';

COMMENT ON FUNCTION support_case.business_add(timestamptz, support_case.term, support_case.business_calendar) IS
'The instant at which a term that starts at an instant ends: the nearest one to the start at which the open time is used up, so a term that ends with the opening hours ends at closing. Business days keep the wall clock on the Nth open date, days the wall clock of the calendar''s zone, hours are elapsed. A negative term counts back; infinity stays infinity. Errors: 22008 when no open time is left or outside the years 1900 to 2200 (W-07, AMB-01, AMB-02, AMB-06).';

CREATE FUNCTION support_case._business_add_or_null(
    at timestamptz,
    duration support_case.term,
    calendar support_case.business_calendar
)
RETURNS timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_business_add_or_null';

COMMENT ON FUNCTION support_case._business_add_or_null(timestamptz, support_case.term, support_case.business_calendar) IS
'business_add(), but null where that raises 22008: for instants that only inform, in what must never raise (AMB-122).';

CREATE FUNCTION support_case.business_between(
    from_at timestamptz,
    to_at timestamptz,
    calendar support_case.business_calendar
)
RETURNS interval
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_business_between_sql';

COMMENT ON FUNCTION support_case.business_between(timestamptz, timestamptz, support_case.business_calendar) IS
'The elapsed open time between two instants, in hours, minutes and seconds without a days field; negative when to_at is before from_at. Errors: 22008 for infinity or outside the years 1900 to 2200 (W-07, AMB-01).';

CREATE FUNCTION support_case.is_open(
    at timestamptz,
    calendar support_case.business_calendar
)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_open_sql';

COMMENT ON FUNCTION support_case.is_open(timestamptz, support_case.business_calendar) IS
'Whether the wall clock of the calendar''s zone lies in an opening interval at an instant; the opening instant is open, the closing instant is not. False at infinity. Errors: 22008 outside the years 1900 to 2200 (AMB-01).';

CREATE FUNCTION support_case.next_open(
    at timestamptz,
    calendar support_case.business_calendar
)
RETURNS timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_next_open_sql';

COMMENT ON FUNCTION support_case.next_open(timestamptz, support_case.business_calendar) IS
'The first open instant at or after an instant; infinity stays infinity. Errors: 22008 when no open time is left or outside the years 1900 to 2200 (AMB-06).';

CREATE FUNCTION support_case.next_close(
    at timestamptz,
    calendar support_case.business_calendar
)
RETURNS timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_next_close_sql';

COMMENT ON FUNCTION support_case.next_close(timestamptz, support_case.business_calendar) IS
'The end of the open period in which an instant lies or, when it is closed, of the next one; infinity stays infinity. Errors: 22008 when the calendar does not open or close any more or outside the years 1900 to 2200 (AMB-01).';

CREATE FUNCTION support_case.end_of_business_day(
    at timestamptz,
    calendar support_case.business_calendar
)
RETURNS timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_end_of_business_day_sql';

COMMENT ON FUNCTION support_case.end_of_business_day(timestamptz, support_case.business_calendar) IS
'The last closing of an instant''s date in the calendar''s zone when it is still to come, else the instant itself; infinity stays infinity. Errors: 22008 outside the years 1900 to 2200 (AMB-02).';

CREATE FUNCTION support_case.open_periods(
    from_at timestamptz,
    to_at timestamptz,
    calendar support_case.business_calendar
)
RETURNS SETOF tstzrange
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
ROWS 100
AS 'MODULE_PATHNAME', 'sc_open_periods_sql';

COMMENT ON FUNCTION support_case.open_periods(timestamptz, timestamptz, support_case.business_calendar) IS
'The open periods between two instants in order, each [opening, closing), cut at both ends; no row when to_at is not after from_at. Errors: 22008 for infinity or outside the years 1900 to 2200 (AMB-01).';
