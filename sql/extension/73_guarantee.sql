-- When a guarantee claim can be filed: calendar dates, and the instants at
-- which they begin in the zone of the marketplace.

CREATE FUNCTION support_case._guarantee_dates(
    validated_on date,
    max_estimated_delivery_on date,
    service_on date,
    open_rule text,
    days_after_estimate integer,
    days_after_validation integer,
    days_to_close integer,
    OUT opens_on date,
    OUT closes_on date
)
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_guarantee_dates';

COMMENT ON FUNCTION support_case._guarantee_dates(date, date, date, text, integer, integer, integer) IS
'The first and the last date on which a guarantee claim can be filed. It opens days_after_estimate after the maximum estimated delivery date or days_after_validation after the validation of the order, whichever is earlier; with open_rule = edd_only by the former where that date is known. It closes days_to_close after the service, or else after the maximum estimated delivery date. Dates may be null: not known; opens_on is null without any date to open by, closes_on without one to close by. Errors: 22004, 22008 (a date is infinite or out of range), 22023. (A-29, A-30, AMB-72, AMB-73)';

CREATE FUNCTION support_case._start_of_date(on_date date, zone text)
RETURNS timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_start_of_date';

COMMENT ON FUNCTION support_case._start_of_date(date, text) IS
'The first instant of a date in a time zone: where clocks show midnight twice the first one, where they skip it the change itself. Errors: 22008 (out of range), 22023 (unknown zone). (AMB-71)';

CREATE FUNCTION support_case._is_time_zone(zone text)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_time_zone';

COMMENT ON FUNCTION support_case._is_time_zone(text) IS
'Whether the server knows a time zone by this IANA name.';
