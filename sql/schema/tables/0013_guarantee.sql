-- Guarantee claims: cases that begin with the platform, and what becomes of a
-- parcel that is found after the refund.

CREATE TABLE support_case.delivery_promise (
    seller_id bigint NOT NULL,
    order_id bigint NOT NULL,
    validated_on date,
    max_estimated_delivery_on date,
    service_on date,
    is_platform_fulfilled boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, order_id),
    FOREIGN KEY (seller_id, order_id) REFERENCES support_case.sales_order,
    CONSTRAINT delivery_promise_validated_on CHECK (validated_on BETWEEN '1900-01-01' AND '2200-12-31'),
    CONSTRAINT delivery_promise_max_estimated_delivery_on
        CHECK (max_estimated_delivery_on BETWEEN '1900-01-01' AND '2200-12-31'),
    CONSTRAINT delivery_promise_service_on CHECK (service_on BETWEEN '1900-01-01' AND '2200-12-31')
);

COMMENT ON TABLE support_case.delivery_promise IS 'What the host says about the delivery of an order; guarantee claims are measured on it (A-29, A-30). An order without a row counts from its purchase.';
COMMENT ON COLUMN support_case.delivery_promise.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.delivery_promise.order_id IS 'The order.';
COMMENT ON COLUMN support_case.delivery_promise.validated_on IS 'The date on which the order was validated; null: that of the purchase, in the policy''s guarantee_zone.';
COMMENT ON COLUMN support_case.delivery_promise.max_estimated_delivery_on IS 'The latest estimated delivery date; null: the latest that a shipment of the order has, if any (AMB-72).';
COMMENT ON COLUMN support_case.delivery_promise.service_on IS 'The date of the service, for services (AMB-72).';
COMMENT ON COLUMN support_case.delivery_promise.is_platform_fulfilled IS 'Whether the platform fulfilled the order (A-24, AMB-81).';
COMMENT ON COLUMN support_case.delivery_promise.recorded_at IS 'When it was last recorded.';

CREATE TABLE support_case.guarantee_claim (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    validated_on date NOT NULL,
    max_estimated_delivery_on date,
    service_on date,
    is_platform_fulfilled boolean NOT NULL,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz,
    filed_at timestamptz NOT NULL,
    admitted_because text,
    PRIMARY KEY (seller_id, case_id),
    FOREIGN KEY (seller_id, case_id) REFERENCES support_case.support_case,
    CONSTRAINT guarantee_claim_is_not_early CHECK (filed_at >= opens_at),
    CONSTRAINT guarantee_claim_late_is_admitted
        CHECK ((filed_at >= coalesce(closes_at, 'infinity')) = (admitted_because IS NOT NULL))
);

COMMENT ON TABLE support_case.guarantee_claim IS 'The cases that began as guarantee claims, with the window as it was when they were filed (AMB-83). Append-only.';
COMMENT ON COLUMN support_case.guarantee_claim.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.guarantee_claim.case_id IS 'The case.';
COMMENT ON COLUMN support_case.guarantee_claim.validated_on IS 'The date on which the order was validated.';
COMMENT ON COLUMN support_case.guarantee_claim.max_estimated_delivery_on IS 'The latest estimated delivery date, where known.';
COMMENT ON COLUMN support_case.guarantee_claim.service_on IS 'The date of the service, where there is one.';
COMMENT ON COLUMN support_case.guarantee_claim.is_platform_fulfilled IS 'Whether the platform fulfilled the order.';
COMMENT ON COLUMN support_case.guarantee_claim.opens_at IS 'From when on a claim could be filed (D-13).';
COMMENT ON COLUMN support_case.guarantee_claim.closes_at IS 'From when on it was late; null: never (D-14).';
COMMENT ON COLUMN support_case.guarantee_claim.filed_at IS 'When it was filed.';
COMMENT ON COLUMN support_case.guarantee_claim.admitted_because IS 'Why the platform admitted a late one; null: it was not late (A-31, AMB-75).';

CREATE TABLE support_case.found_parcel (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    found_at timestamptz NOT NULL,
    reported_by text NOT NULL
        CONSTRAINT found_parcel_reported_by CHECK (reported_by IN ('carrier', 'seller', 'buyer')),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, case_id),
    FOREIGN KEY (seller_id, case_id) REFERENCES support_case.support_case
);

COMMENT ON TABLE support_case.found_parcel IS 'Original parcels that were found or arrived though a case says they had not (A-22, A-27). Append-only.';
COMMENT ON COLUMN support_case.found_parcel.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.found_parcel.case_id IS 'The case.';
COMMENT ON COLUMN support_case.found_parcel.found_at IS 'When it was found.';
COMMENT ON COLUMN support_case.found_parcel.reported_by IS 'carrier, seller or buyer.';
COMMENT ON COLUMN support_case.found_parcel.recorded_at IS 'When that was recorded.';

CREATE TABLE support_case.recharge_consent (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    consent_number integer NOT NULL,
    event_number integer NOT NULL,
    amount bigint,
    given_by text,
    given_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, case_id, consent_number),
    FOREIGN KEY (seller_id, case_id) REFERENCES support_case.support_case,
    CONSTRAINT recharge_consent_amount_is_not_negative CHECK (amount >= 0)
);

COMMENT ON TABLE support_case.recharge_consent IS 'Consents of buyers to be re-charged when the original parcel arrives after the refund; the latest one of a case counts (A-22, AMB-76). Append-only.';
COMMENT ON COLUMN support_case.recharge_consent.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.recharge_consent.case_id IS 'The case.';
COMMENT ON COLUMN support_case.recharge_consent.consent_number IS 'Number of the consent within the case, from 1.';
COMMENT ON COLUMN support_case.recharge_consent.event_number IS 'The event that it belongs to.';
COMMENT ON COLUMN support_case.recharge_consent.amount IS 'Up to what in all, minor units of the case''s currency; null: up to what was refunded; 0: the consent was withdrawn.';
COMMENT ON COLUMN support_case.recharge_consent.given_by IS 'Who gave it, where the caller said so.';
COMMENT ON COLUMN support_case.recharge_consent.given_at IS 'When it was given.';

CREATE TABLE support_case.recharge (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    recharge_number integer NOT NULL,
    consent_number integer NOT NULL,
    event_number integer NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    recharged_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, case_id, recharge_number),
    FOREIGN KEY (seller_id, case_id, consent_number) REFERENCES support_case.recharge_consent,
    CONSTRAINT recharge_amount_is_positive CHECK (amount > 0)
);

CREATE INDEX recharge_consent_of_recharge ON support_case.recharge (seller_id, case_id, consent_number);

COMMENT ON TABLE support_case.recharge IS 'What buyers were charged again because the original parcel arrived after the refund; the host executes it (A-22, AMB-76). Append-only.';
COMMENT ON COLUMN support_case.recharge.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.recharge.case_id IS 'The case.';
COMMENT ON COLUMN support_case.recharge.recharge_number IS 'Number of the re-charge within the case, from 1.';
COMMENT ON COLUMN support_case.recharge.consent_number IS 'The consent that it rests on.';
COMMENT ON COLUMN support_case.recharge.event_number IS 'The event that it belongs to.';
COMMENT ON COLUMN support_case.recharge.amount IS 'What the buyer pays back, minor units.';
COMMENT ON COLUMN support_case.recharge.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.recharge.recharged_at IS 'When the platform decided it.';

INSERT INTO support_case.reason
    (reason, is_covered, is_returnable, required_evidence, is_consent_needed_for_replacement, excludes_consumables,
    is_before_shipment, is_for_late_shipment, description)
VALUES ('not_received', true, false, NULL, true, false, false, false, 'The order has not arrived.');

INSERT INTO support_case.notice_template (template, recipient, channel, requirements)
VALUES
    ('guarantee_claimed', 'buyer', 'in_app', 'A-17'),
    ('guarantee_claimed', 'seller', 'email', 'A-25, A-32'),
    ('guarantee_claimed', 'seller', 'in_app', 'A-25, A-32'),
    ('carrier_enquiry', 'buyer', 'in_app', 'A-28'),
    ('parcel_found', 'buyer', 'in_app', 'A-22, A-27'),
    ('parcel_found', 'seller', 'in_app', 'A-27'),
    ('parcel_found', 'platform', 'in_app', 'A-22'),
    ('recharge_consented', 'platform', 'in_app', 'A-22, AMB-76'),
    ('recharge_consent_withdrawn', 'platform', 'in_app', 'A-22, AMB-76'),
    ('buyer_recharged', 'buyer', 'email', 'A-22, AMB-76'),
    ('buyer_recharged', 'buyer', 'in_app', 'A-22, AMB-76'),
    ('buyer_recharged', 'seller', 'in_app', 'A-22, AMB-76');
