/*
 * open_time.c
 *		Open time as a function of the instant, and its inverse.
 *
 * F(t) is the open time up to instant t.  On the local axis open time is whole
 * weeks, plus the days of the week before, plus the shift of all date rules
 * before: L(x).  A zone is a list of pieces of constant offset; in piece p,
 * F(t) = open_base[p] + L(t + offset[p]).
 *
 * Adding is inverting: find the first u with F(u) = F(t) + term.  As F rises
 * by one or stands still with each microsecond, the last such u is one before
 * the first with F(u) one more, so one inverse serves both directions.
 * Nothing loops over days: the cost does not depend on the term's length.
 */
#include "open_time.h"

/*
 * count_below tells how many elements of an ascending array are less than
 * value.  The answer is expected near hint: the search widens from there.
 */
static int
count_below(const int64 *array, int count, int hint, int64 value)
{
	int			low;
	int			high;
	int			step = 1;

	/* Find low and high with array[low - 1] < value <= array[high]. */
	if (hint < count && array[hint] < value)
	{
		low = hint + 1;
		high = low;
		while (high < count && array[high] < value)
		{
			low = high + 1;
			high = low + step;
			step *= 2;
		}
		high = Min(high, count);
	}
	else
	{
		high = hint;
		low = high;
		while (low > 0 && array[low - 1] >= value)
		{
			high = low - 1;
			low = high - step;
			step *= 2;
		}
		low = Max(low, 0);
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

/* ---------- the local axis ---------- */

int64
sc_measure_at(const Measure *measure, int32 date, int rule)
{
	int			days = date - SC_BASE_DATE;

	return days / SC_DAYS_PER_WEEK * measure->week +
		measure->before_day[days % SC_DAYS_PER_WEEK] + measure->shift[rule];
}

bool
sc_measure_find(const Calendar *calendar, const Measure *measure,
				int64 target, int hint, MeasurePlace *found)
{
	int			rule = count_below(measure->at_rule,
								   calendar->rules.date_count, hint, target);
	int64		weeks;
	int			day = 0;

	/* The last date rule that starts below the target may contain it. */
	if (rule > 0 && target <= measure->at_rule[rule - 1] +
		measure->in_rule[rule - 1])
	{
		found->rule = rule - 1;
		found->date = calendar->rules.dates[rule - 1].date;
		found->rest = target - measure->at_rule[rule - 1];
		return true;
	}

	/* Else it lies in a regular week, before the next date rule. */
	if (measure->week == 0)
		return false;
	target -= measure->shift[rule];
	weeks = (target - 1) / measure->week;
	if (weeks > (SC_LAST_DATE - SC_BASE_DATE) / SC_DAYS_PER_WEEK + 1)
		return false;
	target -= weeks * measure->week;
	while (measure->before_day[day + 1] < target)
		day++;
	found->rule = rule;
	found->date = (int32) (weeks * SC_DAYS_PER_WEEK) + day + SC_BASE_DATE;
	found->rest = target - measure->before_day[day];
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
	open = sc_measure_at(&calendar->open, date, *rule);
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
	MeasurePlace found;
	const OpenInterval *interval;
	int			count;

	if (!sc_measure_find(calendar, &calendar->open, open, hint, &found))
		return false;
	interval = intervals_of(&calendar->rules, found.date, found.rule, &count);
	for (; count > 1; count--, interval++)
	{
		int64		length = (interval->until - interval->from) *
			USECS_PER_MINUTE;

		if (found.rest <= length)
			break;
		found.rest -= length;
	}
	*local = start_of_date(found.date) + interval->from * USECS_PER_MINUTE +
		found.rest;
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

TimestampTz
sc_instant_of(const ZonePieces *zone, int64 local)
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

void
sc_open_before(const Calendar *calendar, Place *place)
{
	place->open = calendar->open_base[place->piece] +
		local_open(calendar, place->local, &place->rule);
}

/* Why an instant with that much open time before it cannot be found. */
TimeStatus
sc_beyond(const Calendar *calendar)
{
	return calendar->open.week == 0 ? TIME_NO_OPEN_TIME : TIME_OUT_OF_RANGE;
}

TimeStatus
sc_first_with_open(const Calendar *calendar, int64 open, const Place *place,
				TimestampTz *result)
{
	int			piece;
	int64		local;

	if (open < 1 || open > calendar->open_total)
		return sc_beyond(calendar);
	piece = count_below(calendar->open_at_piece, calendar->zone.count,
						place->piece + 1, open) - 1;
	if (!local_closest(calendar, open - calendar->open_base[piece],
					   place->rule, &local))
		return sc_beyond(calendar);
	*result = local - calendar->zone.pieces[piece].offset;
	return TIME_OK;
}

TimeStatus
sc_last_with_open(const Calendar *calendar, int64 open, const Place *place,
			   TimestampTz *result)
{
	TimestampTz next;
	TimeStatus	status = sc_first_with_open(calendar, open + 1, place, &next);

	if (status == TIME_OK)
		*result = next - 1;
	return status;
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
		measure->at_rule[i] = sc_measure_at(measure, rule->date, i);
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

	for (int i = 0; i < DATE_BUCKETS; i++)
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
