/*
 * rating_functions.c
 *		SQL face of the support rating: the ground of a case, and the aggregate
 *		that counts a seller's cases.
 */
#include "case_rows.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "errors.h"
#include "rating.h"
#include "support_case.h"

/* read_code finds a code in a list of names; null is the list's first, none. */
static int
read_code(FunctionCallInfo fcinfo, int argument, const char *const *names,
		  int count, const char *what)
{
	text	   *name;
	int			found;

	if (PG_ARGISNULL(argument))
		return 0;
	name = PG_GETARG_TEXT_PP(argument);
	found = sc_find_name(names, count, VARDATA_ANY(name),
						 VARSIZE_ANY_EXHDR(name));
	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown %s \"%s\"", what, text_to_cstring(name))));
	return found;
}

static bool
read_flag(FunctionCallInfo fcinfo, int argument)
{
	return !PG_ARGISNULL(argument) && PG_GETARG_BOOL(argument);
}

/*
 * sc_rating_ground_sql says why a closed case counts as it does, null for an
 * open one: _rating_ground(resolution text, has_reached_seller boolean,
 * is_responded boolean, is_late boolean, escalated_after text, platform_ruling
 * text, is_borne_by_seller boolean, is_thumbs_up boolean).
 */
PG_FUNCTION_INFO_V1(sc_rating_ground_sql);
Datum
sc_rating_ground_sql(PG_FUNCTION_ARGS)
{
	ScRatingFacts facts;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	facts.resolution = read_code(fcinfo, 0, sc_resolution_names,
								 SC_RESOLUTION_COUNT, "resolution");
	facts.has_reached_seller = read_flag(fcinfo, 1);
	facts.is_responded = read_flag(fcinfo, 2);
	facts.is_late = read_flag(fcinfo, 3);
	facts.escalated_after = read_code(fcinfo, 4, sc_escalated_after_names,
									  SC_AFTER_COUNT, "ground of an escalation");
	facts.ruling = read_code(fcinfo, 5, sc_ruling_names, SC_RULING_COUNT,
							 "ruling");
	facts.is_borne_by_seller = read_flag(fcinfo, 6);
	facts.thumb = PG_ARGISNULL(7) ? SC_THUMB_NONE :
		PG_GETARG_BOOL(7) ? SC_THUMB_UP : SC_THUMB_DOWN;
	PG_RETURN_TEXT_P(cstring_to_text(sc_rating_grounds[sc_rating_ground(&facts)].name));
}

/* sc_rating_effect returns what a ground does: _rating_effect(ground text). */
PG_FUNCTION_INFO_V1(sc_rating_effect);
Datum
sc_rating_effect(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);
	size_t		length = VARSIZE_ANY_EXHDR(name);

	for (int i = 0; i < SC_GROUND_COUNT; i++)
	{
		const ScRatingGroundInfo *info = &sc_rating_grounds[i];

		if (strlen(info->name) == length &&
			memcmp(info->name, VARDATA_ANY(name), length) == 0)
			PG_RETURN_TEXT_P(cstring_to_text(sc_rating_effect_names[info->effect]));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown ground of a rating \"%s\"", text_to_cstring(name))));
}

/* sc_rating_grounds_sql lists every ground: rating_grounds(). */
PG_FUNCTION_INFO_V1(sc_rating_grounds_sql);
Datum
sc_rating_grounds_sql(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < SC_GROUND_COUNT; i++)
	{
		const ScRatingGroundInfo *info = &sc_rating_grounds[i];
		bool		nulls[4] = {false};
		Datum		values[4];

		values[0] = CStringGetTextDatum(info->name);
		values[1] = CStringGetTextDatum(sc_rating_effect_names[info->effect]);
		values[2] = CStringGetTextDatum(info->grounds);
		values[3] = CStringGetTextDatum(info->meaning);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* new_tally makes a tally that lives as long as the aggregation. */
static ScTally *
new_tally(FunctionCallInfo fcinfo, int minimum)
{
	MemoryContext context;
	ScTally    *tally;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("function of an aggregate called outside of one")));
	tally = MemoryContextAlloc(context, SC_TALLY_SIZE(minimum));
	sc_tally_start(tally, minimum);
	return tally;
}

/*
 * sc_tally_add is the transition of _rating_tally(weight integer, closed_at
 * timestamptz, case_id bigint, window_from timestamptz, minimum integer).
 */
PG_FUNCTION_INFO_V1(sc_tally_add);
Datum
sc_tally_add(PG_FUNCTION_ARGS)
{
	ScTally    *tally = PG_ARGISNULL(0) ? NULL :
		(ScTally *) PG_GETARG_POINTER(0);
	ScScoredCase scored;

	if (tally == NULL)
	{
		if (PG_ARGISNULL(5) || PG_GETARG_INT32(5) < 1 ||
			PG_GETARG_INT32(5) > SC_MAX_LATEST)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument \"minimum\" must lie between 1 and %d",
							SC_MAX_LATEST)));
		tally = new_tally(fcinfo, PG_GETARG_INT32(5));
	}
	tally->received++;
	if (PG_ARGISNULL(2))
		PG_RETURN_POINTER(tally);	/* still open */
	if (PG_ARGISNULL(3) || PG_ARGISNULL(4))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("arguments \"case_id\" and \"window_from\" must not be null")));
	scored.weight = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
	scored.closed_at = PG_GETARG_TIMESTAMPTZ(2);
	scored.case_id = PG_GETARG_INT64(3);
	sc_tally_case(tally, &scored, scored.weight == 0, !PG_ARGISNULL(1),
				  scored.closed_at > PG_GETARG_TIMESTAMPTZ(4));
	PG_RETURN_POINTER(tally);
}

PG_FUNCTION_INFO_V1(sc_tally_combine);
Datum
sc_tally_combine(PG_FUNCTION_ARGS)
{
	ScTally    *tally = PG_ARGISNULL(0) ? NULL :
		(ScTally *) PG_GETARG_POINTER(0);
	const ScTally *other = PG_ARGISNULL(1) ? NULL :
		(const ScTally *) PG_GETARG_POINTER(1);

	if (other == NULL)
	{
		if (tally == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(tally);
	}
	if (tally == NULL)
		tally = new_tally(fcinfo, other->minimum);
	sc_tally_merge(tally, other);
	PG_RETURN_POINTER(tally);
}

/* Between the processes of one query, the bytes of a tally are its wire form. */
PG_FUNCTION_INFO_V1(sc_tally_serialize);
Datum
sc_tally_serialize(PG_FUNCTION_ARGS)
{
	const ScTally *tally = (const ScTally *) PG_GETARG_POINTER(0);
	Size		size = SC_TALLY_SIZE(tally->minimum);
	bytea	   *bytes = palloc(VARHDRSZ + size);

	SET_VARSIZE(bytes, VARHDRSZ + size);
	memcpy(VARDATA(bytes), tally, size);
	PG_RETURN_BYTEA_P(bytes);
}

PG_FUNCTION_INFO_V1(sc_tally_deserialize);
Datum
sc_tally_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Size		size = VARSIZE_ANY_EXHDR(bytes);
	ScTally    *tally = palloc(Max(size, sizeof(ScTally)));

	memcpy(tally, VARDATA_ANY(bytes), size);
	if (size < SC_TALLY_SIZE(0) || size != SC_TALLY_SIZE(tally->minimum))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid state of a rating")));
	PG_RETURN_POINTER(tally);
}

/* sc_tally_final returns the counts, as a row of type _rating_count. */
PG_FUNCTION_INFO_V1(sc_tally_final);
Datum
sc_tally_final(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	ScTallyResult result;
	const ScTally *tally;
	Datum		values[10];
	bool		nulls[10] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "unexpected result type");
	tally = (const ScTally *) PG_GETARG_POINTER(0);
	sc_tally_result(tally, &result);
	values[0] = Int64GetDatum(tally->received);
	values[1] = Int64GetDatum(tally->handled);
	values[2] = Int64GetDatum(tally->neutrals);
	values[3] = CStringGetTextDatum(result.is_window ? "window" : "latest");
	values[4] = Int64GetDatum(result.score.positives);
	values[5] = Int64GetDatum(result.score.negatives);
	values[6] = Int64GetDatum(result.score.positive_weight);
	values[7] = Int64GetDatum(result.score.negative_weight);
	values[8] = TimestampTzGetDatum(result.first.closed_at);
	values[9] = Int64GetDatum(result.first.case_id);
	nulls[8] = nulls[9] = !result.has_first;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}
