/*
 * business_time_sql.c
 *		The business-time functions of SQL: unpack, call business_time.c,
 *		report.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "calendar.h"
#include "term.h"

/* How much of a calendar an error message repeats. */
#define MAX_NAMED_CALENDAR 64

const Calendar *
sc_calendar_from_datum(Datum datum)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);
	const Calendar *calendar = sc_calendar_get(value);

	if (calendar == NULL)
	{
		CalendarDefinition definition;

		sc_calendar_load(value, &definition);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", definition.zone),
				 errdetail("A stored business calendar uses it.")));
	}
	if ((Pointer) value != DatumGetPointer(datum))
		pfree(value);
	return calendar;
}

/* The calendar of a call site whose calendar is a constant. */
typedef struct ConstantCalendar
{
	const Calendar *calendar;
	uint64		evictions;
} ConstantCalendar;

/* is_constant tells whether a call's argument is the same for all rows. */
static bool
is_constant(FmgrInfo *flinfo, int argument)
{
	List	   *arguments;

	if (flinfo->fn_expr == NULL || !IsA(flinfo->fn_expr, FuncExpr))
		return false;
	arguments = ((FuncExpr *) flinfo->fn_expr)->args;
	return argument < list_length(arguments) &&
		IsA(list_nth(arguments, argument), Const);
}

/*
 * calendar_argument gives the compiled calendar of an argument.  A constant is
 * looked up once per call site.
 */
static const Calendar *
calendar_argument(FunctionCallInfo fcinfo, int argument)
{
	ConstantCalendar *constant = fcinfo->flinfo->fn_extra;
	const Calendar *calendar;

	if (constant != NULL && constant->evictions == sc_calendar_evictions)
		return constant->calendar;
	calendar = sc_calendar_from_datum(PG_GETARG_DATUM(argument));
	if (constant == NULL && is_constant(fcinfo->flinfo, argument))
	{
		constant = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt,
									  sizeof(ConstantCalendar));
		fcinfo->flinfo->fn_extra = constant;
	}
	if (constant != NULL)
	{
		constant->calendar = calendar;
		constant->evictions = sc_calendar_evictions;
	}
	return calendar;
}

/* calendar_name is the calendar's text, cut where it gets long. */
static char *
calendar_name(Datum datum)
{
	CalendarDefinition definition;
	char	   *text;

	sc_calendar_load(PG_DETOAST_DATUM_PACKED(datum), &definition);
	text = sc_calendar_text(&definition);
	if (strlen(text) > MAX_NAMED_CALENDAR)
		strlcpy(text + MAX_NAMED_CALENDAR - 3, "...", 4);
	return text;
}

void
sc_raise_time_status(TimeStatus status, Datum calendar)
{
	switch (status)
	{
		case TIME_OK:
			break;
		case TIME_OUT_OF_RANGE:
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("timestamp out of range for a business calendar"),
					 errdetail("Business calendars cover the years 1900 to 2200.")));
			break;
		case TIME_NO_OPEN_TIME:
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("no open time left in business calendar \"%s\"",
							calendar_name(calendar)),
					 errhint("The calendar has no weekly opening times, and its listed dates do not suffice.")));
			break;
		case TIME_NEVER_CLOSES:
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("business calendar \"%s\" does not close any more",
							calendar_name(calendar))));
			break;
		case TIME_UNBOUNDED:
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("open time up to infinity has no end")));
			break;
	}
	elog(ERROR, "unexpected time status %d", (int) status);
}

/* instant_or_error returns an instant if the status allows it. */
static Datum
instant_or_error(TimeStatus status, TimestampTz at, Datum calendar)
{
	if (status != TIME_OK)
		sc_raise_time_status(status, calendar);
	return TimestampTzGetDatum(at);
}

PG_FUNCTION_INFO_V1(sc_business_add_sql);
Datum
sc_business_add_sql(PG_FUNCTION_ARGS)
{
	const Calendar *calendar = calendar_argument(fcinfo, 2);
	TimestampTz result;
	TimeStatus	status = sc_business_add(calendar, PG_GETARG_TIMESTAMPTZ(0),
										 *PG_GETARG_TERM_P(1), &result);

	return instant_or_error(status, result, PG_GETARG_DATUM(2));
}

/* sc_business_add_or_null is business_add() where a failure must not raise. */
PG_FUNCTION_INFO_V1(sc_business_add_or_null);
Datum
sc_business_add_or_null(PG_FUNCTION_ARGS)
{
	const Calendar *calendar = calendar_argument(fcinfo, 2);
	TimestampTz result;

	if (sc_business_add(calendar, PG_GETARG_TIMESTAMPTZ(0),
						*PG_GETARG_TERM_P(1), &result) != TIME_OK)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(result);
}

PG_FUNCTION_INFO_V1(sc_business_between_sql);
Datum
sc_business_between_sql(PG_FUNCTION_ARGS)
{
	const Calendar *calendar = calendar_argument(fcinfo, 2);
	Interval   *result = palloc0(sizeof(Interval));
	int64		open;
	TimeStatus	status = sc_business_between(calendar,
											 PG_GETARG_TIMESTAMPTZ(0),
											 PG_GETARG_TIMESTAMPTZ(1), &open);

	if (status != TIME_OK)
		sc_raise_time_status(status, PG_GETARG_DATUM(2));
	result->time = open;
	PG_RETURN_INTERVAL_P(result);
}

PG_FUNCTION_INFO_V1(sc_is_open_sql);
Datum
sc_is_open_sql(PG_FUNCTION_ARGS)
{
	const Calendar *calendar = calendar_argument(fcinfo, 1);
	bool		result;
	TimeStatus	status = sc_is_open(calendar, PG_GETARG_TIMESTAMPTZ(0),
									&result);

	if (status != TIME_OK)
		sc_raise_time_status(status, PG_GETARG_DATUM(1));
	PG_RETURN_BOOL(result);
}

PG_FUNCTION_INFO_V1(sc_next_open_sql);
Datum
sc_next_open_sql(PG_FUNCTION_ARGS)
{
	const Calendar *calendar = calendar_argument(fcinfo, 1);
	TimestampTz result;
	TimeStatus	status = sc_next_open(calendar, PG_GETARG_TIMESTAMPTZ(0),
									  &result);

	return instant_or_error(status, result, PG_GETARG_DATUM(1));
}

PG_FUNCTION_INFO_V1(sc_next_close_sql);
Datum
sc_next_close_sql(PG_FUNCTION_ARGS)
{
	const Calendar *calendar = calendar_argument(fcinfo, 1);
	TimestampTz result;
	TimeStatus	status = sc_next_close(calendar, PG_GETARG_TIMESTAMPTZ(0),
									   &result);

	return instant_or_error(status, result, PG_GETARG_DATUM(1));
}

PG_FUNCTION_INFO_V1(sc_end_of_business_day_sql);
Datum
sc_end_of_business_day_sql(PG_FUNCTION_ARGS)
{
	const Calendar *calendar = calendar_argument(fcinfo, 1);
	TimestampTz result;
	TimeStatus	status = sc_end_of_business_day(calendar,
												PG_GETARG_TIMESTAMPTZ(0),
												&result);

	return instant_or_error(status, result, PG_GETARG_DATUM(1));
}

/* What open_periods keeps between calls. */
typedef struct OpenPeriods
{
	Datum		calendar;		/* fetched anew each call: it may be evicted */
	TimestampTz at;				/* the next period ends after this */
	TimestampTz until;
	TypeCacheEntry *range_type;
} OpenPeriods;

static OpenPeriods *
start_open_periods(FunctionCallInfo fcinfo, MemoryContext context)
{
	MemoryContext caller = MemoryContextSwitchTo(context);
	OpenPeriods *state = palloc(sizeof(OpenPeriods));
	int64		open;
	TimeStatus	status;

	state->calendar = PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(2)));
	state->at = PG_GETARG_TIMESTAMPTZ(0);
	state->until = PG_GETARG_TIMESTAMPTZ(1);
	state->range_type = lookup_type_cache(TSTZRANGEOID, TYPECACHE_RANGE_INFO);
	MemoryContextSwitchTo(caller);

	/* Both ends are checked before the first row. */
	status = sc_business_between(sc_calendar_from_datum(state->calendar),
								 state->at, state->until, &open);
	if (status != TIME_OK)
		sc_raise_time_status(status, state->calendar);
	return state;
}

/* next_open_period finds the next period, cut to what was asked for. */
static bool
next_open_period(OpenPeriods *state, TimestampTz *from, TimestampTz *until)
{
	const Calendar *calendar = sc_calendar_from_datum(state->calendar);

	CHECK_FOR_INTERRUPTS();
	if (state->at >= state->until ||
		sc_next_open(calendar, state->at, from) != TIME_OK ||
		*from >= state->until)
		return false;
	if (sc_next_close(calendar, *from, until) != TIME_OK ||
		*until > state->until)
		*until = state->until;
	if (*from < state->at || *until <= *from)
		elog(ERROR, "open periods do not advance");
	state->at = *until;
	return true;
}

PG_FUNCTION_INFO_V1(sc_open_periods_sql);
Datum
sc_open_periods_sql(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	OpenPeriods *state;
	TimestampTz from;
	TimestampTz until;
	RangeBound	lower = {.inclusive = true, .lower = true};
	RangeBound	upper = {0};

	if (SRF_IS_FIRSTCALL())
	{
		context = SRF_FIRSTCALL_INIT();
		context->user_fctx =
			start_open_periods(fcinfo, context->multi_call_memory_ctx);
	}
	context = SRF_PERCALL_SETUP();
	state = context->user_fctx;
	if (!next_open_period(state, &from, &until))
		SRF_RETURN_DONE(context);

	lower.val = TimestampTzGetDatum(from);
	upper.val = TimestampTzGetDatum(until);
	SRF_RETURN_NEXT(context,
					RangeTypePGetDatum(sc_make_range(state->range_type,
													 &lower, &upper)));
}
