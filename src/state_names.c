/*
 * state_names.c
 *		What everything in the life cycles is called, and how an action is
 *		refused whose only fault is one condition.
 */
#include "state_machine.h"

#include "errors.h"

const char *const sc_machine_names[SC_MACHINE_COUNT] = {
	[SC_MACHINE_CASE] = "case",
	[SC_MACHINE_REFUND_INSTRUCTION] = "refund_instruction",
	[SC_MACHINE_PUBLIC_RATING] = "public_rating",
	[SC_MACHINE_PRICE_OFFER] = "price_offer",
	[SC_MACHINE_CARRIER_CLAIM] = "carrier_claim",
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
	[SC_RATING_PUBLISHED] = {"published", SC_MACHINE_PUBLIC_RATING,
	NULL, NULL},
	[SC_RATING_DISPUTED] = {"disputed", SC_MACHINE_PUBLIC_RATING,
	"platform", "decide_rating_dispute"},
	[SC_RATING_UPHELD] = {"upheld", SC_MACHINE_PUBLIC_RATING,
	NULL, NULL},
	[SC_RATING_REMOVED] = {"removed", SC_MACHINE_PUBLIC_RATING,
	NULL, NULL},
	[SC_OFFER_AWAITING_SELLER] = {"awaiting_seller", SC_MACHINE_PRICE_OFFER,
	"seller", "answer_price_offer"},
	[SC_OFFER_AWAITING_BUYER] = {"awaiting_buyer", SC_MACHINE_PRICE_OFFER,
	"buyer", "answer_price_offer"},
	[SC_OFFER_ACCEPTED] = {"accepted", SC_MACHINE_PRICE_OFFER,
	"buyer", "purchase"},
	[SC_OFFER_DECLINED] = {"declined", SC_MACHINE_PRICE_OFFER, NULL, NULL},
	[SC_OFFER_COUNTERED] = {"countered", SC_MACHINE_PRICE_OFFER, NULL, NULL},
	[SC_OFFER_EXPIRED] = {"expired", SC_MACHINE_PRICE_OFFER, NULL, NULL},
	[SC_OFFER_SUPERSEDED] = {"superseded", SC_MACHINE_PRICE_OFFER, NULL, NULL},
	[SC_OFFER_ITEM_SOLD] = {"item_sold", SC_MACHINE_PRICE_OFFER, NULL, NULL},
	[SC_OFFER_PURCHASED] = {"purchased", SC_MACHINE_PRICE_OFFER, NULL, NULL},
	[SC_OFFER_LAPSED] = {"lapsed", SC_MACHINE_PRICE_OFFER, NULL, NULL},
	[SC_CLAIM_SCHEDULED] = {"scheduled", SC_MACHINE_CARRIER_CLAIM,
	NULL, "wait"},
	[SC_CLAIM_FILEABLE] = {"fileable", SC_MACHINE_CARRIER_CLAIM,
	"host", "file_claim"},
	[SC_CLAIM_FILED] = {"filed", SC_MACHINE_CARRIER_CLAIM,
	"carrier", "answer_claim"},
	[SC_CLAIM_PAID] = {"paid", SC_MACHINE_CARRIER_CLAIM, NULL, NULL},
	[SC_CLAIM_DENIED] = {"denied", SC_MACHINE_CARRIER_CLAIM, NULL, NULL},
	[SC_CLAIM_MANUAL] = {"manual", SC_MACHINE_CARRIER_CLAIM,
	"seller", "claim_at_carrier"},
	[SC_CLAIM_CANCELLED] = {"cancelled", SC_MACHINE_CARRIER_CLAIM,
	NULL, NULL},
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
	[SC_POST_CHARGE] = "post_charge",
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
	[SC_TAKE_OVER_CASE] = "take_over_case",
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
	[SC_REQUEST_CARRIER_CLAIM] = "request_carrier_claim",
	[SC_RECORD_MANUAL_CARRIER_CLAIM] = "record_manual_carrier_claim",
	[SC_CANCEL_CARRIER_CLAIM] = "cancel_carrier_claim",
	[SC_RECORD_CARRIER_CLAIM_FILED] = "record_carrier_claim_filed",
	[SC_RECORD_CARRIER_CLAIM_PAID] = "record_carrier_claim_paid",
	[SC_RECORD_CARRIER_CLAIM_DENIED] = "record_carrier_claim_denied",
	[SC_POST_MESSAGE] = "post_message",
	[SC_FILE_GUARANTEE_CLAIM] = "file_guarantee_claim",
	[SC_ADMIT_GUARANTEE_CLAIM] = "admit_guarantee_claim",
	[SC_REFUND_AND_ASK_TO_REORDER] = "refund_and_ask_to_reorder",
	[SC_START_CARRIER_ENQUIRY] = "start_carrier_enquiry",
	[SC_RECORD_PARCEL_FOUND] = "record_parcel_found",
	[SC_CONSENT_TO_RECHARGE] = "consent_to_recharge",
	[SC_WITHDRAW_RECHARGE_CONSENT] = "withdraw_recharge_consent",
	[SC_RECHARGE_BUYER] = "recharge_buyer",
	[SC_RATE_ORDER] = "rate_order",
	[SC_DISPUTE_RATING] = "dispute_rating",
	[SC_UPHOLD_RATING] = "uphold_rating",
	[SC_REMOVE_RATING] = "remove_rating",
	[SC_MAKE_OFFER] = "make_offer",
	[SC_ACCEPT_PRICE_OFFER] = "accept_price_offer",
	[SC_DECLINE_PRICE_OFFER] = "decline_price_offer",
	[SC_COUNTER_PRICE_OFFER] = "counter_price_offer",
	[SC_CHANGE_LIST_PRICE] = "change_list_price",
	[SC_RECORD_PURCHASE] = "record_purchase",
	[SC_SELL_ITEM] = "sell_item",
};

const char *const sc_deadline_names[SC_TIMER_COUNT] = {
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
	[SC_REFUND_VISIBLE_MIN] = "refund_visible_min",
	[SC_REFUND_VISIBLE_MAX] = "refund_visible_max",
	[SC_CLAIM_WAIT] = "claim_wait",
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
	[SC_REASON_TAKEN_OVER] = "taken_over",
	[SC_REASON_GUARANTEE_CLAIMED] = "guarantee_claimed",
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
	[SC_IS_RATEABLE] = {"rateable", 0, NULL,
		"A case that the buyer withdrew or did not answer, or that was escalated without any response of the seller, cannot be rated.",
	NULL},
	[SC_IN_TIME] = {"in_time", ERRCODE_SC_DEADLINE_PASSED,
		"the deadline has passed",
		"The parcel was not dropped off before its deadline.",
	NULL},
	[SC_IS_STALLED] = {"stalled", 0, NULL,
		"The case is not stalled.",
	NULL},
	[SC_IS_GUARANTEE_CLAIM] = {"guarantee_claim", 0, NULL,
		"The case is no guarantee claim with the platform.",
	"The case is a guarantee claim, which the platform has already."},

	[SC_RETURN_EXPECTED] = {"return_expected", 0, NULL,
		"No return of this case is on its way.",
	NULL},
	[SC_REPLACEMENT_EXPECTED] = {"replacement_expected", 0, NULL,
		"No replacement of this case is on its way.",
	NULL},
	[SC_IS_CHARGED] = {"charged", 0, NULL,
		"The case has no charge.",
	NULL},
	[SC_PARCEL_FOUND] = {"parcel_found", 0, NULL,
		"Nobody has recorded that the original parcel was found.",
	NULL},
	[SC_RECHARGE_CONSENTED] = {"recharge_consented", ERRCODE_SC_CONSENT_REQUIRED,
		"a re-charge needs the consent of the buyer",
		"The buyer has not consented to a re-charge.",
	NULL},

	[SC_ROUTED_TO_SELLER] = {"routed_to_seller", 0, NULL, NULL, NULL},
	[SC_SELLER_IS_PARTY] = {"seller_is_party", 0, NULL, NULL, NULL},
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
