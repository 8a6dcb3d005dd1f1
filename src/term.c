/*
 * term.c
 *		Type term: one amount and its unit, such as 48 business hours.
 *
 * Not an interval: PostgreSQL holds '48 hours' and '2 days' equal.  Terms are
 * equal when unit and amount are; between units there is no order that means
 * anything, so that there is no operator <, only one that sorts.
 */
#include "compat.h"

#include "common/hashfn.h"
#include "common/int.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "term.h"

StaticAssertDecl(sizeof(Term) == 16, "type term is declared with 16 bytes");

/*
 * Minutes and hours are kept in microseconds.  Only finite decimal fractions
 * of them come in by text, which are the multiples of grain microseconds
 * with up to digits decimals.
 */
typedef struct UnitName
{
	const char *name;
	const char *abbreviation;
	int64		size;
	int64		grain;
	int			digits;
} UnitName;

static const UnitName unit_names[] = {
	[TERM_BUSINESS_MINUTES] = {"business minute", "bmin", USECS_PER_MINUTE, 3, 8},
	[TERM_BUSINESS_HOURS] = {"business hour", "bh", USECS_PER_HOUR, 9, 10},
	[TERM_BUSINESS_DAYS] = {"business day", "bd", 1, 1, 0},
	[TERM_MINUTES] = {"minute", "min", USECS_PER_MINUTE, 3, 8},
	[TERM_HOURS] = {"hour", "h", USECS_PER_HOUR, 9, 10},
	[TERM_DAYS] = {"day", "d", 1, 1, 0},
};

StaticAssertDecl(lengthof(unit_names) == TERM_UNIT_COUNT,
				 "every unit has a name");

/* How reading a term can fail. */
typedef enum TermError
{
	TERM_OK,
	TERM_BAD_SYNTAX,
	TERM_BAD_UNIT,
	TERM_INEXACT,
	TERM_OVERFLOW
} TermError;

/* The parts of a term's text: sign, digits before and after the point. */
typedef struct TermText
{
	bool		negative;
	const char *whole;
	int			whole_digits;
	const char *fraction;
	int			fraction_digits;
} TermText;

#define MAX_UNIT_TEXT 32

/* How much of a bad input an error message repeats. */
#define MAX_QUOTED_TEXT 64

static const char *
skip_space(const char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
		at++;
	return at;
}

/* scan_digits counts the decimal digits at a place. */
static int
scan_digits(const char *at)
{
	int			count = 0;

	while (at[count] >= '0' && at[count] <= '9')
		count++;
	return count;
}

/* scan_number splits the number at the start; NULL when there is none. */
static const char *
scan_number(const char *at, TermText *text)
{
	text->negative = (*at == '-');
	if (*at == '-' || *at == '+')
		at++;
	text->whole = at;
	text->whole_digits = scan_digits(at);
	at += text->whole_digits;
	text->fraction = at;
	text->fraction_digits = 0;
	if (text->whole_digits == 0)
		return NULL;
	if (*at == '.')
	{
		text->fraction = at + 1;
		text->fraction_digits = scan_digits(at + 1);
		if (text->fraction_digits == 0)
			return NULL;
		at += 1 + text->fraction_digits;
	}
	return at;
}

/*
 * scan_unit reads the unit, in any case and spacing, up to the end of the
 * text; -1 when there is no such unit.
 */
static int
scan_unit(const char *at)
{
	char		word[MAX_UNIT_TEXT];
	int			length = 0;

	at = skip_space(at);
	while (*at != '\0')
	{
		const char *rest = skip_space(at);

		if (rest > at)
		{
			if (*rest == '\0')
				break;
			at = rest - 1;
		}
		if (length + 1 >= MAX_UNIT_TEXT)
			return -1;
		word[length++] = rest > at ? ' ' :
			pg_ascii_tolower((unsigned char) *at);
		at++;
	}
	word[length] = '\0';

	for (int unit = 0; unit < TERM_UNIT_COUNT; unit++)
	{
		const char *name = unit_names[unit].name;
		size_t		name_length = strlen(name);

		if (strcmp(word, unit_names[unit].abbreviation) == 0)
			return unit;
		if (strncmp(word, name, name_length) == 0 &&
			(word[name_length] == '\0' ||
			 strcmp(word + name_length, "s") == 0))
			return unit;
	}
	return -1;
}

/*
 * fraction_amount turns the digits after the point into microseconds, with
 * the sum kept in units of 10^-digits of the unit: size / grain is a divisor
 * of 10^digits, so that whatever is exact stays exact.
 */
static TermError
fraction_amount(const TermText *text, const UnitName *unit, int64 *amount)
{
	int64		sum = 0;
	int64		scale = 1;

	for (int i = 0; i < unit->digits; i++)
	{
		sum *= 10;
		scale *= 10;
		if (i < text->fraction_digits)
			sum += text->fraction[i] - '0';
	}
	for (int i = unit->digits; i < text->fraction_digits; i++)
		if (text->fraction[i] != '0')
			return TERM_INEXACT;
	/* One grain is scale / (size / grain) of these units. */
	scale /= unit->size / unit->grain;
	if (sum % scale != 0)
		return TERM_INEXACT;
	*amount = sum / scale * unit->grain;
	return TERM_OK;
}

static TermError
read_term(const char *at, Term *term)
{
	TermText	text;
	const UnitName *unit;
	int64		amount = 0;
	int64		fraction;
	TermError	error;

	at = scan_number(skip_space(at), &text);
	if (at == NULL)
		return TERM_BAD_SYNTAX;
	memset(term, 0, sizeof(Term));
	term->unit = scan_unit(at);
	if (term->unit < 0)
		return TERM_BAD_UNIT;
	unit = &unit_names[term->unit];
	if (text.fraction_digits > 0 && unit->digits == 0)
		return TERM_INEXACT;

	/* Counting downwards, the least int64 can be read as well. */
	for (int i = 0; i < text.whole_digits; i++)
		if (pg_mul_s64_overflow(amount, 10, &amount) ||
			pg_sub_s64_overflow(amount, text.whole[i] - '0', &amount))
			return TERM_OVERFLOW;
	error = fraction_amount(&text, unit, &fraction);
	if (error != TERM_OK)
		return error;
	if (pg_mul_s64_overflow(amount, unit->size, &amount) ||
		pg_sub_s64_overflow(amount, fraction, &amount) ||
		(!text.negative && pg_sub_s64_overflow(0, amount, &amount)))
		return TERM_OVERFLOW;
	term->amount = amount;
	return TERM_OK;
}

bool
sc_term_parse(const char *text, Term *term, Node *escontext)
{
	int			shown = pg_mbcliplen(text, strlen(text), MAX_QUOTED_TEXT);

	switch (read_term(text, term))
	{
		case TERM_OK:
			return true;
		case TERM_BAD_SYNTAX:
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%.*s\"",
							"term", shown, text),
					 errhint("A term is one number and one unit, such as \"48 business hours\" or \"14 days\".")));
		case TERM_BAD_UNIT:
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%.*s\"",
							"term", shown, text),
					 errdetail("The unit is missing or unknown."),
					 errhint("Units are business days (bd), business hours (bh), business minutes (bmin), days (d), hours (h) and minutes (min).")));
		case TERM_INEXACT:
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%.*s\"",
							"term", shown, text),
					 errdetail("Days are whole numbers, and hours and minutes are exact in microseconds."),
					 errhint("Use a smaller unit or fewer decimals.")));
		case TERM_OVERFLOW:
			ereturn(escontext, false,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("term out of range: \"%.*s\"", shown, text),
					 errhint("Use a shorter term.")));
	}
	return false;				/* not reached */
}

char *
sc_term_text(const Term *term)
{
	const UnitName *unit = &unit_names[term->unit];
	uint64		amount = term->amount < 0 ?
		(uint64) 0 - (uint64) term->amount : (uint64) term->amount;
	uint64		whole = amount / (uint64) unit->size;
	uint64		fraction = amount % (uint64) unit->size;
	bool		singular = (amount == (uint64) unit->size);
	char		digits[16] = "";

	if (fraction != 0)
	{
		uint64		scale = 1;
		int			length;

		for (int i = 0; i < unit->digits; i++)
			scale *= 10;
		scale /= (uint64) (unit->size / unit->grain);
		length = snprintf(digits, sizeof(digits), ".%0*llu", unit->digits,
						  (unsigned long long) (fraction / (uint64) unit->grain * scale));
		while (digits[length - 1] == '0')
			digits[--length] = '\0';
	}
	return psprintf("%s%llu%s %s%s", term->amount < 0 ? "-" : "",
					(unsigned long long) whole, digits, unit->name,
					singular ? "" : "s");
}

/* ---------- input and output ---------- */

PG_FUNCTION_INFO_V1(sc_term_in);
Datum
sc_term_in(PG_FUNCTION_ARGS)
{
	Term	   *term = palloc(sizeof(Term));

	if (!sc_term_parse(PG_GETARG_CSTRING(0), term, SC_ESCONTEXT(fcinfo)))
		PG_RETURN_NULL();
	PG_RETURN_TERM_P(term);
}

PG_FUNCTION_INFO_V1(sc_term_out);
Datum
sc_term_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(sc_term_text(PG_GETARG_TERM_P(0)));
}

/*
 * On the wire: the amount (microseconds, or days) as int64 and the unit as
 * int32.
 */
PG_FUNCTION_INFO_V1(sc_term_recv);
Datum
sc_term_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	Term	   *term = palloc0(sizeof(Term));

	term->amount = pq_getmsgint64(buffer);
	term->unit = (int32) pq_getmsgint(buffer, 4);
	if (term->unit < 0 || term->unit >= TERM_UNIT_COUNT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid unit %d in external \"%s\" value",
						term->unit, "term")));
	if (term->amount % unit_names[term->unit].grain != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid amount in external \"%s\" value", "term"),
				 errdetail("An amount of minutes is a multiple of 3 microseconds, of hours of 9: others have no decimal notation.")));
	PG_RETURN_TERM_P(term);
}

PG_FUNCTION_INFO_V1(sc_term_send);
Datum
sc_term_send(PG_FUNCTION_ARGS)
{
	const Term *term = PG_GETARG_TERM_P(0);
	StringInfoData buffer;

	pq_begintypsend(&buffer);
	pq_sendint64(&buffer, term->amount);
	pq_sendint32(&buffer, term->unit);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}

/* ---------- comparison ---------- */

/* compare_terms orders by unit, then by amount. */
static int
compare_terms(FunctionCallInfo fcinfo)
{
	const Term *a = PG_GETARG_TERM_P(0);
	const Term *b = PG_GETARG_TERM_P(1);

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	return (a->amount > b->amount) - (a->amount < b->amount);
}

PG_FUNCTION_INFO_V1(sc_term_cmp);
Datum
sc_term_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_terms(fcinfo));
}

PG_FUNCTION_INFO_V1(sc_term_eq);
Datum
sc_term_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_terms(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(sc_term_ne);
Datum
sc_term_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_terms(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(sc_term_lt);
Datum
sc_term_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_terms(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(sc_term_le);
Datum
sc_term_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_terms(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(sc_term_ge);
Datum
sc_term_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_terms(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(sc_term_gt);
Datum
sc_term_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_terms(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(sc_term_hash);
Datum
sc_term_hash(PG_FUNCTION_ARGS)
{
	return hash_any((const unsigned char *) PG_GETARG_TERM_P(0), sizeof(Term));
}

PG_FUNCTION_INFO_V1(sc_term_hash_extended);
Datum
sc_term_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((const unsigned char *) PG_GETARG_TERM_P(0),
							 sizeof(Term), PG_GETARG_INT64(1));
}
