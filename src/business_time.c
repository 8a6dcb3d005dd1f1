/*
 * business_time.c
 *		Deadline arithmetic on compiled calendars.
 *
 * An instant is open when its reading on the wall clock of the calendar's
 * zone lies in one of that date's opening intervals.  Everything rests on
 * F(t), the open time up to instant t.  On the local axis open time is whole
 * weeks, plus the days of the week before, plus the shift of all date rules
 * before: L(x).  A zone is a list of pieces of constant offset; in piece p,
 * F(t) = open_base[p] + L(t + offset[p]).
 *
 * Adding is inverting: find the first u with F(u) = F(t) + term.  As F rises
 * by one or stands still with each microsecond, the last such u is one before
 * the first with F(u) one more, so one inverse serves both directions.
 * Nothing loops over days: the cost does not depend on the term's length.
 */
#include "business_time.h"

#include "common/int.h"

/* The longest search distance tried step by step before bisecting. */
#define SCAN_STEPS 4

/*
 * count_below tells how many elements of an ascending array are less than
 * value.  The answer is expected near hint.
 */
static int
count_below(const int64 *array, int count, int hint, int64 value)
{
	int			low = 0;
	int			high = count;

	for (int step = 0; step < SCAN_STEPS; step++)
	{
		if (hint < count && array[hint] < value)
			low = ++hint;
		else if (hint > 0 && array[hint - 1] >= value)
			high = --hint;
		else
			return hint;
	}
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (array[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---------- local dates ---------- */

static inline int32
date_of(int64 local)
{
	return (int32) ((local - SC_BASE_LOCAL) / USECS_PER_DAY) + SC_BASE_DATE;
}

static inline int64
start_of_date(int32 date)
{
	return date * USECS_PER_DAY;
}

static inline int
day_of_week(int32 date)
{
	return (date - SC_BASE_DATE) % SC_DAYS_PER_WEEK;
}

/* rule_at finds the first date rule on or after a date. */
static inline int
rule_at(const Calendar *calendar, int32 date)
{
	const DateRule *dates = calendar->rules.dates;
	int			bucket = (date - SC_BASE_DATE) >> DATE_BUCKET_SHIFT;
	int			low = calendar->date_bucket[bucket];
	int			high = calendar->date_bucket[bucket + 1];

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (dates[middle].date < date)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* intervals_of gives the opening intervals of a date; rule is rule_at(). */
static inline const OpenInterval *
intervals_of(const CalendarRules *rules, int32 date, int rule, int *count)
{
	int			day;

	if (rule < rules->date_count && rules->dates[rule].date == date)
	{
		*count = rules->dates[rule].count;
		return rules->date_intervals + rules->dates[rule].first;
	}
	day = day_of_week(date);
	*count = rules->week_first[day + 1] - rules->week_first[day];
	return rules->week + rules->week_first[day];
}

/* measure_at is the total at the start of a date; rule is rule_at(). */
static inline int64
measure_at(const Measure *measure, int32 date, int rule)
{
	int			days = date - SC_BASE_DATE;

	return days / SC_DAYS_PER_WEEK * measure->week +
		measure->before_day[days % SC_DAYS_PER_WEEK] + measure->shift[rule];
}

/*
 * measure_find finds the date within which the total reaches target (at
 * least 1); *rest is how far into that date, 1 or more.  False when the total
 * never gets there.
 */
static bool
measure_find(const Calendar *calendar, const Measure *measure, int64 target,
			 int hint, int32 *date, int64 *rest)
{
	int			rules = count_below(measure->at_rule,
									calendar->rules.date_count, hint, target);
	int64		weeks;
	int			day = 0;

	if (rules > 0 && target <= measure->at_rule[rules - 1] +
		measure->in_rule[rules - 1])
	{
		*date = calendar->rules.dates[rules - 1].date;
		*rest = target - measure->at_rule[rules - 1];
		return true;
	}
	target -= measure->shift[rules];
	if (measure->week == 0)
		return false;
	weeks = (target - 1) / measure->week;
	target -= weeks * measure->week;
	while (measure->before_day[day + 1] < target)
		day++;
	*rest = target - measure->before_day[day];
	if (weeks > (SC_LAST_DATE - SC_BASE_DATE) / SC_DAYS_PER_WEEK + 1)
		return false;
	*date = (int32) (weeks * SC_DAYS_PER_WEEK) + day + SC_BASE_DATE;
	return true;
}

/* local_open is L(x): open time on the local axis up to a reading. */
static int64
local_open(const Calendar *calendar, int64 local, int *rule)
{
	int32		date = date_of(local);
	int64		clock = local - start_of_date(date);
	const OpenInterval *interval;
	int			count;
	int64		open;

	*rule = rule_at(calendar, date);
	open = measure_at(&calendar->open, date, *rule);
	interval = intervals_of(&calendar->rules, date, *rule, &count);
	for (; count > 0 && interval->from * USECS_PER_MINUTE < clock;
		 count--, interval++)
		open += Min(clock, interval->until * USECS_PER_MINUTE) -
			interval->from * USECS_PER_MINUTE;
	return open;
}

/* local_closest finds the first reading at which L(x) is open (at least 1). */
static bool
local_closest(const Calendar *calendar, int64 open, int hint, int64 *local)
{
	int32		date;
	int64		rest;
	const OpenInterval *interval;
	int			count;

	if (!measure_find(calendar, &calendar->open, open, hint, &date, &rest))
		return false;
	interval = intervals_of(&calendar->rules, date,
							rule_at(calendar, date), &count);
	for (; count > 1; count--, interval++)
	{
		int64		length = (interval->until - interval->from) *
			USECS_PER_MINUTE;

		if (rest <= length)
			break;
		rest -= length;
	}
	*local = start_of_date(date) + interval->from * USECS_PER_MINUTE + rest;
	return true;
}

/* ---------- the zone ---------- */

void
sc_zone_index(const ZonePiece *pieces, int count, uint16 *bucket)
{
	int			piece = 0;

	for (int i = 0; i < ZONE_BUCKETS; i++)
	{
		TimestampTz start = SC_FIRST_INSTANT +
			((int64) i << ZONE_BUCKET_SHIFT);

		while (piece + 1 < count && pieces[piece + 1].start <= start)
			piece++;
		bucket[i] = (uint16) piece;
	}
}

/* piece_at finds the piece of an instant between first and last instant. */
static inline int
piece_at(const ZonePieces *zone, TimestampTz at)
{
	int			piece = zone->bucket[(at - SC_FIRST_INSTANT) >>
									 ZONE_BUCKET_SHIFT];

	while (zone->pieces[piece + 1].start <= at)
		piece++;
	return piece;
}

/*
 * instant_of is the instant of a local reading, by PostgreSQL's rule: a
 * reading that a clock change skips is taken with the offset before it, one
 * that occurs twice is the later.
 */
static TimestampTz
instant_of(const ZonePieces *zone, int64 local)
{
	int			piece = piece_at(zone, local - USECS_PER_DAY);
	const ZonePiece *before = &zone->pieces[piece];
	const ZonePiece *after = before + 1;
	TimestampTz by_before = local - before->offset;
	TimestampTz by_after = local - after->offset;

	if (piece + 1 == zone->count)
		return by_before;
	if (by_before < after->start && by_after < after->start)
		return by_before;
	if (by_before > after->start && by_after >= after->start)
		return by_after;
	return Max(by_before, by_after);
}

/* ---------- F and its inverse ---------- */

/* Where an instant stands: its piece, its local reading, its open time. */
typedef struct Place
{
	int			piece;
	int			rule;			/* first date rule on or after its date */
	int64		local;
	int64		open;
} Place;

static inline bool
local_in_range(int64 local)
{
	return local >= SC_FIRST_LOCAL && local < SC_LOCAL_END;
}

/* locate fills piece and local reading; false outside the years covered. */
static inline bool
locate(const Calendar *calendar, TimestampTz at, Place *place)
{
	if (at < SC_FIRST_INSTANT || at >= SC_LAST_INSTANT)
		return false;
	place->piece = piece_at(&calendar->zone, at);
	place->local = at + calendar->zone.pieces[place->piece].offset;
	return local_in_range(place->local);
}

static inline void
count_open(const Calendar *calendar, Place *place)
{
	place->open = calendar->open_base[place->piece] +
		local_open(calendar, place->local, &place->rule);
}

/* Why an instant with that much open time before it cannot be found. */
static TimeStatus
beyond(const Calendar *calendar)
{
	return calendar->open.week == 0 ? TIME_NO_OPEN_TIME : TIME_OUT_OF_RANGE;
}

/* checked_result lets only instants of the years covered out. */
static TimeStatus
checked_result(const Calendar *calendar, TimestampTz at, TimestampTz *result)
{
	int64		local;

	if (at < SC_FIRST_INSTANT || at >= SC_LAST_INSTANT)
		return TIME_OUT_OF_RANGE;
	local = at + calendar->zone.pieces[piece_at(&calendar->zone, at)].offset;
	if (local < SC_FIRST_LOCAL || local > SC_LOCAL_END)
		return TIME_OUT_OF_RANGE;
	*result = at;
	return TIME_OK;
}

/*
 * first_with_open finds the first instant with that much open time before it
 * (at least 1); it is expected near place.
 */
static TimeStatus
first_with_open(const Calendar *calendar, int64 open, const Place *place,
				TimestampTz *result)
{
	int			piece;
	int64		local;

	if (open < 1 || open > calendar->open_total)
		return beyond(calendar);
	piece = count_below(calendar->open_at_piece, calendar->zone.count,
						place->piece + 1, open) - 1;
	if (!local_closest(calendar, open - calendar->open_base[piece],
					   place->rule, &local))
		return beyond(calendar);
	*result = local - calendar->zone.pieces[piece].offset;
	return TIME_OK;
}

/*
 * last_with_open finds the last instant with that much open time before it:
 * from there on time is open.
 */
static TimeStatus
last_with_open(const Calendar *calendar, int64 open, const Place *place,
			   TimestampTz *result)
{
	TimestampTz next;
	TimeStatus	status = first_with_open(calendar, open + 1, place, &next);

	if (status == TIME_OK)
		*result = next - 1;
	return status;
}

/* ---------- adding terms ---------- */

static TimeStatus
add_open_time(const Calendar *calendar, Place place, int64 amount,
			  TimestampTz *result)
{
	int64		open;
	TimeStatus	status;

	count_open(calendar, &place);
	if (pg_add_s64_overflow(place.open, amount, &open))
		return TIME_OUT_OF_RANGE;
	status = amount > 0 ?
		first_with_open(calendar, open, &place, result) :
		last_with_open(calendar, open, &place, result);
	if (status != TIME_OK)
		return status;
	return checked_result(calendar, *result, result);
}

/* find_open_date finds the open date that many open dates from an open one. */
static TimeStatus
find_open_date(const Calendar *calendar, int32 date, int64 amount,
			   int rule, int32 *result)
{
	int64		ordinal = measure_at(&calendar->dates, date, rule) + 1;
	int64		rest;

	/* No range of years has more open dates than dates. */
	if (amount > SC_LAST_DATE - SC_BASE_DATE ||
		amount < SC_BASE_DATE - SC_LAST_DATE ||
		ordinal + amount < 1 ||
		!measure_find(calendar, &calendar->dates, ordinal + amount, rule,
					  result, &rest) ||
		*result < SC_FIRST_DATE || *result > SC_LAST_DATE)
		return beyond(calendar);
	return TIME_OK;
}

/*
 * add_business_days rolls the start to open time, keeps the wall clock on the
 * Nth open date from there, and takes the nearest instant with the same open
 * time.  Going back everything is mirrored: a start belongs to the open time
 * before it, so that midnight is 24:00 of the date before.
 */
static TimeStatus
add_business_days(const Calendar *calendar, Place place, int64 amount,
				  TimestampTz *result)
{
	int			before = amount < 0 ? 1 : 0;
	TimestampTz rolled;
	int32		date;
	int64		clock;
	TimeStatus	status;

	count_open(calendar, &place);
	status = before ?
		first_with_open(calendar, place.open, &place, &rolled) :
		last_with_open(calendar, place.open, &place, &rolled);
	if (status != TIME_OK)
		return status;

	if (!locate(calendar, rolled - before, &place))
		return TIME_OUT_OF_RANGE;
	date = date_of(place.local);
	clock = place.local + before - start_of_date(date);
	status = find_open_date(calendar, date, amount,
							rule_at(calendar, date), &date);
	if (status != TIME_OK)
		return status;

	rolled = instant_of(&calendar->zone, start_of_date(date) + clock);
	place.piece = piece_at(&calendar->zone, rolled);
	place.local = rolled + calendar->zone.pieces[place.piece].offset;
	count_open(calendar, &place);
	status = before ?
		last_with_open(calendar, place.open, &place, result) :
		first_with_open(calendar, place.open, &place, result);
	if (status != TIME_OK)
		return status;
	return checked_result(calendar, *result, result);
}

/* Days on the wall clock of the calendar's zone, open or not. */
static TimeStatus
add_days(const Calendar *calendar, Place place, int64 amount,
		 TimestampTz *result)
{
	int64		local;

	if (pg_mul_s64_overflow(amount, USECS_PER_DAY, &local) ||
		pg_add_s64_overflow(place.local, local, &local) ||
		!local_in_range(local))
		return TIME_OUT_OF_RANGE;
	return checked_result(calendar, instant_of(&calendar->zone, local),
						  result);
}

/* Elapsed time, open or not. */
static TimeStatus
add_elapsed(const Calendar *calendar, TimestampTz at, int64 amount,
			TimestampTz *result)
{
	TimestampTz sum;

	if (pg_add_s64_overflow(at, amount, &sum))
		return TIME_OUT_OF_RANGE;
	return checked_result(calendar, sum, result);
}

TimeStatus
sc_business_add(const Calendar *calendar, TimestampTz at, Term term,
				TimestampTz *result)
{
	Place		place;

	*result = at;
	if (TIMESTAMP_NOT_FINITE(at))
		return TIME_OK;
	if (!locate(calendar, at, &place))
		return TIME_OUT_OF_RANGE;
	if (term.amount == 0)
		return TIME_OK;

	switch ((TermUnit) term.unit)
	{
		case TERM_BUSINESS_MINUTES:
		case TERM_BUSINESS_HOURS:
			return add_open_time(calendar, place, term.amount, result);
		case TERM_BUSINESS_DAYS:
			return add_business_days(calendar, place, term.amount, result);
		case TERM_MINUTES:
		case TERM_HOURS:
			return add_elapsed(calendar, at, term.amount, result);
		case TERM_DAYS:
			return add_days(calendar, place, term.amount, result);
	}
	return TIME_OUT_OF_RANGE;
}

/* ---------- asking calendars ---------- */

TimeStatus
sc_business_between(const Calendar *calendar, TimestampTz from_at,
					TimestampTz to_at, int64 *result)
{
	Place		from;
	Place		to;

	if (TIMESTAMP_NOT_FINITE(from_at) || TIMESTAMP_NOT_FINITE(to_at))
		return TIME_UNBOUNDED;
	if (!locate(calendar, from_at, &from) || !locate(calendar, to_at, &to))
		return TIME_OUT_OF_RANGE;
	count_open(calendar, &from);
	count_open(calendar, &to);
	*result = to.open - from.open;
	return TIME_OK;
}

/*
 * open_around tells whether a place is open, and until which reading its
 * interval lasts.
 */
static bool
open_around(const Calendar *calendar, Place *place, int64 *until)
{
	int32		date = date_of(place->local);
	int64		clock = place->local - start_of_date(date);
	const OpenInterval *interval;
	int			count;

	place->rule = rule_at(calendar, date);
	interval = intervals_of(&calendar->rules, date, place->rule, &count);
	while (count > 0 && interval->until * USECS_PER_MINUTE <= clock)
	{
		count--;
		interval++;
	}
	if (count == 0 || interval->from * USECS_PER_MINUTE > clock)
		return false;
	*until = start_of_date(date) + interval->until * USECS_PER_MINUTE;
	return true;
}

TimeStatus
sc_is_open(const Calendar *calendar, TimestampTz at, bool *result)
{
	Place		place;
	int64		until;

	*result = false;
	if (TIMESTAMP_NOT_FINITE(at))
		return TIME_OK;
	if (!locate(calendar, at, &place))
		return TIME_OUT_OF_RANGE;
	*result = open_around(calendar, &place, &until);
	return TIME_OK;
}

TimeStatus
sc_next_open(const Calendar *calendar, TimestampTz at, TimestampTz *result)
{
	Place		place;
	int64		until;
	TimeStatus	status;

	*result = at;
	if (TIMESTAMP_NOT_FINITE(at))
		return TIME_OK;
	if (!locate(calendar, at, &place))
		return TIME_OUT_OF_RANGE;
	if (open_around(calendar, &place, &until))
		return TIME_OK;
	count_open(calendar, &place);
	status = last_with_open(calendar, place.open, &place, result);
	if (status != TIME_OK)
		return status;
	return checked_result(calendar, *result, result);
}

/*
 * An open period can span midnights, clock changes and, in a calendar that is
 * always open, centuries: there it goes from date rule to date rule.
 */
TimeStatus
sc_next_close(const Calendar *calendar, TimestampTz at, TimestampTz *result)
{
	bool		never_closed = calendar->open.week ==
		SC_DAYS_PER_WEEK * USECS_PER_DAY;
	const CalendarRules *rules = &calendar->rules;
	Place		place;
	int64		until;
	TimestampTz close;
	TimeStatus	status = sc_next_open(calendar, at, &close);

	*result = at;
	if (status != TIME_OK || TIMESTAMP_NOT_FINITE(at))
		return status;
	for (;;)
	{
		TimestampTz piece_end;

		if (!locate(calendar, close, &place))
			return TIME_NEVER_CLOSES;
		if (!open_around(calendar, &place, &until))
			break;
		if (never_closed && place.rule == rules->date_count)
			until = SC_LOCAL_END;
		else if (never_closed &&
				 rules->dates[place.rule].date > date_of(place.local))
			until = start_of_date(rules->dates[place.rule].date);
		piece_end = calendar->zone.pieces[place.piece + 1].start;
		close = until - calendar->zone.pieces[place.piece].offset;
		close = Min(close, piece_end);
	}
	*result = close;
	return TIME_OK;
}

TimeStatus
sc_end_of_business_day(const Calendar *calendar, TimestampTz at,
					   TimestampTz *result)
{
	Place		place;
	Place		last;
	int32		date;
	const OpenInterval *interval;
	int			count;
	TimestampTz close;
	TimeStatus	status;

	*result = at;
	if (TIMESTAMP_NOT_FINITE(at))
		return TIME_OK;
	if (!locate(calendar, at, &place))
		return TIME_OUT_OF_RANGE;
	count_open(calendar, &place);
	date = date_of(place.local);
	interval = intervals_of(&calendar->rules, date, place.rule, &count);
	if (count == 0)
		return TIME_OK;

	/* Clock changes can move the closing: ask what time is open until then. */
	close = instant_of(&calendar->zone, start_of_date(date) +
					   interval[count - 1].until * USECS_PER_MINUTE);
	last.piece = piece_at(&calendar->zone, close);
	last.local = close + calendar->zone.pieces[last.piece].offset;
	count_open(calendar, &last);
	if (last.open <= place.open)
		return TIME_OK;
	status = first_with_open(calendar, last.open, &last, &close);
	if (status != TIME_OK)
		return status;
	return checked_result(calendar, close, result);
}

/* ---------- compilation ---------- */

static int64
open_of(const OpenInterval *interval, int count)
{
	int64		open = 0;

	for (; count > 0; count--, interval++)
		open += (interval->until - interval->from) * USECS_PER_MINUTE;
	return open;
}

/*
 * fill_measure sums up, over the week and over the date rules, either open
 * time or, with dates, open dates.
 */
static void
fill_measure(const CalendarRules *rules, bool dates, Measure *measure)
{
	int64		in_day[SC_DAYS_PER_WEEK];
	int64		shift = 0;

	measure->before_day[0] = 0;
	for (int day = 0; day < SC_DAYS_PER_WEEK; day++)
	{
		int			first = rules->week_first[day];
		int			count = rules->week_first[day + 1] - first;

		in_day[day] = dates ? count > 0 : open_of(rules->week + first, count);
		measure->before_day[day + 1] = measure->before_day[day] + in_day[day];
	}
	measure->week = measure->before_day[SC_DAYS_PER_WEEK];

	for (int i = 0; i < rules->date_count; i++)
	{
		const DateRule *rule = &rules->dates[i];
		int64		total = dates ? rule->count > 0 :
			open_of(rules->date_intervals + rule->first, rule->count);

		measure->shift[i] = shift;
		measure->at_rule[i] = measure_at(measure, rule->date, i);
		measure->in_rule[i] = total;
		shift += total - in_day[day_of_week(rule->date)];
	}
	measure->shift[rules->date_count] = shift;
}

static void
fill_date_buckets(Calendar *calendar)
{
	const CalendarRules *rules = &calendar->rules;
	int			rule = 0;

	for (int i = 0; i <= DATE_BUCKETS; i++)
	{
		int32		date = SC_BASE_DATE + (i << DATE_BUCKET_SHIFT);

		while (rule < rules->date_count && rules->dates[rule].date < date)
			rule++;
		calendar->date_bucket[i] = (uint16) rule;
	}
}

Size
sc_calendar_work_size(int date_count, int piece_count)
{
	return (6 * ((Size) date_count + 1) + 2 * (Size) piece_count) *
		sizeof(int64);
}

void
sc_calendar_compile(Calendar *calendar, const CalendarRules *rules,
					const ZonePieces *zone, void *work)
{
	int64	   *next = work;
	Measure    *measures[2] = {&calendar->open, &calendar->dates};
	int64		open = 0;
	int			rule;

	calendar->rules = *rules;
	calendar->zone = *zone;
	for (int i = 0; i < 2; i++)
	{
		measures[i]->shift = next;
		measures[i]->at_rule = next + rules->date_count + 1;
		measures[i]->in_rule = next + 2 * (rules->date_count + 1);
		next += 3 * (rules->date_count + 1);
		fill_measure(rules, i == 1, measures[i]);
	}
	fill_date_buckets(calendar);

	calendar->open_at_piece = next;
	calendar->open_base = next + zone->count;
	for (int i = 0; i < zone->count; i++)
	{
		int64		offset = zone->pieces[i].offset;
		TimestampTz end = Min(zone->pieces[i + 1].start, SC_LAST_INSTANT);

		calendar->open_at_piece[i] = open;
		calendar->open_base[i] = open -
			local_open(calendar, zone->pieces[i].start + offset, &rule);
		open = calendar->open_base[i] +
			local_open(calendar, end + offset, &rule);
	}
	calendar->open_total = open;
}
