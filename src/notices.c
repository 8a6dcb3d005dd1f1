/*
 * notices.c
 *		What the outbox says of a step of a case: to whom, and as JSON.
 *
 * Every step asks, in commands and in the sweep.  Instants are text in UTC, so
 * that what is stored does not depend on a session's TimeZone.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "amount.h"
#include "case_rows.h"

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

PG_FUNCTION_INFO_V1(sc_notice_version);
Datum
sc_notice_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(NOTICE_VERSION);
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

/* push_text adds a text, or a null. */
static void
push_text(JsonbParseState **state, const char *name, NullableDatum datum)
{
	JsonbValue	value = {.type = jbvNull};

	if (!datum.isnull)
	{
		text	   *string = DatumGetTextPP(datum.value);

		value.type = jbvString;
		value.val.string.len = VARSIZE_ANY_EXHDR(string);
		value.val.string.val = VARDATA_ANY(string);
	}
	push_member(state, name, &value);
}

/* push_instant adds an instant, or a null. */
static void
push_instant(JsonbParseState **state, const char *name, NullableDatum datum)
{
	JsonbValue	value = {.type = jbvNull};

	if (!datum.isnull)
	{
		char	   *string = palloc(INSTANT_LENGTH);

		print_instant(string, DatumGetTimestampTz(datum.value));
		value.type = jbvString;
		value.val.string.len = strlen(string);
		value.val.string.val = string;
	}
	push_member(state, name, &value);
}

/* The arguments of _outbox_rows(). */
enum
{
	ARGUMENT_BUYER_ID,
	ARGUMENT_REASON,
	ARGUMENT_CURRENCY,
	ARGUMENT_ROUTED_BECAUSE,
	ARGUMENT_WRITE,
	ARGUMENT_REFUNDED,
	ARGUMENT_SELLER_CHARGE,
	ARGUMENT_SENT
};

/* The columns of _outbox_rows(). */
enum
{
	OUTBOX_SELLER_ID,
	OUTBOX_SUBJECT,
	OUTBOX_SUBJECT_ID,
	OUTBOX_EVENT_NUMBER,
	OUTBOX_RECIPIENT,
	OUTBOX_RECIPIENT_ID,
	OUTBOX_CHANNEL,
	OUTBOX_TEMPLATE,
	OUTBOX_DATA,
	OUTBOX_OCCURRED_AT,
	OUTBOX_AVAILABLE_AT,
	OUTBOX_COLUMN_COUNT
};

/* A step that is told, and what is known of its case. */
typedef struct Telling
{
	NullableDatum write[SC_WRITE_COLUMN_COUNT];
	NullableDatum step[SC_STEP_COLUMN_COUNT];
	NullableDatum reason;
	NullableDatum refunded;
	NullableDatum seller_charge;
	text	   *currency;
} Telling;

/* read_row takes a composite value apart. */
static void
read_row(Datum datum, NullableDatum *columns, int count)
{
	HeapTupleHeader row = DatumGetHeapTupleHeader(datum);
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(row),
											  HeapTupleHeaderGetTypMod(row));
	HeapTupleData tuple = {
		.t_len = HeapTupleHeaderGetDatumLength(row),
		.t_data = row,
	};
	Datum	   *values = palloc(count * sizeof(Datum));
	bool	   *nulls = palloc(count * sizeof(bool));

	if (desc->natts != count)
		elog(ERROR, "unexpected row type");
	heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);
	for (int i = 0; i < count; i++)
		columns[i] = (NullableDatum) {values[i], nulls[i]};
}

/* details_of returns the details of the event, or NULL. */
static Jsonb *
details_of(const Telling *telling)
{
	NullableDatum details = telling->write[SC_WRITE_DETAILS];

	return details.isnull ? NULL : DatumGetJsonbP(details.value);
}

/* find_detail returns a member of the details of the event, or NULL. */
static JsonbValue *
find_detail(Jsonb *details, const char *name, JsonbValue *buffer)
{
	if (details == NULL || !JB_ROOT_IS_OBJECT(details) ||
		JB_ROOT_COUNT(details) == 0)
		return NULL;
	return getKeyJsonValueFromContainer(&details->root, name, strlen(name),
										buffer);
}

/*
 * read_reassigned_charge reads from the details what a charge that was posted
 * anew costs the seller.
 */
static void
read_reassigned_charge(Telling *telling)
{
	JsonbValue	buffer;
	JsonbValue *charge;

	if (!telling->seller_charge.isnull)
		return;
	charge = find_detail(details_of(telling), "charged_to_seller", &buffer);
	if (charge != NULL && charge->type == jbvNumeric)
		telling->seller_charge = (NullableDatum) {
			Int64GetDatum(sc_numeric_to_minor(charge->val.numeric,
											  telling->currency,
											  "charged_to_seller")), false
		};
}

/*
 * read_telling takes the arguments apart; false where there is no step, or it
 * is not known in which currency and why the case is where it is.
 */
static bool
read_telling(FunctionCallInfo fcinfo, Telling *telling)
{
	if (PG_ARGISNULL(ARGUMENT_WRITE) || PG_ARGISNULL(ARGUMENT_CURRENCY) ||
		PG_ARGISNULL(ARGUMENT_ROUTED_BECAUSE))
		return false;
	read_row(PG_GETARG_DATUM(ARGUMENT_WRITE), telling->write,
			 SC_WRITE_COLUMN_COUNT);
	if (telling->write[SC_WRITE_STEP].isnull)
		return false;
	read_row(telling->write[SC_WRITE_STEP].value, telling->step,
			 SC_STEP_COLUMN_COUNT);
	telling->reason = fcinfo->args[ARGUMENT_REASON];
	telling->refunded = fcinfo->args[ARGUMENT_REFUNDED];
	telling->seller_charge = fcinfo->args[ARGUMENT_SELLER_CHARGE];
	telling->currency = PG_GETARG_TEXT_PP(ARGUMENT_CURRENCY);
	read_reassigned_charge(telling);
	return true;
}

/* event_data returns what the host is told. */
static Datum
event_data(const Telling *telling)
{
	JsonbParseState *state = NULL;
	JsonbValue	value = {.type = jbvNull};
	Jsonb	   *details = details_of(telling);

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_number(&state, "version", NOTICE_VERSION);
	push_text(&state, "actor", telling->write[SC_WRITE_ACTOR]);
	push_text(&state, "status", telling->step[SC_STEP_STATUS]);
	push_text(&state, "resolution", telling->step[SC_STEP_RESOLUTION]);
	push_instant(&state, "due_at", telling->step[SC_STEP_DUE_AT]);
	if (details != NULL)
	{
		value.type = jbvBinary;
		value.val.binary.len = VARSIZE(details) - VARHDRSZ;
		value.val.binary.data = &details->root;
	}
	push_member(&state, "details", &value);
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT,
														   NULL)));
}

/* Details of events that everybody may know. */
static const char *const public_details[] = {
	"ended_deadline", "carrier", "tracking_number", "label_uri"
};

/* push_public_details adds what the details of the event have of them. */
static void
push_public_details(JsonbParseState **state, const Telling *telling)
{
	Jsonb	   *details = details_of(telling);

	for (size_t i = 0; i < lengthof(public_details); i++)
	{
		JsonbValue	buffer;
		JsonbValue *value = find_detail(details, public_details[i], &buffer);

		if (value != NULL && value->type == jbvString)
			push_member(state, public_details[i], value);
	}
}

/*
 * push_amount adds an amount of the details of the event, in minor units, and
 * tells whether there is one.
 */
static bool
push_amount(JsonbParseState **state, const Telling *telling, const char *name,
			const char *detail)
{
	JsonbValue	buffer;
	JsonbValue *amount = find_detail(details_of(telling), detail, &buffer);

	if (amount == NULL || amount->type != jbvNumeric)
		return false;
	push_number(state, name,
				sc_numeric_to_minor(amount->val.numeric, telling->currency,
									detail));
	return true;
}

/*
 * push_money adds what is refunded and when it appears on the buyer's payment
 * method, or else the amounts that the event is about, and tells whether there
 * are any.
 */
static bool
push_money(JsonbParseState **state, const Telling *telling)
{
	bool		is_any;

	if (!telling->refunded.isnull)
	{
		push_number(state, "amount", DatumGetInt64(telling->refunded.value));
		push_instant(state, "visible_from",
					 telling->step[SC_STEP_REFUND_VISIBLE_FROM]);
		push_instant(state, "visible_until",
					 telling->step[SC_STEP_REFUND_VISIBLE_UNTIL]);
		return true;
	}
	is_any = push_amount(state, telling, "amount", "amount");
	/* Of a refund that was clamped. */
	is_any |= push_amount(state, telling, "amount", "refunded");
	is_any |= push_amount(state, telling, "entitled", "entitled");
	return is_any;
}

/* What a party is told that the others are not. */
typedef enum Extra
{
	EXTRA_NONE,
	EXTRA_CHARGE,				/* the seller: what is charged */
	EXTRA_FEEDBACK,				/* the buyer: until when to rate the service */
	EXTRA_COUNT
} Extra;

/*
 * notice_data returns what buyer, seller or platform is told: never the words,
 * the evidence or who bears what.  What does not apply is left out.
 */
static Datum
notice_data(const Telling *telling, Extra extra)
{
	const NullableDatum currency = {PointerGetDatum(telling->currency), false};
	JsonbParseState *state = NULL;
	bool		has_money;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_number(&state, "version", NOTICE_VERSION);
	push_number(&state, "order_id",
				DatumGetInt64(telling->write[SC_WRITE_ORDER_ID].value));
	push_text(&state, "reason", telling->reason);
	push_text(&state, "action", telling->step[SC_STEP_ACTION]);
	push_text(&state, "actor", telling->write[SC_WRITE_ACTOR]);
	push_text(&state, "status", telling->step[SC_STEP_STATUS]);
	if (!telling->step[SC_STEP_RESOLUTION].isnull)
		push_text(&state, "resolution", telling->step[SC_STEP_RESOLUTION]);
	if (!telling->step[SC_STEP_DEADLINE].isnull)
		push_text(&state, "deadline", telling->step[SC_STEP_DEADLINE]);
	if (!telling->step[SC_STEP_DUE_AT].isnull)
		push_instant(&state, "due_at", telling->step[SC_STEP_DUE_AT]);
	push_public_details(&state, telling);
	has_money = push_money(&state, telling);
	if (extra == EXTRA_CHARGE)
		push_number(&state, "charged_to_seller",
					DatumGetInt64(telling->seller_charge.value));
	if (has_money || extra == EXTRA_CHARGE)
		push_text(&state, "currency", currency);
	if (extra == EXTRA_FEEDBACK)
		push_instant(&state, "feedback_until",
					 telling->step[SC_STEP_FEEDBACK_UNTIL]);
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT,
														   NULL)));
}

static bool
text_is(Datum datum, const char *string)
{
	text	   *value = DatumGetTextPP(datum);

	return VARSIZE_ANY_EXHDR(value) == strlen(string) &&
		memcmp(VARDATA_ANY(value), string, strlen(string)) == 0;
}

/* put_row adds a row of the outbox. */
static void
put_row(ReturnSetInfo *rsinfo, const Telling *telling, Datum recipient,
		NullableDatum recipient_id, Datum channel, NullableDatum template,
		Datum data)
{
	const NullableDatum columns[OUTBOX_COLUMN_COUNT] = {
		[OUTBOX_SELLER_ID] = telling->write[SC_WRITE_SELLER_ID],
		[OUTBOX_SUBJECT] = {CStringGetTextDatum("case"), false},
		[OUTBOX_SUBJECT_ID] = telling->write[SC_WRITE_CASE_ID],
		[OUTBOX_EVENT_NUMBER] = telling->write[SC_WRITE_EVENT_NUMBER],
		[OUTBOX_RECIPIENT] = {recipient, false},
		[OUTBOX_RECIPIENT_ID] = recipient_id,
		[OUTBOX_CHANNEL] = {channel, false},
		[OUTBOX_TEMPLATE] = template,
		[OUTBOX_DATA] = {data, false},
		[OUTBOX_OCCURRED_AT] = telling->step[SC_STEP_EFFECTIVE_AT],
		[OUTBOX_AVAILABLE_AT] = telling->step[SC_STEP_EFFECTIVE_AT],
	};
	Datum		values[OUTBOX_COLUMN_COUNT];
	bool		nulls[OUTBOX_COLUMN_COUNT];

	for (int i = 0; i < OUTBOX_COLUMN_COUNT; i++)
	{
		values[i] = columns[i].value;
		nulls[i] = columns[i].isnull;
	}
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/*
 * sc_outbox_rows returns the event for the host, and the notices that table
 * sent_notice names, recipient, channel and template each.
 */
PG_FUNCTION_INFO_V1(sc_outbox_rows);
Datum
sc_outbox_rows(PG_FUNCTION_ARGS)
{
	const NullableDatum platform_id = {Int64GetDatum(0), false};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Telling		telling;
	bool		is_claim;
	Datum		data[EXTRA_COUNT] = {0};
	Datum	   *sent = NULL;
	int			count = 0;

	InitMaterializedSRF(fcinfo, 0);
	if (!read_telling(fcinfo, &telling))
		return (Datum) 0;
	is_claim = text_is(PG_GETARG_DATUM(ARGUMENT_ROUTED_BECAUSE),
					   "guarantee_claim");
	put_row(rsinfo, &telling, CStringGetTextDatum("host"), platform_id,
			CStringGetTextDatum("event"), telling.step[SC_STEP_ACTION],
			event_data(&telling));
	if (!PG_ARGISNULL(ARGUMENT_SENT))
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(ARGUMENT_SENT), TEXTOID, -1,
						  false, TYPALIGN_INT, &sent, NULL, &count);
	for (int i = 0; i + 2 < count; i += 3)
	{
		Datum		recipient = sent[i];
		NullableDatum template = {sent[i + 2], false};
		NullableDatum recipient_id = platform_id;
		Extra		extra = EXTRA_NONE;

		if (text_is(recipient, "seller"))
		{
			/* A claim may be with the platform alone. */
			if (!is_claim && text_is(template.value, "guarantee_claimed"))
				continue;
			recipient_id = telling.write[SC_WRITE_SELLER_ID];
			if (!telling.seller_charge.isnull)
				extra = EXTRA_CHARGE;
		}
		else if (text_is(recipient, "buyer"))
		{
			recipient_id = fcinfo->args[ARGUMENT_BUYER_ID];
			if (!telling.step[SC_STEP_FEEDBACK_UNTIL].isnull)
				extra = EXTRA_FEEDBACK;
		}
		if (data[extra] == (Datum) 0)
			data[extra] = notice_data(&telling, extra);
		put_row(rsinfo, &telling, recipient, recipient_id, sent[i + 1], template,
				data[extra]);
	}
	return (Datum) 0;
}
