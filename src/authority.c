/*
 * authority.c
 *		Who calls, and whether the caller is believed.
 *
 * The commands run with their owner's rights, so that current_user tells
 * nothing: what counts is the role that the session has set, or its user.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "support_case.h"

#define APPLICATION_ROLE	"support_case_app"

/* caller returns the role that called. */
static Oid
caller(void)
{
	const char *role = GetConfigOption("role", false, false);

	return strcmp(role, "none") == 0 ? GetSessionUserId() :
		get_role_oid(role, false);
}

/* table_owner returns the owner of table support_case. */
static Oid
table_owner(void)
{
	Oid			schema = get_namespace_oid("support_case", false);
	Oid			table = get_relname_relid("support_case", schema);
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * is_trusted tells whether the caller is an application, the owner of the
 * tables, or a superuser.
 */
static bool
is_trusted(void)
{
	Oid			role = caller();
	Oid			application = get_role_oid(APPLICATION_ROLE, true);
	Oid			owner;

	if (superuser_arg(role) ||
		(OidIsValid(application) && is_member_of_role(role, application)))
		return true;
	owner = table_owner();
	return OidIsValid(owner) && is_member_of_role(role, owner);
}

PG_FUNCTION_INFO_V1(sc_caller);
Datum
sc_caller(PG_FUNCTION_ARGS)
{
	Name		name = palloc0(NAMEDATALEN);

	namestrcpy(name, GetUserNameFromId(caller(), false));
	PG_RETURN_NAME(name);
}

PG_FUNCTION_INFO_V1(sc_is_trusted);
Datum
sc_is_trusted(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(is_trusted());
}

/*
 * sc_is_unrestricted tells whether the caller is trusted and has not said,
 * with a setting, for whom it acts.
 */
PG_FUNCTION_INFO_V1(sc_is_unrestricted);
Datum
sc_is_unrestricted(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!sc_acts_for_a_party() && is_trusted());
}

/* An application says who acted; a direct user is who connected. */
PG_FUNCTION_INFO_V1(sc_acting_id);
Datum
sc_acting_id(PG_FUNCTION_ARGS)
{
	if (!is_trusted())
		PG_RETURN_TEXT_P(cstring_to_text(GetUserNameFromId(caller(), false)));
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}
