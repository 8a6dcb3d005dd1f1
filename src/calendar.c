/*
 * calendar.c
 *		Type business_calendar: stored form, input and output, equality.
 *
 * A value is canonical: two calendars that say the same are the same bytes.
 * It carries a digest of its contents, computed when it is made, by which its
 * compiled form is found again without reading the rest (calendar_cache.c).
 */
#include "compat.h"

#include "utils/builtins.h"

#include "calendar.h"

#define CALENDAR_VERSION 1

/*
 * What follows the length word.  After this header come the week's intervals
 * (4 bytes each, minutes of the week), the date rules (4 bytes each: the date
 * and its number of intervals), their intervals (4 bytes each, minutes of the
 * day) and the zone's name.
 */
typedef struct StoredHeader
{
	CalendarDigest digest;		/* of all that follows */
	uint8		version;
	uint8		zone_length;
	uint16		week_count;
	uint16		date_count;
	uint16		interval_count;
} StoredHeader;

#define DATE_RULE_SHIFT 12		/* a date has at most 720 intervals */

static Size
stored_size(const StoredHeader *header)
{
	return sizeof(StoredHeader) + header->zone_length +
		sizeof(OpenInterval) * (header->week_count + header->interval_count) +
		sizeof(uint32) * header->date_count;
}

/*
 * digest_of is the beginning of the SHA-256 of some bytes: nobody finds two
 * calendars with the same one, and it is the same in every PostgreSQL.
 */
static CalendarDigest
digest_of(const char *bytes, Size length)
{
	bytea	   *input = (bytea *) cstring_to_text_with_len(bytes, (int) length);
	bytea	   *sha256 = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea,
															 PointerGetDatum(input)));
	CalendarDigest digest;

	memcpy(&digest, VARDATA_ANY(sha256), sizeof(digest));
	pfree(sha256);
	pfree(input);
	return digest;
}

CalendarDigest
sc_calendar_digest(const struct varlena *value)
{
	CalendarDigest digest = {{0}};

	if (VARSIZE_ANY_EXHDR(value) >= sizeof(digest))
		memcpy(&digest, VARDATA_ANY(value), sizeof(digest));
	return digest;
}

struct varlena *
sc_calendar_store(const CalendarDefinition *definition)
{
	const CalendarRules *rules = &definition->rules;
	StoredHeader header = {0};
	struct varlena *value;
	char	   *start;
	char	   *at;
	Size		size;

	header.version = CALENDAR_VERSION;
	header.zone_length = (uint8) strlen(definition->zone);
	header.week_count = (uint16) rules->week_first[SC_DAYS_PER_WEEK];
	header.date_count = (uint16) rules->date_count;
	for (int i = 0; i < rules->date_count; i++)
		header.interval_count += (uint16) rules->dates[i].count;
	size = stored_size(&header);
	value = palloc0(VARHDRSZ + size);
	SET_VARSIZE(value, VARHDRSZ + size);
	start = VARDATA(value);
	at = start + sizeof(StoredHeader);

	for (int day = 0; day < SC_DAYS_PER_WEEK; day++)
		for (int i = rules->week_first[day]; i < rules->week_first[day + 1]; i++)
		{
			OpenInterval of_week = rules->week[i];

			of_week.from += day * SC_MINUTES_PER_DAY;
			of_week.until += day * SC_MINUTES_PER_DAY;
			memcpy(at, &of_week, sizeof(of_week));
			at += sizeof(of_week);
		}
	for (int i = 0; i < rules->date_count; i++)
	{
		const DateRule *rule = &rules->dates[i];
		uint32		packed = (uint32) (rule->date - SC_FIRST_DATE) <<
			DATE_RULE_SHIFT | (uint32) rule->count;

		memcpy(at, &packed, sizeof(packed));
		at += sizeof(packed);
	}
	for (int i = 0; i < rules->date_count; i++)
	{
		const DateRule *rule = &rules->dates[i];
		Size		length = rule->count * sizeof(OpenInterval);

		memcpy(at, rules->date_intervals + rule->first, length);
		at += length;
	}
	memcpy(at, definition->zone, header.zone_length);

	memcpy(start, &header, sizeof(header));
	header.digest = digest_of(start + sizeof(header.digest),
							  size - sizeof(header.digest));
	memcpy(start, &header.digest, sizeof(header.digest));
	return value;
}

/* load_week splits the week's intervals by day. */
static const char *
load_week(const char *at, int count, CalendarRules *rules)
{
	OpenInterval *week = palloc(Max(count, 1) * sizeof(OpenInterval));
	int			day = 0;

	rules->week_first[0] = 0;
	for (int i = 0; i < count; i++)
	{
		memcpy(&week[i], at, sizeof(OpenInterval));
		at += sizeof(OpenInterval);
		while (day < week[i].from / SC_MINUTES_PER_DAY &&
			   day < SC_DAYS_PER_WEEK - 1)
			rules->week_first[++day] = i;
		week[i].from -= day * SC_MINUTES_PER_DAY;
		week[i].until -= day * SC_MINUTES_PER_DAY;
	}
	while (day < SC_DAYS_PER_WEEK)
		rules->week_first[++day] = count;
	rules->week = week;
	return at;
}

void
sc_calendar_load(const struct varlena *value, CalendarDefinition *definition)
{
	CalendarRules *rules = &definition->rules;
	const char *at = VARDATA_ANY(value);
	StoredHeader header = {0};
	DateRule   *dates;
	OpenInterval *intervals;
	int			used = 0;

	if (VARSIZE_ANY_EXHDR(value) >= sizeof(header))
		memcpy(&header, at, sizeof(header));
	if (header.version != CALENDAR_VERSION ||
		VARSIZE_ANY_EXHDR(value) != stored_size(&header) ||
		header.zone_length > SC_MAX_ZONE_NAME)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored business calendar is not readable")));

	memset(definition, 0, sizeof(CalendarDefinition));
	at = load_week(at + sizeof(header), header.week_count, rules);
	dates = palloc(Max(header.date_count, 1) * sizeof(DateRule));
	for (int i = 0; i < header.date_count; i++)
	{
		uint32		packed;

		memcpy(&packed, at, sizeof(packed));
		at += sizeof(packed);
		dates[i].date = (int32) (packed >> DATE_RULE_SHIFT) + SC_FIRST_DATE;
		dates[i].first = used;
		dates[i].count = packed & ((1 << DATE_RULE_SHIFT) - 1);
		used += dates[i].count;
	}
	if (used != header.interval_count)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored business calendar is not readable")));
	intervals = palloc(Max(used, 1) * sizeof(OpenInterval));
	memcpy(intervals, at, used * sizeof(OpenInterval));
	at += used * sizeof(OpenInterval);
	memcpy(definition->zone, at, header.zone_length);

	rules->date_count = header.date_count;
	rules->dates = dates;
	rules->date_intervals = intervals;
}

/* ---------- text ---------- */

PG_FUNCTION_INFO_V1(sc_calendar_in);
Datum
sc_calendar_in(PG_FUNCTION_ARGS)
{
	CalendarDefinition definition;

	if (!sc_calendar_parse(PG_GETARG_CSTRING(0), &definition,
						   SC_ESCONTEXT(fcinfo)))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(sc_calendar_store(&definition));
}

PG_FUNCTION_INFO_V1(sc_calendar_out);
Datum
sc_calendar_out(PG_FUNCTION_ARGS)
{
	CalendarDefinition definition;

	sc_calendar_load(PG_GETARG_VARLENA_PP(0), &definition);
	PG_RETURN_CSTRING(sc_calendar_text(&definition));
}

/* ---------- comparison ---------- */

static bool
same_calendar(FunctionCallInfo fcinfo)
{
	struct varlena *a = PG_GETARG_VARLENA_PP(0);
	struct varlena *b = PG_GETARG_VARLENA_PP(1);

	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

PG_FUNCTION_INFO_V1(sc_calendar_eq);
Datum
sc_calendar_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_calendar(fcinfo));
}

PG_FUNCTION_INFO_V1(sc_calendar_ne);
Datum
sc_calendar_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_calendar(fcinfo));
}

PG_FUNCTION_INFO_V1(sc_calendar_hash_value);
Datum
sc_calendar_hash_value(PG_FUNCTION_ARGS)
{
	CalendarDigest digest = sc_calendar_digest(PG_GETARG_VARLENA_PP(0));

	PG_RETURN_UINT32((uint32) digest.words[0]);
}
