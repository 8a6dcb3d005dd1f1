/*
 * calendar_cache.c
 *		Time zones as pieces, and calendars compiled once per backend.
 *
 * Finding the clock changes of three centuries takes some 30 microseconds, a
 * thousand times what the arithmetic takes: zones and compiled calendars live
 * as long as the backend.  Zones are bounded by what the IANA data base has,
 * calendars by the number of slots.
 */
#include "compat.h"

#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "calendar.h"

/* Slots are sets of ways; a new calendar replaces its set's oldest. */
#define CACHE_SETS	32
#define CACHE_WAYS	4

typedef struct CacheSlot
{
	CalendarDigest digest;
	uint64		last_used;
	Size		length;			/* of the stored value without its length word */
	MemoryContext context;		/* holds the calendar; NULL when free */
	Calendar	calendar;
} CacheSlot;

typedef struct ZoneEntry
{
	struct ZoneEntry *next;
	char		name[SC_MAX_ZONE_NAME + 1];
	ZonePieces	pieces;
} ZoneEntry;

uint64		sc_calendar_evictions = 0;

static CacheSlot *slots = NULL;
static uint64 uses = 0;
static ZoneEntry *zones = NULL;

/* ---------- zones ---------- */

/*
 * pg_tzset also takes POSIX rules such as XYZ-3, which every one of has a
 * digit, and files that are not zones of the IANA data base.
 */
static bool
is_iana_name(const char *name)
{
	static const char *const names_with_digits[] = {
		"EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT",
		"GMT0", "GMT+0", "GMT-0", "Etc/GMT0", "Etc/GMT+0", "Etc/GMT-0"
	};
	static const char *const not_zones[] = {
		"posix/", "right/", "posixrules", "localtime", "Factory", "SystemV/"
	};
	int			hours;
	int			length = 0;

	for (const char *at = name; *at; at++)
		if (!isalpha((unsigned char) *at) && !isdigit((unsigned char) *at) &&
			strchr("/_+-", *at) == NULL)
			return false;
	for (int i = 0; i < (int) lengthof(not_zones); i++)
		if (pg_strncasecmp(name, not_zones[i], strlen(not_zones[i])) == 0)
			return false;
	if (strpbrk(name, "0123456789") == NULL)
		return true;
	for (int i = 0; i < (int) lengthof(names_with_digits); i++)
		if (pg_strcasecmp(name, names_with_digits[i]) == 0)
			return true;
	return pg_strncasecmp(name, "Etc/GMT", 7) == 0 &&
		name[8] >= '1' && name[8] <= '9' &&
		sscanf(name + 7, "%d%n", &hours, &length) == 1 &&
		name[7 + length] == '\0' && hours >= -14 && hours <= 12;
}

/* find_zone gives the server's zone of an IANA name, or NULL. */
static pg_tz *
find_zone(const char *name)
{
	pg_tz	   *zone;

	if (!is_iana_name(name))
		return NULL;
	zone = pg_tzset(name);
	if (zone == NULL || !pg_tz_acceptable(zone))
		return NULL;
	return zone;
}

const char *
sc_zone_canonical(const char *name)
{
	pg_tz	   *zone = find_zone(name);

	return zone == NULL ? NULL : pg_get_timezone_name(zone);
}

static pg_time_t
unix_time(TimestampTz at)
{
	return at / USECS_PER_SEC +
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
}

static TimestampTz
instant_of_unix(pg_time_t time)
{
	return (time - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) *
		USECS_PER_SEC;
}

/*
 * list_pieces writes the pieces of a zone, if pieces is not NULL, and returns
 * their number.  Changes of name or daylight flag alone do not count.
 */
static int
list_pieces(const pg_tz *zone, ZonePiece *pieces)
{
	pg_time_t	at = unix_time(SC_FIRST_INSTANT);
	pg_time_t	end = unix_time(SC_LAST_INSTANT);
	long int	offset = pg_localtime(&at, zone)->tm_gmtoff;
	int			count = 1;

	if (pieces)
	{
		pieces[0].start = SC_FIRST_INSTANT;
		pieces[0].offset = offset * USECS_PER_SEC;
	}
	for (;;)
	{
		long int	before;
		long int	after;
		int			before_is_dst;
		int			after_is_dst;
		pg_time_t	boundary;

		if (pg_next_dst_boundary(&at, &before, &before_is_dst, &boundary,
								 &after, &after_is_dst, zone) != 1 ||
			boundary >= end)
			break;
		if (after != offset)
		{
			if (pieces)
			{
				pieces[count].start = instant_of_unix(boundary);
				pieces[count].offset = after * USECS_PER_SEC;
			}
			count++;
			offset = after;
		}
		at = boundary;
	}
	return count;
}

/* zone_pieces finds or computes the pieces of a zone; NULL if unknown. */
static const ZonePieces *
zone_pieces(const char *name)
{
	ZoneEntry  *entry;
	pg_tz	   *zone;
	ZonePiece  *pieces;
	uint16	   *bucket;
	int			count;

	for (entry = zones; entry != NULL; entry = entry->next)
		if (strcmp(entry->name, name) == 0)
			return &entry->pieces;
	zone = find_zone(name);
	if (zone == NULL)
		return NULL;

	count = list_pieces(zone, NULL);
	pieces = MemoryContextAlloc(TopMemoryContext,
								(count + 1) * sizeof(ZonePiece));
	list_pieces(zone, pieces);
	pieces[count].start = PG_INT64_MAX;
	pieces[count].offset = pieces[count - 1].offset;
	bucket = MemoryContextAlloc(TopMemoryContext,
								ZONE_BUCKETS * sizeof(uint16));
	sc_zone_index(pieces, count, bucket);

	entry = MemoryContextAllocZero(TopMemoryContext, sizeof(ZoneEntry));
	strlcpy(entry->name, name, sizeof(entry->name));
	entry->pieces.count = count;
	entry->pieces.pieces = pieces;
	entry->pieces.bucket = bucket;
	entry->next = zones;
	zones = entry;
	return &entry->pieces;
}

/* ---------- calendars ---------- */

/* compile_into fills a free slot; false when the zone is unknown. */
static bool
compile_into(CacheSlot *slot, const struct varlena *value)
{
	MemoryContext context;
	MemoryContext caller;
	CalendarDefinition definition;
	const ZonePieces *pieces;
	void	   *work;

	context = AllocSetContextCreate(CurrentMemoryContext,
									"support_case calendar",
									ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(context);
	sc_calendar_load(value, &definition);
	pieces = zone_pieces(definition.zone);
	if (pieces == NULL)
	{
		MemoryContextSwitchTo(caller);
		MemoryContextDelete(context);
		return false;
	}
	work = palloc(sc_calendar_work_size(definition.rules.date_count,
										pieces->count));
	sc_calendar_compile(&slot->calendar, &definition.rules, pieces, work);
	slot->length = VARSIZE_ANY_EXHDR(value);
	slot->digest = sc_calendar_digest(value);
	MemoryContextSwitchTo(caller);

	/* Nothing can fail any more: keep it. */
	MemoryContextSetParent(context, TopMemoryContext);
	slot->context = context;
	return true;
}

/*
 * Values with the same digest are the same.  Comparing their bytes as well
 * would fetch a long calendar from memory for every row, which takes three
 * times as long as the arithmetic.
 */
const Calendar *
sc_calendar_get(const struct varlena *value)
{
	CalendarDigest digest = sc_calendar_digest(value);
	Size		length = VARSIZE_ANY_EXHDR(value);
	CacheSlot  *set;
	CacheSlot  *oldest;

	if (slots == NULL)
		slots = MemoryContextAllocZero(TopMemoryContext,
									   CACHE_SETS * CACHE_WAYS *
									   sizeof(CacheSlot));
	set = slots + digest.words[0] % CACHE_SETS * CACHE_WAYS;
	oldest = set;
	for (CacheSlot *slot = set; slot < set + CACHE_WAYS; slot++)
	{
		if (slot->context != NULL &&
			slot->digest.words[0] == digest.words[0] &&
			slot->digest.words[1] == digest.words[1] &&
			slot->length == length)
		{
			slot->last_used = ++uses;
			return &slot->calendar;
		}
		if (slot->last_used < oldest->last_used)
			oldest = slot;
	}

	if (oldest->context != NULL)
	{
		sc_calendar_evictions++;
		MemoryContextDelete(oldest->context);
	}
	oldest->context = NULL;
	oldest->last_used = 0;
	if (!compile_into(oldest, value))
		return NULL;
	oldest->last_used = ++uses;
	return &oldest->calendar;
}
