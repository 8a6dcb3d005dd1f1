-- What the host registers: sellers, orders and their lines.  Amounts are
-- integers in the minor unit of the order's currency (AMB-61).

CREATE TABLE support_case.seller (
    seller_id bigint PRIMARY KEY,
    is_enabled boolean NOT NULL DEFAULT true,
    calendar_code text,
    accepts_offers boolean NOT NULL DEFAULT false,
    buyer_id bigint,
    registered_at timestamptz NOT NULL,
    country text,
    joined_at timestamptz,
    waitlisted_at timestamptz,
    enabled_at timestamptz,
    CONSTRAINT seller_id_is_positive CHECK (seller_id > 0),
    CONSTRAINT seller_country_is_a_code CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT seller_enabled_at_belongs_to_enabled CHECK (is_enabled OR enabled_at IS NULL),
    CONSTRAINT seller_buyer_id_is_positive CHECK (buyer_id > 0)
);

CREATE INDEX seller_buyer ON support_case.seller (buyer_id) WHERE buyer_id IS NOT NULL;

COMMENT ON TABLE support_case.seller IS 'Sellers that the host has registered.';
COMMENT ON COLUMN support_case.seller.seller_id IS 'The host''s id.';
COMMENT ON COLUMN support_case.seller.is_enabled IS 'Whether requests go to the seller; else to the platform (W-02). Never taken back (W-05).';
COMMENT ON COLUMN support_case.seller.calendar_code IS 'The seller''s calendar, used by policies with calendar_scope = seller (AMB-03).';
COMMENT ON COLUMN support_case.seller.accepts_offers IS 'Whether buyers may make offers on what the seller lists, unless the listing says otherwise (AMB-102).';
COMMENT ON COLUMN support_case.seller.buyer_id IS 'The buyer that the same person is (W-92); of one seller at most.';
COMMENT ON COLUMN support_case.seller.registered_at IS 'When the seller was registered.';
COMMENT ON COLUMN support_case.seller.country IS 'ISO 3166-1 code of the seller''s country, where the host gives it: decides enrolment (W-03).';
COMMENT ON COLUMN support_case.seller.joined_at IS 'When the seller joined the marketplace (W-03).';
COMMENT ON COLUMN support_case.seller.waitlisted_at IS 'When the seller joined the waitlist for the programme (W-04).';
COMMENT ON COLUMN support_case.seller.enabled_at IS 'When the seller was enrolled, where it was recorded.';

CREATE TABLE support_case.sales_order (
    seller_id bigint NOT NULL REFERENCES support_case.seller,
    order_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    currency text NOT NULL,
    payout bigint NOT NULL,
    buyer_shipping bigint NOT NULL,
    processing_fee bigint NOT NULL,
    commission bigint,
    tax bigint,
    return_shipping bigint,
    purchased_at timestamptz NOT NULL,
    delivered_at timestamptz,
    buyer_calendar_code text,
    case_count integer NOT NULL DEFAULT 0,
    registered_at timestamptz NOT NULL,
    handling_due_at timestamptz,
    PRIMARY KEY (seller_id, order_id),
    CONSTRAINT sales_order_ids_are_positive CHECK (order_id > 0 AND buyer_id > 0),
    CONSTRAINT sales_order_amounts_are_not_negative
        CHECK (least(payout, buyer_shipping, processing_fee, commission, tax, return_shipping) >= 0),
    CONSTRAINT sales_order_delivery_follows_purchase CHECK (delivered_at >= purchased_at),
    CONSTRAINT sales_order_handling_follows_purchase CHECK (handling_due_at >= purchased_at AND isfinite(handling_due_at))
);

COMMENT ON TABLE support_case.sales_order IS 'Orders that the host has registered. The row is the lock that serialises everything about an order (AMB-121).';
COMMENT ON COLUMN support_case.sales_order.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.sales_order.order_id IS 'The host''s id.';
COMMENT ON COLUMN support_case.sales_order.buyer_id IS 'The host''s id of the buyer.';
COMMENT ON COLUMN support_case.sales_order.currency IS 'ISO 4217 code of every amount of the order (AMB-61).';
COMMENT ON COLUMN support_case.sales_order.payout IS 'Total payout to the seller, minor units (W-83, AMB-36).';
COMMENT ON COLUMN support_case.sales_order.buyer_shipping IS 'Shipping that the buyer paid, minor units.';
COMMENT ON COLUMN support_case.sales_order.processing_fee IS 'Payment processing fee, minor units.';
COMMENT ON COLUMN support_case.sales_order.commission IS 'The platform''s commission, minor units, where the host gives it (AMB-36).';
COMMENT ON COLUMN support_case.sales_order.tax IS 'Tax that the platform remits, minor units, where the host gives it (AMB-36).';
COMMENT ON COLUMN support_case.sales_order.return_shipping IS 'What a return label costs where no label of the return says so, minor units (W-49, AMB-36).';
COMMENT ON COLUMN support_case.sales_order.purchased_at IS 'When the buyer bought.';
COMMENT ON COLUMN support_case.sales_order.delivered_at IS 'When the order was delivered, where known.';
COMMENT ON COLUMN support_case.sales_order.buyer_calendar_code IS 'The buyer''s calendar, used by policies with calendar_scope = buyer (AMB-03).';
COMMENT ON COLUMN support_case.sales_order.case_count IS 'How many cases were opened about it; changes with every one, so that snapshots that miss one fail.';
COMMENT ON COLUMN support_case.sales_order.registered_at IS 'When the order was registered.';
COMMENT ON COLUMN support_case.sales_order.handling_due_at IS 'By when the seller has to hand the order to the carrier, where the host gives it (AMB-45).';

CREATE TABLE support_case.sales_order_line (
    seller_id bigint NOT NULL,
    order_id bigint NOT NULL,
    line_number integer NOT NULL,
    quantity integer NOT NULL,
    unit_price bigint NOT NULL,
    product_kind text NOT NULL DEFAULT 'standard'
        CONSTRAINT sales_order_line_product_kind
        CHECK (product_kind IN ('standard', 'break', 'surprise', 'openable_consumable')),
    category text,
    payout bigint NOT NULL,
    shipping bigint NOT NULL,
    fee bigint NOT NULL,
    commission bigint NOT NULL,
    tax bigint NOT NULL,
    refundable bigint NOT NULL,
    refunded bigint NOT NULL DEFAULT 0,
    refunded_quantity integer NOT NULL DEFAULT 0,
    consumed_payout bigint NOT NULL DEFAULT 0,
    consumed_shipping bigint NOT NULL DEFAULT 0,
    consumed_fee bigint NOT NULL DEFAULT 0,
    consumed_commission bigint NOT NULL DEFAULT 0,
    consumed_tax bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (seller_id, order_id, line_number),
    FOREIGN KEY (seller_id, order_id) REFERENCES support_case.sales_order,
    CONSTRAINT sales_order_line_number_is_positive CHECK (line_number > 0),
    CONSTRAINT sales_order_line_quantity_is_positive CHECK (quantity > 0),
    CONSTRAINT sales_order_line_amounts_are_not_negative
        CHECK (least(unit_price, payout, shipping, fee, commission, tax) >= 0),
    CONSTRAINT sales_order_line_refund_cap CHECK (refunded BETWEEN 0 AND refundable),
    CONSTRAINT sales_order_line_quantity_cap CHECK (refunded_quantity BETWEEN 0 AND quantity),
    CONSTRAINT sales_order_line_component_caps
        CHECK (least(consumed_payout, consumed_shipping, consumed_fee, consumed_commission, consumed_tax,
            payout - consumed_payout, shipping - consumed_shipping, fee - consumed_fee,
            commission - consumed_commission, tax - consumed_tax) >= 0)
);

COMMENT ON TABLE support_case.sales_order_line IS 'Lines of the orders, with their shares of the order''s amounts (AMB-124) and what has been refunded of them.';
COMMENT ON COLUMN support_case.sales_order_line.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.sales_order_line.order_id IS 'The order.';
COMMENT ON COLUMN support_case.sales_order_line.line_number IS 'Number of the line within the order.';
COMMENT ON COLUMN support_case.sales_order_line.quantity IS 'Units bought.';
COMMENT ON COLUMN support_case.sales_order_line.unit_price IS 'What the buyer paid for a unit, minor units.';
COMMENT ON COLUMN support_case.sales_order_line.product_kind IS 'What decides the routing of missing and wrong items (W-20).';
COMMENT ON COLUMN support_case.sales_order_line.category IS 'The host''s category of the product.';
COMMENT ON COLUMN support_case.sales_order_line.payout IS 'The line''s share of the payout, minor units.';
COMMENT ON COLUMN support_case.sales_order_line.shipping IS 'The line''s share of the shipping that the buyer paid, minor units.';
COMMENT ON COLUMN support_case.sales_order_line.fee IS 'The line''s share of the processing fee, minor units.';
COMMENT ON COLUMN support_case.sales_order_line.commission IS 'The line''s share of the commission, minor units; 0 where unknown.';
COMMENT ON COLUMN support_case.sales_order_line.tax IS 'The line''s share of the tax, minor units; 0 where unknown.';
COMMENT ON COLUMN support_case.sales_order_line.refundable IS 'What the buyer paid for the line with its shipping, minor units: the refund cap.';
COMMENT ON COLUMN support_case.sales_order_line.refunded IS 'What the buyer got back so far, by cases, chargebacks and outside, minor units (AMB-113).';
COMMENT ON COLUMN support_case.sales_order_line.refunded_quantity IS 'Units fully refunded so far.';
COMMENT ON COLUMN support_case.sales_order_line.consumed_payout IS 'How much of the line''s payout went with refunds so far, minor units (AMB-124).';
COMMENT ON COLUMN support_case.sales_order_line.consumed_shipping IS 'How much of the line''s shipping went with refunds so far, minor units (AMB-124).';
COMMENT ON COLUMN support_case.sales_order_line.consumed_fee IS 'How much of the line''s fee went with refunds so far, minor units (AMB-124).';
COMMENT ON COLUMN support_case.sales_order_line.consumed_commission IS 'How much of the line''s commission went with refunds so far, minor units (AMB-124).';
COMMENT ON COLUMN support_case.sales_order_line.consumed_tax IS 'How much of the line''s tax went with refunds so far, minor units (AMB-124).';
