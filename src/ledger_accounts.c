/*
 * ledger_accounts.c
 *		The kinds of accounts for SQL.
 */
#include "compat.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "ledger.h"

/* sc_ledger_accounts lists them: _ledger_accounts(). */
PG_FUNCTION_INFO_V1(sc_ledger_accounts);
Datum
sc_ledger_accounts(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < SC_ACCOUNT_COUNT; i++)
	{
		Datum		value = CStringGetTextDatum(sc_account_name(i));
		bool		isnull = false;

		tuplestore_putvalues(result->setResult, result->setDesc, &value,
							 &isnull);
	}
	return (Datum) 0;
}

/* sc_bears_charge: _bears_charge(account text), null for no account. */
PG_FUNCTION_INFO_V1(sc_bears_charge);
Datum
sc_bears_charge(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);

	for (int i = 0; i < SC_ACCOUNT_COUNT; i++)
	{
		const char *account = sc_account_name(i);

		if (strlen(account) == VARSIZE_ANY_EXHDR(name) &&
			memcmp(account, VARDATA_ANY(name), strlen(account)) == 0)
			PG_RETURN_BOOL(sc_account_bears_charge(i));
	}
	PG_RETURN_NULL();
}
