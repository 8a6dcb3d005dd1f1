/*
 * calendar.h
 *		Type business_calendar for other C files: from a stored value to a
 *		compiled calendar, and from a TimeStatus to an error.
 */
#ifndef SUPPORT_CASE_CALENDAR_H
#define SUPPORT_CASE_CALENDAR_H

#include "compat.h"

#include "business_time.h"

/* Limits; beyond them input fails with 54000. */
#define SC_MAX_WEEK_INTERVALS	128
#define SC_MAX_DATE_RULES		4096
#define SC_MAX_DATE_INTERVALS	16384
#define SC_MAX_CALENDAR_TEXT	(256 * 1024)
#define SC_MAX_ZONE_NAME		63

/*
 * A calendar as people write it.  All its arrays are palloc'd in one memory
 * context.
 */
typedef struct CalendarDefinition
{
	char		zone[SC_MAX_ZONE_NAME + 1];
	CalendarRules rules;
} CalendarDefinition;

/*
 * sc_calendar_get compiles a stored calendar (detoasted, a short header will
 * do), or finds it compiled.  NULL when the server does not know its time
 * zone any more; it raises nothing but out of memory and corrupt data.  The
 * result stays valid until four other calendars have been asked for.
 */
extern const Calendar *sc_calendar_get(const struct varlena *value);

/* How often a compiled calendar had to go; until then pointers stay valid. */
extern uint64 sc_calendar_evictions;

/* sc_calendar_from_datum does the same for a Datum, and raises 22023. */
extern const Calendar *sc_calendar_from_datum(Datum datum);

/*
 * sc_raise_time_status raises what a TimeStatus other than TIME_OK means,
 * naming the calendar.
 */
pg_noreturn extern void sc_raise_time_status(TimeStatus status,
											 Datum calendar);

/* sc_too_many raises 54000, softly where possible; always false. */
extern bool sc_too_many(Node *escontext, const char *what, int limit);

/* Mo to Su. */
extern const char *const sc_weekday_names[SC_DAYS_PER_WEEK];

/* Text: sc_calendar_parse returns false after a soft error. */
extern bool sc_calendar_parse(const char *text, CalendarDefinition *result,
							  Node *escontext);
extern char *sc_calendar_text(const CalendarDefinition *definition);

/*
 * sc_zone_canonical finds the IANA name of a zone in the server's spelling,
 * NULL when there is none.
 */
extern const char *sc_zone_canonical(const char *name);

/*
 * The stored form.  sc_calendar_load trusts it, but for its version and its
 * length, where it raises corrupt data.  sc_calendar_digest gives the digest
 * of the contents that the value carries.
 */
typedef struct CalendarDigest
{
	uint64		words[2];
} CalendarDigest;

extern struct varlena *sc_calendar_store(const CalendarDefinition *definition);
extern void sc_calendar_load(const struct varlena *value,
							 CalendarDefinition *definition);
extern CalendarDigest sc_calendar_digest(const struct varlena *value);

#endif							/* SUPPORT_CASE_CALENDAR_H */
