-- What every case refers to: calendars, policies, reasons.  Calendars and
-- policies are immutable versions; a new one takes effect no earlier than its
-- creation, so that nothing that has started ever moves (AMB-127).

CREATE TABLE support_case.calendar (
    calendar_code text NOT NULL,
    version integer NOT NULL,
    definition text NOT NULL,
    effective_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text,
    PRIMARY KEY (calendar_code, version),
    UNIQUE (calendar_code, effective_from),
    CONSTRAINT calendar_code_is_short CHECK (calendar_code ~ '^[a-z0-9_:.-]{1,63}$')
);

COMMENT ON TABLE support_case.calendar IS 'Versions of the business calendars (AMB-01 to AMB-04): which hours of which days are open, in which time zone. Never changed, only followed by new versions (AMB-127).';
COMMENT ON COLUMN support_case.calendar.calendar_code IS 'Names the calendar; platform is the one that the default policy uses.';
COMMENT ON COLUMN support_case.calendar.version IS 'Number of the version within the calendar, from 1.';
COMMENT ON COLUMN support_case.calendar.definition IS 'Text of type business_calendar, such as America/New_York; Mo-Fr.';
COMMENT ON COLUMN support_case.calendar.effective_from IS 'Deadlines that start at this instant or later use the version, until the next one takes effect.';
COMMENT ON COLUMN support_case.calendar.created_at IS 'When the version was created.';
COMMENT ON COLUMN support_case.calendar.created_by IS 'Who created it.';

CREATE TABLE support_case.policy (
    policy_version integer PRIMARY KEY,
    effective_from timestamptz NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    created_by text,

    calendar_scope text NOT NULL DEFAULT 'platform'
        CONSTRAINT policy_calendar_scope CHECK (calendar_scope IN ('platform', 'seller', 'buyer')),
    calendar_code text NOT NULL DEFAULT 'platform',

    seller_response text NOT NULL DEFAULT '48 business hours',
    seller_response_rounding text NOT NULL DEFAULT 'exact',
    next_response text NOT NULL DEFAULT '48 business hours',
    next_response_rounding text NOT NULL DEFAULT 'exact',
    escalation_window text NOT NULL DEFAULT '30 days',
    escalation_window_rounding text NOT NULL DEFAULT 'exact',
    information_request text NOT NULL DEFAULT '5 business days',
    information_request_rounding text NOT NULL DEFAULT 'exact',
    partial_offer_answer text NOT NULL DEFAULT '48 business hours',
    partial_offer_answer_rounding text NOT NULL DEFAULT 'exact',
    return_drop_off text NOT NULL DEFAULT '5 business days',
    return_drop_off_rounding text NOT NULL DEFAULT 'exact',
    return_inspection text NOT NULL DEFAULT '48 business hours',
    return_inspection_rounding text NOT NULL DEFAULT 'exact',
    return_transit text NOT NULL DEFAULT '15 days',
    return_transit_rounding text NOT NULL DEFAULT 'exact',
    replacement_shipment text NOT NULL DEFAULT '48 business hours',
    replacement_shipment_rounding text NOT NULL DEFAULT 'exact',
    replacement_transit text NOT NULL DEFAULT '15 days',
    replacement_transit_rounding text NOT NULL DEFAULT 'exact',

    escalation_min_wait text DEFAULT NULL,
    reopen_window text DEFAULT '30 days',
    replacement_confirm_window text DEFAULT '3 business days',
    return_grace text DEFAULT '5 business days',
    feedback_window text DEFAULT '14 days',
    appeal_window text DEFAULT NULL,
    fact_minimum_notice text DEFAULT '1 business day',
    platform_target text DEFAULT '5 business days',
    refund_visible_min text NOT NULL DEFAULT '3 business days',
    refund_visible_max text NOT NULL DEFAULT '5 business days',
    filing_after_purchase text DEFAULT '30 days',
    filing_after_delivery text DEFAULT '14 days',
    idempotency_retention text NOT NULL DEFAULT '30 days',

    notice_attempts integer NOT NULL DEFAULT 10
        CONSTRAINT policy_notice_attempts CHECK (notice_attempts >= 1),
    notice_first_delay interval NOT NULL DEFAULT '1 minute'
        CONSTRAINT policy_notice_first_delay CHECK (notice_first_delay >= '0'),
    notice_delay_factor numeric NOT NULL DEFAULT 2
        CONSTRAINT policy_notice_delay_factor CHECK (notice_delay_factor BETWEEN 1 AND 100),
    notice_maximum_delay interval NOT NULL DEFAULT '6 hours'
        CONSTRAINT policy_notice_maximum_delay CHECK (notice_maximum_delay BETWEEN '0' AND '365 days'),
    notice_retention interval NOT NULL DEFAULT '30 days'
        CONSTRAINT policy_notice_retention CHECK (notice_retention >= '0'),

    response_counts text NOT NULL DEFAULT 'any_public_message'
        CONSTRAINT policy_response_counts CHECK (response_counts IN ('any_public_message', 'typed_only')),
    escalation_auto_on_overdue boolean NOT NULL DEFAULT false,
    escalation_blocks_messages boolean NOT NULL DEFAULT true,
    escalation_allow_concede boolean NOT NULL DEFAULT true,
    withdraw_allowed boolean NOT NULL DEFAULT true,

    partial_offer_on_expiry text NOT NULL DEFAULT 'keep_open'
        CONSTRAINT policy_partial_offer_on_expiry
        CHECK (partial_offer_on_expiry IN ('keep_open', 'treat_as_declined', 'treat_as_accepted', 'close')),
    partial_offer_decline_without_item text NOT NULL DEFAULT 'escalate'
        CONSTRAINT policy_partial_offer_decline_without_item
        CHECK (partial_offer_decline_without_item IN ('escalate', 'refund_no_return', 'reopen')),
    partial_offer_minimum numeric NOT NULL DEFAULT 0
        CONSTRAINT policy_partial_offer_minimum CHECK (partial_offer_minimum BETWEEN 0 AND 1),
    partial_offer_maximum numeric NOT NULL DEFAULT 1
        CONSTRAINT policy_partial_offer_maximum CHECK (partial_offer_maximum BETWEEN 0 AND 1),
    partial_offer_allow_upgrade boolean NOT NULL DEFAULT true,

    return_auto_cancel boolean NOT NULL DEFAULT true,
    return_dropoff_evidence text NOT NULL DEFAULT 'scan_or_proof'
        CONSTRAINT policy_return_dropoff_evidence CHECK (return_dropoff_evidence IN ('scan_or_proof', 'scan')),
    return_delivery_evidence text NOT NULL DEFAULT 'carrier_or_seller'
        CONSTRAINT policy_return_delivery_evidence CHECK (return_delivery_evidence IN ('carrier_or_seller', 'carrier')),
    return_refusal_counts_as_delivery boolean NOT NULL DEFAULT true,
    return_destination text NOT NULL DEFAULT 'seller'
        CONSTRAINT policy_return_destination CHECK (return_destination IN ('seller', 'platform')),
    platform_return_address jsonb DEFAULT NULL
        CONSTRAINT policy_platform_return_address CHECK (jsonb_typeof(platform_return_address) = 'object'
            AND platform_return_address ?& ARRAY['recipient', 'address_line_1', 'city', 'country']),
    return_charge_unscanned_label boolean NOT NULL DEFAULT false,

    replacement_mode text NOT NULL DEFAULT 'seller_ships'
        CONSTRAINT policy_replacement_mode CHECK (replacement_mode IN ('seller_ships', 'refund_and_reorder')),
    replacement_sent_evidence text NOT NULL DEFAULT 'acceptance_scan'
        CONSTRAINT policy_replacement_sent_evidence CHECK (replacement_sent_evidence IN ('acceptance_scan', 'label')),
    replacement_auto_authorise_return boolean NOT NULL DEFAULT false,
    replacement_require_consent boolean NOT NULL DEFAULT true,
    replacement_return_original boolean NOT NULL DEFAULT false,

    decision_default_liability text NOT NULL DEFAULT 'seller'
        CONSTRAINT policy_decision_default_liability
        CHECK (decision_default_liability IN ('seller', 'platform', 'carrier')),
    ledger_reconcile boolean NOT NULL DEFAULT true,
    ledger_partial_components text NOT NULL DEFAULT 'none'
        CONSTRAINT policy_ledger_partial_components CHECK (ledger_partial_components IN ('none', 'pro_rata')),
    chargeback_on_open text NOT NULL DEFAULT 'close'
        CONSTRAINT policy_chargeback_on_open CHECK (chargeback_on_open IN ('close', 'escalate')),

    filing_late_mode text NOT NULL DEFAULT 'discretionary'
        CONSTRAINT policy_filing_late_mode CHECK (filing_late_mode IN ('discretionary', 'refuse')),
    case_max_open_per_line integer NOT NULL DEFAULT 1
        CONSTRAINT policy_case_max_open_per_line CHECK (case_max_open_per_line >= 1),
    late_threshold text DEFAULT '5 business days',
    intake_channels jsonb DEFAULT NULL
        CONSTRAINT policy_intake_channels CHECK (jsonb_typeof(intake_channels) = 'array'),
    fraud_threshold numeric DEFAULT NULL
        CONSTRAINT policy_fraud_threshold CHECK (fraud_threshold >= 0 AND fraud_threshold < 'Infinity'),

    public_rating_window text DEFAULT '90 days',
    public_rating_comment_length integer NOT NULL DEFAULT 400
        CONSTRAINT policy_public_rating_comment_length CHECK (public_rating_comment_length BETWEEN 1 AND 10000),

    public_pii_mode text NOT NULL DEFAULT 'mask'
        CONSTRAINT policy_public_pii_mode CHECK (public_pii_mode IN ('flag', 'mask', 'reject', 'allow')),
    offer_answer_by_seller text NOT NULL DEFAULT '72 hours',
    offer_answer_by_buyer text NOT NULL DEFAULT '72 hours',
    offer_purchase_window text NOT NULL DEFAULT '24 hours',
    offer_favourite_age text DEFAULT '30 days',
    offer_batch_maximum integer NOT NULL DEFAULT 20
        CONSTRAINT policy_offer_batch_maximum CHECK (offer_batch_maximum BETWEEN 1 AND 10000),
    offer_minimum_discount numeric NOT NULL DEFAULT 0.10
        CONSTRAINT policy_offer_minimum_discount CHECK (offer_minimum_discount >= 0 AND offer_minimum_discount < 1),
    offer_accept_effect text NOT NULL DEFAULT 'price_right'
        CONSTRAINT policy_offer_accept_effect CHECK (offer_accept_effect IN ('price_right', 'reserve')),
    inbox_unarchive_on text NOT NULL DEFAULT 'any_message'
        CONSTRAINT policy_inbox_unarchive_on CHECK (inbox_unarchive_on IN ('any_message', 'own_message')),

    rating_window text NOT NULL DEFAULT '90 days',
    rating_response text NOT NULL DEFAULT '2 business days',
    rating_min_received integer NOT NULL DEFAULT 10
        CONSTRAINT policy_rating_min_received CHECK (rating_min_received >= 0),
    rating_min_handled integer NOT NULL DEFAULT 10
        CONSTRAINT policy_rating_min_handled CHECK (rating_min_handled BETWEEN 1 AND 100),
    rating_population text NOT NULL DEFAULT 'scored'
        CONSTRAINT policy_rating_population CHECK (rating_population IN ('scored', 'handled')),
    rating_late_alone text NOT NULL DEFAULT 'neutral'
        CONSTRAINT policy_rating_late_alone CHECK (rating_late_alone IN ('neutral', 'negative')),
    rating_late_response_counts boolean NOT NULL DEFAULT true,
    rating_solution_weight integer NOT NULL DEFAULT 1,
    rating_feedback_up_weight integer NOT NULL DEFAULT 1,
    rating_feedback_down_weight integer NOT NULL DEFAULT 1,
    rating_silence_weight integer NOT NULL DEFAULT 1,
    rating_reversal_weight integer NOT NULL DEFAULT 1,
    rating_excellent numeric NOT NULL DEFAULT 0.95,
    rating_great numeric NOT NULL DEFAULT 0.85,
    rating_good numeric NOT NULL DEFAULT 0.70,
    rating_average numeric NOT NULL DEFAULT 0.50,
    satisfaction_window text,
    account_status_window text NOT NULL DEFAULT '90 days',

    CONSTRAINT policy_rating_weights CHECK (
        1 <= ALL (ARRAY[rating_solution_weight, rating_feedback_up_weight, rating_feedback_down_weight,
            rating_silence_weight, rating_reversal_weight])
        AND 1000 >= ALL (ARRAY[rating_solution_weight, rating_feedback_up_weight, rating_feedback_down_weight,
            rating_silence_weight, rating_reversal_weight])),
    CONSTRAINT policy_rating_thresholds CHECK (
        rating_excellent <= 1 AND rating_great < rating_excellent AND rating_good < rating_great
        AND rating_average < rating_good AND rating_average > 0),
    contact_mode text NOT NULL DEFAULT 'relay'
        CONSTRAINT policy_contact_mode CHECK (contact_mode IN ('relay', 'direct')),
    relay_domain text NOT NULL DEFAULT 'relay.invalid'
        CONSTRAINT policy_relay_domain
        CHECK (relay_domain ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)+$'
            AND char_length(relay_domain) <= 190),
    pii_mode text NOT NULL DEFAULT 'flag'
        CONSTRAINT policy_pii_mode CHECK (pii_mode IN ('flag', 'mask', 'reject', 'allow')),
    chat_read_only_after text DEFAULT '90 days',

    claim_wait text NOT NULL DEFAULT '14 days',
    claim_requires text NOT NULL DEFAULT 'instructed_refund'
        CONSTRAINT policy_claim_requires CHECK (claim_requires IN ('instructed_refund', 'settled_refund')),
    claim_cap text NOT NULL DEFAULT 'included_or_purchased_cover'
        CONSTRAINT policy_claim_cap CHECK (claim_cap IN ('included_or_purchased_cover', 'included_cover')),
    claim_reasons text[] NOT NULL DEFAULT '{lost,stuck,damaged}'
        CONSTRAINT policy_claim_reasons CHECK (claim_reasons <@ ARRAY['lost', 'stuck', 'damaged']),

    guarantee_open_rule text NOT NULL DEFAULT 'earlier'
        CONSTRAINT policy_guarantee_open_rule CHECK (guarantee_open_rule IN ('earlier', 'edd_only')),
    guarantee_days_after_estimate integer NOT NULL DEFAULT 3
        CONSTRAINT policy_guarantee_days_after_estimate CHECK (guarantee_days_after_estimate BETWEEN 0 AND 36500),
    guarantee_days_after_validation integer NOT NULL DEFAULT 30
        CONSTRAINT policy_guarantee_days_after_validation CHECK (guarantee_days_after_validation BETWEEN 0 AND 36500),
    guarantee_days_to_close integer NOT NULL DEFAULT 90
        CONSTRAINT policy_guarantee_days_to_close CHECK (guarantee_days_to_close BETWEEN 0 AND 36500),
    guarantee_close_inclusive boolean NOT NULL DEFAULT true,
    guarantee_zone text NOT NULL DEFAULT 'UTC',
    fulfilment_platform_routes boolean NOT NULL DEFAULT true,
    recharge_enabled boolean NOT NULL DEFAULT true,

    CONSTRAINT policy_partial_offer_range CHECK (partial_offer_minimum <= partial_offer_maximum),
    CONSTRAINT policy_roundings CHECK (
        ARRAY[seller_response_rounding, next_response_rounding, escalation_window_rounding,
            information_request_rounding, partial_offer_answer_rounding, return_drop_off_rounding,
            return_inspection_rounding, return_transit_rounding, replacement_shipment_rounding,
            replacement_transit_rounding] <@ ARRAY['exact', 'end_of_business_day'])
);

COMMENT ON TABLE support_case.policy IS 'Versions of the marketplace''s rules. A case keeps the version in force when it was opened. Never changed, only followed by new versions: create_policy().';
COMMENT ON COLUMN support_case.policy.policy_version IS 'Number of the version, from 1.';
COMMENT ON COLUMN support_case.policy.effective_from IS 'Cases opened at this instant or later use the version, until the next one takes effect.';
COMMENT ON COLUMN support_case.policy.created_at IS 'When the version was created.';
COMMENT ON COLUMN support_case.policy.created_by IS 'Who created it.';
COMMENT ON COLUMN support_case.policy.calendar_scope IS 'Whose calendar deadlines are measured on: platform, seller or buyer (AMB-03); a seller or buyer without one uses calendar_code.';
COMMENT ON COLUMN support_case.policy.calendar_code IS 'The platform''s calendar (AMB-03).';
COMMENT ON COLUMN support_case.policy.seller_response IS 'Term for the first response of the seller (D-01, W-25).';
COMMENT ON COLUMN support_case.policy.next_response IS 'Term for the next response after the buyer has answered or the seller has written (AMB-08).';
COMMENT ON COLUMN support_case.policy.escalation_window IS 'How long the buyer may escalate after a refusal, or after the seller missed the response deadline; then the case closes (AMB-11).';
COMMENT ON COLUMN support_case.policy.information_request IS 'Term for the buyer to answer; then the case closes, reopenable (AMB-31).';
COMMENT ON COLUMN support_case.policy.partial_offer_answer IS 'Term for the buyer to answer a partial refund offer (D-03, W-52).';
COMMENT ON COLUMN support_case.policy.return_drop_off IS 'Term for the buyer to drop off a return (D-04, D-07, D-08; W-33).';
COMMENT ON COLUMN support_case.policy.return_inspection IS 'Term for the seller to confirm or dispute a delivered return; then the refund is made (D-05, W-41, W-43).';
COMMENT ON COLUMN support_case.policy.return_transit IS 'A return not delivered this long after drop-off counts as lost (return.lost_after, AMB-20).';
COMMENT ON COLUMN support_case.policy.replacement_shipment IS 'Term for the seller to hand over the replacement (D-06, W-60).';
COMMENT ON COLUMN support_case.policy.replacement_transit IS 'A replacement not delivered this long after its scan counts as lost (AMB-29).';
COMMENT ON COLUMN support_case.policy.escalation_min_wait IS 'The buyer may escalate this long after opening although the seller is silent: a term; 0 hours disables the gate; null: only once the response deadline has passed (AMB-09).';
COMMENT ON COLUMN support_case.policy.reopen_window IS 'How long the buyer may reopen a case closed without response or withdrawn; null: never (AMB-63).';
COMMENT ON COLUMN support_case.policy.replacement_confirm_window IS 'How long the buyer may reopen a case after the replacement was delivered; null: never (AMB-29).';
COMMENT ON COLUMN support_case.policy.return_grace IS 'How long the platform may reinstate a return that expired; null: never (AMB-16).';
COMMENT ON COLUMN support_case.policy.feedback_window IS 'How long after closing the buyer may rate the support, and change the rating; null: never (AMB-52).';
COMMENT ON COLUMN support_case.policy.appeal_window IS 'How long the buyer may appeal a refund that the platform denied; null: never (AMB-33).';
COMMENT ON COLUMN support_case.policy.fact_minimum_notice IS 'A deadline that a reported fact starts ends no earlier than this after it was recorded (AMB-123).';
COMMENT ON COLUMN support_case.policy.platform_target IS 'Reporting target for a decision of the platform; no deadline (AMB-33).';
COMMENT ON COLUMN support_case.policy.refund_visible_min IS 'A refund appears on the buyer''s payment method this long after it was instructed, at the earliest (W-30, AMB-39).';
COMMENT ON COLUMN support_case.policy.refund_visible_max IS 'The same, at the latest (W-30, AMB-39).';
COMMENT ON COLUMN support_case.policy.filing_after_purchase IS 'A request is late this long after the purchase; null: no limit (AMB-42).';
COMMENT ON COLUMN support_case.policy.filing_after_delivery IS 'A request is late this long after delivery, if that is earlier; null: no limit (AMB-42).';
COMMENT ON COLUMN support_case.policy.idempotency_retention IS 'How long the answer to an idempotency key is kept.';
COMMENT ON COLUMN support_case.policy.notice_attempts IS 'How many times a notice is handed out before it is given up. The version in force counts for every notice, whatever its case keeps; so do the next four.';
COMMENT ON COLUMN support_case.policy.notice_first_delay IS 'How long a notice rests after its first failure.';
COMMENT ON COLUMN support_case.policy.notice_delay_factor IS 'By how much it rests longer after every further failure.';
COMMENT ON COLUMN support_case.policy.notice_maximum_delay IS 'How long it rests at most.';
COMMENT ON COLUMN support_case.policy.notice_retention IS 'How long an acknowledged notice is kept.';
COMMENT ON COLUMN support_case.policy.response_counts IS 'Whether any message of the seller that the buyer sees meets the response deadline, or only one of the six typed responses (AMB-07).';
COMMENT ON COLUMN support_case.policy.escalation_auto_on_overdue IS 'Whether a case escalates by itself when the seller misses the response deadline (AMB-10).';
COMMENT ON COLUMN support_case.policy.escalation_blocks_messages IS 'Whether buyer and seller can no longer write to each other after escalation (AMB-32).';
COMMENT ON COLUMN support_case.policy.escalation_allow_concede IS 'Whether the seller may still grant a full refund after escalation (AMB-66).';
COMMENT ON COLUMN support_case.policy.withdraw_allowed IS 'Whether the buyer may withdraw an open case (AMB-64).';
COMMENT ON COLUMN support_case.policy.partial_offer_on_expiry IS 'What an unanswered partial refund offer becomes (AMB-12).';
COMMENT ON COLUMN support_case.policy.partial_offer_decline_without_item IS 'What declining does when nothing can be returned (AMB-13).';
COMMENT ON COLUMN support_case.policy.partial_offer_minimum IS 'Smallest partial refund as a fraction of what remains refundable; an offer must be above it (AMB-14).';
COMMENT ON COLUMN support_case.policy.partial_offer_maximum IS 'Largest partial refund as a fraction of what remains refundable; an offer must be below it (AMB-14).';
COMMENT ON COLUMN support_case.policy.partial_offer_allow_upgrade IS 'Whether a full refund may supersede a pending partial offer (AMB-15).';
COMMENT ON COLUMN support_case.policy.return_auto_cancel IS 'Whether a return that is not dropped off in time closes the case; else it escalates (AMB-16).';
COMMENT ON COLUMN support_case.policy.return_dropoff_evidence IS 'Whether the buyer''s own proof of drop-off counts beside the carrier''s scan (AMB-17).';
COMMENT ON COLUMN support_case.policy.return_delivery_evidence IS 'Whether the seller may report the arrival of a return (AMB-18).';
COMMENT ON COLUMN support_case.policy.return_refusal_counts_as_delivery IS 'Whether a return that the seller refuses to take counts as delivered; else the case escalates (AMB-19).';
COMMENT ON COLUMN support_case.policy.return_destination IS 'Where returns go, unless a decision says otherwise (AMB-22).';
COMMENT ON COLUMN support_case.policy.platform_return_address IS 'Where returns to the platform go: {"recipient": ..., "address_line_1": ..., "address_line_2": ..., "city": ..., "region": ..., "postal_code": ..., "country": ...} (W-74, AMB-22).';
COMMENT ON COLUMN support_case.policy.return_charge_unscanned_label IS 'Whether a return label is charged although the parcel was never scanned (AMB-23).';
COMMENT ON COLUMN support_case.policy.replacement_mode IS 'Whether the seller ships a replacement, or refunds and the buyer orders again (AMB-25).';
COMMENT ON COLUMN support_case.policy.replacement_sent_evidence IS 'Whether a replacement is sent at the carrier''s acceptance scan or with its label (AMB-26).';
COMMENT ON COLUMN support_case.policy.replacement_auto_authorise_return IS 'Whether an overdue replacement lets the buyer return the original by itself (AMB-27).';
COMMENT ON COLUMN support_case.policy.replacement_require_consent IS 'Whether a replacement needs the recorded consent of the buyer; never for returned_to_sender (AMB-28).';
COMMENT ON COLUMN support_case.policy.replacement_return_original IS 'Whether the buyer is asked to send the original back when a replacement is sent (AMB-30).';
COMMENT ON COLUMN support_case.policy.decision_default_liability IS 'Who bears a refund that the platform decides, unless the decision says otherwise (AMB-34).';
COMMENT ON COLUMN support_case.policy.ledger_reconcile IS 'Whether the amounts of an order must add up at registration (AMB-36).';
COMMENT ON COLUMN support_case.policy.ledger_partial_components IS 'Whether a partial refund is the seller''s alone (none) or reverses commission and tax pro rata (AMB-37).';
COMMENT ON COLUMN support_case.policy.chargeback_on_open IS 'What a chargeback does to an open case (AMB-41).';
COMMENT ON COLUMN support_case.policy.filing_late_mode IS 'Whether a late request is left to the seller''s discretion or refused (AMB-43).';
COMMENT ON COLUMN support_case.policy.case_max_open_per_line IS 'How many open cases an order line may have (AMB-46).';
COMMENT ON COLUMN support_case.policy.public_rating_window IS 'How long after delivery, or else after the purchase, or after the end of a request about its not having arrived, the buyer may rate the order publicly; null: for ever (A-15, AMB-78).';
COMMENT ON COLUMN support_case.policy.public_rating_comment_length IS 'How many characters the comment of a public rating may have (AMB-78).';
COMMENT ON COLUMN support_case.policy.public_pii_mode IS 'What becomes of contact data in public comments, those of ratings included: flag keeps and flags it, mask replaces it, reject refuses the comment, allow does not look (V-06, AMB-99).';
COMMENT ON COLUMN support_case.policy.offer_answer_by_seller IS 'How long the seller may answer the price offer of a buyer; then it expires (D-15, AMB-90).';
COMMENT ON COLUMN support_case.policy.offer_answer_by_buyer IS 'How long a buyer may answer the price offer of the seller; then it expires (D-15, V-16, V-17).';
COMMENT ON COLUMN support_case.policy.offer_purchase_window IS 'How long an accepted price can be paid; then it lapses (AMB-98).';
COMMENT ON COLUMN support_case.policy.offer_favourite_age IS 'The seller may send offers to members who favourited the item no longer ago than this; null: however long (V-11, AMB-92).';
COMMENT ON COLUMN support_case.policy.offer_batch_maximum IS 'To how many members one call may send an offer (V-14, AMB-93).';
COMMENT ON COLUMN support_case.policy.offer_minimum_discount IS 'By which fraction of the item price an offer to favouriters must be lower at least (V-18, V-19, AMB-94).';
COMMENT ON COLUMN support_case.policy.offer_accept_effect IS 'Whether accepting an offer grants its price, the first purchase winning, or reserves the item until it is paid or the window is over (AMB-97).';
COMMENT ON COLUMN support_case.policy.late_threshold IS 'Shipping is substantially delayed this long after the handling deadline without an acceptance scan; null: from the purchase on (AMB-45).';
COMMENT ON COLUMN support_case.policy.intake_channels IS 'The channels where a case may be opened, such as ["ios", "android"]; null: the channel is recorded, not enforced (W-10, AMB-56).';
COMMENT ON COLUMN support_case.policy.fraud_threshold IS 'From which score of the order or the buyer on refund fraud is suspected; null: by no score (AMB-62).';
COMMENT ON COLUMN support_case.policy.inbox_unarchive_on IS 'Whether any new message brings an archived conversation back to the inbox of its reader, or only a message of his own (AMB-55).';
COMMENT ON COLUMN support_case.policy.rating_window IS 'The support rating looks back this far (D-11, W-103); the version in force now counts, not that of the case. So for every setting of the rating but rating_response and rating_late_response_counts.';
COMMENT ON COLUMN support_case.policy.rating_response IS 'Term for a response; without one an escalation by the buyer counts against the seller (D-02, W-107).';
COMMENT ON COLUMN support_case.policy.rating_min_received IS 'The rating is shown once the seller has received this many requests (W-102, AMB-47).';
COMMENT ON COLUMN support_case.policy.rating_min_handled IS 'With fewer cases handled within rating_window, as many of the latest scored ones count instead, at most 100 (W-103, W-104, AMB-47).';
COMMENT ON COLUMN support_case.policy.rating_population IS 'Whether the latest cases are the latest scored ones, or the latest handled ones, neutral ones included (AMB-49).';
COMMENT ON COLUMN support_case.policy.rating_late_alone IS 'What a missed response deadline does to the rating when the buyer never escalates (AMB-50).';
COMMENT ON COLUMN support_case.policy.rating_late_response_counts IS 'Whether a response after rating_response, but before the escalation, counts as one (AMB-51).';
COMMENT ON COLUMN support_case.policy.rating_solution_weight IS 'Weight of a case that the seller solved, 1 to 1000 (W-106, AMB-48).';
COMMENT ON COLUMN support_case.policy.rating_feedback_up_weight IS 'Weight of a case that nothing but a thumb up speaks for, 1 to 1000 (W-106, AMB-48).';
COMMENT ON COLUMN support_case.policy.rating_feedback_down_weight IS 'Weight of a case with a thumb down, 1 to 1000 (W-107, AMB-48).';
COMMENT ON COLUMN support_case.policy.rating_silence_weight IS 'Weight of a case without a response in time, 1 to 1000 (W-107, AMB-48).';
COMMENT ON COLUMN support_case.policy.rating_reversal_weight IS 'Weight of a case in which the platform reversed the seller''s decision, 1 to 1000 (W-107, AMB-48).';
COMMENT ON COLUMN support_case.policy.rating_excellent IS 'Lowest score of label excellent (W-105, AMB-48).';
COMMENT ON COLUMN support_case.policy.rating_great IS 'Lowest score of label great (W-105, AMB-48).';
COMMENT ON COLUMN support_case.policy.rating_good IS 'Lowest score of label good (W-105, AMB-48).';
COMMENT ON COLUMN support_case.policy.rating_average IS 'Lowest score of label average; below it is below_average (W-105, AMB-48).';
COMMENT ON COLUMN support_case.policy.satisfaction_window IS 'The satisfaction score looks back this far; null: as far as the rating (AMB-53).';
COMMENT ON COLUMN support_case.policy.account_status_window IS 'Missed response deadlines of this long count for the account status (W-25, AMB-54).';
COMMENT ON COLUMN support_case.policy.contact_mode IS 'Whether buyer and seller reach each other through relay addresses, and email addresses in messages are masked (relay), or directly (AMB-80, A-07, A-08).';
COMMENT ON COLUMN support_case.policy.relay_domain IS 'Domain of the relay addresses, whose mail the host passes to receive_relayed_message() (AMB-80).';
COMMENT ON COLUMN support_case.policy.pii_mode IS 'What becomes of contact data in a message: flag, mask, reject the message, or allow without looking (AMB-99, V-06).';
COMMENT ON COLUMN support_case.policy.chat_read_only_after IS 'How long after delivery the conversation of an order takes messages; null: for ever (AMB-100).';
COMMENT ON COLUMN support_case.policy.claim_wait IS 'How long after the acceptance scan a claim against the carrier can be filed (claim.wait, D-10, W-122, AMB-57).';
COMMENT ON COLUMN support_case.policy.claim_requires IS 'Whether a claim needs a refund that was instructed, or one that the payment provider has executed (claim.requires, W-119, AMB-58).';
COMMENT ON COLUMN support_case.policy.claim_cap IS 'Whether a claim is limited by the cover that was purchased, where that is more, or by the included cover alone (claim.cap, W-121, AMB-59).';
COMMENT ON COLUMN support_case.policy.claim_reasons IS 'What of lost, stuck and damaged a claim can be about (claim.reasons, W-119, AMB-60).';
COMMENT ON COLUMN support_case.policy.guarantee_open_rule IS 'Whether a guarantee claim can be filed from the earlier of two dates on, one counted from the maximum estimated delivery date, one from the validation of the order, or by the former alone where that date is known (edd_only) (A-29, AMB-73).';
COMMENT ON COLUMN support_case.policy.guarantee_days_after_estimate IS 'Calendar days from the maximum estimated delivery date to the date from which a guarantee claim can be filed (D-13, A-29).';
COMMENT ON COLUMN support_case.policy.guarantee_days_after_validation IS 'Calendar days from the validation of the order to that date (D-13, A-29).';
COMMENT ON COLUMN support_case.policy.guarantee_days_to_close IS 'Calendar days from the service, or else the maximum estimated delivery date, to the last date for a guarantee claim (D-14, A-30).';
COMMENT ON COLUMN support_case.policy.guarantee_close_inclusive IS 'Whether a guarantee claim can still be filed on that last date, to its end (AMB-74).';
COMMENT ON COLUMN support_case.policy.guarantee_zone IS 'The time zone of the marketplace, in which the dates of guarantee claims begin and end: an IANA name (AMB-71).';
COMMENT ON COLUMN support_case.policy.fulfilment_platform_routes IS 'Whether cases and guarantee claims about orders that the platform fulfilled go to the platform alone (A-24, AMB-81).';
COMMENT ON COLUMN support_case.policy.recharge_enabled IS 'Whether the platform may re-charge the buyer, who has to consent, when the original parcel arrives after the refund (A-22, AMB-76).';

DO $comment_roundings$
DECLARE
    term text;
BEGIN
    FOREACH term IN ARRAY ARRAY['seller_response', 'next_response', 'escalation_window', 'information_request',
        'partial_offer_answer', 'return_drop_off', 'return_inspection', 'return_transit',
        'replacement_shipment', 'replacement_transit']
    LOOP
        EXECUTE format('COMMENT ON COLUMN support_case.policy.%I IS %L', term || '_rounding',
            'How the end of ' || term || ' is rounded: exact, or end_of_business_day (AMB-02).');
    END LOOP;
END
$comment_roundings$;

CREATE TABLE support_case.reason (
    reason text PRIMARY KEY,
    is_covered boolean NOT NULL,
    is_returnable boolean NOT NULL,
    required_evidence text
        CONSTRAINT reason_required_evidence CHECK (required_evidence IN ('any', 'photo', 'video')),
    is_consent_needed_for_replacement boolean NOT NULL DEFAULT true,
    excludes_consumables boolean NOT NULL DEFAULT false,
    is_before_shipment boolean NOT NULL DEFAULT false,
    is_for_late_shipment boolean NOT NULL DEFAULT false,
    description text NOT NULL,
    is_retired boolean NOT NULL DEFAULT false,
    CONSTRAINT reason_code_is_snake_case CHECK (reason ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT reason_description_length CHECK (char_length(description) BETWEEN 1 AND 1000)
);

COMMENT ON TABLE support_case.reason IS 'Why a buyer asks for help (W-17). The marketplace adds rows with define_reason(); what a reason means never changes.';
COMMENT ON COLUMN support_case.reason.reason IS 'Code of the reason.';
COMMENT ON COLUMN support_case.reason.is_covered IS 'Whether the seller handles it: the buyer protection covers it, or it is a cancellation; other reasons go to the platform (W-21, W-23).';
COMMENT ON COLUMN support_case.reason.is_returnable IS 'Whether the buyer has an item that can be returned (AMB-13).';
COMMENT ON COLUMN support_case.reason.required_evidence IS 'What must be attached when the case is opened: any, photo or video; null: nothing (W-14, W-15).';
COMMENT ON COLUMN support_case.reason.is_consent_needed_for_replacement IS 'Whether a replacement needs the buyer''s consent where the policy asks for it (AMB-28).';
COMMENT ON COLUMN support_case.reason.excludes_consumables IS 'Whether requests about breaks, surprise products and openable consumables go to the platform (W-20).';
COMMENT ON COLUMN support_case.reason.is_before_shipment IS 'Whether it is for orders only that no carrier has accepted yet: a cancellation request (W-23).';
COMMENT ON COLUMN support_case.reason.is_for_late_shipment IS 'Whether it is for orders only whose shipping is substantially delayed (late_threshold, AMB-45).';
COMMENT ON COLUMN support_case.reason.description IS 'What it means, for operators; texts for people belong to the host (AMB-114).';
COMMENT ON COLUMN support_case.reason.is_retired IS 'No new case may use it.';

INSERT INTO support_case.reason
    (reason, is_covered, is_returnable, required_evidence, is_consent_needed_for_replacement, excludes_consumables,
    is_before_shipment, is_for_late_shipment, description)
VALUES
    ('late_not_shipped', true, false, NULL, true, false, false, true, 'Shipping is substantially delayed.'),
    ('missing_item', true, false, NULL, true, true, false, false, 'An item is missing.'),
    ('wrong_item', true, true, 'photo', true, true, false, false, 'Wrong item, size or colour.'),
    ('not_as_described', true, true, 'photo', true, false, false, false,
        'The item does not match description, condition or photos.'),
    ('defective', true, true, 'photo', true, false, false, false,
        'The item is defective, does not work or has expired.'),
    ('returned_to_sender', true, false, NULL, false, false, false, false, 'The parcel was returned to the sender.'),
    ('damaged_in_transit', true, true, NULL, true, false, false, false, 'The item was damaged during transport.'),
    ('cancellation', true, false, NULL, true, false, true, false,
        'The buyer wants to cancel the order before it is shipped.'),
    ('other', false, true, NULL, true, false, false, false, 'A problem that the buyer protection does not cover.');
