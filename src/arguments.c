/*
 * arguments.c
 *		What every command checks of its arguments.
 */
#include "support_case.h"

#include "catalog/pg_collation.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

/* argument_name returns what the caller calls the value. */
static const char *
argument_name(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(1) ? "value" : text_to_cstring(PG_GETARG_TEXT_PP(1));
}

/* require refuses a null. */
static void
require(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null",
						argument_name(fcinfo)),
				 errhint("Pass a value for %s.", argument_name(fcinfo))));
}

/* sc_require is _require(value, argument) of SQL. */
PG_FUNCTION_INFO_V1(sc_require);
Datum
sc_require(PG_FUNCTION_ARGS)
{
	require(fcinfo);
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* is_visible tells whether some character of a text is no white space. */
static bool
is_visible(text *value)
{
	return DatumGetBool(DirectFunctionCall2Coll(textregexeq,
												DEFAULT_COLLATION_OID,
												PointerGetDatum(value),
												CStringGetTextDatum("[^[:space:]]")));
}

/* sc_check_text is _check_text(value, argument, max_length) of SQL. */
PG_FUNCTION_INFO_V1(sc_check_text);
Datum
sc_check_text(PG_FUNCTION_ARGS)
{
	int			max_length = PG_GETARG_INT32(2);
	text	   *value;
	int			length;
	bool		shown;

	require(fcinfo);
	value = PG_GETARG_TEXT_PP(0);
	length = pg_mbstrlen_with_len(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	shown = is_visible(value);
	if (!shown || length > max_length)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must have 1 to %d characters",
						argument_name(fcinfo), max_length),
				 errdetail("It has %d characters%s.", length,
						   shown ? "" : ", none of them visible"),
				 errhint("Shorten it, or say something.")));
	PG_RETURN_TEXT_P(value);
}
