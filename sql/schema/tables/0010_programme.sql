-- The programme's rollout, filing windows per category, what sellers are
-- advised to answer, and what is known of refund fraud.

CREATE TABLE support_case.programme_rollout (
    country text PRIMARY KEY,
    enrolled_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text,
    CONSTRAINT programme_rollout_country_is_a_code CHECK (country ~ '^[A-Z]{2}$')
);

COMMENT ON TABLE support_case.programme_rollout IS 'From when on new sellers of a country are enrolled by themselves (W-03).';
COMMENT ON COLUMN support_case.programme_rollout.country IS 'ISO 3166-1 code of the country.';
COMMENT ON COLUMN support_case.programme_rollout.enrolled_from IS 'Sellers who joined the marketplace at this instant or later are enrolled when they are registered.';
COMMENT ON COLUMN support_case.programme_rollout.created_at IS 'When that was decided.';
COMMENT ON COLUMN support_case.programme_rollout.created_by IS 'Who decided it.';

INSERT INTO support_case.programme_rollout (country, enrolled_from, created_at, created_by)
VALUES ('US', '2025-12-01T00:00:00Z', support_case.clock(), 'install');

CREATE TABLE support_case.filing_window (
    category text NOT NULL,
    version integer NOT NULL,
    after_purchase text,
    after_delivery text,
    effective_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text,
    PRIMARY KEY (category, version),
    UNIQUE (category, effective_from),
    CONSTRAINT filing_window_category_length CHECK (char_length(category) BETWEEN 1 AND 63)
);

COMMENT ON TABLE support_case.filing_window IS 'Versions of the filing windows of product categories that differ from the policy''s (AMB-42). Never changed, only followed by new versions: create_filing_window().';
COMMENT ON COLUMN support_case.filing_window.category IS 'The host''s category, as order lines name it.';
COMMENT ON COLUMN support_case.filing_window.version IS 'Number of the version within the category, from 1.';
COMMENT ON COLUMN support_case.filing_window.after_purchase IS 'A request is late this long after the purchase: a term; null: as the policy says.';
COMMENT ON COLUMN support_case.filing_window.after_delivery IS 'A request is late this long after delivery: a term; null: as the policy says.';
COMMENT ON COLUMN support_case.filing_window.effective_from IS 'Cases opened at this instant or later use the version, until the next one takes effect.';
COMMENT ON COLUMN support_case.filing_window.created_at IS 'When the version was created.';
COMMENT ON COLUMN support_case.filing_window.created_by IS 'Who created it.';

CREATE TABLE support_case.suggested_response (
    reason text NOT NULL REFERENCES support_case.reason,
    step_number integer NOT NULL,
    condition_code text NOT NULL,
    action text NOT NULL
        CONSTRAINT suggested_response_action CHECK (action IN ('offer_full_refund', 'offer_partial_refund',
            'send_replacement', 'explain_no_refund', 'request_information')),
    is_return_required boolean,
    evidence jsonb NOT NULL DEFAULT '[]'
        CONSTRAINT suggested_response_evidence CHECK (jsonb_typeof(evidence) = 'array' AND NOT jsonb_path_exists(evidence,
            'strict $[*] ? (@.type() != "string" || !(@ like_regex "^[a-z][a-z0-9_]{0,62}$"))')),
    follow_up_code text,
    requirement text,
    PRIMARY KEY (reason, step_number),
    CONSTRAINT suggested_response_step_is_positive CHECK (step_number > 0),
    CONSTRAINT suggested_response_codes_are_snake_case
        CHECK (condition_code ~ '^[a-z][a-z0-9_]{0,62}$' AND follow_up_code ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT suggested_response_return_belongs_to_refund
        CHECK ((is_return_required IS NOT NULL) = (action = 'offer_full_refund'))
);

COMMENT ON TABLE support_case.suggested_response IS 'What sellers are advised to answer, per reason: codes and data, never texts (W-129 to W-134, AMB-114). Nothing enforces it.';
COMMENT ON COLUMN support_case.suggested_response.reason IS 'The reason of the case.';
COMMENT ON COLUMN support_case.suggested_response.step_number IS 'Number of the step: a seller goes through the steps in this order.';
COMMENT ON COLUMN support_case.suggested_response.condition_code IS 'When the step applies: a code that the host puts into words, such as defect_not_shown.';
COMMENT ON COLUMN support_case.suggested_response.action IS 'The response: one of the commands that are the seller''s typed responses (W-26).';
COMMENT ON COLUMN support_case.suggested_response.is_return_required IS 'Whether a full refund asks the item back; null for other responses.';
COMMENT ON COLUMN support_case.suggested_response.evidence IS 'What to compare or to show: an array of codes, such as ["buyer_photos", "purchase_record"].';
COMMENT ON COLUMN support_case.suggested_response.follow_up_code IS 'What becomes possible afterwards, such as claim_from_carrier; null: nothing.';
COMMENT ON COLUMN support_case.suggested_response.requirement IS 'The rule of the specification that advises it; null for the marketplace''s own.';

INSERT INTO support_case.suggested_response
    (reason, step_number, condition_code, action, is_return_required, evidence, follow_up_code, requirement)
SELECT r.reason, s.step_number, s.condition_code, s.action, s.is_return_required, s.evidence::jsonb, s.follow_up_code,
    s.requirement
FROM (VALUES
    -- AMB-44: what is defective is treated as what is not as described.
    ('{not_as_described,defective}'::text[], 1, 'defect_not_named', 'request_information', NULL::boolean,
        '["buyer_photos", "purchase_record"]', NULL, 'W-129'),
    ('{not_as_described,defective}', 2, 'defect_not_shown', 'offer_partial_refund', NULL,
        '["buyer_photos", "purchase_record"]', NULL, 'W-129'),
    ('{not_as_described,defective}', 3, 'defect_not_shown', 'offer_full_refund', false,
        '["buyer_photos", "purchase_record"]', NULL, 'W-129'),
    ('{not_as_described,defective}', 4, 'defect_not_shown', 'offer_full_refund', true,
        '["buyer_photos", "purchase_record"]', NULL, 'W-129'),
    ('{not_as_described,defective}', 5, 'defect_mentioned_and_shown', 'explain_no_refund', NULL,
        '["purchase_record_screenshot"]', NULL, 'W-129'),
    ('{missing_item}', 1, 'packing_proved', 'explain_no_refund', NULL, '["packing_photo", "packing_video"]', NULL,
        'W-130'),
    ('{missing_item}', 2, 'packing_not_proved', 'offer_full_refund', false, '[]', NULL, 'W-130'),
    ('{missing_item}', 3, 'packing_not_proved', 'send_replacement', NULL, '["buyer_consent"]', NULL, 'W-130'),
    ('{wrong_item}', 1, 'item_differs', 'offer_full_refund', false, '["buyer_photos", "purchase_record"]', NULL,
        'W-131'),
    ('{wrong_item}', 2, 'item_differs', 'offer_full_refund', true, '["buyer_photos", "purchase_record"]', NULL,
        'W-131'),
    ('{wrong_item}', 3, 'item_differs', 'send_replacement', NULL,
        '["buyer_photos", "purchase_record", "buyer_consent"]', NULL, 'W-131'),
    ('{late_not_shipped}', 1, 'shipped_and_tracking_moves', 'explain_no_refund', NULL, '["tracking"]', NULL, 'W-132'),
    ('{late_not_shipped}', 2, 'not_shipped', 'offer_full_refund', false, '[]', NULL, 'W-132'),
    ('{late_not_shipped}', 3, 'tracking_does_not_move', 'offer_full_refund', false, '["tracking"]', NULL, 'W-132'),
    -- W-127: a carrier's claim follows the refund.
    ('{damaged_in_transit}', 1, 'packed_properly', 'offer_full_refund', false, '["buyer_photos", "packing_photo"]',
        'claim_from_carrier', 'W-133'),
    ('{damaged_in_transit}', 2, 'packed_poorly', 'offer_full_refund', false, '["buyer_photos", "packing_photo"]', NULL,
        'W-133'),
    ('{returned_to_sender}', 1, 'item_can_be_sent_again', 'send_replacement', NULL,
        '["shipping_label", "tracking_number"]', NULL, 'W-134'),
    ('{returned_to_sender}', 2, 'item_cannot_be_sent_again', 'offer_full_refund', false, '[]', NULL, 'W-134')
    ) AS s (reasons, step_number, condition_code, action, is_return_required, evidence, follow_up_code, requirement)
CROSS JOIN LATERAL unnest(s.reasons) AS r (reason);

CREATE TABLE support_case.buyer_standing (
    buyer_id bigint PRIMARY KEY,
    is_fraud_suspected boolean NOT NULL DEFAULT false,
    fraud_score numeric,
    CONSTRAINT buyer_standing_id_is_positive CHECK (buyer_id > 0),
    CONSTRAINT buyer_standing_fraud_score_is_finite CHECK (fraud_score >= 0 AND fraud_score < 'Infinity')
);

COMMENT ON TABLE support_case.buyer_standing IS 'What the platform thinks of buyers, with all sellers (W-115, W-116), at least of those who have had cases: the row is the lock between opening a case and assessing its buyer. Neither buyers nor sellers read it.';
COMMENT ON COLUMN support_case.buyer_standing.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.buyer_standing.is_fraud_suspected IS 'Whether the buyer is flagged for refund fraud; requests then go to the platform (W-22).';
COMMENT ON COLUMN support_case.buyer_standing.fraud_score IS 'The host''s latest fraud score of the buyer; null: none (AMB-62).';

CREATE TABLE support_case.order_standing (
    seller_id bigint NOT NULL,
    order_id bigint NOT NULL,
    is_fraud_suspected boolean NOT NULL DEFAULT false,
    fraud_score numeric,
    PRIMARY KEY (seller_id, order_id),
    FOREIGN KEY (seller_id, order_id) REFERENCES support_case.sales_order,
    CONSTRAINT order_standing_fraud_score_is_finite CHECK (fraud_score >= 0 AND fraud_score < 'Infinity')
);

COMMENT ON TABLE support_case.order_standing IS 'Fraud flags and the host''s fraud scores of orders. Neither buyers nor sellers read it.';
COMMENT ON COLUMN support_case.order_standing.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.order_standing.order_id IS 'The order.';
COMMENT ON COLUMN support_case.order_standing.is_fraud_suspected IS 'Whether the order is flagged for refund fraud; requests then go to the platform (W-22).';
COMMENT ON COLUMN support_case.order_standing.fraud_score IS 'The latest score; null: none (AMB-62).';

CREATE TABLE support_case.case_suspicion (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    event_number integer NOT NULL,
    message text,
    PRIMARY KEY (seller_id, case_id, event_number),
    FOREIGN KEY (seller_id, case_id) REFERENCES support_case.support_case
);

COMMENT ON TABLE support_case.case_suspicion IS 'Which cases came to the platform because refund fraud was suspected (W-22). Neither buyers nor sellers read it. Append-only.';
COMMENT ON COLUMN support_case.case_suspicion.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.case_suspicion.case_id IS 'The case.';
COMMENT ON COLUMN support_case.case_suspicion.event_number IS 'The event that brought it to the platform.';
COMMENT ON COLUMN support_case.case_suspicion.message IS 'What was said of it by who took the case over; null: nothing.';

CREATE TABLE support_case.fraud_assessment (
    seller_id bigint NOT NULL,
    order_id bigint NOT NULL,
    assessment_number integer NOT NULL,
    buyer_id bigint NOT NULL,
    subject text NOT NULL CONSTRAINT fraud_assessment_subject CHECK (subject IN ('order', 'buyer')),
    action text NOT NULL
        CONSTRAINT fraud_assessment_action CHECK (action IN ('flag_fraud', 'clear_fraud_flag', 'record_fraud_score')),
    ground text,
    fraud_score numeric,
    actor_id text,
    assessed_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, order_id, assessment_number),
    FOREIGN KEY (seller_id, order_id) REFERENCES support_case.sales_order
);

COMMENT ON TABLE support_case.fraud_assessment IS 'The record of every fraud flag and score: who set or cleared it, when and why. Append-only.';
COMMENT ON COLUMN support_case.fraud_assessment.seller_id IS 'The seller of the order.';
COMMENT ON COLUMN support_case.fraud_assessment.order_id IS 'The order, or the one through which the buyer was assessed.';
COMMENT ON COLUMN support_case.fraud_assessment.assessment_number IS 'Number of the assessment within the order, from 1.';
COMMENT ON COLUMN support_case.fraud_assessment.buyer_id IS 'The buyer of the order.';
COMMENT ON COLUMN support_case.fraud_assessment.subject IS 'What was assessed: the order, or its buyer.';
COMMENT ON COLUMN support_case.fraud_assessment.action IS 'What was done.';
COMMENT ON COLUMN support_case.fraud_assessment.ground IS 'Why, in the words of who did it.';
COMMENT ON COLUMN support_case.fraud_assessment.fraud_score IS 'The score, where one was recorded.';
COMMENT ON COLUMN support_case.fraud_assessment.actor_id IS 'Who did it, where the caller said so.';
COMMENT ON COLUMN support_case.fraud_assessment.assessed_at IS 'When.';

CREATE INDEX sales_order_buyer ON support_case.sales_order (buyer_id);
