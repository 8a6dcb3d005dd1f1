/*
 * support_case.c
 *		Module entry: magic block, settings and the injectable clock.
 */
#include "compat.h"

#include <ctype.h>

#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "support_case.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

static char *seller_id_setting = NULL;
static char *buyer_id_setting = NULL;
static char *now_setting = NULL;
static bool notify_outbox = false;
static TimestampTz now_override = 0;
static bool now_is_overridden = false;

static bool check_id(char **newval, void **extra, GucSource source);
static bool check_now(char **newval, void **extra, GucSource source);
static void assign_now(const char *newval, void *extra);

void
_PG_init(void)
{
	DefineCustomStringVariable("support_case.now",
							   "Overrides the clock of support_case with a fixed instant.",
							   "An instant with an explicit UTC offset, such as "
							   "2026-01-09T16:00:00-05:00; empty for the wall clock.",
							   &now_setting,
							   "",
							   PGC_SUSET,
							   GUC_NOT_IN_SAMPLE,
							   check_now,
							   assign_now,
							   NULL);
	DefineCustomStringVariable("support_case.seller_id",
							   "The seller that the application acts for.",
							   "Honoured for members of role support_case_app "
							   "only; empty for nobody in particular.",
							   &seller_id_setting, "", PGC_USERSET, 0,
							   check_id, NULL, NULL);
	DefineCustomStringVariable("support_case.buyer_id",
							   "The buyer that the application acts for.",
							   "Honoured for members of role support_case_app "
							   "only; empty for nobody in particular.",
							   &buyer_id_setting, "", PGC_USERSET, 0,
							   check_id, NULL, NULL);
	DefineCustomBoolVariable("support_case.notify_outbox",
							 "Notifies channel support_case_outbox when there is something to publish.",
							 "Transactions that notify commit one after the "
							 "other in the whole cluster.",
							 &notify_outbox, false, PGC_SUSET, 0,
							 NULL, NULL, NULL);
	MarkGUCPrefixReserved("support_case");
}

/* check_id accepts '' or the digits of a bigint. */
static bool
check_id(char **newval, void **extra, GucSource source)
{
	size_t		length = strlen(*newval);

	if (length <= 18 && strspn(*newval, "0123456789") == length)
		return true;
	GUC_check_errdetail("The value is not the id of a seller or buyer.");
	GUC_check_errhint("Set it to a positive number, or to the empty string.");
	return false;
}

/* sc_acts_for_a_party tells whether the caller says for whom it acts. */
bool
sc_acts_for_a_party(void)
{
	return *seller_id_setting != '\0' || *buyer_id_setting != '\0';
}

/* has_utc_offset tells whether an ISO 8601 instant ends in Z or an offset. */
static bool
has_utc_offset(const char *text)
{
	const char *time = strpbrk(text, "T ");

	if (time == NULL)
		return false;
	return strpbrk(time, "Z+-") != NULL;
}

/*
 * copy_without_letters writes an ISO 8601 instant with a space for T and +00
 * for Z.  False when other letters are left: names of months and zones are
 * looked up in tables that do not stand yet when a parallel worker receives
 * its settings.
 */
static bool
copy_without_letters(const char *text, char *copy, Size size)
{
	Size		length = 0;

	for (; *text != '\0'; text++)
	{
		if (length + sizeof("+00") > size)
			return false;
		if (*text == 'T' || *text == 't')
			copy[length++] = ' ';
		else if (*text == 'Z' || *text == 'z')
		{
			memcpy(copy + length, "+00", 3);
			length += 3;
		}
		else if (isalpha((unsigned char) *text))
			return false;
		else
			copy[length++] = *text;
	}
	copy[length] = '\0';
	return true;
}

/*
 * check_now accepts '' or an instant whose text fixes its UTC offset: without
 * one the value would change meaning with the session's TimeZone.
 */
static bool
check_now(char **newval, void **extra, GucSource source)
{
	TimestampTz *instant;
	char	   *fields[MAXDATEFIELDS];
	int			field_types[MAXDATEFIELDS];
	int			field_count;
	char		text[MAXDATELEN + 1];
	char		work[MAXDATELEN + MAXDATEFIELDS];
	struct pg_tm tm;
	fsec_t		fsec;
	int			zone;
	int			datetype;

	if (**newval == '\0')
		return true;

	if (!has_utc_offset(*newval))
	{
		GUC_check_errdetail("The value has no UTC offset.");
		GUC_check_errhint("Write it like 2026-01-09T16:00:00-05:00 or 2026-01-09 21:00:00Z.");
		return false;
	}

	instant = guc_malloc(LOG, sizeof(TimestampTz));
	if (instant == NULL)
		return false;
	if (!copy_without_letters(*newval, text, sizeof(text)) ||
		ParseDateTime(text, work, sizeof(work), fields, field_types,
					  MAXDATEFIELDS, &field_count) != 0 ||
		sc_decode_date_time(fields, field_types, field_count,
							&datetype, &tm, &fsec, &zone) != 0 ||
		datetype != DTK_DATE ||
		tm2timestamp(&tm, fsec, &zone, instant) != 0)
	{
		GUC_check_errdetail("The value is not a valid instant.");
		GUC_check_errhint("Write it like 2026-01-09T16:00:00-05:00 or 2026-01-09 21:00:00Z.");
		guc_free(instant);
		return false;
	}
	*extra = instant;
	return true;
}

static void
assign_now(const char *newval, void *extra)
{
	now_is_overridden = (extra != NULL);
	now_override = now_is_overridden ? *(TimestampTz *) extra : 0;
}

/*
 * sc_clock is the instant of the statement: support_case.now when it is set,
 * else the start of the statement.  Views ask it.
 */
PG_FUNCTION_INFO_V1(sc_clock);
Datum
sc_clock(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMPTZ(now_is_overridden ? now_override :
						  GetCurrentStatementStartTimestamp());
}

/*
 * sc_instant is the present instant: support_case.now when it is set, else
 * the wall clock.  Commands ask it once they hold their locks.
 */
PG_FUNCTION_INFO_V1(sc_instant);
Datum
sc_instant(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMPTZ(now_is_overridden ? now_override :
						  GetCurrentTimestamp());
}

/*
 * sc_notifies_outbox returns the setting support_case.notify_outbox.  Asked by
 * name, it would be unknown before the library is loaded.
 */
PG_FUNCTION_INFO_V1(sc_notifies_outbox);
Datum
sc_notifies_outbox(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(notify_outbox);
}
