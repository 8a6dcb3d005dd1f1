/*
 * rating.h
 *		What a closed case says about its seller's support, and which cases of a
 *		seller count: the rules of the support rating.
 *
 * Pure: no fmgr, no ereport, no palloc.
 */
#ifndef SUPPORT_CASE_RATING_H
#define SUPPORT_CASE_RATING_H

#include "postgres.h"

#include "state_machine.h"

typedef enum ScRatingEffect
{
	SC_NEUTRAL,
	SC_POSITIVE,
	SC_NEGATIVE,
	SC_EFFECT_COUNT
} ScRatingEffect;

/* Why a case counts as it does; the first that applies, see rating.c. */
typedef enum ScRatingGround
{
	SC_GROUND_NEVER_WITH_SELLER,
	SC_GROUND_WITHDRAWN,
	SC_GROUND_CHARGEBACK,
	SC_GROUND_SELLER_SILENT,
	SC_GROUND_DECISION_REVERSED,
	SC_GROUND_FEEDBACK_DOWN,
	SC_GROUND_LATE,
	SC_GROUND_SOLUTION,
	SC_GROUND_FEEDBACK_UP,
	SC_GROUND_PLATFORM_SOLUTION,
	SC_GROUND_PLATFORM_ABSORBED,
	SC_GROUND_PLATFORM_AGREED,
	SC_GROUND_REFUSAL_EXPLAINED,
	SC_GROUND_NO_RESPONSE,
	SC_GROUND_BUYER_SILENT,
	SC_GROUND_NOT_RETURNED,
	SC_GROUND_SETTLED_ELSEWHERE,
	SC_GROUND_COUNT
} ScRatingGround;

typedef struct ScRatingGroundInfo
{
	const char *name;
	ScRatingEffect effect;
	const char *grounds;		/* requirement ids */
	const char *meaning;
} ScRatingGroundInfo;

/* What the buyer brought to the platform. */
typedef enum ScEscalatedAfter
{
	SC_AFTER_NONE,				/* the buyer did not escalate */
	SC_AFTER_SILENCE,
	SC_AFTER_CONVERSATION,
	SC_AFTER_DECISION,
	SC_AFTER_COUNT
} ScEscalatedAfter;

typedef enum ScRuling
{
	SC_RULING_NONE,
	SC_RULING_UPHOLD_SELLER,
	SC_RULING_REFUND,
	SC_RULING_PARTIAL_REFUND,
	SC_RULING_COUNT
} ScRuling;

typedef enum ScThumb
{
	SC_THUMB_NONE,
	SC_THUMB_UP,
	SC_THUMB_DOWN
} ScThumb;

/* A closed case, since the request last reached its seller. */
typedef struct ScRatingFacts
{
	ScResolution resolution;
	bool		has_reached_seller;
	bool		is_responded;
	bool		is_late;		/* and the policy counts that */
	ScEscalatedAfter escalated_after;
	ScRuling	ruling;
	bool		is_borne_by_seller; /* at least a part of the refund */
	ScThumb		thumb;
} ScRatingFacts;

/*
 * The tally of one seller: what is in the window, and the latest cases in
 * case the window holds too few.  Its size does not grow with the cases.
 */
#define SC_MAX_LATEST	100

typedef struct ScScoredCase
{
	int64		closed_at;
	int64		case_id;
	int32		weight;			/* negative: counts against the seller */
} ScScoredCase;

typedef struct ScScore
{
	int64		positives;
	int64		negatives;
	int64		positive_weight;
	int64		negative_weight;
} ScScore;

typedef struct ScTally
{
	int64		received;
	int64		handled;		/* closed within the window */
	int64		neutrals;		/* of those */
	ScScore		in_window;
	ScScoredCase first_in_window;	/* the oldest that has a score */
	int			minimum;		/* size of latest[] */
	int			latest_count;
	ScScoredCase latest[FLEXIBLE_ARRAY_MEMBER]; /* oldest first */
} ScTally;

#define SC_TALLY_SIZE(minimum) \
	(offsetof(ScTally, latest) + (minimum) * sizeof(ScScoredCase))

typedef struct ScTallyResult
{
	bool		is_window;		/* else the latest cases count */
	ScScore		score;
	bool		has_first;
	ScScoredCase first;			/* the oldest that counts */
} ScTallyResult;

extern const ScRatingGroundInfo sc_rating_grounds[SC_GROUND_COUNT];
extern const char *const sc_rating_effect_names[SC_EFFECT_COUNT];
extern const char *const sc_escalated_after_names[SC_AFTER_COUNT];
extern const char *const sc_ruling_names[SC_RULING_COUNT];

extern ScRatingGround sc_rating_ground(const ScRatingFacts *facts);
extern void sc_tally_start(ScTally *tally, int minimum);
extern void sc_tally_case(ScTally *tally, const ScScoredCase *scored,
						  bool is_neutral, bool fills_latest, bool is_in_window);
extern void sc_tally_merge(ScTally *tally, const ScTally *other);
extern void sc_tally_result(const ScTally *tally, ScTallyResult *result);

#endif							/* SUPPORT_CASE_RATING_H */
