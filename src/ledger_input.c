/*
 * ledger_input.c
 *		Unpacks and checks the arrays that describe order lines and refunds.
 */
#include "support_case.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "ledger_input.h"

/* Bounds what one call may make the server allocate. */
#define MAX_ROWS 100000

enum
{
	LINE_COLUMNS = 5 + 2 * SC_PART_COUNT,
	REFUND_COLUMNS = 7,
	REFUND_LINE_COLUMNS = 3
};

/* A two-dimensional bigint[] seen as rows. */
typedef struct Rows
{
	const char *name;
	const int64 *values;
	int			count;
	int			columns;
} Rows;

/* A key and where its row stands, to look rows up by key. */
typedef struct KeyIndex
{
	int64		key;
	int			index;
} KeyIndex;

/* Reports what is wrong with row `row` (from 1) of an argument. */
static void
refuse_row(const Rows *rows, int row, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid row %d of argument \"%s\"", row, rows->name),
			 errdetail_internal("%s", detail)));
}

/* sc_array_values returns the elements of a bigint[] that has no nulls. */
const int64 *
sc_array_values(ArrayType *array, const char *name)
{
	Assert(ARR_ELEMTYPE(array) == INT8OID);
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value in argument \"%s\"", name),
				 errdetail("Its elements must not be null.")));

	/* there may be a null bitmap without nulls */
	return (const int64 *) ((char *) array +
							(ARR_HASNULL(array) ? (Size) array->dataoffset :
							 ARR_OVERHEAD_NONULLS(ARR_NDIM(array))));
}

static Rows
read_rows(ArrayType *array, const char *name, int columns)
{
	Rows		rows = {name, NULL, 0, columns};

	if (ARR_NDIM(array) == 0)
		return rows;
	if (ARR_NDIM(array) != 2 || ARR_DIMS(array)[1] != columns)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid shape of argument \"%s\"", name),
				 errdetail("It must be a two-dimensional array with %d columns.",
						   columns)));
	if (ARR_DIMS(array)[0] > MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows in argument \"%s\"", name),
				 errdetail("There are %d rows; at most %d are allowed.",
						   ARR_DIMS(array)[0], MAX_ROWS)));
	rows.count = ARR_DIMS(array)[0];
	rows.values = sc_array_values(array, name);
	return rows;
}

static int
compare_keys(const void *left, const void *right)
{
	const KeyIndex *a = left;
	const KeyIndex *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return 0;
}

/* index_keys sorts the rows' first columns and refuses duplicates. */
static KeyIndex *
index_keys(const Rows *rows)
{
	KeyIndex   *keys = palloc(Max(rows->count, 1) * sizeof(KeyIndex));

	for (int i = 0; i < rows->count; i++)
	{
		keys[i].key = rows->values[(size_t) i * rows->columns];
		keys[i].index = i;
	}
	qsort(keys, rows->count, sizeof(KeyIndex), compare_keys);
	for (int i = 1; i < rows->count; i++)
	{
		if (keys[i].key == keys[i - 1].key)
			refuse_row(rows, Max(keys[i].index, keys[i - 1].index) + 1,
					   psprintf("The key %lld occurs twice.",
								(long long) keys[i].key));
	}
	return keys;
}

/* find_key returns where among the sorted keys one stands, or -1. */
static int
find_key(const KeyIndex *keys, int count, int64 key)
{
	KeyIndex	wanted = {key, 0};
	const KeyIndex *found = bsearch(&wanted, keys, count, sizeof(KeyIndex),
									compare_keys);

	return found == NULL ? -1 : (int) (found - keys);
}

/* refuse_negative checks the values of a row from column `first` on. */
static void
refuse_negative(const Rows *rows, int row, int first,
				const char *const *names)
{
	const int64 *values = rows->values + (size_t) row * rows->columns;

	for (int i = first; i < rows->columns; i++)
	{
		if (values[i] < 0)
			refuse_row(rows, row + 1,
					   psprintf("The %s is %lld; it must not be negative.",
								names[i], (long long) values[i]));
	}
}

/* refuse_overflow checks that a sum over the order's lines fits an int64. */
static void
refuse_overflow(int128 sum, const char *what)
{
	if (sum > PG_INT64_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("amount out of range"),
				 errdetail("The %s of the order's lines adds up to more than a bigint holds.",
						   what)));
}

/* read_lines unpacks the order lines in the order of their numbers. */
static KeyIndex *
read_lines(const Rows *rows, ScRefundInput *input)
{
	static const char *const names[LINE_COLUMNS] = {
		"line number", "quantity", "refundable amount", "refunded amount",
		"refunded quantity", "consumed payout", "consumed shipping",
		"consumed fee", "consumed commission", "consumed tax", "payout",
		"shipping", "fee", "commission", "tax"
	};
	KeyIndex   *keys = index_keys(rows);
	int128		refundable = 0;
	int128		seller_money = 0;
	int128		platform_income = 0;

	input->line_count = rows->count;
	input->lines = palloc(Max(rows->count, 1) * sizeof(ScOrderLine));
	for (int i = 0; i < rows->count; i++)
	{
		int			row = keys[i].index;
		const int64 *v = rows->values + (size_t) row * LINE_COLUMNS;
		ScOrderLine *line = &input->lines[i];

		refuse_negative(rows, row, 1, names);
		line->line_number = v[0];
		line->quantity = v[1];
		line->refundable = v[2];
		line->refunded = v[3];
		line->refunded_quantity = v[4];
		memcpy(line->consumed, v + 5, sizeof(line->consumed));
		memcpy(line->parts, v + 5 + SC_PART_COUNT, sizeof(line->parts));
		if (line->quantity < 1 || line->quantity > SC_MAX_QUANTITY)
			refuse_row(rows, row + 1,
					   psprintf("The quantity is %lld; it must be between 1 and %d.",
								(long long) line->quantity, SC_MAX_QUANTITY));
		refundable += line->refundable;
		for (int part = 0; part < SC_PART_COUNT; part++)
		{
			if (part < SC_SELLER_PART_COUNT)
				seller_money += line->parts[part];
			else
				platform_income += line->parts[part];
		}
	}
	refuse_overflow(refundable, "refundable amount");
	refuse_overflow(seller_money, "seller money");
	refuse_overflow(platform_income, "commission and tax");
	return keys;
}

/* read_refunds unpacks the refunds; they stay in posting order. */
static KeyIndex *
read_refunds(const Rows *rows, ScRefundInput *input)
{
	static const char *const names[REFUND_COLUMNS] = {
		"refund key", "kind", "fixed amount", "return label's cost",
		"seller's weight", "carrier's weight", "platform's weight"
	};

	input->refund_count = rows->count;
	input->refunds = palloc0(Max(rows->count, 1) * sizeof(ScRefund));
	for (int i = 0; i < rows->count; i++)
	{
		const int64 *v = rows->values + (size_t) i * REFUND_COLUMNS;
		ScRefund   *refund = &input->refunds[i];

		refuse_negative(rows, i, 1, names);
		if (v[1] >= SC_REFUND_KIND_COUNT)
			refuse_row(rows, i + 1,
					   psprintf("The kind is %lld; it must be 0 (full), 1 (fixed amount), 2 (return label only) or 3 (pro rata).",
								(long long) v[1]));
		if (v[4] == 0 && v[5] == 0 && v[6] == 0)
			refuse_row(rows, i + 1, "Nobody bears the charge: all weights are zero.");
		refund->refund_key = v[0];
		refund->kind = (ScRefundKind) v[1];
		refund->fixed_amount = v[2];
		refund->return_label_cost = v[3];
		refund->weights[SC_BEARER_SELLER] = v[4];
		refund->weights[SC_BEARER_CARRIER] = v[5];
		refund->weights[SC_BEARER_PLATFORM] = v[6];
	}
	return index_keys(rows);
}

static int
compare_refund_lines(const void *left, const void *right)
{
	const ScRefundLine *a = left;
	const ScRefundLine *b = right;

	if (a->refund != b->refund)
		return a->refund < b->refund ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

/* read_refund_line resolves one row's keys and checks its quantity. */
static ScRefundLine
read_refund_line(const Rows *rows, int row, const ScRefundInput *input,
				 const KeyIndex *line_keys, const KeyIndex *refund_keys)
{
	const int64 *v = rows->values + (size_t) row * REFUND_LINE_COLUMNS;
	ScRefundLine result = {0};
	int			found = find_key(refund_keys, input->refund_count, v[0]);

	if (found < 0)
		refuse_row(rows, row + 1,
				   psprintf("There is no refund %lld.", (long long) v[0]));
	result.refund = refund_keys[found].index;
	result.line = find_key(line_keys, input->line_count, v[1]);
	if (result.line < 0)
		refuse_row(rows, row + 1,
				   psprintf("There is no order line %lld.", (long long) v[1]));
	result.quantity = v[2];
	if (v[2] < 1 || v[2] > input->lines[result.line].quantity)
		refuse_row(rows, row + 1,
				   psprintf("The quantity is %lld; it must be between 1 and the line's %lld.",
							(long long) v[2],
							(long long) input->lines[result.line].quantity));
	return result;
}

/* read_refund_lines groups the rows by refund, and by line within it. */
static void
read_refund_lines(const Rows *rows, ScRefundInput *input,
				  const KeyIndex *line_keys, const KeyIndex *refund_keys)
{
	ScRefundLine *lines = palloc(Max(rows->count, 1) * sizeof(ScRefundLine));

	for (int i = 0; i < rows->count; i++)
		lines[i] = read_refund_line(rows, i, input, line_keys, refund_keys);
	qsort(lines, rows->count, sizeof(ScRefundLine), compare_refund_lines);

	for (int i = 0; i < rows->count; i++)
	{
		ScRefund   *refund = &input->refunds[lines[i].refund];

		if (i > 0 && compare_refund_lines(&lines[i], &lines[i - 1]) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("duplicate rows in argument \"%s\"", rows->name),
					 errdetail("Refund %lld has order line %lld twice.",
							   (long long) refund->refund_key,
							   (long long) input->lines[lines[i].line].line_number)));
		if (refund->line_count++ == 0)
			refund->lines = &lines[i];
	}
	input->refund_lines = lines;
	input->refund_line_count = rows->count;
	input->scratch = palloc(Max(rows->count, 1) * sizeof(ScShare));
}

/*
 * sc_read_refund_input unpacks and checks the three arguments of a refund
 * function.
 */
ScRefundInput
sc_read_refund_input(FunctionCallInfo fcinfo)
{
	ScRefundInput input = {0};
	Rows		lines = read_rows(PG_GETARG_ARRAYTYPE_P(0), "lines",
								  LINE_COLUMNS);
	Rows		refunds = read_rows(PG_GETARG_ARRAYTYPE_P(1), "refunds",
									REFUND_COLUMNS);
	Rows		refund_lines = read_rows(PG_GETARG_ARRAYTYPE_P(2),
										 "refund_lines", REFUND_LINE_COLUMNS);
	KeyIndex   *line_keys = read_lines(&lines, &input);
	KeyIndex   *refund_keys = read_refunds(&refunds, &input);

	read_refund_lines(&refund_lines, &input, line_keys, refund_keys);
	for (int i = 0; i < input.refund_count; i++)
	{
		if (input.refunds[i].line_count == 0 &&
			input.refunds[i].kind != SC_REFUND_LABEL_ONLY)
			refuse_row(&refunds, i + 1, "The refund has no lines.");
	}
	return input;
}
