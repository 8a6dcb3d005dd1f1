-- Parcels of orders, addresses for returns, and claims against carriers.
-- Scans are the record; what a shipment or parcel shows follows from them.

CREATE TABLE support_case.carrier_service (
    carrier text NOT NULL,
    service text NOT NULL,
    currency text NOT NULL,
    included_cover bigint NOT NULL,
    has_automatic_claims boolean NOT NULL,
    PRIMARY KEY (carrier, service, currency),
    CONSTRAINT carrier_service_included_cover CHECK (included_cover >= 0)
);

COMMENT ON TABLE support_case.carrier_service IS 'Services of carriers that include cover, or take automatic claims. The marketplace may add rows; carriers that are not listed do neither (W-125).';
COMMENT ON COLUMN support_case.carrier_service.carrier IS 'Code of the carrier, as shipments name it.';
COMMENT ON COLUMN support_case.carrier_service.service IS 'Code of the service, as shipments name it.';
COMMENT ON COLUMN support_case.carrier_service.currency IS 'ISO 4217 code of the cover: it counts for orders in this currency.';
COMMENT ON COLUMN support_case.carrier_service.included_cover IS 'What the service insures without further purchase, minor units (W-123).';
COMMENT ON COLUMN support_case.carrier_service.has_automatic_claims IS 'Whether the platform can file claims with the carrier (W-119).';

INSERT INTO support_case.carrier_service (carrier, service, currency, included_cover, has_automatic_claims)
VALUES
    ('USPS', 'priority_mail', 'USD', 10000, true),
    ('USPS', 'ground_advantage', 'USD', 10000, true);

CREATE TABLE support_case.claim_excluded_category (
    category text PRIMARY KEY,
    description text NOT NULL
);

COMMENT ON TABLE support_case.claim_excluded_category IS 'Categories of products for which carriers pay nothing (W-126). The marketplace adds those of its carriers'' lists.';
COMMENT ON COLUMN support_case.claim_excluded_category.category IS 'The category, as order lines name it.';
COMMENT ON COLUMN support_case.claim_excluded_category.description IS 'What it means, for operators.';

INSERT INTO support_case.claim_excluded_category (category, description)
VALUES
    ('precious_metals', 'Precious metals, such as bullion.'),
    ('money', 'Money: coins and notes in circulation, and what stands for it.');

CREATE TABLE support_case.shipment (
    seller_id bigint NOT NULL,
    order_id bigint NOT NULL,
    shipment_number integer NOT NULL,
    carrier text,
    service text,
    tracking_number text,
    handed_over_at timestamptz,
    delivered_at timestamptz,
    last_scan_at timestamptz,
    last_scan_kind text,
    max_estimated_delivery_on date,
    ship_to_country text
        CONSTRAINT shipment_ship_to_country CHECK (ship_to_country ~ '^[A-Z]{2}$'),
    declared_value bigint,
    insured_value bigint,
    insurer text,
    included_cover bigint NOT NULL DEFAULT 0,
    is_insurance_included boolean GENERATED ALWAYS AS (included_cover > 0) STORED,
    has_automatic_claims boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, order_id, shipment_number),
    FOREIGN KEY (seller_id, order_id) REFERENCES support_case.sales_order,
    CONSTRAINT shipment_amounts_are_not_negative
        CHECK (declared_value >= 0 AND insured_value >= 0 AND included_cover >= 0),
    CONSTRAINT shipment_insurer CHECK (insurer IS NULL OR insured_value IS NOT NULL)
);

COMMENT ON TABLE support_case.shipment IS 'Parcels in which an order travels to its buyer, as the host registered them and the carrier''s scans have left them.';
COMMENT ON COLUMN support_case.shipment.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.shipment.order_id IS 'The order.';
COMMENT ON COLUMN support_case.shipment.shipment_number IS 'Number of the shipment within the order, from 1.';
COMMENT ON COLUMN support_case.shipment.carrier IS 'The carrier; null until the label is bought.';
COMMENT ON COLUMN support_case.shipment.service IS 'The carrier''s service, a code of table carrier_service where it is listed there.';
COMMENT ON COLUMN support_case.shipment.tracking_number IS 'The carrier''s tracking number.';
COMMENT ON COLUMN support_case.shipment.handed_over_at IS 'The acceptance scan: the carrier''s earliest scan that shows the parcel in its hands (AMB-57).';
COMMENT ON COLUMN support_case.shipment.delivered_at IS 'When it was delivered.';
COMMENT ON COLUMN support_case.shipment.last_scan_at IS 'When it was scanned last.';
COMMENT ON COLUMN support_case.shipment.last_scan_kind IS 'What that scan said.';
COMMENT ON COLUMN support_case.shipment.max_estimated_delivery_on IS 'The latest day of the estimated delivery, in the buyer''s time zone.';
COMMENT ON COLUMN support_case.shipment.ship_to_country IS 'ISO 3166 code of the country it goes to.';
COMMENT ON COLUMN support_case.shipment.declared_value IS 'The value declared to the carrier, minor units of the order''s currency.';
COMMENT ON COLUMN support_case.shipment.insured_value IS 'The cover that was purchased, minor units of the order''s currency (W-121, W-124).';
COMMENT ON COLUMN support_case.shipment.insurer IS 'Who sold that cover, such as xcover; null: the carrier. Claims at an insurer are manual (W-124, AMB-59).';
COMMENT ON COLUMN support_case.shipment.included_cover IS 'What the service insured without further purchase when it was registered, minor units of the order''s currency (W-123).';
COMMENT ON COLUMN support_case.shipment.is_insurance_included IS 'Whether the service includes cover (W-123).';
COMMENT ON COLUMN support_case.shipment.has_automatic_claims IS 'Whether the platform could file claims with the carrier when it was registered (W-119, W-125).';
COMMENT ON COLUMN support_case.shipment.created_at IS 'When it was registered.';

CREATE TABLE support_case.shipment_scan (
    seller_id bigint NOT NULL,
    order_id bigint NOT NULL,
    shipment_number integer NOT NULL,
    scan_number integer NOT NULL,
    kind text NOT NULL
        CONSTRAINT shipment_scan_kind
        CHECK (kind IN ('accepted', 'in_transit', 'delivered', 'lost', 'damaged', 'returned_to_sender')),
    scanned_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, order_id, shipment_number, scan_number)
);

COMMENT ON TABLE support_case.shipment_scan IS 'What the carrier said of a shipment. Append-only.';
COMMENT ON COLUMN support_case.shipment_scan.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.shipment_scan.order_id IS 'The order.';
COMMENT ON COLUMN support_case.shipment_scan.shipment_number IS 'The shipment.';
COMMENT ON COLUMN support_case.shipment_scan.scan_number IS 'Number of the scan within the shipment, from 1, in the order of recording.';
COMMENT ON COLUMN support_case.shipment_scan.kind IS 'accepted, in_transit, delivered, lost, damaged or returned_to_sender.';
COMMENT ON COLUMN support_case.shipment_scan.scanned_at IS 'When it happened.';
COMMENT ON COLUMN support_case.shipment_scan.recorded_at IS 'When it was reported.';

CREATE TABLE support_case.parcel_scan (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    parcel_number integer NOT NULL,
    scan_number integer NOT NULL,
    kind text NOT NULL
        CONSTRAINT parcel_scan_kind CHECK (kind IN ('accepted', 'in_transit', 'delivered', 'refused', 'lost', 'damaged',
            'returned_to_sender')),
    reported_by text NOT NULL
        CONSTRAINT parcel_scan_reported_by CHECK (reported_by IN ('carrier', 'seller', 'buyer')),
    scanned_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, case_id, parcel_number, scan_number)
);

COMMENT ON TABLE support_case.parcel_scan IS 'Where returns and replacements were seen. Append-only.';
COMMENT ON COLUMN support_case.parcel_scan.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.parcel_scan.case_id IS 'The case.';
COMMENT ON COLUMN support_case.parcel_scan.parcel_number IS 'The parcel.';
COMMENT ON COLUMN support_case.parcel_scan.scan_number IS 'Number of the scan within the parcel, from 1, in the order of recording.';
COMMENT ON COLUMN support_case.parcel_scan.kind IS 'accepted, in_transit, delivered, refused, lost, damaged or returned_to_sender.';
COMMENT ON COLUMN support_case.parcel_scan.reported_by IS 'carrier, the seller who received it (AMB-18), or the buyer who proved to have dropped it off (AMB-17).';
COMMENT ON COLUMN support_case.parcel_scan.scanned_at IS 'When it happened.';
COMMENT ON COLUMN support_case.parcel_scan.recorded_at IS 'When it was reported.';

CREATE TABLE support_case.return_address (
    seller_id bigint NOT NULL REFERENCES support_case.seller,
    address_number integer NOT NULL,
    recipient text NOT NULL,
    address_line_1 text NOT NULL,
    address_line_2 text,
    city text NOT NULL,
    region text,
    postal_code text,
    country text NOT NULL
        CONSTRAINT return_address_country CHECK (country ~ '^[A-Z]{2}$'),
    set_at timestamptz NOT NULL,
    set_by text,
    PRIMARY KEY (seller_id, address_number)
);

COMMENT ON TABLE support_case.return_address IS 'Where sellers want their returns (W-39). Append-only: the latest is in force, and a return keeps the one in force when it started.';
COMMENT ON COLUMN support_case.return_address.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.return_address.address_number IS 'Number of the address within the seller, from 1.';
COMMENT ON COLUMN support_case.return_address.recipient IS 'Name on the parcel.';
COMMENT ON COLUMN support_case.return_address.address_line_1 IS 'Street and number, or post-office box.';
COMMENT ON COLUMN support_case.return_address.address_line_2 IS 'Second line, where there is one.';
COMMENT ON COLUMN support_case.return_address.city IS 'City.';
COMMENT ON COLUMN support_case.return_address.region IS 'State, province or the like.';
COMMENT ON COLUMN support_case.return_address.postal_code IS 'Postal code.';
COMMENT ON COLUMN support_case.return_address.country IS 'ISO 3166 code of the country.';
COMMENT ON COLUMN support_case.return_address.set_at IS 'From when it is in force, until the next one.';
COMMENT ON COLUMN support_case.return_address.set_by IS 'Who set it, where the caller said so.';

CREATE SEQUENCE support_case.claim_id_seq AS bigint;

COMMENT ON SEQUENCE support_case.claim_id_seq IS 'Numbers the claims against carriers.';

CREATE TABLE support_case.carrier_claim (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    claim_number integer NOT NULL,
    claim_id bigint NOT NULL,
    order_id bigint NOT NULL,
    shipment_number integer NOT NULL,
    reason text
        CONSTRAINT carrier_claim_reason CHECK (reason IN ('lost', 'stuck', 'damaged')),
    status text NOT NULL,
    manual_reason text
        CONSTRAINT carrier_claim_manual_reason
        CHECK (manual_reason IN ('carrier_without_automatic_claims', 'insured_elsewhere', 'claimed_directly')),
    currency text NOT NULL,
    wait_ends_at timestamptz,
    fileable_at timestamptz,
    claimed_amount bigint,
    paid_amount bigint,
    carrier_reference text,
    denial_reason text,
    requested_at timestamptz NOT NULL,
    status_since timestamptz NOT NULL,
    retry_at timestamptz,
    PRIMARY KEY (seller_id, case_id, claim_number),
    CONSTRAINT carrier_claim_claim_id UNIQUE (seller_id, claim_id),
    FOREIGN KEY (seller_id, case_id) REFERENCES support_case.support_case,
    FOREIGN KEY (seller_id, order_id, shipment_number) REFERENCES support_case.shipment,
    CONSTRAINT carrier_claim_waits CHECK (status <> 'scheduled' OR wait_ends_at IS NOT NULL),
    CONSTRAINT carrier_claim_claimed_amount CHECK (claimed_amount > 0),
    CONSTRAINT carrier_claim_paid_amount
        CHECK ((paid_amount IS NOT NULL) = (status = 'paid') AND paid_amount > 0 AND paid_amount <= claimed_amount)
);

-- The order first, as for cases: without statistics the planner would take it
-- for as good as the primary key.
CREATE INDEX carrier_claim_shipment ON support_case.carrier_claim (order_id, seller_id, shipment_number);
CREATE UNIQUE INDEX carrier_claim_one_per_shipment ON support_case.carrier_claim (seller_id, order_id, shipment_number)
    WHERE status NOT IN ('denied', 'cancelled');
CREATE INDEX carrier_claim_waiting ON support_case.carrier_claim (coalesce(retry_at, wait_ends_at))
    WHERE status = 'scheduled';
CREATE INDEX carrier_claim_fileable ON support_case.carrier_claim (fileable_at) WHERE status = 'fileable';

COMMENT ON TABLE support_case.carrier_claim IS 'Claims against carriers for refunded parcels, as their events in life_cycle_event have left them (W-119 to W-128). A wait that has ended since takes effect all the same: read the view carrier_claims.';
COMMENT ON COLUMN support_case.carrier_claim.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.carrier_claim.case_id IS 'The case whose refund the claim is to recover.';
COMMENT ON COLUMN support_case.carrier_claim.claim_number IS 'Number of the claim within the case, from 1.';
COMMENT ON COLUMN support_case.carrier_claim.claim_id IS 'Number of the claim among all, for its events and notices.';
COMMENT ON COLUMN support_case.carrier_claim.order_id IS 'The order.';
COMMENT ON COLUMN support_case.carrier_claim.shipment_number IS 'The shipment.';
COMMENT ON COLUMN support_case.carrier_claim.reason IS 'lost, stuck or damaged (AMB-60); null where a manual claim does not say so.';
COMMENT ON COLUMN support_case.carrier_claim.status IS 'Status, a code of machine carrier_claim of state_machine().';
COMMENT ON COLUMN support_case.carrier_claim.manual_reason IS 'Why the seller claims by hand: the carrier takes no automatic claims (W-125), an insurer covers it (W-124), or the seller prefers to (W-128).';
COMMENT ON COLUMN support_case.carrier_claim.currency IS 'ISO 4217 code, that of the order.';
COMMENT ON COLUMN support_case.carrier_claim.wait_ends_at IS 'When the term claim_wait after the acceptance scan ends (D-10); null for manual claims.';
COMMENT ON COLUMN support_case.carrier_claim.fileable_at IS 'From when on it could be filed: the wait was over and a refund executed.';
COMMENT ON COLUMN support_case.carrier_claim.claimed_amount IS 'What was claimed, minor units.';
COMMENT ON COLUMN support_case.carrier_claim.paid_amount IS 'What the carrier paid, minor units.';
COMMENT ON COLUMN support_case.carrier_claim.carrier_reference IS 'The carrier''s or insurer''s number of the claim.';
COMMENT ON COLUMN support_case.carrier_claim.denial_reason IS 'Why the carrier denied it, in the host''s words.';
COMMENT ON COLUMN support_case.carrier_claim.requested_at IS 'When the seller asked for it.';
COMMENT ON COLUMN support_case.carrier_claim.status_since IS 'When the status was reached.';
COMMENT ON COLUMN support_case.carrier_claim.retry_at IS 'When a sweep is to look at it again, because its step could not be written; infinity: once something is refunded; null: at wait_ends_at.';

INSERT INTO support_case.notice_template (template, recipient, channel, requirements)
VALUES
    ('carrier_claim_fileable', 'seller', 'in_app', 'W-122'),
    ('carrier_claim_filed', 'seller', 'in_app', 'W-119'),
    ('carrier_claim_paid', 'seller', 'in_app', 'W-119'),
    ('carrier_claim_paid', 'seller', 'email', 'W-119'),
    ('carrier_claim_denied', 'seller', 'in_app', 'W-119'),
    ('carrier_claim_denied', 'seller', 'email', 'W-119');
