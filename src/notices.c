/*
 * notices.c
 *		What the outbox says of a step of a case, as JSON.
 *
 * Every step builds it, in commands and in the sweep.  Instants are text in
 * UTC, so that what is stored does not depend on a session's TimeZone.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#define NOTICE_VERSION	1

/* Long enough for ISO 8601 and for "-infinity". */
#define INSTANT_LENGTH	(MAXDATELEN + 2)

/* print_instant writes an instant as 2026-01-09T21:00:00Z. */
static void
print_instant(char *string, TimestampTz at)
{
	if (TIMESTAMP_NOT_FINITE(at))
		strlcpy(string, TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : "infinity",
				INSTANT_LENGTH);
	else
	{
		JsonEncodeDateTime(string, TimestampGetDatum(at), TIMESTAMPOID, NULL);
		strlcat(string, "Z", INSTANT_LENGTH);
	}
}

PG_FUNCTION_INFO_V1(sc_iso_instant);
Datum
sc_iso_instant(PG_FUNCTION_ARGS)
{
	char		string[INSTANT_LENGTH];

	print_instant(string, PG_GETARG_TIMESTAMPTZ(0));
	PG_RETURN_TEXT_P(cstring_to_text(string));
}

/* push_member adds a member with a scalar value to an object. */
static void
push_member(JsonbParseState **state, const char *name, JsonbValue *value)
{
	JsonbValue	key = {
		.type = jbvString,
		.val.string = {.len = strlen(name), .val = unconstify(char *, name)},
	};

	pushJsonbValue(state, WJB_KEY, &key);
	pushJsonbValue(state, WJB_VALUE, value);
}

static void
push_number(JsonbParseState **state, const char *name, int64 number)
{
	JsonbValue	value = {
		.type = jbvNumeric,
		.val.numeric = int64_to_numeric(number),
	};

	push_member(state, name, &value);
}

/* push_text adds text that is an argument, or a null. */
static void
push_text(JsonbParseState **state, const char *name, FunctionCallInfo fcinfo,
		  int argument)
{
	JsonbValue	value = {.type = jbvNull};

	if (!PG_ARGISNULL(argument))
	{
		text	   *string = PG_GETARG_TEXT_PP(argument);

		value.type = jbvString;
		value.val.string.len = VARSIZE_ANY_EXHDR(string);
		value.val.string.val = VARDATA_ANY(string);
	}
	push_member(state, name, &value);
}

/* push_instant adds an instant that is an argument, or a null. */
static void
push_instant(JsonbParseState **state, const char *name,
			 FunctionCallInfo fcinfo, int argument)
{
	JsonbValue	value = {.type = jbvNull};

	if (!PG_ARGISNULL(argument))
	{
		char	   *string = palloc(INSTANT_LENGTH);

		print_instant(string, PG_GETARG_TIMESTAMPTZ(argument));
		value.type = jbvString;
		value.val.string.len = strlen(string);
		value.val.string.val = string;
	}
	push_member(state, name, &value);
}

/*
 * sc_event_data returns what the host is told of a step: _event_data(actor
 * text, status text, resolution text, due_at timestamptz, details jsonb).
 */
PG_FUNCTION_INFO_V1(sc_event_data);
Datum
sc_event_data(PG_FUNCTION_ARGS)
{
	JsonbParseState *state = NULL;
	JsonbValue	details = {.type = jbvNull};

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_number(&state, "version", NOTICE_VERSION);
	push_text(&state, "actor", fcinfo, 0);
	push_text(&state, "status", fcinfo, 1);
	push_text(&state, "resolution", fcinfo, 2);
	push_instant(&state, "due_at", fcinfo, 3);
	if (!PG_ARGISNULL(4))
	{
		Jsonb	   *json = PG_GETARG_JSONB_P(4);

		details.type = jbvBinary;
		details.val.binary.len = VARSIZE(json) - VARHDRSZ;
		details.val.binary.data = &json->root;
	}
	push_member(&state, "details", &details);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT,
													   NULL)));
}

/* Details of events that everybody may know. */
static const char *const public_details[] = {
	"ended_deadline", "carrier", "tracking_number", "label_uri"
};

/* push_public_details adds what the details of an event have of them. */
static void
push_public_details(JsonbParseState **state, Jsonb *details)
{
	if (!JB_ROOT_IS_OBJECT(details) || JB_ROOT_COUNT(details) == 0)
		return;
	for (size_t i = 0; i < lengthof(public_details); i++)
	{
		const char *name = public_details[i];
		JsonbValue	buffer;
		JsonbValue *value;

		value = getKeyJsonValueFromContainer(&details->root, name,
											 strlen(name), &buffer);
		if (value != NULL && value->type == jbvString)
			push_member(state, name, value);
	}
}

/*
 * sc_notice_data returns what buyer, seller and platform are told of a step:
 * _notice_data(order_id bigint, reason text, action text, actor text, status
 * text, resolution text, deadline text, due_at timestamptz, details jsonb).
 * What does not apply is left out.
 */
PG_FUNCTION_INFO_V1(sc_notice_data);
Datum
sc_notice_data(PG_FUNCTION_ARGS)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_number(&state, "version", NOTICE_VERSION);
	push_number(&state, "order_id", PG_GETARG_INT64(0));
	push_text(&state, "reason", fcinfo, 1);
	push_text(&state, "action", fcinfo, 2);
	push_text(&state, "actor", fcinfo, 3);
	push_text(&state, "status", fcinfo, 4);
	if (!PG_ARGISNULL(5))
		push_text(&state, "resolution", fcinfo, 5);
	if (!PG_ARGISNULL(6))
		push_text(&state, "deadline", fcinfo, 6);
	if (!PG_ARGISNULL(7))
		push_instant(&state, "due_at", fcinfo, 7);
	if (!PG_ARGISNULL(8))
		push_public_details(&state, PG_GETARG_JSONB_P(8));
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT,
													   NULL)));
}
