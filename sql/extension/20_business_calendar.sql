-- Type business_calendar: a time zone, weekly opening hours and the dates
-- that do not follow them.  Values are canonical: equal calendars are equal
-- bytes and equal text.

CREATE TYPE support_case.business_calendar;

CREATE FUNCTION support_case._business_calendar_in(cstring)
RETURNS support_case.business_calendar
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_calendar_in';

CREATE FUNCTION support_case._business_calendar_out(support_case.business_calendar)
RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_calendar_out';

CREATE FUNCTION support_case._business_calendar_recv(internal)
RETURNS support_case.business_calendar
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_calendar_recv';

CREATE FUNCTION support_case._business_calendar_send(support_case.business_calendar)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_calendar_send';

CREATE TYPE support_case.business_calendar (
    INPUT = support_case._business_calendar_in,
    OUTPUT = support_case._business_calendar_out,
    RECEIVE = support_case._business_calendar_recv,
    SEND = support_case._business_calendar_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = external
);

COMMENT ON TYPE support_case.business_calendar IS
'Opening hours in a time zone: ''Europe/Paris; Mo-Fr 09:00-12:30,13:30-17:30; Sa 10:00-14:00; 2026-12-24 09:00-12:00; 2026-12-25,2026-12-28..2027-01-01 off''. A subset of OpenStreetMap''s opening hours with ISO dates; Mo-Fr alone is open 24 hours, a date replaces its weekday, 22:00-06:00 runs into the next day, 23:59 is no end (write 24:00). Years 1900 to 2200. Errors: 22P02 syntax with position, 22023 unknown IANA time zone, 22008 date out of range, 54000 over 128 weekly intervals or 4096 dates (AMB-01, AMB-03, AMB-04).';

CREATE FUNCTION support_case._business_calendar_eq(support_case.business_calendar, support_case.business_calendar)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_calendar_eq';

CREATE FUNCTION support_case._business_calendar_ne(support_case.business_calendar, support_case.business_calendar)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_calendar_ne';

CREATE FUNCTION support_case._business_calendar_hash(support_case.business_calendar)
RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_calendar_hash_value';

CREATE OPERATOR support_case.= (
    LEFTARG = support_case.business_calendar,
    RIGHTARG = support_case.business_calendar,
    FUNCTION = support_case._business_calendar_eq,
    COMMUTATOR = OPERATOR(support_case.=),
    NEGATOR = OPERATOR(support_case.<>),
    RESTRICT = eqsel,
    JOIN = eqjoinsel,
    HASHES
);

CREATE OPERATOR support_case.<> (
    LEFTARG = support_case.business_calendar,
    RIGHTARG = support_case.business_calendar,
    FUNCTION = support_case._business_calendar_ne,
    COMMUTATOR = OPERATOR(support_case.<>),
    NEGATOR = OPERATOR(support_case.=),
    RESTRICT = neqsel,
    JOIN = neqjoinsel
);

COMMENT ON OPERATOR support_case.= (support_case.business_calendar, support_case.business_calendar) IS
'Same zone, same opening hours, same listed dates: equal canonical text.';
COMMENT ON OPERATOR support_case.<> (support_case.business_calendar, support_case.business_calendar) IS
'Another zone, other opening hours or other listed dates.';

CREATE OPERATOR CLASS support_case.business_calendar_hash_ops
DEFAULT FOR TYPE support_case.business_calendar USING hash AS
    OPERATOR 1 support_case.=,
    FUNCTION 1 support_case._business_calendar_hash(support_case.business_calendar);

COMMENT ON OPERATOR CLASS support_case.business_calendar_hash_ops USING hash IS
'Hashes calendars by their canonical contents.';

CREATE FUNCTION support_case.with_holidays(
    calendar support_case.business_calendar,
    dates date[]
)
RETURNS support_case.business_calendar
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_with_holidays';

COMMENT ON FUNCTION support_case.with_holidays(support_case.business_calendar, date[]) IS
'The calendar, closed on further dates of its zone; they replace what it said of them. Errors: 22008 date outside the years 1900 to 2200, 54000 more than 4096 listed dates, 22004 a null date (AMB-04).';

CREATE CAST (text AS support_case.business_calendar) WITH INOUT AS ASSIGNMENT;
CREATE CAST (support_case.business_calendar AS text) WITH INOUT AS ASSIGNMENT;

COMMENT ON CAST (text AS support_case.business_calendar) IS
'Reads a calendar. Errors: 22P02 syntax, 22023 time zone, 22008 date out of range, 54000 too many rules.';
COMMENT ON CAST (support_case.business_calendar AS text) IS
'Prints a calendar in its canonical form.';

COMMENT ON FUNCTION support_case._business_calendar_in(cstring) IS
'Text input of type business_calendar.';

COMMENT ON FUNCTION support_case._business_calendar_out(support_case.business_calendar) IS
'Text output of type business_calendar.';

COMMENT ON FUNCTION support_case._business_calendar_recv(internal) IS
'Binary input of type business_calendar; checks as text input does.';

COMMENT ON FUNCTION support_case._business_calendar_send(support_case.business_calendar) IS
'Binary output of type business_calendar.';

COMMENT ON FUNCTION support_case._business_calendar_eq(support_case.business_calendar, support_case.business_calendar) IS
'Whether two calendars say the same.';

COMMENT ON FUNCTION support_case._business_calendar_ne(support_case.business_calendar, support_case.business_calendar) IS
'Whether two calendars say different things.';

COMMENT ON FUNCTION support_case._business_calendar_hash(support_case.business_calendar) IS
'Hash of a calendar.';
