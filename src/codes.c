/*
 * codes.c
 *		The codes that columns may hold, for CHECK constraints.
 *
 * A statement that writes a table reads and plans the table's CHECK expressions
 * anew, which for a list of literals costs more than the row.  Here the lists
 * cost nothing.  Null passes, as in any CHECK.
 */
#include "compat.h"

#include "utils/builtins.h"

/* is_one_of tells whether an argument is null or one of a list of codes. */
static bool
is_one_of(FunctionCallInfo fcinfo, int argument, const char *const *codes,
		  int count)
{
	text	   *code;

	if (PG_ARGISNULL(argument))
		return true;
	code = PG_GETARG_TEXT_PP(argument);
	for (int i = 0; i < count; i++)
		if (strlen(codes[i]) == VARSIZE_ANY_EXHDR(code) &&
			memcmp(codes[i], VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code)) == 0)
			return true;
	return false;
}

/* is_code tells whether an argument is a certain code. */
static bool
is_code(FunctionCallInfo fcinfo, int argument, const char *code)
{
	return !PG_ARGISNULL(argument) &&
		is_one_of(fcinfo, argument, &code, 1);
}

#define IS_ONE_OF(argument, ...) \
	is_one_of(fcinfo, (argument), (const char *const[]) {__VA_ARGS__}, \
			  lengthof(((const char *const[]) {__VA_ARGS__})))

/*
 * sc_are_case_codes: _are_case_codes(routed_because text, return_destination
 * text, liability text, escalated_after text, platform_ruling text).
 */
PG_FUNCTION_INFO_V1(sc_are_case_codes);
Datum
sc_are_case_codes(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(IS_ONE_OF(0, "seller", "seller_not_enabled",
							 "reason_not_covered", "consumable_excluded",
							 "beyond_seller", "guarantee_claim",
							 "platform_fulfilled") &&
				   IS_ONE_OF(1, "seller", "platform") &&
				   IS_ONE_OF(2, "seller", "platform", "carrier", "split") &&
				   IS_ONE_OF(3, "silence", "conversation", "decision") &&
				   IS_ONE_OF(4, "uphold_seller", "refund", "partial_refund"));
}

/*
 * sc_is_outbox_address: _is_outbox_address(subject text, recipient text,
 * recipient_id bigint, channel text).  The host alone gets events; platform
 * and host have no number.
 */
PG_FUNCTION_INFO_V1(sc_is_outbox_address);
Datum
sc_is_outbox_address(PG_FUNCTION_ARGS)
{
	bool		is_host = is_code(fcinfo, 1, "host");
	bool		has_number = !is_host && !is_code(fcinfo, 1, "platform");

	PG_RETURN_BOOL(IS_ONE_OF(0, "case", "order", "seller", "listing",
							 "price_offer", "carrier_claim",
							 "public_rating", "conversation") &&
				   IS_ONE_OF(1, "buyer", "seller", "platform", "member",
							 "host") &&
				   (has_number || PG_GETARG_INT64(2) == 0) &&
				   IS_ONE_OF(3, "in_app", "email", "event") &&
				   is_code(fcinfo, 3, "event") == is_host);
}

PG_FUNCTION_INFO_V1(sc_is_conversation_kind);
Datum
sc_is_conversation_kind(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(IS_ONE_OF(0, "order", "case", "seller_platform",
							 "buyer_platform"));
}

PG_FUNCTION_INFO_V1(sc_is_author);
Datum
sc_is_author(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(IS_ONE_OF(0, "buyer", "seller", "platform"));
}

PG_FUNCTION_INFO_V1(sc_is_journal_kind);
Datum
sc_is_journal_kind(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(IS_ONE_OF(0, "charge", "reversal", "settlement",
							 "claim_payment", "recharge"));
}
