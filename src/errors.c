/*
 * errors.c
 *		The error catalogue as SQL sees it, and the way SQL raises from it.
 */
#include "support_case.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "errors.h"

typedef struct ErrorRow
{
	int			sqlstate;
	const char *condition_name;
	const char *description;
} ErrorRow;

#define ERROR_ROW(sqlstate, condition_name, description) \
	{sqlstate, condition_name, description},

static const ErrorRow error_rows[] = {
	SC_ERROR_LIST(ERROR_ROW)
};

/* sc_error_codes is error_codes() of SQL. */
PG_FUNCTION_INFO_V1(sc_error_codes);
Datum
sc_error_codes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < (int) lengthof(error_rows); i++)
	{
		const ErrorRow *row = &error_rows[i];
		bool		nulls[3] = {false};
		Datum		values[3];

		values[0] = CStringGetTextDatum(unpack_sql_state(row->sqlstate));
		values[1] = CStringGetTextDatum(row->condition_name);
		values[2] = CStringGetTextDatum(row->description);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
							 values, nulls);
	}
	return (Datum) 0;
}

/* find_sqlstate looks a condition name up in the catalogue. */
static int
find_sqlstate(const char *condition_name)
{
	for (int i = 0; i < (int) lengthof(error_rows); i++)
	{
		if (strcmp(error_rows[i].condition_name, condition_name) == 0)
			return error_rows[i].sqlstate;
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("unknown condition name \"%s\"", condition_name),
			 errhint("The function error_codes() lists the names.")));
	return 0;
}

/* text_argument returns an argument as C string, or NULL for null. */
static char *
text_argument(FunctionCallInfo fcinfo, int number)
{
	if (PG_ARGISNULL(number))
		return NULL;
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

/*
 * sc_raise is _raise() of SQL: condition name, message, detail, hint, and the
 * names of schema, table and constraint; all but the first two may be null.
 */
PG_FUNCTION_INFO_V1(sc_raise);
Datum
sc_raise(PG_FUNCTION_ARGS)
{
	enum
	{
		CONDITION_NAME, MESSAGE, DETAIL, HINT, SCHEMA, TABLE, CONSTRAINT,
		ARGUMENT_COUNT
	};
	char	   *text[ARGUMENT_COUNT];
	int			sqlstate;

	for (int i = 0; i < ARGUMENT_COUNT; i++)
		text[i] = text_argument(fcinfo, i);
	if (text[CONDITION_NAME] == NULL || text[MESSAGE] == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("condition name and message must not be null")));
	sqlstate = find_sqlstate(text[CONDITION_NAME]);

	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg_internal("%s", text[MESSAGE]),
			 text[DETAIL] ? errdetail_internal("%s", text[DETAIL]) : 0,
			 text[HINT] ? errhint("%s", text[HINT]) : 0,
			 text[SCHEMA] ?
			 err_generic_string(PG_DIAG_SCHEMA_NAME, text[SCHEMA]) : 0,
			 text[TABLE] ?
			 err_generic_string(PG_DIAG_TABLE_NAME, text[TABLE]) : 0,
			 text[CONSTRAINT] ?
			 err_generic_string(PG_DIAG_CONSTRAINT_NAME, text[CONSTRAINT]) : 0));
	PG_RETURN_VOID();
}
