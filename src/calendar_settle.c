/*
 * calendar_settle.c
 *		Which opening hours hold on which day, from the rules of a text.
 *
 * Spans that run over midnight are split there.  On a date whose rule is off
 * nothing is open, not even what runs over from the day before.
 */
#include "compat.h"

#include "calendar_parse.h"

static int
compare_intervals(const void *a, const void *b)
{
	return ((const OpenInterval *) a)->from - ((const OpenInterval *) b)->from;
}

/* merge_intervals sorts, joins what touches or overlaps, returns the count. */
static int
merge_intervals(OpenInterval *intervals, int count)
{
	int			merged = 0;

	qsort(intervals, count, sizeof(OpenInterval), compare_intervals);
	for (int i = 0; i < count; i++)
	{
		if (merged > 0 && intervals[i].from <= intervals[merged - 1].until)
			intervals[merged - 1].until = Max(intervals[i].until,
											  intervals[merged - 1].until);
		else
			intervals[merged++] = intervals[i];
	}
	return merged;
}

/*
 * add_spans appends the parts of spans that fall on one date: that on which
 * they start (shift 0), or the next.
 */
static int
add_spans(const Span *spans, int count, int shift, OpenInterval *intervals)
{
	int			start = shift * SC_MINUTES_PER_DAY;
	int			added = 0;

	for (int i = 0; i < count; i++)
	{
		int			from = Max(spans[i].from, start);
		int			until = Min(spans[i].until, start + SC_MINUTES_PER_DAY);

		if (from < until)
		{
			intervals[added].from = (uint16) (from - start);
			intervals[added++].until = (uint16) (until - start);
		}
	}
	return added;
}

/* finish_week splits the week's spans at midnight. */
static bool
finish_week(Parser *parser, CalendarRules *rules)
{
	int			count = 0;
	int			spans = 0;
	OpenInterval *week;

	for (int day = 0; day < SC_DAYS_PER_WEEK; day++)
		spans += 2 * parser->week[day].count;
	week = palloc(Max(spans, 1) * sizeof(OpenInterval));
	for (int day = 0; day < SC_DAYS_PER_WEEK; day++)
	{
		const SpanList *before =
		&parser->week[(day + SC_DAYS_PER_WEEK - 1) % SC_DAYS_PER_WEEK];
		const SpanList *own = &parser->week[day];
		int			added;

		rules->week_first[day] = count;
		added = add_spans(own->spans, own->count, 0, week + count);
		added += add_spans(before->spans, before->count, 1,
						   week + count + added);
		count += merge_intervals(week + count, added);
	}
	rules->week_first[SC_DAYS_PER_WEEK] = count;
	rules->week = week;
	if (count > SC_MAX_WEEK_INTERVALS)
		return sc_too_many(parser->escontext, "weekly opening intervals",
						SC_MAX_WEEK_INTERVALS);
	return true;
}

static int
compare_named_dates(const void *a, const void *b)
{
	const NamedDate *left = a;
	const NamedDate *right = b;

	if (left->date != right->date)
		return left->date < right->date ? -1 : 1;
	return left->order - right->order;
}

/*
 * settle_dates sorts the named dates, keeps the last rule of each, and adds
 * the dates into which spans of the date before run.
 */
static NamedDate *
settle_dates(Parser *parser, int *count)
{
	NamedDate  *settled = palloc(2 * Max(parser->date_count, 1) *
								 sizeof(NamedDate));

	*count = 0;
	if (parser->date_count > 0)
		qsort(parser->dates, parser->date_count, sizeof(NamedDate),
			  compare_named_dates);
	for (int i = 0; i < parser->date_count; i++)
	{
		const NamedDate *named = &parser->dates[i];
		const NamedDate *next = i + 1 < parser->date_count ? named + 1 : NULL;
		bool		runs_over = false;

		if (next != NULL && next->date == named->date)
			continue;
		settled[(*count)++] = *named;
		for (int s = named->first; s < named->first + named->count; s++)
			runs_over |= parser->date_spans.spans[s].until > SC_MINUTES_PER_DAY;
		if (runs_over && named->date < SC_LAST_DATE &&
			(next == NULL || next->date > named->date + 1))
		{
			settled[*count] = *named;
			settled[*count].date++;
			settled[(*count)++].count = -1; /* what its weekday has */
		}
	}
	return settled;
}

/*
 * finish_date puts the intervals of one date at the end of a list: its own or
 * its weekday's, and what runs over from the date before.  A date that is off
 * stays closed.
 */
static int
finish_date(const Parser *parser, const CalendarRules *rules,
			const NamedDate *date, const NamedDate *before,
			OpenInterval *intervals)
{
	int			day = (date->date - SC_BASE_DATE) % SC_DAYS_PER_WEEK;
	int			count;

	if (date->count == 0)
		return 0;
	if (date->count > 0)
		count = add_spans(parser->date_spans.spans + date->first, date->count,
						  0, intervals);
	else
	{
		count = rules->week_first[day + 1] - rules->week_first[day];
		memcpy(intervals, rules->week + rules->week_first[day],
			   count * sizeof(OpenInterval));
	}
	if (before != NULL && before->date + 1 == date->date && before->count > 0)
		count += add_spans(parser->date_spans.spans + before->first,
						   before->count, 1, intervals + count);
	return merge_intervals(intervals, count);
}

static bool
finish_dates(Parser *parser, CalendarRules *rules)
{
	int			count;
	NamedDate  *settled = settle_dates(parser, &count);
	DateRule   *dates;
	OpenInterval *intervals;
	int			most = SC_MAX_WEEK_INTERVALS + 2 * parser->date_spans.count;
	int			used = 0;

	if (count > SC_MAX_DATE_RULES)
		return sc_too_many(parser->escontext, "date rules", SC_MAX_DATE_RULES);
	dates = palloc(Max(count, 1) * sizeof(DateRule));
	intervals = palloc((SC_MAX_DATE_INTERVALS + most) * sizeof(OpenInterval));
	for (int i = 0; i < count; i++)
	{
		dates[i].date = settled[i].date;
		dates[i].first = used;
		dates[i].count = finish_date(parser, rules, &settled[i],
									 i > 0 ? &settled[i - 1] : NULL,
									 intervals + used);
		used += dates[i].count;
		if (used > SC_MAX_DATE_INTERVALS)
			return sc_too_many(parser->escontext, "opening intervals in date rules",
							SC_MAX_DATE_INTERVALS);
	}
	rules->date_count = count;
	rules->dates = dates;
	rules->date_intervals = intervals;
	return true;
}

bool
sc_calendar_settle(Parser *parser, CalendarRules *rules)
{
	return finish_week(parser, rules) && finish_dates(parser, rules);
}
