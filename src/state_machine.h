/*
 * state_machine.h
 *		Statuses, actions and the one static table of arcs between them.
 *
 * Pure: no fmgr, no ereport, no palloc.  A new arc is a new row of the table
 * in arcs.c, a new name a row in state_names.c; everything else (commands,
 * guard trigger, effective views, documentation, tests) reads that table.
 */
#ifndef SUPPORT_CASE_STATE_MACHINE_H
#define SUPPORT_CASE_STATE_MACHINE_H

#include "postgres.h"

/* Which kind of thing goes through a life cycle. */
typedef enum ScMachine
{
	SC_MACHINE_CASE,
	SC_MACHINE_REFUND_INSTRUCTION,
	SC_MACHINE_PUBLIC_RATING,
	SC_MACHINE_PRICE_OFFER,
	SC_MACHINE_CARRIER_CLAIM,
	SC_MACHINE_COUNT
} ScMachine;

typedef enum ScStatus
{
	SC_STATUS_NONE,				/* before the thing exists */
	SC_AWAITING_SELLER,
	SC_AWAITING_BUYER,
	SC_PARTIAL_OFFERED,
	SC_RETURN_PENDING,
	SC_RETURN_IN_TRANSIT,
	SC_RETURN_INSPECTION,
	SC_REPLACEMENT_PENDING,
	SC_REPLACEMENT_IN_TRANSIT,
	SC_REFUSAL_EXPLAINED,
	SC_ESCALATED,
	SC_CLOSED,
	SC_REFUND_INSTRUCTED,
	SC_REFUND_SETTLED,
	SC_REFUND_FAILED,
	SC_RATING_PUBLISHED,
	SC_RATING_DISPUTED,
	SC_RATING_UPHELD,
	SC_RATING_REMOVED,
	SC_OFFER_AWAITING_SELLER,
	SC_OFFER_AWAITING_BUYER,
	SC_OFFER_ACCEPTED,
	SC_OFFER_DECLINED,
	SC_OFFER_COUNTERED,
	SC_OFFER_EXPIRED,
	SC_OFFER_SUPERSEDED,
	SC_OFFER_ITEM_SOLD,
	SC_OFFER_PURCHASED,
	SC_OFFER_LAPSED,
	SC_CLAIM_SCHEDULED,
	SC_CLAIM_FILEABLE,
	SC_CLAIM_FILED,
	SC_CLAIM_PAID,
	SC_CLAIM_DENIED,
	SC_CLAIM_MANUAL,
	SC_CLAIM_CANCELLED,
	SC_STATUS_COUNT
} ScStatus;

typedef enum ScResolution
{
	SC_RESOLUTION_NONE,
	SC_FULL_REFUND,
	SC_FULL_REFUND_AFTER_RETURN,
	SC_PARTIAL_REFUND,
	SC_REPLACEMENT,
	SC_NO_REFUND,
	SC_RETURN_EXPIRED,
	SC_NO_BUYER_RESPONSE,
	SC_NO_SELLER_RESPONSE,
	SC_WITHDRAWN,
	SC_PLATFORM_REFUND,
	SC_PLATFORM_DENIED,
	SC_SUPERSEDED_BY_CHARGEBACK,
	SC_RESOLUTION_COUNT
} ScResolution;

typedef enum ScActor
{
	SC_SYSTEM,
	SC_BUYER,
	SC_SELLER,
	SC_PLATFORM,
	SC_CARRIER,
	SC_HOST,
	SC_ACTOR_COUNT
} ScActor;

/* What an actor can do; every command of the SQL API is one of these. */
typedef enum ScAction
{
	SC_OPEN_CASE,
	SC_EXPIRE_DEADLINE,
	SC_POST_CHARGE,
	SC_OFFER_FULL_REFUND,
	SC_OFFER_PARTIAL_REFUND,
	SC_SEND_REPLACEMENT,
	SC_EXPLAIN_NO_REFUND,
	SC_REQUEST_INFORMATION,
	SC_CONFIRM_RETURN,
	SC_DISPUTE_RETURN,
	SC_ACCEPT_OFFER,
	SC_DECLINE_OFFER,
	SC_PROVIDE_INFORMATION,
	SC_ESCALATE,
	SC_WITHDRAW_CASE,
	SC_REOPEN_CASE,
	SC_CONSENT_TO_REPLACEMENT,
	SC_SUBMIT_DROPOFF_PROOF,
	SC_LEAVE_FEEDBACK,
	SC_DECIDE,
	SC_AUTHORISE_RETURN,
	SC_REINSTATE_RETURN,
	SC_RETURN_TO_SELLER,
	SC_TAKE_OVER_CASE,
	SC_REASSIGN_LIABILITY,
	SC_RESUME_CASE,
	SC_RECORD_RETURN_LABEL,
	SC_RECORD_RETURN_DROPPED_OFF,
	SC_RECORD_RETURN_DELIVERED,
	SC_RECORD_REPLACEMENT_SHIPPED,
	SC_RECORD_REPLACEMENT_DELIVERED,
	SC_RECORD_CHARGEBACK,
	SC_RECORD_EXTERNAL_REFUND,
	SC_RECORD_REFUND_SETTLED,
	SC_RECORD_REFUND_FAILED,
	SC_REQUEST_CARRIER_CLAIM,
	SC_RECORD_MANUAL_CARRIER_CLAIM,
	SC_CANCEL_CARRIER_CLAIM,
	SC_RECORD_CARRIER_CLAIM_FILED,
	SC_RECORD_CARRIER_CLAIM_PAID,
	SC_RECORD_CARRIER_CLAIM_DENIED,
	SC_POST_MESSAGE,
	SC_FILE_GUARANTEE_CLAIM,
	SC_ADMIT_GUARANTEE_CLAIM,
	SC_REFUND_AND_ASK_TO_REORDER,
	SC_START_CARRIER_ENQUIRY,
	SC_RECORD_PARCEL_FOUND,
	SC_CONSENT_TO_RECHARGE,
	SC_WITHDRAW_RECHARGE_CONSENT,
	SC_RECHARGE_BUYER,
	SC_RATE_ORDER,
	SC_DISPUTE_RATING,
	SC_UPHOLD_RATING,
	SC_REMOVE_RATING,
	SC_MAKE_OFFER,
	SC_ACCEPT_PRICE_OFFER,
	SC_DECLINE_PRICE_OFFER,
	SC_COUNTER_PRICE_OFFER,
	SC_CHANGE_LIST_PRICE,
	SC_RECORD_PURCHASE,
	SC_SELL_ITEM,
	SC_ACTION_COUNT
} ScAction;

/*
 * The terms of a policy version: first the deadlines, which run and expire,
 * then the windows, within which something is possible.  The order is that of
 * the array which the policy table hands to _policy_rules().  The timers of the
 * smaller machines follow: SQL computes when they end.
 */
typedef enum ScDeadline
{
	SC_SELLER_RESPONSE,
	SC_NEXT_RESPONSE,
	SC_ESCALATION_WINDOW,
	SC_INFORMATION_REQUEST,
	SC_PARTIAL_OFFER_ANSWER,
	SC_RETURN_DROP_OFF,
	SC_RETURN_INSPECTION_DEADLINE,
	SC_RETURN_TRANSIT,
	SC_REPLACEMENT_SHIPMENT,
	SC_REPLACEMENT_TRANSIT,
	SC_DEADLINE_COUNT,

	SC_ESCALATION_MIN_WAIT = SC_DEADLINE_COUNT,
	SC_REOPEN_WINDOW,
	SC_REPLACEMENT_CONFIRM_WINDOW,
	SC_RETURN_GRACE,
	SC_FEEDBACK_WINDOW,
	SC_APPEAL_WINDOW,
	SC_FACT_MINIMUM_NOTICE,
	SC_REFUND_VISIBLE_MIN,
	SC_REFUND_VISIBLE_MAX,
	SC_TERM_COUNT,

	SC_CLAIM_WAIT = SC_TERM_COUNT,
	SC_TIMER_COUNT,

	SC_DEADLINE_NONE,			/* the arc stops the timer */
	SC_DEADLINE_KEEP			/* the arc leaves the timer alone */
} ScDeadline;

/* What an arc charges to the ledger (requirements 2.13). */
typedef enum ScCharge
{
	SC_CHARGE_NONE,
	SC_CHARGE_FULL_REFUND,
	SC_CHARGE_FULL_REFUND_AFTER_RETURN,
	SC_CHARGE_PARTIAL_REFUND,
	SC_CHARGE_PLATFORM_REFUND,
	SC_CHARGE_PLATFORM_PARTIAL_REFUND,
	SC_CHARGE_RETURN_LABEL,
	SC_CHARGE_COUNT
} ScCharge;

typedef enum ScEscalationReason
{
	SC_REASON_NONE,
	SC_REASON_ROUTED_TO_PLATFORM,
	SC_REASON_BUYER_ESCALATED,
	SC_REASON_SELLER_SILENT,
	SC_REASON_DECLINED_NOTHING_TO_RETURN,
	SC_REASON_RETURN_DISPUTED,
	SC_REASON_RETURN_OVERDUE,
	SC_REASON_RETURN_REFUSED,
	SC_REASON_RETURN_LOST,
	SC_REASON_REPLACEMENT_LOST,
	SC_REASON_CHARGEBACK,
	SC_REASON_APPEALED,
	SC_REASON_TAKEN_OVER,
	SC_REASON_GUARANTEE_CLAIMED,
	SC_REASON_COUNT
} ScEscalationReason;

/*
 * What may have to hold (or not to hold) for an arc.  The first group follows
 * from the case, the second from what belongs to it, which the SQL shell looks
 * up, the third is stated by the command, the fourth is a setting of the
 * case's policy version, written "setting=value".
 */
typedef enum ScCondition
{
	SC_IS_OVERDUE,
	SC_ESCALATION_OPEN,
	SC_IS_DISCRETIONARY,
	SC_IS_RETURNABLE,
	SC_IS_REOPENABLE,
	SC_IS_RETURN_EXPIRED,
	SC_IS_RETURN_OVERDUE,
	SC_IS_PLATFORM_DENIED,
	SC_IS_ROUTED_TO_PLATFORM,
	SC_IS_RETURN_LOST,
	SC_IS_REPLACEMENT_LOST,
	SC_CONVERSATION_BLOCKED,
	SC_REOPEN_WINDOW_OPEN,
	SC_RETURN_GRACE_OPEN,
	SC_FEEDBACK_WINDOW_OPEN,
	SC_APPEAL_WINDOW_OPEN,
	SC_IN_TIME,
	SC_IS_STALLED,
	SC_IS_RATEABLE,
	SC_IS_GUARANTEE_CLAIM,

	SC_RETURN_EXPECTED,
	SC_REPLACEMENT_EXPECTED,
	SC_IS_CHARGED,
	SC_PARCEL_FOUND,
	SC_RECHARGE_CONSENTED,

	SC_ROUTED_TO_SELLER,
	SC_SELLER_IS_PARTY,
	SC_RETURN_REQUIRED,
	SC_CONSENT_GIVEN,
	SC_ANSWERS_SELLER,
	SC_ANSWERS_BUYER,
	SC_PARCEL_REFUSED,
	SC_NOTHING_LEFT,
	SC_DECISION_UPHOLD_SELLER,
	SC_DECISION_REFUND,
	SC_DECISION_PARTIAL_REFUND,
	SC_LIABILITY_PLATFORM,

	SC_RESPONSE_COUNTS_ANY_PUBLIC_MESSAGE,
	SC_ESCALATION_AUTO_ON_OVERDUE,
	SC_ESCALATION_BLOCKS_MESSAGES,
	SC_ESCALATION_ALLOW_CONCEDE,
	SC_WITHDRAW_ALLOWED,
	SC_PARTIAL_OFFER_KEEP_OPEN,
	SC_PARTIAL_OFFER_TREAT_AS_DECLINED,
	SC_PARTIAL_OFFER_TREAT_AS_ACCEPTED,
	SC_PARTIAL_OFFER_CLOSE,
	SC_DECLINE_WITHOUT_ITEM_ESCALATE,
	SC_DECLINE_WITHOUT_ITEM_REFUND,
	SC_DECLINE_WITHOUT_ITEM_REOPEN,
	SC_PARTIAL_OFFER_ALLOW_UPGRADE,
	SC_RETURN_AUTO_CANCEL,
	SC_RETURN_CHARGE_UNSCANNED_LABEL,
	SC_RETURN_DROPOFF_PROOF_COUNTS,
	SC_RETURN_SELLER_MAY_REPORT_DELIVERY,
	SC_RETURN_REFUSAL_COUNTS_AS_DELIVERY,
	SC_REPLACEMENT_REFUND_AND_REORDER,
	SC_REPLACEMENT_LABEL_IS_SENT,
	SC_REPLACEMENT_AUTO_AUTHORISE_RETURN,
	SC_CHARGEBACK_ESCALATES,
	SC_CONDITION_COUNT
} ScCondition;

#define SC_FIRST_FACT_CONDITION	SC_RETURN_EXPECTED
#define SC_FIRST_COMMAND_CONDITION	SC_ROUTED_TO_SELLER
#define SC_FIRST_POLICY_CONDITION	SC_RESPONSE_COUNTS_ANY_PUBLIC_MESSAGE

StaticAssertDecl(SC_CONDITION_COUNT <= 64, "conditions fit a 64-bit set");
StaticAssertDecl(SC_STATUS_COUNT <= 64, "statuses fit a 64-bit set");

typedef uint64 ScConditionSet;
typedef uint64 ScStatusSet;

#define SC_BIT(condition)	(UINT64CONST(1) << (condition))
#define SC_FROM(status)		(UINT64CONST(1) << (status))

typedef struct ScArc
{
	const char *id;				/* the row of requirements.md, section 6 */
	ScStatusSet from;			/* set of SC_FROM(status) */
	ScAction	action;
	ScActor		actor;
	ScConditionSet requires;	/* all of these hold ... */
	ScConditionSet excludes;	/* ... and none of these */
	ScStatus	to;				/* SC_STATUS_NONE: the status stays */
	ScResolution resolution;
	ScDeadline	deadline;		/* the timer that starts */
	ScEscalationReason escalation_reason;
	ScCharge	charge;
	const char *grounds;		/* requirement ids */
} ScArc;

/* How to refuse an action whose only fault is one condition. */
typedef struct ScConditionInfo
{
	const char *name;
	int			sqlstate;		/* 0: SC001 */
	const char *message;		/* NULL: that of SC001 */
	const char *unmet;			/* sentence when a required one is missing */
	const char *excluded;		/* sentence when an excluded one holds */
} ScConditionInfo;

typedef struct ScStatusInfo
{
	const char *name;
	ScMachine	machine;
	const char *waiting_on;		/* NULL: nobody */
	const char *next_step;		/* NULL: none */
} ScStatusInfo;

/* The part of a case that decides where it can go. */
typedef struct ScCaseState
{
	ScStatus	status;
	ScResolution resolution;
	ScDeadline	deadline;		/* the running timer, or SC_DEADLINE_NONE */
	ScEscalationReason escalation_reason;
	bool		is_responded;	/* the seller met the latest first response */
	bool		is_discretionary;
	bool		is_returnable;
	bool		is_conversation_closed;
	bool		is_stalled;		/* its timer cannot take effect */
	int64		due_at;			/* TimestampTz; of the running timer only */
	int64		status_since;
	int64		opened_at;
} ScCaseState;

extern const ScArc sc_arcs[];
extern const int sc_arc_count;
extern const ScStatusInfo sc_statuses[SC_STATUS_COUNT];
extern const ScConditionInfo sc_conditions[SC_CONDITION_COUNT];
extern const char *const sc_machine_names[SC_MACHINE_COUNT];
extern const char *const sc_resolution_names[SC_RESOLUTION_COUNT];
extern const char *const sc_actor_names[SC_ACTOR_COUNT];
extern const char *const sc_action_names[SC_ACTION_COUNT];
extern const char *const sc_deadline_names[SC_TIMER_COUNT];
extern const char *const sc_charge_names[SC_CHARGE_COUNT];
extern const char *const sc_escalation_reason_names[SC_REASON_COUNT];

extern int	sc_find_name(const char *const *names, int count,
						 const char *text, size_t length);
extern int	sc_find_status(ScMachine machine, const char *text, size_t length);
extern int	sc_find_condition(const char *text, size_t length);

extern ScConditionSet sc_case_conditions(const ScCaseState *state,
										 ScConditionSet policy);
extern ScMachine sc_machine_of(const ScArc *arc);
extern const ScArc *sc_find_arc(ScStatus status, ScAction action,
								ScActor actor, ScConditionSet holds);
extern const ScArc *sc_find_blocked_arc(ScStatus status, ScAction action,
										ScActor actor, ScConditionSet holds,
										ScCondition *fault,
										bool *fault_is_excluded);
extern bool sc_is_possible(const ScArc *arc, ScStatus status,
						   ScConditionSet holds, bool is_asked);
extern bool sc_is_possible_action(ScStatus status, ScAction action,
								  ScActor actor, ScConditionSet holds);
extern void sc_take_arc(ScCaseState *state, const ScArc *arc);
extern bool sc_is_legal_change(ScStatus from, ScStatus to,
							   ScResolution resolution);

#endif							/* SUPPORT_CASE_STATE_MACHINE_H */
