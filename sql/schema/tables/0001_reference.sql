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

    claim_wait text NOT NULL DEFAULT '14 days',
    claim_requires text NOT NULL DEFAULT 'instructed_refund'
        CONSTRAINT policy_claim_requires CHECK (claim_requires IN ('instructed_refund', 'settled_refund')),
    claim_cap text NOT NULL DEFAULT 'included_or_purchased_cover'
        CONSTRAINT policy_claim_cap CHECK (claim_cap IN ('included_or_purchased_cover', 'included_cover')),
    claim_reasons text[] NOT NULL DEFAULT '{lost,stuck,damaged}'
        CONSTRAINT policy_claim_reasons CHECK (claim_reasons <@ ARRAY['lost', 'stuck', 'damaged']),

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
COMMENT ON COLUMN support_case.policy.claim_wait IS 'How long after the acceptance scan a claim against the carrier can be filed (claim.wait, D-10, W-122, AMB-57).';
COMMENT ON COLUMN support_case.policy.claim_requires IS 'Whether a claim needs a refund that was instructed, or one that the payment provider has executed (claim.requires, W-119, AMB-58).';
COMMENT ON COLUMN support_case.policy.claim_cap IS 'Whether a claim is limited by the cover that was purchased, where that is more, or by the included cover alone (claim.cap, W-121, AMB-59).';
COMMENT ON COLUMN support_case.policy.claim_reasons IS 'What of lost, stuck and damaged a claim can be about (claim.reasons, W-119, AMB-60).';

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
    is_evidence_required boolean NOT NULL DEFAULT false,
    is_consent_needed_for_replacement boolean NOT NULL DEFAULT true,
    excludes_consumables boolean NOT NULL DEFAULT false,
    description text NOT NULL,
    is_retired boolean NOT NULL DEFAULT false
);

COMMENT ON TABLE support_case.reason IS 'Why a buyer asks for help (W-17). The marketplace may add rows.';
COMMENT ON COLUMN support_case.reason.reason IS 'Code of the reason.';
COMMENT ON COLUMN support_case.reason.is_covered IS 'Whether the buyer protection covers it; other reasons go to the platform (W-21).';
COMMENT ON COLUMN support_case.reason.is_returnable IS 'Whether the buyer has an item that can be returned (AMB-13).';
COMMENT ON COLUMN support_case.reason.is_evidence_required IS 'Whether photos are required when the case is opened (W-14, W-15).';
COMMENT ON COLUMN support_case.reason.is_consent_needed_for_replacement IS 'Whether a replacement needs the buyer''s consent where the policy asks for it (AMB-28).';
COMMENT ON COLUMN support_case.reason.excludes_consumables IS 'Whether requests about breaks, surprise products and openable consumables go to the platform (W-20).';
COMMENT ON COLUMN support_case.reason.description IS 'What it means, for operators; texts for people belong to the host (AMB-114).';
COMMENT ON COLUMN support_case.reason.is_retired IS 'No new case may use it.';

INSERT INTO support_case.reason
    (reason, is_covered, is_returnable, is_evidence_required, is_consent_needed_for_replacement, excludes_consumables, description)
VALUES
    ('late_not_shipped', true, false, false, true, false, 'Shipping is substantially delayed.'),
    ('missing_item', true, false, false, true, true, 'An item is missing.'),
    ('wrong_item', true, true, true, true, true, 'Wrong item, size or colour.'),
    ('not_as_described', true, true, true, true, false, 'The item does not match description, condition or photos.'),
    ('defective', true, true, true, true, false, 'The item is defective, does not work or has expired.'),
    ('returned_to_sender', true, false, false, false, false, 'The parcel was returned to the sender.'),
    ('damaged_in_transit', true, true, false, true, false, 'The item was damaged during transport.'),
    ('other', false, true, false, true, false, 'A problem that the buyer protection does not cover.');
