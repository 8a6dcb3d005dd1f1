/*
 * ledger_functions.c
 *		SQL face of the ledger arithmetic: call the pure functions of ledger.c
 *		and allocation.c, return rows.
 *
 * The refund functions are projections of one computation over the same input,
 * so that SQL can write entries, lines and totals set by set.
 */
#include "support_case.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "ledger_input.h"

/* Bounds what one call may make the server allocate. */
#define MAX_WEIGHTS 1000000

enum
{
	TAKEN_COLUMNS = 4 + SC_PART_COUNT	/* of _refund_lines() */
};

/* post posts one refund; only a charge beyond an int64 can go wrong. */
static void
post(ScRefundInput *input, int index, ScPosting *posting)
{
	ScRefund   *refund = &input->refunds[index];

	CHECK_FOR_INTERRUPTS();
	if (!sc_post_refund(input->lines, refund, input->scratch, posting))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("amount out of range"),
				 errdetail("The charge and the return label of refund %lld add up to more than a bigint holds.",
						   (long long) refund->refund_key)));
}

/* sc_refund_entries returns the legs of every refund, in posting order. */
PG_FUNCTION_INFO_V1(sc_refund_entries);
Datum
sc_refund_entries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ScRefundInput input = sc_read_refund_input(fcinfo);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < input.refund_count; i++)
	{
		ScPosting	posting;

		post(&input, i, &posting);
		for (int j = 0; j < posting.leg_count; j++)
		{
			const ScLeg *leg = &posting.legs[j];
			bool		nulls[4] = {false};
			Datum		values[4];

			values[0] = Int64GetDatum(input.refunds[i].refund_key);
			values[1] = CStringGetTextDatum(sc_account_name(leg->account));
			values[2] = CStringGetTextDatum(sc_component_name(leg->component));
			values[3] = Int64GetDatum(leg->amount);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
								 values, nulls);
		}
	}
	return (Datum) 0;
}

static bool
takes_nothing(const ScRefundLine *taken)
{
	for (int part = 0; part < SC_PART_COUNT; part++)
	{
		if (taken->consumed[part] != 0)
			return false;
	}
	return taken->refunded == 0 && taken->refunded_quantity == 0;
}

/* sc_refund_lines returns what every refund takes from its lines. */
PG_FUNCTION_INFO_V1(sc_refund_lines);
Datum
sc_refund_lines(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ScRefundInput input = sc_read_refund_input(fcinfo);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < input.refund_count; i++)
	{
		ScPosting	posting;

		post(&input, i, &posting);
		for (int j = 0; j < input.refunds[i].line_count; j++)
		{
			const ScRefundLine *taken = &input.refunds[i].lines[j];
			bool		nulls[TAKEN_COLUMNS] = {false};
			Datum		values[TAKEN_COLUMNS];

			if (takes_nothing(taken))
				continue;
			values[0] = Int64GetDatum(input.refunds[i].refund_key);
			values[1] = Int64GetDatum(input.lines[taken->line].line_number);
			values[2] = Int64GetDatum(taken->refunded);
			values[3] = Int64GetDatum(taken->refunded_quantity);
			for (int part = 0; part < SC_PART_COUNT; part++)
				values[4 + part] = Int64GetDatum(taken->consumed[part]);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
								 values, nulls);
		}
	}
	return (Datum) 0;
}

/* The columns of composite type _refund_total. */
#define TOTAL_COLUMNS 8

/* total_row makes a row of the totals of a refund. */
static HeapTuple
total_row(TupleDesc desc, ScRefundInput *input, int index)
{
	ScPosting	posting;
	bool		nulls[TOTAL_COLUMNS] = {false};
	Datum		values[TOTAL_COLUMNS];

	post(input, index, &posting);
	values[0] = Int64GetDatum(input->refunds[index].refund_key);
	values[1] = Int64GetDatum(posting.entitled);
	values[2] = Int64GetDatum(posting.refunded);
	values[3] = Int64GetDatum(posting.charged);
	values[4] = Int64GetDatum(posting.borne[SC_BEARER_SELLER]);
	values[5] = Int64GetDatum(posting.borne[SC_BEARER_CARRIER]);
	values[6] = Int64GetDatum(posting.borne[SC_BEARER_PLATFORM]);
	values[7] = Int64GetDatum(input->refunds[index].return_label_cost);
	return heap_form_tuple(desc, values, nulls);
}

/* sc_refund_totals returns one row per refund. */
PG_FUNCTION_INFO_V1(sc_refund_totals);
Datum
sc_refund_totals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ScRefundInput input = sc_read_refund_input(fcinfo);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < input.refund_count; i++)
		tuplestore_puttuple(rsinfo->setResult,
							total_row(rsinfo->setDesc, &input, i));
	return (Datum) 0;
}

/* sc_refund_total returns the row of the first refund; null when there is none. */
PG_FUNCTION_INFO_V1(sc_refund_total);
Datum
sc_refund_total(PG_FUNCTION_ARGS)
{
	ScRefundInput input = sc_read_refund_input(fcinfo);
	TupleDesc	desc;

	if (input.refund_count == 0)
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
		desc->natts != TOTAL_COLUMNS)
		elog(ERROR, "unexpected result type");
	PG_RETURN_DATUM(HeapTupleGetDatum(total_row(BlessTupleDesc(desc), &input, 0)));
}

/* read_weights returns the weights, after it checked them. */
static const int64 *
read_weights(ArrayType *array, int64 total, int *count)
{
	const int64 *weights;

	*count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid shape of argument \"%s\"", "weights"),
				 errdetail("It must be a one-dimensional array.")));
	if (*count > MAX_WEIGHTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many elements in argument \"%s\"", "weights"),
				 errdetail("There are %d elements; at most %d are allowed.",
						   *count, MAX_WEIGHTS)));
	if (*count == 0 && total != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value in argument \"%s\"", "weights"),
				 errdetail("There is nothing to allocate the total to.")));
	weights = sc_array_values(array, "weights");
	for (int i = 0; i < *count; i++)
	{
		if (weights[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value in argument \"%s\"", "weights"),
					 errdetail("Element %d is %lld; it must not be negative.",
							   i + 1, (long long) weights[i])));
	}
	return weights;
}

/* sc_allocate_array is allocate(total, weights) of SQL. */
PG_FUNCTION_INFO_V1(sc_allocate_array);
Datum
sc_allocate_array(PG_FUNCTION_ARGS)
{
	int64		total = PG_GETARG_INT64(0);
	int			count;
	const int64 *weights = read_weights(PG_GETARG_ARRAYTYPE_P(1), total,
										&count);
	ScShare    *shares;
	Datum	   *result;

	if (count == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(INT8OID));

	shares = palloc(count * sizeof(ScShare));
	result = palloc(count * sizeof(Datum));
	for (int i = 0; i < count; i++)
		shares[i].weight = weights[i];
	sc_allocate(total, shares, count);
	for (int i = 0; i < count; i++)
		result[i] = Int64GetDatum(shares[i].share);
	PG_RETURN_ARRAYTYPE_P(construct_array(result, count, INT8OID, sizeof(int64),
										  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
