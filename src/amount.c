/*
 * amount.c
 *		The type amount, money in a currency, and the way between decimal
 *		numbers and minor units.
 *
 * Sixteen bytes without stray padding, so that equal amounts are equal bytes.
 * The total order is by currency, then by value: what an index and DISTINCT
 * need.  Arithmetic never mixes currencies.
 */
#include "support_case.h"

#include "common/hashfn.h"
#include "common/int.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "amount.h"
#include "currency.h"

typedef struct Amount
{
	int64		minor;			/* minor units, never PG_INT64_MIN */
	char		currency[8];	/* ISO 4217 code, padded with zeros */
} Amount;

StaticAssertDecl(sizeof(Amount) == 16, "the type's length in SQL");

#define PG_GETARG_AMOUNT(n) ((Amount *) PG_GETARG_POINTER(n))

static Amount *
make_amount(int64 minor, const ScCurrency *currency)
{
	Amount	   *result = palloc0(sizeof(Amount));

	result->minor = minor;
	memcpy(result->currency, currency->code, SC_CURRENCY_LENGTH);
	return result;
}

/* currency_of_amount looks up the currency of a stored amount. */
static const ScCurrency *
currency_of_amount(const Amount *amount)
{
	const ScCurrency *currency = sc_find_currency(amount->currency,
												  SC_CURRENCY_LENGTH);

	if (currency == NULL)
		elog(ERROR, "amount in unknown currency \"%.3s\"", amount->currency);
	return currency;
}

/* How much of an unknown code a message repeats. */
#define MAX_NAMED_CODE 64

/* find_currency looks up a currency argument. */
static const ScCurrency *
find_currency(text *code)
{
	const ScCurrency *currency = sc_find_currency(VARDATA_ANY(code),
												  VARSIZE_ANY_EXHDR(code));

	if (currency == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown currency \"%.*s\"",
						pg_mbcliplen(VARDATA_ANY(code),
									 VARSIZE_ANY_EXHDR(code), MAX_NAMED_CODE),
						VARDATA_ANY(code)),
				 errhint("Give an active ISO 4217 code in upper case; currencies() lists them.")));
	return currency;
}

/* ---------- decimal numbers and minor units ---------- */

/* numeric_to_minor converts exactly; argument is what to call the value. */
static int64
numeric_to_minor(Numeric value, const ScCurrency *currency,
				 const char *argument)
{
	char	   *number = DatumGetCString(DirectFunctionCall1(numeric_out,
															 NumericGetDatum(value)));
	const char *end;
	char		largest[SC_DECIMAL_LENGTH];
	int64		minor = 0;

	switch (sc_parse_decimal(number, currency->exponent, &minor, &end))
	{
		case SC_DECIMAL_OK:
			break;
		case SC_DECIMAL_MALFORMED:	/* NaN and the infinities */
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument \"%s\" is not an amount", argument),
					 errdetail("The value is %s.", number),
					 errhint("Pass a number in major units of the currency, such as 12.34.")));
			break;
		case SC_DECIMAL_TOO_PRECISE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument \"%s\" has too many decimals", argument),
					 errdetail("An amount in %s has at most %d decimals.",
							   currency->code, currency->exponent),
					 errhint("Round it first: amounts are never rounded here.")));
			break;
		case SC_DECIMAL_OUT_OF_RANGE:
			sc_format_decimal(PG_INT64_MAX, currency->exponent, largest);
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("argument \"%s\" is out of range", argument),
					 errdetail("The largest amount in %s is %s.",
							   currency->code, largest),
					 errhint("Pass the amount in major units of the currency.")));
			break;
	}
	pfree(number);
	return minor;
}

/* sc_numeric_to_minor does so for a currency that is named. */
int64
sc_numeric_to_minor(Numeric value, text *currency, const char *argument)
{
	return numeric_to_minor(value, find_currency(currency), argument);
}

/* sc_to_minor is _to_minor(value, currency, argument) of SQL. */
PG_FUNCTION_INFO_V1(sc_to_minor);
Datum
sc_to_minor(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(sc_numeric_to_minor(PG_GETARG_NUMERIC(0),
										PG_GETARG_TEXT_PP(1),
										text_to_cstring(PG_GETARG_TEXT_PP(2))));
}

/* sc_to_major is _to_major(minor, currency) of SQL. */
PG_FUNCTION_INFO_V1(sc_to_major);
Datum
sc_to_major(PG_FUNCTION_ARGS)
{
	const ScCurrency *currency = find_currency(PG_GETARG_TEXT_PP(1));

	PG_RETURN_NUMERIC(int64_div_fast_to_numeric(PG_GETARG_INT64(0),
												currency->exponent));
}

/* sc_currencies is currencies() of SQL. */
PG_FUNCTION_INFO_V1(sc_currencies);
Datum
sc_currencies(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			count;
	const ScCurrency *currencies = sc_all_currencies(&count);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < count; i++)
	{
		bool		nulls[2] = {false};
		Datum		values[2];

		values[0] = CStringGetTextDatum(currencies[i].code);
		values[1] = Int32GetDatum(currencies[i].exponent);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
							 values, nulls);
	}
	return (Datum) 0;
}

/* ---------- text and binary form ---------- */

static const char *
skip_spaces(const char *text)
{
	while (*text == ' ' || (*text >= '\t' && *text <= '\r'))
		text++;
	return text;
}

/* sc_amount_in reads a decimal number, space and a currency: 12.34 EUR. */
PG_FUNCTION_INFO_V1(sc_amount_in);
Datum
sc_amount_in(PG_FUNCTION_ARGS)
{
	const char *input = PG_GETARG_CSTRING(0);
	const char *number = skip_spaces(input);
	const char *end;
	const char *code;
	size_t		code_length;
	const ScCurrency *currency;
	int64		minor = 0;

	/* The currency comes last but says how to read the number. */
	for (end = number; *end != '\0' && skip_spaces(end) == end; end++)
		;
	code = skip_spaces(end);
	code_length = strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (code == end || code_length == 0 ||
		*skip_spaces(code + code_length) != '\0')
		goto malformed;
	currency = sc_find_currency(code, code_length);
	if (currency == NULL)
		ereturn(SC_ESCONTEXT(fcinfo), (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "amount", input),
				 errdetail("There is no currency \"%.*s\".", (int) code_length, code)));

	switch (sc_parse_decimal(number, currency->exponent, &minor, &end))
	{
		case SC_DECIMAL_OK:
			break;
		case SC_DECIMAL_MALFORMED:
			goto malformed;
		case SC_DECIMAL_TOO_PRECISE:
			ereturn(SC_ESCONTEXT(fcinfo), (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%s\"", "amount", input),
					 errdetail("An amount in %s has at most %d decimals.",
							   currency->code, currency->exponent)));
		case SC_DECIMAL_OUT_OF_RANGE:
			ereturn(SC_ESCONTEXT(fcinfo), (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("value \"%s\" is out of range for type %s", input, "amount")));
	}
	if (skip_spaces(end) == end)
		goto malformed;
	PG_RETURN_POINTER(make_amount(minor, currency));

malformed:
	ereturn(SC_ESCONTEXT(fcinfo), (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"", "amount", input),
			 errdetail("An amount is a decimal number, a space and an ISO 4217 code, such as 12.34 EUR.")));
}

PG_FUNCTION_INFO_V1(sc_amount_out);
Datum
sc_amount_out(PG_FUNCTION_ARGS)
{
	const Amount *amount = PG_GETARG_AMOUNT(0);
	const ScCurrency *currency = currency_of_amount(amount);
	char	   *result = palloc(SC_DECIMAL_LENGTH + 1 + SC_CURRENCY_LENGTH);
	int			length = sc_format_decimal(amount->minor, currency->exponent,
										   result);

	result[length++] = ' ';
	memcpy(result + length, currency->code, SC_CURRENCY_LENGTH + 1);
	PG_RETURN_CSTRING(result);
}

/* sc_amount_recv accepts exactly what amount_in would. */
PG_FUNCTION_INFO_V1(sc_amount_recv);
Datum
sc_amount_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int64		minor = pq_getmsgint64(message);
	const char *code = pq_getmsgbytes(message, SC_CURRENCY_LENGTH);
	const ScCurrency *currency = sc_find_currency(code, SC_CURRENCY_LENGTH);

	if (currency == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid currency in external \"%s\" value", "amount")));
	if (minor == PG_INT64_MIN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("minor units out of range in external \"%s\" value", "amount")));
	PG_RETURN_POINTER(make_amount(minor, currency));
}

PG_FUNCTION_INFO_V1(sc_amount_send);
Datum
sc_amount_send(PG_FUNCTION_ARGS)
{
	const Amount *amount = PG_GETARG_AMOUNT(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint64(&message, amount->minor);
	pq_sendbytes(&message, amount->currency, SC_CURRENCY_LENGTH);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* ---------- constructor and parts ---------- */

PG_FUNCTION_INFO_V1(sc_amount);
Datum
sc_amount(PG_FUNCTION_ARGS)
{
	const ScCurrency *currency = find_currency(PG_GETARG_TEXT_PP(1));

	PG_RETURN_POINTER(make_amount(numeric_to_minor(PG_GETARG_NUMERIC(0),
												   currency, "value"),
								  currency));
}

PG_FUNCTION_INFO_V1(sc_minor_units);
Datum
sc_minor_units(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_AMOUNT(0)->minor);
}

PG_FUNCTION_INFO_V1(sc_major_units);
Datum
sc_major_units(PG_FUNCTION_ARGS)
{
	const Amount *amount = PG_GETARG_AMOUNT(0);

	PG_RETURN_NUMERIC(int64_div_fast_to_numeric(amount->minor,
												currency_of_amount(amount)->exponent));
}

PG_FUNCTION_INFO_V1(sc_currency_of);
Datum
sc_currency_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text_with_len(PG_GETARG_AMOUNT(0)->currency,
											  SC_CURRENCY_LENGTH));
}

/* ---------- arithmetic ---------- */

/* new_minor is the result of an operation on amounts of one currency. */
static Datum
new_minor(const Amount *like, int64 minor, bool overflow)
{
	Amount	   *result;

	if (overflow || minor == PG_INT64_MIN)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("amount out of range")));
	result = palloc(sizeof(Amount));
	*result = *like;
	result->minor = minor;
	PG_RETURN_POINTER(result);
}

static void
check_same_currency(const Amount *left, const Amount *right)
{
	if (memcmp(left->currency, right->currency, sizeof(left->currency)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("amounts are in different currencies"),
				 errdetail("One is in %.3s, the other in %.3s.",
						   left->currency, right->currency),
				 errhint("There is no conversion between currencies.")));
}

PG_FUNCTION_INFO_V1(sc_amount_add);
Datum
sc_amount_add(PG_FUNCTION_ARGS)
{
	const Amount *left = PG_GETARG_AMOUNT(0);
	const Amount *right = PG_GETARG_AMOUNT(1);
	int64		minor;
	bool		overflow;

	check_same_currency(left, right);
	overflow = pg_add_s64_overflow(left->minor, right->minor, &minor);
	return new_minor(left, minor, overflow);
}

PG_FUNCTION_INFO_V1(sc_amount_subtract);
Datum
sc_amount_subtract(PG_FUNCTION_ARGS)
{
	const Amount *left = PG_GETARG_AMOUNT(0);
	const Amount *right = PG_GETARG_AMOUNT(1);
	int64		minor;
	bool		overflow;

	check_same_currency(left, right);
	overflow = pg_sub_s64_overflow(left->minor, right->minor, &minor);
	return new_minor(left, minor, overflow);
}

PG_FUNCTION_INFO_V1(sc_amount_negate);
Datum
sc_amount_negate(PG_FUNCTION_ARGS)
{
	const Amount *amount = PG_GETARG_AMOUNT(0);

	return new_minor(amount, -amount->minor, false);
}

/* ---------- order and hash ---------- */

static int
compare_amounts(FunctionCallInfo fcinfo)
{
	const Amount *left = PG_GETARG_AMOUNT(0);
	const Amount *right = PG_GETARG_AMOUNT(1);
	int			order = memcmp(left->currency, right->currency,
							   sizeof(left->currency));

	if (order != 0)
		return order;
	return (left->minor > right->minor) - (left->minor < right->minor);
}

PG_FUNCTION_INFO_V1(sc_amount_compare);
Datum
sc_amount_compare(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_amounts(fcinfo));
}

PG_FUNCTION_INFO_V1(sc_amount_eq);
Datum
sc_amount_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_amounts(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(sc_amount_ne);
Datum
sc_amount_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_amounts(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(sc_amount_lt);
Datum
sc_amount_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_amounts(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(sc_amount_le);
Datum
sc_amount_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_amounts(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(sc_amount_gt);
Datum
sc_amount_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_amounts(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(sc_amount_ge);
Datum
sc_amount_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_amounts(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(sc_amount_hash);
Datum
sc_amount_hash(PG_FUNCTION_ARGS)
{
	return hash_any((const unsigned char *) PG_GETARG_AMOUNT(0),
					sizeof(Amount));
}

PG_FUNCTION_INFO_V1(sc_amount_hash_extended);
Datum
sc_amount_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((const unsigned char *) PG_GETARG_AMOUNT(0),
							 sizeof(Amount), PG_GETARG_INT64(1));
}
