/*
 * state_machine.c
 *		The life cycle of a case, as one table, and the questions asked of it.
 *
 * The rows follow requirements.md, section 6.  Where several rows share
 * status, action and actor, the first whose conditions hold is taken, so the
 * special row stands before the general one.
 */
#include "state_machine.h"

#include "port/pg_bitutils.h"

#include "errors.h"

const char *const sc_machine_names[SC_MACHINE_COUNT] = {
	[SC_MACHINE_CASE] = "case",
	[SC_MACHINE_REFUND_INSTRUCTION] = "refund_instruction",
};

const ScStatusInfo sc_statuses[SC_STATUS_COUNT] = {
	[SC_STATUS_NONE] = {NULL, SC_MACHINE_CASE, NULL, NULL},
	[SC_AWAITING_SELLER] = {"awaiting_seller", SC_MACHINE_CASE,
	"seller", "respond"},
	[SC_AWAITING_BUYER] = {"awaiting_buyer", SC_MACHINE_CASE,
	"buyer", "provide_information"},
	[SC_PARTIAL_OFFERED] = {"partial_offered", SC_MACHINE_CASE,
	"buyer", "answer_offer"},
	[SC_RETURN_PENDING] = {"return_pending", SC_MACHINE_CASE,
	"buyer", "drop_off_return"},
	[SC_RETURN_IN_TRANSIT] = {"return_in_transit", SC_MACHINE_CASE,
	"carrier", "deliver_return"},
	[SC_RETURN_INSPECTION] = {"return_inspection", SC_MACHINE_CASE,
	"seller", "inspect_return"},
	[SC_REPLACEMENT_PENDING] = {"replacement_pending", SC_MACHINE_CASE,
	"seller", "ship_replacement"},
	[SC_REPLACEMENT_IN_TRANSIT] = {"replacement_in_transit", SC_MACHINE_CASE,
	"carrier", "deliver_replacement"},
	[SC_REFUSAL_EXPLAINED] = {"refusal_explained", SC_MACHINE_CASE,
	"buyer", "accept_refusal_or_escalate"},
	[SC_ESCALATED] = {"escalated", SC_MACHINE_CASE,
	"platform", "decide"},
	[SC_CLOSED] = {"closed", SC_MACHINE_CASE, NULL, NULL},
	[SC_REFUND_INSTRUCTED] = {"instructed", SC_MACHINE_REFUND_INSTRUCTION,
	"host", "execute_refund"},
	[SC_REFUND_SETTLED] = {"settled", SC_MACHINE_REFUND_INSTRUCTION,
	NULL, NULL},
	[SC_REFUND_FAILED] = {"failed", SC_MACHINE_REFUND_INSTRUCTION,
	"platform", "retry_refund"},
};

const char *const sc_resolution_names[SC_RESOLUTION_COUNT] = {
	[SC_RESOLUTION_NONE] = NULL,
	[SC_FULL_REFUND] = "full_refund",
	[SC_FULL_REFUND_AFTER_RETURN] = "full_refund_after_return",
	[SC_PARTIAL_REFUND] = "partial_refund",
	[SC_REPLACEMENT] = "replacement",
	[SC_NO_REFUND] = "no_refund",
	[SC_RETURN_EXPIRED] = "return_expired",
	[SC_NO_BUYER_RESPONSE] = "no_buyer_response",
	[SC_NO_SELLER_RESPONSE] = "no_seller_response",
	[SC_WITHDRAWN] = "withdrawn",
	[SC_PLATFORM_REFUND] = "platform_refund",
	[SC_PLATFORM_DENIED] = "platform_denied",
	[SC_SUPERSEDED_BY_CHARGEBACK] = "superseded_by_chargeback",
};

const char *const sc_actor_names[SC_ACTOR_COUNT] = {
	[SC_SYSTEM] = "system",
	[SC_BUYER] = "buyer",
	[SC_SELLER] = "seller",
	[SC_PLATFORM] = "platform",
	[SC_CARRIER] = "carrier",
	[SC_HOST] = "host",
};

const char *const sc_action_names[SC_ACTION_COUNT] = {
	[SC_OPEN_CASE] = "open_case",
	[SC_EXPIRE_DEADLINE] = "expire_deadline",
	[SC_OFFER_FULL_REFUND] = "offer_full_refund",
	[SC_OFFER_PARTIAL_REFUND] = "offer_partial_refund",
	[SC_SEND_REPLACEMENT] = "send_replacement",
	[SC_EXPLAIN_NO_REFUND] = "explain_no_refund",
	[SC_REQUEST_INFORMATION] = "request_information",
	[SC_CONFIRM_RETURN] = "confirm_return",
	[SC_DISPUTE_RETURN] = "dispute_return",
	[SC_ACCEPT_OFFER] = "accept_offer",
	[SC_DECLINE_OFFER] = "decline_offer",
	[SC_PROVIDE_INFORMATION] = "provide_information",
	[SC_ESCALATE] = "escalate",
	[SC_WITHDRAW_CASE] = "withdraw_case",
	[SC_REOPEN_CASE] = "reopen_case",
	[SC_CONSENT_TO_REPLACEMENT] = "consent_to_replacement",
	[SC_SUBMIT_DROPOFF_PROOF] = "submit_dropoff_proof",
	[SC_LEAVE_FEEDBACK] = "leave_feedback",
	[SC_DECIDE] = "decide",
	[SC_AUTHORISE_RETURN] = "authorise_return",
	[SC_REINSTATE_RETURN] = "reinstate_return",
	[SC_RETURN_TO_SELLER] = "return_to_seller",
	[SC_REASSIGN_LIABILITY] = "reassign_liability",
	[SC_RESUME_CASE] = "resume_case",
	[SC_RECORD_RETURN_LABEL] = "record_return_label",
	[SC_RECORD_RETURN_DROPPED_OFF] = "record_return_dropped_off",
	[SC_RECORD_RETURN_DELIVERED] = "record_return_delivered",
	[SC_RECORD_REPLACEMENT_SHIPPED] = "record_replacement_shipped",
	[SC_RECORD_REPLACEMENT_DELIVERED] = "record_replacement_delivered",
	[SC_RECORD_CHARGEBACK] = "record_chargeback",
	[SC_RECORD_EXTERNAL_REFUND] = "record_external_refund",
	[SC_RECORD_REFUND_SETTLED] = "record_refund_settled",
	[SC_RECORD_REFUND_FAILED] = "record_refund_failed",
	[SC_POST_MESSAGE] = "post_message",
};

const char *const sc_deadline_names[SC_TERM_COUNT] = {
	[SC_SELLER_RESPONSE] = "seller_response",
	[SC_NEXT_RESPONSE] = "next_response",
	[SC_ESCALATION_WINDOW] = "escalation_window",
	[SC_INFORMATION_REQUEST] = "information_request",
	[SC_PARTIAL_OFFER_ANSWER] = "partial_offer_answer",
	[SC_RETURN_DROP_OFF] = "return_drop_off",
	[SC_RETURN_INSPECTION_DEADLINE] = "return_inspection",
	[SC_RETURN_TRANSIT] = "return_transit",
	[SC_REPLACEMENT_SHIPMENT] = "replacement_shipment",
	[SC_REPLACEMENT_TRANSIT] = "replacement_transit",
	[SC_ESCALATION_MIN_WAIT] = "escalation_min_wait",
	[SC_REOPEN_WINDOW] = "reopen_window",
	[SC_REPLACEMENT_CONFIRM_WINDOW] = "replacement_confirm_window",
	[SC_RETURN_GRACE] = "return_grace",
	[SC_FEEDBACK_WINDOW] = "feedback_window",
	[SC_APPEAL_WINDOW] = "appeal_window",
	[SC_FACT_MINIMUM_NOTICE] = "fact_minimum_notice",
};

const char *const sc_charge_names[SC_CHARGE_COUNT] = {
	[SC_CHARGE_NONE] = NULL,
	[SC_CHARGE_FULL_REFUND] = "full_refund",
	[SC_CHARGE_FULL_REFUND_AFTER_RETURN] = "full_refund_after_return",
	[SC_CHARGE_PARTIAL_REFUND] = "partial_refund",
	[SC_CHARGE_PLATFORM_REFUND] = "platform_refund",
	[SC_CHARGE_PLATFORM_PARTIAL_REFUND] = "platform_partial_refund",
	[SC_CHARGE_RETURN_LABEL] = "return_label",
};

const char *const sc_escalation_reason_names[SC_REASON_COUNT] = {
	[SC_REASON_NONE] = NULL,
	[SC_REASON_ROUTED_TO_PLATFORM] = "routed_to_platform",
	[SC_REASON_BUYER_ESCALATED] = "buyer_escalated",
	[SC_REASON_SELLER_SILENT] = "seller_silent",
	[SC_REASON_DECLINED_NOTHING_TO_RETURN] = "declined_nothing_to_return",
	[SC_REASON_RETURN_DISPUTED] = "return_disputed",
	[SC_REASON_RETURN_OVERDUE] = "return_overdue",
	[SC_REASON_RETURN_REFUSED] = "return_refused",
	[SC_REASON_RETURN_LOST] = "return_lost",
	[SC_REASON_REPLACEMENT_LOST] = "replacement_lost",
	[SC_REASON_CHARGEBACK] = "chargeback",
	[SC_REASON_APPEALED] = "appealed",
};

/* A setting of the pinned policy explains itself by its name and value. */
#define POLICY(setting) \
	{setting, 0, NULL, \
	 "The policy of this case does not have " setting ".", \
	 "The policy of this case has " setting "."}

/* The time in which something is possible after closing. */
#define WINDOW(term, participle) \
	{term "_open", ERRCODE_SC_DEADLINE_PASSED, "the deadline has passed", \
	 "The time (" term ") in which a closed case can be " participle \
	 " is over, or the policy of this case grants none.", NULL}

const ScConditionInfo sc_conditions[SC_CONDITION_COUNT] = {
	[SC_IS_OVERDUE] = {"overdue", 0, NULL,
		"The deadline of the seller has not passed yet.",
	"The deadline of the seller has passed."},
	[SC_ESCALATION_OPEN] = {"escalation_open", ERRCODE_SC_ESCALATION_TOO_EARLY,
		"escalation is not possible yet",
		"The seller has neither answered nor missed the response deadline.",
	NULL},
	[SC_IS_DISCRETIONARY] = {"discretionary", 0, NULL,
		NULL,
	"The request was filed late, so the seller alone decides on it."},
	[SC_IS_RETURNABLE] = {"returnable", 0, NULL,
		"The reason of this case leaves nothing to return.",
	"The item of this case can be returned."},
	[SC_IS_REOPENABLE] = {"reopenable", 0, NULL,
		"A case with this resolution cannot be reopened.",
	NULL},
	[SC_IS_RETURN_EXPIRED] = {"return_expired", 0, NULL,
		"The case did not close because a return was not dropped off.",
	NULL},
	[SC_IS_RETURN_OVERDUE] = {"return_overdue", 0, NULL,
		"The case was not escalated because a return was not dropped off.",
	NULL},
	[SC_IS_PLATFORM_DENIED] = {"platform_denied", 0, NULL,
		"Only a refund that the platform denied can be appealed.",
	NULL},
	[SC_IS_ROUTED_TO_PLATFORM] = {"routed_to_platform", 0, NULL,
		"The case was not routed to the platform.",
	"The case was routed to the platform and never reached the seller."},
	[SC_IS_RETURN_LOST] = {"return_lost", 0, NULL,
		"The case was not escalated because a return was lost.",
	NULL},
	[SC_IS_REPLACEMENT_LOST] = {"replacement_lost", 0, NULL,
		"The case was not escalated because a replacement was lost.",
	NULL},
	[SC_CONVERSATION_BLOCKED] = {"conversation_blocked", 0, NULL,
		NULL,
	"The conversation was closed when the case was escalated."},
	[SC_REOPEN_WINDOW_OPEN] = WINDOW("reopen_window", "reopened"),
	[SC_RETURN_GRACE_OPEN] = WINDOW("return_grace", "given its return back"),
	[SC_FEEDBACK_WINDOW_OPEN] = WINDOW("feedback_window", "rated"),
	[SC_APPEAL_WINDOW_OPEN] = WINDOW("appeal_window", "appealed"),
	[SC_IN_TIME] = {"in_time", ERRCODE_SC_DEADLINE_PASSED,
		"the deadline has passed",
		"The parcel was not dropped off before its deadline.",
	NULL},
	[SC_IS_STALLED] = {"stalled", 0, NULL,
		"The case is not stalled.",
	NULL},
	[SC_IS_RATEABLE] = {"rateable", 0, NULL,
		"A case that the buyer withdrew or did not answer, or that was escalated without any response of the seller, cannot be rated.",
	NULL},

	[SC_RETURN_EXPECTED] = {"return_expected", 0, NULL,
		"No return of this case is on its way.",
	NULL},
	[SC_REPLACEMENT_EXPECTED] = {"replacement_expected", 0, NULL,
		"No replacement of this case is on its way.",
	NULL},
	[SC_IS_CHARGED] = {"charged", 0, NULL,
		"The case has no charge whose liability could be reassigned.",
	NULL},

	[SC_ROUTED_TO_SELLER] = {"routed_to_seller", 0, NULL, NULL, NULL},
	[SC_RETURN_REQUIRED] = {"return_required", 0, NULL,
		"This needs a return of the item.",
	"This cannot require a return of the item."},
	[SC_CONSENT_GIVEN] = {"consent_given", ERRCODE_SC_CONSENT_REQUIRED,
		"a replacement needs the consent of the buyer",
		"The buyer has not consented to a replacement.",
	NULL},
	[SC_ANSWERS_SELLER] = {"answers_seller", 0, NULL, NULL, NULL},
	[SC_ANSWERS_BUYER] = {"answers_buyer", 0, NULL, NULL, NULL},
	[SC_PARCEL_REFUSED] = {"parcel_refused", 0, NULL, NULL, NULL},
	[SC_NOTHING_LEFT] = {"nothing_left_to_refund", 0, NULL, NULL, NULL},
	[SC_DECISION_UPHOLD_SELLER] = {"decision=uphold_seller", 0, NULL,
	NULL, NULL},
	[SC_DECISION_REFUND] = {"decision=refund", 0, NULL, NULL, NULL},
	[SC_DECISION_PARTIAL_REFUND] = {"decision=partial_refund", 0, NULL,
	NULL, NULL},
	[SC_LIABILITY_PLATFORM] = {"liability=platform", 0, NULL, NULL, NULL},

	[SC_RESPONSE_COUNTS_ANY_PUBLIC_MESSAGE] =
	POLICY("response_counts=any_public_message"),
	[SC_ESCALATION_AUTO_ON_OVERDUE] =
	POLICY("escalation_auto_on_overdue=true"),
	[SC_ESCALATION_BLOCKS_MESSAGES] =
	POLICY("escalation_blocks_messages=true"),
	[SC_ESCALATION_ALLOW_CONCEDE] =
	POLICY("escalation_allow_concede=true"),
	[SC_WITHDRAW_ALLOWED] =
	POLICY("withdraw_allowed=true"),
	[SC_PARTIAL_OFFER_KEEP_OPEN] =
	POLICY("partial_offer_on_expiry=keep_open"),
	[SC_PARTIAL_OFFER_TREAT_AS_DECLINED] =
	POLICY("partial_offer_on_expiry=treat_as_declined"),
	[SC_PARTIAL_OFFER_TREAT_AS_ACCEPTED] =
	POLICY("partial_offer_on_expiry=treat_as_accepted"),
	[SC_PARTIAL_OFFER_CLOSE] =
	POLICY("partial_offer_on_expiry=close"),
	[SC_DECLINE_WITHOUT_ITEM_ESCALATE] =
	POLICY("partial_offer_decline_without_item=escalate"),
	[SC_DECLINE_WITHOUT_ITEM_REFUND] =
	POLICY("partial_offer_decline_without_item=refund_no_return"),
	[SC_DECLINE_WITHOUT_ITEM_REOPEN] =
	POLICY("partial_offer_decline_without_item=reopen"),
	[SC_PARTIAL_OFFER_ALLOW_UPGRADE] =
	POLICY("partial_offer_allow_upgrade=true"),
	[SC_RETURN_AUTO_CANCEL] =
	POLICY("return_auto_cancel=true"),
	[SC_RETURN_CHARGE_UNSCANNED_LABEL] =
	POLICY("return_charge_unscanned_label=true"),
	[SC_RETURN_DROPOFF_PROOF_COUNTS] =
	POLICY("return_dropoff_evidence=scan_or_proof"),
	[SC_RETURN_SELLER_MAY_REPORT_DELIVERY] =
	POLICY("return_delivery_evidence=carrier_or_seller"),
	[SC_RETURN_REFUSAL_COUNTS_AS_DELIVERY] =
	POLICY("return_refusal_counts_as_delivery=true"),
	[SC_REPLACEMENT_REFUND_AND_REORDER] =
	POLICY("replacement_mode=refund_and_reorder"),
	[SC_REPLACEMENT_LABEL_IS_SENT] =
	POLICY("replacement_sent_evidence=label"),
	[SC_REPLACEMENT_AUTO_AUTHORISE_RETURN] =
	POLICY("replacement_auto_authorise_return=true"),
	[SC_CHARGEBACK_ESCALATES] =
	POLICY("chargeback_on_open=escalate"),
};

#undef POLICY
#undef WINDOW

/* Sets of statuses that rows share. */
#define NEW				SC_FROM(SC_STATUS_NONE)
#define OPEN			(SC_FROM(SC_AWAITING_SELLER) | \
						 SC_FROM(SC_AWAITING_BUYER))
#define OFFERED			SC_FROM(SC_PARTIAL_OFFERED)
#define REFUSED			SC_FROM(SC_REFUSAL_EXPLAINED)
#define RETURNING		(SC_FROM(SC_RETURN_PENDING) | \
						 SC_FROM(SC_RETURN_IN_TRANSIT) | \
						 SC_FROM(SC_RETURN_INSPECTION))
#define REPLACING		(SC_FROM(SC_REPLACEMENT_PENDING) | \
						 SC_FROM(SC_REPLACEMENT_IN_TRANSIT))
#define ESCALATED		SC_FROM(SC_ESCALATED)
#define CLOSED			SC_FROM(SC_CLOSED)
#define CONVERSING		(OPEN | OFFERED | REFUSED | RETURNING | REPLACING)
#define NOT_CLOSED		(CONVERSING | ESCALATED)
#define ONLY(status)	SC_FROM(status)

#define IF(condition)	SC_BIT(SC_##condition)
#define ALWAYS			UINT64CONST(0)
#define STAY			SC_STATUS_NONE, SC_RESOLUTION_NONE

/* What the last columns of most rows are. */
#define NO_CHARGE		SC_REASON_NONE, SC_CHARGE_NONE
#define CHARGE(kind)	SC_REASON_NONE, SC_CHARGE_##kind
#define REASON(why)		SC_REASON_##why, SC_CHARGE_NONE
#define TO(status)		SC_##status, SC_RESOLUTION_NONE
#define CLOSE(why)		SC_CLOSED, SC_##why
#define TIMER(name)		SC_##name
#define STOP			SC_DEADLINE_NONE
#define KEEP			SC_DEADLINE_KEEP

/* *INDENT-OFF* */
const ScArc sc_arcs[] = {
	/* intake */
	{"T-01", NEW, SC_OPEN_CASE, SC_BUYER, IF(ROUTED_TO_SELLER), ALWAYS,
		TO(AWAITING_SELLER), TIMER(SELLER_RESPONSE), NO_CHARGE, "W-16, W-25, W-96"},
	{"T-02", NEW, SC_OPEN_CASE, SC_BUYER, ALWAYS, IF(ROUTED_TO_SELLER),
		TO(ESCALATED), STOP, REASON(ROUTED_TO_PLATFORM), "W-02, W-20, W-21, W-22"},

	/* the six responses of the seller */
	{"T-03", OPEN, SC_OFFER_FULL_REFUND, SC_SELLER, ALWAYS, IF(RETURN_REQUIRED),
		CLOSE(FULL_REFUND), STOP, CHARGE(FULL_REFUND), "W-29, W-31, W-83"},
	{"T-04", OPEN, SC_OFFER_FULL_REFUND, SC_SELLER, IF(RETURN_REQUIRED) | IF(IS_RETURNABLE), ALWAYS,
		TO(RETURN_PENDING), TIMER(RETURN_DROP_OFF), NO_CHARGE, "W-32, W-33, W-35"},
	{"T-05", OPEN, SC_OFFER_PARTIAL_REFUND, SC_SELLER, ALWAYS, ALWAYS,
		TO(PARTIAL_OFFERED), TIMER(PARTIAL_OFFER_ANSWER), NO_CHARGE, "W-51, W-52"},
	{"AMB-25", OPEN, SC_SEND_REPLACEMENT, SC_SELLER, IF(CONSENT_GIVEN) | IF(REPLACEMENT_REFUND_AND_REORDER), ALWAYS,
		CLOSE(FULL_REFUND), STOP, CHARGE(FULL_REFUND), "A-26, AMB-25"},
	{"AMB-26", OPEN, SC_SEND_REPLACEMENT, SC_SELLER, IF(CONSENT_GIVEN) | IF(REPLACEMENT_LABEL_IS_SENT), ALWAYS,
		TO(REPLACEMENT_IN_TRANSIT), TIMER(REPLACEMENT_TRANSIT), NO_CHARGE, "W-58, AMB-26"},
	{"T-06", OPEN, SC_SEND_REPLACEMENT, SC_SELLER, IF(CONSENT_GIVEN), ALWAYS,
		TO(REPLACEMENT_PENDING), TIMER(REPLACEMENT_SHIPMENT), NO_CHARGE, "W-58, W-60"},
	{"T-07", OPEN, SC_EXPLAIN_NO_REFUND, SC_SELLER, ALWAYS, ALWAYS,
		TO(REFUSAL_EXPLAINED), TIMER(ESCALATION_WINDOW), NO_CHARGE, "W-62, W-63, W-87"},
	{"T-08", OPEN, SC_REQUEST_INFORMATION, SC_SELLER, ALWAYS, ALWAYS,
		TO(AWAITING_BUYER), TIMER(INFORMATION_REQUEST), NO_CHARGE, "W-67, AMB-31"},
	{"T-09", ONLY(SC_AWAITING_BUYER), SC_PROVIDE_INFORMATION, SC_BUYER, ALWAYS, ALWAYS,
		TO(AWAITING_SELLER), TIMER(NEXT_RESPONSE), NO_CHARGE, "W-68, AMB-08"},

	/* the buyer answers a partial refund offer */
	{"T-10", OFFERED, SC_ACCEPT_OFFER, SC_BUYER, ALWAYS, ALWAYS,
		CLOSE(PARTIAL_REFUND), STOP, CHARGE(PARTIAL_REFUND), "W-53, W-54, W-86"},
	{"T-11", OFFERED, SC_DECLINE_OFFER, SC_BUYER, IF(IS_RETURNABLE), ALWAYS,
		TO(RETURN_PENDING), TIMER(RETURN_DROP_OFF), NO_CHARGE, "W-55"},
	{"T-33", OFFERED, SC_DECLINE_OFFER, SC_BUYER, IF(DECLINE_WITHOUT_ITEM_REFUND), ALWAYS,
		CLOSE(FULL_REFUND), STOP, CHARGE(FULL_REFUND), "AMB-13"},
	{"T-33", OFFERED, SC_DECLINE_OFFER, SC_BUYER, IF(DECLINE_WITHOUT_ITEM_REOPEN), ALWAYS,
		TO(AWAITING_SELLER), TIMER(NEXT_RESPONSE), NO_CHARGE, "AMB-13"},
	{"T-33", OFFERED, SC_DECLINE_OFFER, SC_BUYER, IF(DECLINE_WITHOUT_ITEM_ESCALATE), ALWAYS,
		TO(ESCALATED), STOP, REASON(DECLINED_NOTHING_TO_RETURN), "AMB-13"},

	/* nobody answers it: one row per setting */
	{"T-12", OFFERED, SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(PARTIAL_OFFER_KEEP_OPEN), ALWAYS,
		TO(AWAITING_BUYER), TIMER(INFORMATION_REQUEST), NO_CHARGE, "W-56, AMB-12"},
	{"T-12", OFFERED, SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(PARTIAL_OFFER_TREAT_AS_ACCEPTED), ALWAYS,
		CLOSE(PARTIAL_REFUND), STOP, CHARGE(PARTIAL_REFUND), "AMB-12"},
	{"T-12", OFFERED, SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(PARTIAL_OFFER_CLOSE), ALWAYS,
		CLOSE(NO_BUYER_RESPONSE), STOP, NO_CHARGE, "AMB-12"},
	{"T-12", OFFERED, SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(PARTIAL_OFFER_TREAT_AS_DECLINED) | IF(IS_RETURNABLE), ALWAYS,
		TO(RETURN_PENDING), TIMER(RETURN_DROP_OFF), NO_CHARGE, "AMB-12, W-55"},
	{"T-12", OFFERED, SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(PARTIAL_OFFER_TREAT_AS_DECLINED) | IF(DECLINE_WITHOUT_ITEM_REFUND), ALWAYS,
		CLOSE(FULL_REFUND), STOP, CHARGE(FULL_REFUND), "AMB-12, AMB-13"},
	{"T-12", OFFERED, SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(PARTIAL_OFFER_TREAT_AS_DECLINED) | IF(DECLINE_WITHOUT_ITEM_REOPEN), ALWAYS,
		TO(AWAITING_SELLER), TIMER(NEXT_RESPONSE), NO_CHARGE, "AMB-12, AMB-13"},
	{"T-12", OFFERED, SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(PARTIAL_OFFER_TREAT_AS_DECLINED) | IF(DECLINE_WITHOUT_ITEM_ESCALATE), ALWAYS,
		TO(ESCALATED), STOP, REASON(DECLINED_NOTHING_TO_RETURN), "AMB-12, AMB-13"},

	/* the return */
	{"T-13", ONLY(SC_RETURN_PENDING), SC_RECORD_RETURN_DROPPED_OFF, SC_CARRIER, ALWAYS, ALWAYS,
		TO(RETURN_IN_TRANSIT), TIMER(RETURN_TRANSIT), NO_CHARGE, "W-33, AMB-17, AMB-20"},
	{"T-13", ONLY(SC_RETURN_PENDING), SC_SUBMIT_DROPOFF_PROOF, SC_BUYER, IF(RETURN_DROPOFF_PROOF_COUNTS), ALWAYS,
		TO(RETURN_IN_TRANSIT), TIMER(RETURN_TRANSIT), NO_CHARGE, "W-33, AMB-17"},
	{"T-14", ONLY(SC_RETURN_PENDING), SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(RETURN_AUTO_CANCEL) | IF(RETURN_CHARGE_UNSCANNED_LABEL), ALWAYS,
		CLOSE(RETURN_EXPIRED), STOP, CHARGE(RETURN_LABEL), "W-34, AMB-23"},
	{"T-14", ONLY(SC_RETURN_PENDING), SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(RETURN_AUTO_CANCEL), ALWAYS,
		CLOSE(RETURN_EXPIRED), STOP, NO_CHARGE, "W-34, W-88, AMB-16"},
	{"T-14", ONLY(SC_RETURN_PENDING), SC_EXPIRE_DEADLINE, SC_SYSTEM, ALWAYS, ALWAYS,
		TO(ESCALATED), STOP, REASON(RETURN_OVERDUE), "W-34, AMB-16"},
	{"AMB-19", ONLY(SC_RETURN_PENDING) | ONLY(SC_RETURN_IN_TRANSIT), SC_RECORD_RETURN_DELIVERED, SC_CARRIER, IF(PARCEL_REFUSED), IF(RETURN_REFUSAL_COUNTS_AS_DELIVERY),
		TO(ESCALATED), STOP, REASON(RETURN_REFUSED), "W-40, AMB-19"},
	{"T-15", ONLY(SC_RETURN_PENDING) | ONLY(SC_RETURN_IN_TRANSIT), SC_RECORD_RETURN_DELIVERED, SC_CARRIER, ALWAYS, ALWAYS,
		TO(RETURN_INSPECTION), TIMER(RETURN_INSPECTION_DEADLINE), NO_CHARGE, "W-40, W-41, W-75, AMB-18"},
	{"T-15", ONLY(SC_RETURN_PENDING) | ONLY(SC_RETURN_IN_TRANSIT), SC_RECORD_RETURN_DELIVERED, SC_SELLER, IF(RETURN_SELLER_MAY_REPORT_DELIVERY), IF(PARCEL_REFUSED),
		TO(RETURN_INSPECTION), TIMER(RETURN_INSPECTION_DEADLINE), NO_CHARGE, "W-41, AMB-18"},
	{"T-16", ONLY(SC_RETURN_INSPECTION), SC_CONFIRM_RETURN, SC_SELLER, ALWAYS, ALWAYS,
		CLOSE(FULL_REFUND_AFTER_RETURN), STOP, CHARGE(FULL_REFUND_AFTER_RETURN), "W-42, W-49, W-84"},
	{"T-17", ONLY(SC_RETURN_INSPECTION), SC_EXPIRE_DEADLINE, SC_SYSTEM, ALWAYS, ALWAYS,
		CLOSE(FULL_REFUND_AFTER_RETURN), STOP, CHARGE(FULL_REFUND_AFTER_RETURN), "W-43, W-79, W-84"},
	{"T-18", ONLY(SC_RETURN_INSPECTION), SC_DISPUTE_RETURN, SC_SELLER, ALWAYS, ALWAYS,
		TO(ESCALATED), STOP, REASON(RETURN_DISPUTED), "W-44, W-45, W-46, W-89"},
	{"T-40", ONLY(SC_RETURN_IN_TRANSIT), SC_EXPIRE_DEADLINE, SC_SYSTEM, ALWAYS, ALWAYS,
		TO(ESCALATED), STOP, REASON(RETURN_LOST), "AMB-20"},
	{"T-41", CLOSED, SC_RECORD_RETURN_DROPPED_OFF, SC_CARRIER, IF(IS_RETURN_EXPIRED) | IF(IN_TIME), ALWAYS,
		TO(RETURN_IN_TRANSIT), TIMER(RETURN_TRANSIT), NO_CHARGE, "W-33, AMB-16, AMB-123"},
	{"T-41", CLOSED, SC_SUBMIT_DROPOFF_PROOF, SC_BUYER, IF(IS_RETURN_EXPIRED) | IF(RETURN_DROPOFF_PROOF_COUNTS) | IF(IN_TIME), ALWAYS,
		TO(RETURN_IN_TRANSIT), TIMER(RETURN_TRANSIT), NO_CHARGE, "AMB-16, AMB-17"},
	{"T-41", CLOSED, SC_REINSTATE_RETURN, SC_PLATFORM, IF(IS_RETURN_EXPIRED) | IF(RETURN_GRACE_OPEN), ALWAYS,
		TO(RETURN_PENDING), TIMER(RETURN_DROP_OFF), NO_CHARGE, "AMB-16"},
	{"T-41", ESCALATED, SC_RECORD_RETURN_DROPPED_OFF, SC_CARRIER, IF(IS_RETURN_OVERDUE) | IF(IN_TIME), ALWAYS,
		TO(RETURN_IN_TRANSIT), TIMER(RETURN_TRANSIT), NO_CHARGE, "AMB-16, AMB-123"},
	{"T-41", ESCALATED, SC_REINSTATE_RETURN, SC_PLATFORM, IF(IS_RETURN_OVERDUE), ALWAYS,
		TO(RETURN_PENDING), TIMER(RETURN_DROP_OFF), NO_CHARGE, "AMB-16"},
	{"W-35", RETURNING, SC_RECORD_RETURN_LABEL, SC_CARRIER, ALWAYS, ALWAYS,
		STAY, KEEP, NO_CHARGE, "W-35, W-49"},

	/* the replacement */
	{"AMB-28", OPEN | REFUSED, SC_CONSENT_TO_REPLACEMENT, SC_BUYER, ALWAYS, ALWAYS,
		STAY, KEEP, NO_CHARGE, "W-57, AMB-28"},
	{"T-19", ONLY(SC_REPLACEMENT_PENDING), SC_RECORD_REPLACEMENT_SHIPPED, SC_CARRIER, ALWAYS, ALWAYS,
		TO(REPLACEMENT_IN_TRANSIT), TIMER(REPLACEMENT_TRANSIT), NO_CHARGE, "W-60, AMB-26"},
	{"T-47", ONLY(SC_REPLACEMENT_PENDING), SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(REPLACEMENT_AUTO_AUTHORISE_RETURN) | IF(IS_RETURNABLE), ALWAYS,
		TO(RETURN_PENDING), TIMER(RETURN_DROP_OFF), NO_CHARGE, "W-60, AMB-27"},
	{"T-20", ONLY(SC_REPLACEMENT_PENDING), SC_EXPIRE_DEADLINE, SC_SYSTEM, ALWAYS, ALWAYS,
		STAY, STOP, NO_CHARGE, "W-60, AMB-27"},
	{"T-21", ONLY(SC_REPLACEMENT_PENDING), SC_AUTHORISE_RETURN, SC_PLATFORM, IF(IS_OVERDUE) | IF(IS_RETURNABLE), ALWAYS,
		TO(RETURN_PENDING), TIMER(RETURN_DROP_OFF), NO_CHARGE, "W-60"},
	{"T-22", REPLACING, SC_RECORD_REPLACEMENT_DELIVERED, SC_CARRIER, ALWAYS, ALWAYS,
		CLOSE(REPLACEMENT), STOP, NO_CHARGE, "W-59, W-85, AMB-29"},
	{"T-40", ONLY(SC_REPLACEMENT_IN_TRANSIT), SC_EXPIRE_DEADLINE, SC_SYSTEM, ALWAYS, ALWAYS,
		TO(ESCALATED), STOP, REASON(REPLACEMENT_LOST), "AMB-29"},

	/* a parcel that was in time though it was reported late */
	{"T-41", CLOSED, SC_RECORD_RETURN_DELIVERED, SC_CARRIER, IF(IS_RETURN_EXPIRED) | IF(IN_TIME), ALWAYS,
		TO(RETURN_INSPECTION), TIMER(RETURN_INSPECTION_DEADLINE), NO_CHARGE, "W-33, W-41, AMB-123"},
	{"T-41", ESCALATED, SC_RECORD_RETURN_DELIVERED, SC_CARRIER, IF(IS_RETURN_LOST) | IF(IN_TIME) | IF(RETURN_EXPECTED), ALWAYS,
		TO(RETURN_INSPECTION), TIMER(RETURN_INSPECTION_DEADLINE), NO_CHARGE, "W-41, AMB-20, AMB-123"},
	{"T-41", ONLY(SC_RETURN_PENDING), SC_RECORD_REPLACEMENT_SHIPPED, SC_CARRIER, IF(REPLACEMENT_EXPECTED) | IF(IN_TIME), ALWAYS,
		TO(REPLACEMENT_IN_TRANSIT), TIMER(REPLACEMENT_TRANSIT), NO_CHARGE, "W-60, AMB-123"},
	{"AMB-29", ESCALATED, SC_RECORD_REPLACEMENT_SHIPPED, SC_CARRIER, IF(REPLACEMENT_EXPECTED), ALWAYS,
		STAY, KEEP, NO_CHARGE, "AMB-29"},
	{"T-41", ESCALATED, SC_RECORD_REPLACEMENT_DELIVERED, SC_CARRIER, IF(IS_REPLACEMENT_LOST) | IF(IN_TIME) | IF(REPLACEMENT_EXPECTED), ALWAYS,
		CLOSE(REPLACEMENT), STOP, NO_CHARGE, "AMB-29, AMB-123"},

	/* a parcel that the platform is already looking into still moves */
	{"AMB-20", ESCALATED, SC_RECORD_RETURN_DELIVERED, SC_CARRIER, IF(RETURN_EXPECTED), ALWAYS,
		STAY, KEEP, NO_CHARGE, "AMB-20"},
	{"AMB-29", ESCALATED, SC_RECORD_REPLACEMENT_DELIVERED, SC_CARRIER, IF(REPLACEMENT_EXPECTED), ALWAYS,
		STAY, KEEP, NO_CHARGE, "AMB-29"},

	/* the seller thinks again */
	{"T-31", REFUSED, SC_OFFER_FULL_REFUND, SC_SELLER, ALWAYS, IF(RETURN_REQUIRED),
		CLOSE(FULL_REFUND), STOP, CHARGE(FULL_REFUND), "W-27, W-83"},
	{"T-31", REFUSED, SC_OFFER_FULL_REFUND, SC_SELLER, IF(RETURN_REQUIRED) | IF(IS_RETURNABLE), ALWAYS,
		TO(RETURN_PENDING), TIMER(RETURN_DROP_OFF), NO_CHARGE, "W-27, W-33"},
	{"T-31", REFUSED, SC_OFFER_PARTIAL_REFUND, SC_SELLER, ALWAYS, ALWAYS,
		TO(PARTIAL_OFFERED), TIMER(PARTIAL_OFFER_ANSWER), NO_CHARGE, "W-27, W-52"},
	{"T-31", REFUSED, SC_SEND_REPLACEMENT, SC_SELLER, IF(CONSENT_GIVEN) | IF(REPLACEMENT_REFUND_AND_REORDER), ALWAYS,
		CLOSE(FULL_REFUND), STOP, CHARGE(FULL_REFUND), "W-27, AMB-25"},
	{"T-31", REFUSED, SC_SEND_REPLACEMENT, SC_SELLER, IF(CONSENT_GIVEN) | IF(REPLACEMENT_LABEL_IS_SENT), ALWAYS,
		TO(REPLACEMENT_IN_TRANSIT), TIMER(REPLACEMENT_TRANSIT), NO_CHARGE, "W-27, AMB-26"},
	{"T-31", REFUSED, SC_SEND_REPLACEMENT, SC_SELLER, IF(CONSENT_GIVEN), ALWAYS,
		TO(REPLACEMENT_PENDING), TIMER(REPLACEMENT_SHIPMENT), NO_CHARGE, "W-27, W-60"},
	{"T-32", OFFERED, SC_OFFER_FULL_REFUND, SC_SELLER, IF(PARTIAL_OFFER_ALLOW_UPGRADE), IF(RETURN_REQUIRED),
		CLOSE(FULL_REFUND), STOP, CHARGE(FULL_REFUND), "AMB-15, W-83"},
	{"T-32", OFFERED, SC_OFFER_FULL_REFUND, SC_SELLER, IF(PARTIAL_OFFER_ALLOW_UPGRADE) | IF(RETURN_REQUIRED) | IF(IS_RETURNABLE), ALWAYS,
		TO(RETURN_PENDING), TIMER(RETURN_DROP_OFF), NO_CHARGE, "AMB-15, W-33"},
	{"T-34", REFUSED, SC_EXPIRE_DEADLINE, SC_SYSTEM, ALWAYS, ALWAYS,
		CLOSE(NO_REFUND), STOP, NO_CHARGE, "AMB-11, W-87"},
	{"T-35", ONLY(SC_AWAITING_BUYER), SC_EXPIRE_DEADLINE, SC_SYSTEM, ALWAYS, ALWAYS,
		CLOSE(NO_BUYER_RESPONSE), STOP, NO_CHARGE, "AMB-31"},

	/* the seller is silent */
	{"T-43", ONLY(SC_AWAITING_SELLER), SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(IS_OVERDUE), ALWAYS,
		CLOSE(NO_SELLER_RESPONSE), STOP, NO_CHARGE, "W-107, AMB-11"},
	{"T-36", ONLY(SC_AWAITING_SELLER), SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(IS_DISCRETIONARY), ALWAYS,
		CLOSE(NO_REFUND), STOP, NO_CHARGE, "W-13, AMB-43"},
	{"T-44", ONLY(SC_AWAITING_SELLER), SC_EXPIRE_DEADLINE, SC_SYSTEM, IF(ESCALATION_AUTO_ON_OVERDUE), ALWAYS,
		TO(ESCALATED), STOP, REASON(SELLER_SILENT), "AMB-10"},
	{"T-42", ONLY(SC_AWAITING_SELLER), SC_EXPIRE_DEADLINE, SC_SYSTEM, ALWAYS, ALWAYS,
		STAY, TIMER(ESCALATION_WINDOW), NO_CHARGE, "W-25, W-69, AMB-11"},

	/* escalation and decision */
	{"T-23", OPEN | OFFERED | REFUSED | REPLACING, SC_ESCALATE, SC_BUYER, IF(ESCALATION_OPEN), IF(IS_DISCRETIONARY),
		TO(ESCALATED), STOP, REASON(BUYER_ESCALATED), "W-69, W-70, W-72, AMB-09"},
	{"T-24", ESCALATED, SC_DECIDE, SC_PLATFORM, IF(DECISION_UPHOLD_SELLER), ALWAYS,
		CLOSE(PLATFORM_DENIED), STOP, NO_CHARGE, "W-76, W-108"},
	{"T-26", ESCALATED, SC_DECIDE, SC_PLATFORM, IF(DECISION_REFUND) | IF(RETURN_REQUIRED) | IF(IS_RETURNABLE), ALWAYS,
		TO(RETURN_PENDING), TIMER(RETURN_DROP_OFF), NO_CHARGE, "W-74, W-75, AMB-125"},
	{"T-27", ESCALATED, SC_DECIDE, SC_PLATFORM, IF(DECISION_REFUND) | IF(LIABILITY_PLATFORM), IF(RETURN_REQUIRED),
		CLOSE(PLATFORM_REFUND), STOP, CHARGE(PLATFORM_REFUND), "W-76, W-108"},
	{"T-25", ESCALATED, SC_DECIDE, SC_PLATFORM, IF(DECISION_REFUND), IF(RETURN_REQUIRED),
		CLOSE(PLATFORM_REFUND), STOP, CHARGE(PLATFORM_REFUND), "W-65, W-76, AMB-34"},
	{"T-37", ESCALATED, SC_DECIDE, SC_PLATFORM, IF(DECISION_PARTIAL_REFUND), ALWAYS,
		CLOSE(PLATFORM_REFUND), STOP, CHARGE(PLATFORM_PARTIAL_REFUND), "AMB-35"},
	{"T-38", ESCALATED, SC_OFFER_FULL_REFUND, SC_SELLER, IF(ESCALATION_ALLOW_CONCEDE), IF(RETURN_REQUIRED) | IF(IS_ROUTED_TO_PLATFORM),
		CLOSE(FULL_REFUND), STOP, CHARGE(FULL_REFUND), "AMB-66"},
	{"T-45", ESCALATED, SC_RETURN_TO_SELLER, SC_PLATFORM, ALWAYS, ALWAYS,
		TO(AWAITING_SELLER), TIMER(SELLER_RESPONSE), NO_CHARGE, "AMB-33"},
	{"AMB-33", CLOSED, SC_ESCALATE, SC_BUYER, IF(IS_PLATFORM_DENIED) | IF(APPEAL_WINDOW_OPEN), ALWAYS,
		TO(ESCALATED), STOP, REASON(APPEALED), "AMB-33"},

	/* the case ends otherwise, or starts again */
	{"T-28", NOT_CLOSED, SC_WITHDRAW_CASE, SC_BUYER, IF(WITHDRAW_ALLOWED), ALWAYS,
		CLOSE(WITHDRAWN), STOP, NO_CHARGE, "AMB-64"},
	{"T-29", NOT_CLOSED, SC_RECORD_CHARGEBACK, SC_HOST, ALWAYS, IF(CHARGEBACK_ESCALATES),
		CLOSE(SUPERSEDED_BY_CHARGEBACK), STOP, NO_CHARGE, "W-117, AMB-41"},
	{"AMB-41", CONVERSING, SC_RECORD_CHARGEBACK, SC_HOST, ALWAYS, ALWAYS,
		TO(ESCALATED), STOP, REASON(CHARGEBACK), "W-117, AMB-41"},
	{"AMB-41", ESCALATED, SC_RECORD_CHARGEBACK, SC_HOST, ALWAYS, ALWAYS,
		STAY, KEEP, NO_CHARGE, "W-117, AMB-41"},
	{"AMB-65", NOT_CLOSED, SC_RECORD_EXTERNAL_REFUND, SC_HOST, IF(NOTHING_LEFT), ALWAYS,
		CLOSE(FULL_REFUND), STOP, NO_CHARGE, "AMB-65"},
	{"AMB-65", NOT_CLOSED, SC_RECORD_EXTERNAL_REFUND, SC_HOST, ALWAYS, ALWAYS,
		STAY, KEEP, NO_CHARGE, "AMB-65"},
	{"T-30", CLOSED, SC_LEAVE_FEEDBACK, SC_BUYER, IF(FEEDBACK_WINDOW_OPEN) | IF(IS_RATEABLE), ALWAYS,
		STAY, KEEP, NO_CHARGE, "W-110, W-113, AMB-52"},
	{"T-39", CLOSED, SC_REOPEN_CASE, SC_BUYER, IF(IS_REOPENABLE) | IF(REOPEN_WINDOW_OPEN) | IF(ROUTED_TO_SELLER), ALWAYS,
		TO(AWAITING_SELLER), TIMER(SELLER_RESPONSE), NO_CHARGE, "AMB-63"},
	{"T-39", CLOSED, SC_REOPEN_CASE, SC_BUYER, IF(IS_REOPENABLE) | IF(REOPEN_WINDOW_OPEN), ALWAYS,
		TO(ESCALATED), STOP, REASON(ROUTED_TO_PLATFORM), "AMB-63, W-02, W-20, W-22"},
	{"AMB-38", CLOSED, SC_REASSIGN_LIABILITY, SC_PLATFORM, IF(IS_CHARGED), ALWAYS,
		STAY, KEEP, NO_CHARGE, "AMB-38, AMB-41"},
	{"AMB-122", NOT_CLOSED, SC_RESUME_CASE, SC_PLATFORM, IF(IS_STALLED), ALWAYS,
		STAY, KEEP, NO_CHARGE, "AMB-122"},

	/* conversation */
	{"T-46", ONLY(SC_AWAITING_SELLER), SC_POST_MESSAGE, SC_SELLER, IF(RESPONSE_COUNTS_ANY_PUBLIC_MESSAGE) | IF(ANSWERS_BUYER), ALWAYS,
		STAY, TIMER(NEXT_RESPONSE), NO_CHARGE, "W-27, AMB-07, AMB-08"},
	{"AMB-08", ONLY(SC_AWAITING_SELLER), SC_POST_MESSAGE, SC_BUYER, IF(ANSWERS_SELLER), IF(IS_OVERDUE),
		STAY, TIMER(NEXT_RESPONSE), NO_CHARGE, "AMB-08"},
	{"W-27", CONVERSING, SC_POST_MESSAGE, SC_SELLER, ALWAYS, IF(CONVERSATION_BLOCKED),
		STAY, KEEP, NO_CHARGE, "W-01, W-27, W-72"},
	{"W-01", CONVERSING, SC_POST_MESSAGE, SC_BUYER, ALWAYS, IF(CONVERSATION_BLOCKED),
		STAY, KEEP, NO_CHARGE, "W-01, W-72"},
	{"AMB-32", ESCALATED, SC_POST_MESSAGE, SC_SELLER, ALWAYS, IF(CONVERSATION_BLOCKED) | IF(IS_ROUTED_TO_PLATFORM),
		STAY, KEEP, NO_CHARGE, "W-72, AMB-32"},
	{"AMB-32", ESCALATED, SC_POST_MESSAGE, SC_BUYER, ALWAYS, IF(CONVERSATION_BLOCKED) | IF(IS_ROUTED_TO_PLATFORM),
		STAY, KEEP, NO_CHARGE, "W-72, AMB-32"},

	/* the refund instruction that a charge gives to the payment provider */
	{"AMB-40", NEW, SC_OPEN_CASE, SC_SYSTEM, ALWAYS, ALWAYS,
		TO(REFUND_INSTRUCTED), STOP, NO_CHARGE, "W-29, AMB-40"},
	{"AMB-128", ONLY(SC_REFUND_INSTRUCTED) | ONLY(SC_REFUND_FAILED), SC_RECORD_REFUND_SETTLED, SC_HOST, ALWAYS, ALWAYS,
		TO(REFUND_SETTLED), STOP, NO_CHARGE, "W-30, W-81, AMB-128"},
	{"AMB-128", ONLY(SC_REFUND_INSTRUCTED), SC_RECORD_REFUND_FAILED, SC_HOST, ALWAYS, ALWAYS,
		TO(REFUND_FAILED), STOP, NO_CHARGE, "AMB-128"},
};
/* *INDENT-ON* */

const int	sc_arc_count = lengthof(sc_arcs);

/* sc_find_name returns the index of a name in a list, or -1. */
int
sc_find_name(const char *const *names, int count, const char *text,
			 size_t length)
{
	for (int i = 0; i < count; i++)
		if (names[i] != NULL && strlen(names[i]) == length &&
			memcmp(names[i], text, length) == 0)
			return i;
	return -1;
}

/* sc_find_status returns a status of one machine by its name, or -1. */
int
sc_find_status(ScMachine machine, const char *text, size_t length)
{
	for (int i = 0; i < SC_STATUS_COUNT; i++)
	{
		const ScStatusInfo *info = &sc_statuses[i];

		if (info->name != NULL && info->machine == machine &&
			strlen(info->name) == length &&
			memcmp(info->name, text, length) == 0)
			return i;
	}
	return -1;
}

/* sc_find_condition returns a condition by its name, or -1. */
int
sc_find_condition(const char *text, size_t length)
{
	for (int i = 0; i < SC_CONDITION_COUNT; i++)
		if (strlen(sc_conditions[i].name) == length &&
			memcmp(sc_conditions[i].name, text, length) == 0)
			return i;
	return -1;
}

/*
 * is_overdue tells whether the seller has missed the deadline of the status:
 * then only the escalation window runs, or (replacement) no timer at all.
 */
static bool
is_overdue(const ScCaseState *state)
{
	return (state->status == SC_AWAITING_SELLER &&
			state->deadline == SC_ESCALATION_WINDOW) ||
		(state->status == SC_REPLACEMENT_PENDING &&
		 state->deadline == SC_DEADLINE_NONE);
}

/*
 * sc_case_conditions returns what follows from the case alone, whatever the
 * time is, together with the settings of its policy.
 */
ScConditionSet
sc_case_conditions(const ScCaseState *state, ScConditionSet policy)
{
	ScConditionSet holds = policy;

	if (is_overdue(state))
		holds |= SC_BIT(SC_IS_OVERDUE) | SC_BIT(SC_ESCALATION_OPEN);
	if (state->is_responded)
		holds |= SC_BIT(SC_ESCALATION_OPEN);
	if (state->is_discretionary)
		holds |= SC_BIT(SC_IS_DISCRETIONARY);
	if (state->is_returnable)
		holds |= SC_BIT(SC_IS_RETURNABLE);
	if (state->is_conversation_closed &&
		(policy & SC_BIT(SC_ESCALATION_BLOCKS_MESSAGES)) != 0)
		holds |= SC_BIT(SC_CONVERSATION_BLOCKED);
	if (state->resolution == SC_NO_BUYER_RESPONSE ||
		state->resolution == SC_NO_SELLER_RESPONSE ||
		state->resolution == SC_WITHDRAWN ||
		state->resolution == SC_REPLACEMENT)
		holds |= SC_BIT(SC_IS_REOPENABLE);
	if (state->resolution == SC_RETURN_EXPIRED)
		holds |= SC_BIT(SC_IS_RETURN_EXPIRED);
	if (state->resolution == SC_PLATFORM_DENIED)
		holds |= SC_BIT(SC_IS_PLATFORM_DENIED);
	if (state->is_stalled)
		holds |= SC_BIT(SC_IS_STALLED);
	if (state->resolution != SC_WITHDRAWN &&
		state->resolution != SC_NO_BUYER_RESPONSE &&
		(state->is_responded || !state->is_conversation_closed))
		holds |= SC_BIT(SC_IS_RATEABLE);
	if (state->escalation_reason == SC_REASON_RETURN_OVERDUE)
		holds |= SC_BIT(SC_IS_RETURN_OVERDUE);
	if (state->escalation_reason == SC_REASON_RETURN_LOST)
		holds |= SC_BIT(SC_IS_RETURN_LOST);
	if (state->escalation_reason == SC_REASON_REPLACEMENT_LOST)
		holds |= SC_BIT(SC_IS_REPLACEMENT_LOST);
	if (state->escalation_reason == SC_REASON_ROUTED_TO_PLATFORM)
		holds |= SC_BIT(SC_IS_ROUTED_TO_PLATFORM);
	return holds;
}

/* The conditions that the command states, not the case or its policy. */
#define STATED_BY_COMMAND \
	(SC_BIT(SC_FIRST_POLICY_CONDITION) - SC_BIT(SC_FIRST_COMMAND_CONDITION))

/* sc_find_arc returns the arc that an action of an actor takes, or NULL. */
const ScArc *
sc_find_arc(ScStatus status, ScAction action, ScActor actor,
			ScConditionSet holds)
{
	for (int i = 0; i < sc_arc_count; i++)
	{
		const ScArc *arc = &sc_arcs[i];

		if (arc->action == action && arc->actor == actor &&
			(arc->from & SC_FROM(status)) != 0 &&
			(arc->requires & ~holds) == 0 && (arc->excludes & holds) == 0)
			return arc;
	}
	return NULL;
}

/*
 * sc_is_possible tells whether somebody could take the arc now, if the command
 * states what the arc needs it to state; whether a fact was in time follows
 * from the instant that its command reports.
 */
bool
sc_is_possible(const ScArc *arc, ScStatus status, ScConditionSet holds)
{
	ScConditionSet stated_by_command = STATED_BY_COMMAND | SC_BIT(SC_IN_TIME);

	return arc->actor != SC_SYSTEM && (arc->from & SC_FROM(status)) != 0 &&
		(arc->requires & ~holds & ~stated_by_command) == 0 &&
		(arc->excludes & holds & ~stated_by_command) == 0;
}

/* lowest_condition returns the first member of a set that is not empty. */
static ScCondition
lowest_condition(ScConditionSet set)
{
	int			condition = 0;

	while ((set & SC_BIT(condition)) == 0)
		condition++;
	return (ScCondition) condition;
}

/*
 * fault_weight tells how far an arc is from being taken.  Another command is
 * farther than anything about the case.
 */
static int
fault_weight(ScConditionSet faults)
{
	return pg_popcount64(faults) +
		SC_CONDITION_COUNT * pg_popcount64(faults & STATED_BY_COMMAND);
}

/*
 * sc_find_blocked_arc returns the arc of this status, action and actor that is
 * nearest to being taken (of several, the most general, which is the last),
 * and the first condition that keeps it from being taken; NULL when the table
 * has no such arc at all.
 */
const ScArc *
sc_find_blocked_arc(ScStatus status, ScAction action, ScActor actor,
					ScConditionSet holds, ScCondition *fault,
					bool *fault_is_excluded)
{
	const ScArc *nearest = NULL;
	int			lowest_weight = 0;

	for (int i = 0; i < sc_arc_count; i++)
	{
		const ScArc *arc = &sc_arcs[i];
		ScConditionSet missing = arc->requires & ~holds;
		ScConditionSet in_the_way = arc->excludes & holds;
		int			weight = fault_weight(missing | in_the_way);

		if (arc->action != action || arc->actor != actor ||
			(arc->from & SC_FROM(status)) == 0 ||
			(nearest != NULL && weight > lowest_weight))
			continue;
		nearest = arc;
		lowest_weight = weight;
		*fault_is_excluded = (missing == 0);
		*fault = lowest_condition(missing != 0 ? missing : in_the_way);
	}
	return nearest;
}

/* sc_take_arc moves a case along an arc. */
void
sc_take_arc(ScCaseState *state, const ScArc *arc)
{
	if (arc->to != SC_STATUS_NONE)
	{
		state->status = arc->to;
		state->resolution = arc->resolution;
		state->escalation_reason = arc->escalation_reason;
		if (arc->to == SC_ESCALATED)
			state->is_conversation_closed = true;
		else if (arc->to == SC_AWAITING_SELLER)
			state->is_conversation_closed = false;
	}
	if (arc->deadline != SC_DEADLINE_KEEP)
		state->deadline = arc->deadline;
	if (arc->deadline == SC_SELLER_RESPONSE)
		state->is_responded = false;
	else if (arc->actor == SC_SELLER &&
			 (arc->action != SC_POST_MESSAGE ||
			  arc->deadline == SC_NEXT_RESPONSE))
		state->is_responded = true;
}

/*
 * sc_is_legal_change tells whether some arc leads from one status to another
 * with this resolution; staying is always legal.
 */
bool
sc_is_legal_change(ScStatus from, ScStatus to, ScResolution resolution)
{
	for (int i = 0; i < sc_arc_count; i++)
	{
		const ScArc *arc = &sc_arcs[i];

		if ((arc->from & SC_FROM(from)) != 0 && arc->to == to &&
			arc->resolution == resolution)
			return true;
	}
	return false;
}
