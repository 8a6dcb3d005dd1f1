/*
 * guarantee_functions.c
 *		The window of guarantee claims for SQL, and when a date begins in a
 *		time zone.
 */
#include "compat.h"

#include "funcapi.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "calendar.h"
#include "guarantee.h"

static void
raise_date_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("date out of range")));
}

/* date_argument reads a date that may be null; it must be finite. */
static ScMaybeDate
date_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	ScMaybeDate result = {false, 0};

	if (PG_ARGISNULL(argument))
		return result;
	result.is_known = true;
	result.date = PG_GETARG_DATEADT(argument);
	if (DATE_NOT_FINITE(result.date))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"%s\" must be a finite date", name),
				 errhint("Leave a date out that is not known.")));
	return result;
}

/* days_argument reads a number of days; null is no policy. */
static int32
days_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name)));
	return PG_GETARG_INT32(argument);
}

/* set_date writes a date of the window into a row; false when out of range. */
static bool
set_date(const ScMaybeDate *date, Datum *value, bool *isnull)
{
	*value = DateADTGetDatum(date->date);
	*isnull = !date->is_known;
	return !date->is_known || IS_VALID_DATE(date->date);
}

/*
 * sc_guarantee_dates: _guarantee_dates(validated_on date,
 * max_estimated_delivery_on date, service_on date, open_rule text,
 * days_after_estimate integer, days_after_validation integer, days_to_close
 * integer).
 */
PG_FUNCTION_INFO_V1(sc_guarantee_dates);
Datum
sc_guarantee_dates(PG_FUNCTION_ARGS)
{
	ScPromise	promise;
	ScGuaranteeRules rules;
	ScGuaranteeWindow window;
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2];
	char	   *open_rule;

	promise.validated_on = date_argument(fcinfo, 0, "validated_on");
	promise.max_estimated_delivery_on =
		date_argument(fcinfo, 1, "max_estimated_delivery_on");
	promise.service_on = date_argument(fcinfo, 2, "service_on");
	open_rule = PG_ARGISNULL(3) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(3));
	rules.estimate_alone = strcmp(open_rule, "edd_only") == 0;
	if (!rules.estimate_alone && strcmp(open_rule, "earlier") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown open_rule \"%s\"", open_rule),
				 errhint("Use one of: earlier, edd_only.")));
	rules.days_after_estimate = days_argument(fcinfo, 4, "days_after_estimate");
	rules.days_after_validation =
		days_argument(fcinfo, 5, "days_after_validation");
	rules.days_to_close = days_argument(fcinfo, 6, "days_to_close");

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
		desc->natts != lengthof(values))
		elog(ERROR, "unexpected result type");
	if (!sc_guarantee_window(&promise, &rules, &window) ||
		!set_date(&window.opens_on, &values[0], &nulls[0]) ||
		!set_date(&window.closes_on, &values[1], &nulls[1]))
		raise_date_out_of_range();
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}

/*
 * first_instant_of returns when the clocks of a zone first show a date or a
 * later one.  Clocks that go back within the date show its midnight twice,
 * those that skip midnight not at all.
 */
static pg_time_t
first_instant_of(DateADT date, const pg_tz *zone)
{
	pg_time_t	midnight = ((pg_time_t) date + POSTGRES_EPOCH_JDATE -
							UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	/* Nowhere in the world that date has come yet. */
	pg_time_t	from = midnight - 2 * SECS_PER_DAY;

	for (;;)
	{
		pg_time_t	boundary;
		long int	offset;
		long int	next_offset;
		int			isdst;
		int			next_isdst;
		int			found = pg_next_dst_boundary(&from, &offset, &isdst,
												 &boundary, &next_offset,
												 &next_isdst, zone);

		if (found <= 0 || midnight - offset < boundary)
			return Max(midnight - offset, from);
		from = boundary;
	}
}

/* sc_start_of_date: _start_of_date(on_date date, zone text). */
PG_FUNCTION_INFO_V1(sc_start_of_date);
Datum
sc_start_of_date(PG_FUNCTION_ARGS)
{
	DateADT		date = PG_GETARG_DATEADT(0);
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	const char *canonical = sc_zone_canonical(name);
	TimestampTz result;

	if (canonical == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", name),
				 errhint("Pass the IANA name of a zone, such as Europe/Paris.")));
	/* Two days from the ends of what an instant can be. */
	if (DATE_NOT_FINITE(date) || date > TIMESTAMP_END_JULIAN -
		POSTGRES_EPOCH_JDATE - 2 ||
		date < DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE + 2)
		raise_date_out_of_range();
	result = time_t_to_timestamptz(first_instant_of(date,
													pg_tzset(canonical)));
	if (!IS_VALID_TIMESTAMP(result))
		raise_date_out_of_range();
	PG_RETURN_TIMESTAMPTZ(result);
}

/* sc_is_time_zone: _is_time_zone(zone text). */
PG_FUNCTION_INFO_V1(sc_is_time_zone);
Datum
sc_is_time_zone(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));

	PG_RETURN_BOOL(strlen(name) <= SC_MAX_ZONE_NAME &&
				   sc_zone_canonical(name) != NULL);
}
