/*
 * rating.c
 *		The rules of the support rating: requirements.md, section 2.16 and
 *		AMB-47 to AMB-51.
 */
#include "rating.h"

const char *const sc_rating_effect_names[SC_EFFECT_COUNT] = {
	[SC_NEUTRAL] = "neutral",
	[SC_POSITIVE] = "positive",
	[SC_NEGATIVE] = "negative",
};

const char *const sc_escalated_after_names[SC_AFTER_COUNT] = {
	[SC_AFTER_NONE] = NULL,
	[SC_AFTER_SILENCE] = "silence",
	[SC_AFTER_CONVERSATION] = "conversation",
	[SC_AFTER_DECISION] = "decision",
};

const char *const sc_ruling_names[SC_RULING_COUNT] = {
	[SC_RULING_NONE] = NULL,
	[SC_RULING_UPHOLD_SELLER] = "uphold_seller",
	[SC_RULING_REFUND] = "refund",
	[SC_RULING_PARTIAL_REFUND] = "partial_refund",
};

/* *INDENT-OFF* */
const ScRatingGroundInfo sc_rating_grounds[SC_GROUND_COUNT] = {
	[SC_GROUND_NEVER_WITH_SELLER] = {"never_with_seller", SC_NEUTRAL, "W-102",
		"The platform handled the request; the seller never received it."},
	[SC_GROUND_WITHDRAWN] = {"withdrawn", SC_NEUTRAL, "W-107, AMB-64",
		"The buyer withdrew the request."},
	[SC_GROUND_CHARGEBACK] = {"chargeback", SC_NEUTRAL, "W-117, AMB-41",
		"A chargeback superseded the case."},
	[SC_GROUND_SELLER_SILENT] = {"seller_silent", SC_NEGATIVE, "W-107, D-02, AMB-51",
		"The seller had not responded in time when the buyer escalated."},
	[SC_GROUND_DECISION_REVERSED] = {"decision_reversed", SC_NEGATIVE, "W-107",
		"The buyer escalated, and the platform decided otherwise than the seller, at the seller's cost."},
	[SC_GROUND_FEEDBACK_DOWN] = {"feedback_down", SC_NEGATIVE, "W-107, W-113",
		"The buyer gave a thumb down."},
	[SC_GROUND_LATE] = {"late", SC_NEGATIVE, "AMB-50",
		"The seller missed the response deadline, and the policy counts that."},
	[SC_GROUND_SOLUTION] = {"solution", SC_POSITIVE, "W-106",
		"The seller solved the case with a refund or a replacement."},
	[SC_GROUND_FEEDBACK_UP] = {"feedback_up", SC_POSITIVE, "W-106, W-113",
		"The buyer gave a thumb up."},
	[SC_GROUND_PLATFORM_SOLUTION] = {"platform_solution", SC_NEUTRAL, "W-107",
		"The platform decided for the buyer, but reversed no decision that the buyer had escalated."},
	[SC_GROUND_PLATFORM_ABSORBED] = {"platform_absorbed", SC_NEUTRAL, "W-108",
		"The platform decided for the buyer, and the seller bears nothing of it."},
	[SC_GROUND_PLATFORM_AGREED] = {"platform_agreed", SC_NEUTRAL, "W-108, AMB-51",
		"The platform agreed with the seller."},
	[SC_GROUND_REFUSAL_EXPLAINED] = {"refusal_explained", SC_NEUTRAL, "W-108",
		"The seller explained why there is no refund."},
	[SC_GROUND_NO_RESPONSE] = {"no_response", SC_NEUTRAL, "W-107, AMB-50",
		"The seller did not respond, and the buyer did not escalate."},
	[SC_GROUND_BUYER_SILENT] = {"buyer_silent", SC_NEUTRAL, "AMB-31",
		"The buyer did not answer."},
	[SC_GROUND_NOT_RETURNED] = {"not_returned", SC_NEUTRAL, "W-34",
		"The buyer did not return the item."},
	[SC_GROUND_SETTLED_ELSEWHERE] = {"settled_elsewhere", SC_NEUTRAL, "AMB-65",
		"The buyer was refunded outside the case, and the seller had not responded."},
};
/* *INDENT-ON* */

/* how_it_ended judges a case by its resolution alone. */
static ScRatingGround
how_it_ended(const ScRatingFacts *facts)
{
	switch (facts->resolution)
	{
		case SC_FULL_REFUND:
		case SC_FULL_REFUND_AFTER_RETURN:
		case SC_PARTIAL_REFUND:
		case SC_REPLACEMENT:
			return facts->is_responded ? SC_GROUND_SOLUTION :
				SC_GROUND_SETTLED_ELSEWHERE;
		case SC_NO_REFUND:
			return facts->is_responded ? SC_GROUND_REFUSAL_EXPLAINED :
				SC_GROUND_NO_RESPONSE;
		case SC_NO_BUYER_RESPONSE:
			return SC_GROUND_BUYER_SILENT;
		case SC_RETURN_EXPIRED:
			return SC_GROUND_NOT_RETURNED;
		case SC_NO_SELLER_RESPONSE:
			return SC_GROUND_NO_RESPONSE;
		case SC_PLATFORM_DENIED:
			return SC_GROUND_PLATFORM_AGREED;
		default:
			return SC_GROUND_PLATFORM_SOLUTION;
	}
}

/* how_it_was_ruled judges a case by the platform's decision, if there is one. */
static ScRatingGround
how_it_was_ruled(const ScRatingFacts *facts)
{
	switch (facts->ruling)
	{
		case SC_RULING_UPHOLD_SELLER:
			return SC_GROUND_PLATFORM_AGREED;
		case SC_RULING_REFUND:
		case SC_RULING_PARTIAL_REFUND:
			if (!facts->is_borne_by_seller)
				return SC_GROUND_PLATFORM_ABSORBED;
			return facts->escalated_after == SC_AFTER_DECISION ?
				SC_GROUND_DECISION_REVERSED : SC_GROUND_PLATFORM_SOLUTION;
		default:
			return how_it_ended(facts);
	}
}

/*
 * sc_rating_ground says why a closed case counts as it does.  The rating
 * declines through three things only (W-107), so each of them comes before
 * whatever speaks for the seller, and everything else is neutral.
 */
ScRatingGround
sc_rating_ground(const ScRatingFacts *facts)
{
	ScRatingGround ground;

	if (!facts->has_reached_seller)
		return SC_GROUND_NEVER_WITH_SELLER;
	if (facts->resolution == SC_WITHDRAWN)
		return SC_GROUND_WITHDRAWN;
	if (facts->escalated_after == SC_AFTER_SILENCE &&
		facts->resolution != SC_SUPERSEDED_BY_CHARGEBACK)
		return SC_GROUND_SELLER_SILENT;

	ground = facts->resolution == SC_SUPERSEDED_BY_CHARGEBACK ?
		SC_GROUND_CHARGEBACK : how_it_was_ruled(facts);
	if (ground == SC_GROUND_DECISION_REVERSED)
		return ground;
	if (facts->thumb == SC_THUMB_DOWN)
		return SC_GROUND_FEEDBACK_DOWN;
	if (facts->is_late && ground != SC_GROUND_CHARGEBACK)
		return SC_GROUND_LATE;
	if (facts->thumb == SC_THUMB_UP && ground != SC_GROUND_SOLUTION)
		return SC_GROUND_FEEDBACK_UP;
	return ground;
}

/* is_older orders cases by when they closed, then by number. */
static bool
is_older(const ScScoredCase *a, const ScScoredCase *b)
{
	if (a->closed_at != b->closed_at)
		return a->closed_at < b->closed_at;
	return a->case_id < b->case_id;
}

static void
add_to_score(ScScore *score, int32 weight)
{
	if (weight > 0)
	{
		score->positives++;
		score->positive_weight += weight;
	}
	else if (weight < 0)
	{
		score->negatives++;
		score->negative_weight -= weight;
	}
}

/* add_to_latest keeps the newest cases, oldest first. */
static void
add_to_latest(ScTally *tally, const ScScoredCase *scored)
{
	int			place = tally->latest_count;

	if (tally->latest_count == tally->minimum)
	{
		if (is_older(scored, &tally->latest[0]))
			return;
		memmove(&tally->latest[0], &tally->latest[1],
				(tally->latest_count - 1) * sizeof(ScScoredCase));
		place--;
	}
	else
		tally->latest_count++;
	while (place > 0 && is_older(scored, &tally->latest[place - 1]))
	{
		tally->latest[place] = tally->latest[place - 1];
		place--;
	}
	tally->latest[place] = *scored;
}

static bool
has_score(const ScScore *score)
{
	return score->positives + score->negatives > 0;
}

/* sc_tally_start makes an empty tally that keeps `minimum` latest cases. */
void
sc_tally_start(ScTally *tally, int minimum)
{
	memset(tally, 0, SC_TALLY_SIZE(minimum));
	tally->minimum = minimum;
}

/*
 * sc_tally_case adds a closed case that the seller has received.  A neutral
 * one has no score; whether it takes a place among the latest all the same is
 * the caller's policy (AMB-49).
 */
void
sc_tally_case(ScTally *tally, const ScScoredCase *scored, bool is_neutral,
			  bool fills_latest, bool is_in_window)
{
	if (is_in_window)
	{
		tally->handled++;
		if (is_neutral)
			tally->neutrals++;
		else
		{
			if (!has_score(&tally->in_window) ||
				is_older(scored, &tally->first_in_window))
				tally->first_in_window = *scored;
			add_to_score(&tally->in_window, scored->weight);
		}
	}
	if (!is_neutral || fills_latest)
		add_to_latest(tally, scored);
}

/* sc_tally_merge adds what another tally of the same size has counted. */
void
sc_tally_merge(ScTally *tally, const ScTally *other)
{
	if (has_score(&other->in_window) &&
		(!has_score(&tally->in_window) ||
		 is_older(&other->first_in_window, &tally->first_in_window)))
		tally->first_in_window = other->first_in_window;
	tally->received += other->received;
	tally->handled += other->handled;
	tally->neutrals += other->neutrals;
	tally->in_window.positives += other->in_window.positives;
	tally->in_window.negatives += other->in_window.negatives;
	tally->in_window.positive_weight += other->in_window.positive_weight;
	tally->in_window.negative_weight += other->in_window.negative_weight;
	for (int i = 0; i < other->latest_count; i++)
		add_to_latest(tally, &other->latest[i]);
}

/*
 * sc_tally_result picks the cases that count: those of the window when it
 * holds enough (W-103), else the latest (W-104).
 */
void
sc_tally_result(const ScTally *tally, ScTallyResult *result)
{
	memset(result, 0, sizeof(ScTallyResult));
	result->is_window = tally->handled >= tally->minimum;
	if (result->is_window)
	{
		result->score = tally->in_window;
		result->first = tally->first_in_window;
	}
	else
		for (int i = tally->latest_count - 1; i >= 0; i--)
		{
			add_to_score(&result->score, tally->latest[i].weight);
			if (tally->latest[i].weight != 0)
				result->first = tally->latest[i];
		}
	result->has_first = has_score(&result->score);
}
