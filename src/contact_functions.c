/*
 * contact_functions.c
 *		Contact data for SQL: find it, mask it; and the keyed hash that relay
 *		addresses are made with.
 */
#include "support_case.h"

#include "common/hmac.h"
#include "common/sha2.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "contact_data.h"

/* What a masked occurrence becomes; none is shorter. */
#define MASK "***"

static ScContactScan
begin_scan(text *body)
{
	ScContactScan scan = {0};

	scan.text = VARDATA_ANY(body);
	scan.length = VARSIZE_ANY_EXHDR(body);
	return scan;
}

/* sc_find_contact_data is _find_contact_data() of SQL. */
PG_FUNCTION_INFO_V1(sc_find_contact_data);
Datum
sc_find_contact_data(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ScContactScan scan = begin_scan(PG_GETARG_TEXT_PP(0));
	ScContact	contact;
	size_t		counted = 0;
	int			character = 1;

	InitMaterializedSRF(fcinfo, 0);
	while (sc_next_contact(&scan, &contact))
	{
		bool		nulls[3] = {false};
		Datum		values[3];
		int			length;

		CHECK_FOR_INTERRUPTS();
		character += pg_mbstrlen_with_len(scan.text + counted,
										  contact.start - counted);
		length = pg_mbstrlen_with_len(scan.text + contact.start,
									  contact.end - contact.start);
		values[0] = CStringGetTextDatum(sc_contact_kind_name(contact.kind));
		values[1] = Int32GetDatum(character);
		values[2] = Int32GetDatum(length);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
							 values, nulls);
		character += length;
		counted = contact.end;
	}
	return (Datum) 0;
}

/* sc_has_contact_data is _has_contact_data() of SQL. */
PG_FUNCTION_INFO_V1(sc_has_contact_data);
Datum
sc_has_contact_data(PG_FUNCTION_ARGS)
{
	ScContactScan scan = begin_scan(PG_GETARG_TEXT_PP(0));
	ScContact	contact;

	PG_RETURN_BOOL(sc_next_contact(&scan, &contact));
}

/* holds_address tells an email address, and a link with one in it. */
static bool
holds_address(const ScContactScan *scan, const ScContact *contact)
{
	return contact->kind == SC_CONTACT_EMAIL ||
		(contact->kind == SC_CONTACT_LINK &&
		 memchr(scan->text + contact->start, '@',
				contact->end - contact->start) != NULL);
}

/* sc_mask_contact_data is _mask_contact_data() of SQL. */
PG_FUNCTION_INFO_V1(sc_mask_contact_data);
Datum
sc_mask_contact_data(PG_FUNCTION_ARGS)
{
	ScContactScan scan = begin_scan(PG_GETARG_TEXT_PP(0));
	bool		emails_only = PG_GETARG_BOOL(1);
	ScContact	contact;
	size_t		copied = 0;
	StringInfoData masked;

	initStringInfo(&masked);
	while (sc_next_contact(&scan, &contact))
	{
		CHECK_FOR_INTERRUPTS();
		if (emails_only && !holds_address(&scan, &contact))
			continue;
		appendBinaryStringInfo(&masked, scan.text + copied,
							   contact.start - copied);
		appendStringInfoString(&masked, MASK);
		copied = contact.end;
	}
	appendBinaryStringInfo(&masked, scan.text + copied, scan.length - copied);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(masked.data, masked.len));
}

/* sc_hmac_sha256 is _hmac_sha256() of SQL. */
PG_FUNCTION_INFO_V1(sc_hmac_sha256);
Datum
sc_hmac_sha256(PG_FUNCTION_ARGS)
{
	bytea	   *message = PG_GETARG_BYTEA_PP(0);
	bytea	   *key = PG_GETARG_BYTEA_PP(1);
	bytea	   *result = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	pg_hmac_ctx *context = pg_hmac_create(PG_SHA256);

	SET_VARSIZE(result, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	if (context == NULL ||
		pg_hmac_init(context, (const uint8 *) VARDATA_ANY(key),
					 VARSIZE_ANY_EXHDR(key)) < 0 ||
		pg_hmac_update(context, (const uint8 *) VARDATA_ANY(message),
					   VARSIZE_ANY_EXHDR(message)) < 0 ||
		pg_hmac_final(context, (uint8 *) VARDATA(result),
					  PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not compute a keyed hash: %s",
			 pg_hmac_error(context));
	pg_hmac_free(context);
	PG_RETURN_BYTEA_P(result);
}
