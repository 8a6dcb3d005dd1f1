-- Cases and what happens to them.  Every change of a case is one event, in
-- the same transaction; the row of the case is where the events have led.

CREATE SEQUENCE support_case.case_id_seq AS bigint;

COMMENT ON SEQUENCE support_case.case_id_seq IS 'Numbers the cases.';

CREATE TABLE support_case.support_case (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    order_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL REFERENCES support_case.reason,
    description text NOT NULL,
    channel text,
    policy_version integer NOT NULL REFERENCES support_case.policy,
    calendar_code text NOT NULL,
    is_discretionary boolean NOT NULL,
    is_returnable boolean NOT NULL,
    routed_because text NOT NULL,
    opened_at timestamptz NOT NULL,

    status text NOT NULL,
    resolution text,
    status_since timestamptz NOT NULL,
    deadline text,
    due_at timestamptz,
    escalation_reason text,
    is_responded boolean NOT NULL,
    is_conversation_closed boolean NOT NULL,
    last_message_by text,
    stalled_code text,

    agreed_amount bigint,
    replacement_consent_at timestamptz,
    return_destination text,
    liability text,
    liability_seller bigint,
    liability_carrier bigint,
    liability_platform bigint,

    reached_seller_event integer,
    escalated_after text,
    platform_ruling text,

    last_event_number integer NOT NULL,
    last_effective_at timestamptz NOT NULL,

    PRIMARY KEY (seller_id, case_id),
    FOREIGN KEY (seller_id, order_id) REFERENCES support_case.sales_order,
    CONSTRAINT support_case_timer CHECK ((deadline IS NULL) = (due_at IS NULL)),
    CONSTRAINT support_case_split
        CHECK (liability <> 'split' OR liability_seller + liability_carrier + liability_platform > 0)
);

-- The order first: on a fresh install, whose tables have no statistics yet, the
-- planner takes an index that begins with seller_id for as good as the primary
-- key, and a session keeps that plan while the table grows.
CREATE INDEX support_case_order ON support_case.support_case (order_id, seller_id, case_id);
CREATE INDEX support_case_due ON support_case.support_case (due_at)
    WHERE due_at IS NOT NULL AND stalled_code IS NULL;
CREATE INDEX support_case_waiting_on_platform ON support_case.support_case (status_since)
    WHERE status = 'escalated' OR stalled_code IS NOT NULL;
CREATE INDEX support_case_replacement_overdue ON support_case.support_case (status_since)
    WHERE status = 'replacement_pending' AND deadline IS NULL;

CREATE INDEX support_case_opened ON support_case.support_case USING brin (opened_at) WITH (autosummarize = on);

COMMENT ON TABLE support_case.support_case IS 'The cases as their events have left them. A deadline that has passed since takes effect all the same: read the view case_current.';
COMMENT ON COLUMN support_case.support_case.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.support_case.case_id IS 'Number of the case.';
COMMENT ON COLUMN support_case.support_case.order_id IS 'The order that the case is about.';
COMMENT ON COLUMN support_case.support_case.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.support_case.currency IS 'ISO 4217 code of every amount of the case (AMB-61).';
COMMENT ON COLUMN support_case.support_case.reason IS 'Why the buyer asks for help (W-17).';
COMMENT ON COLUMN support_case.support_case.description IS 'The buyer''s words.';
COMMENT ON COLUMN support_case.support_case.channel IS 'Where the case was opened, such as ios; recorded, not enforced (AMB-56).';
COMMENT ON COLUMN support_case.support_case.policy_version IS 'The policy in force when the case was opened.';
COMMENT ON COLUMN support_case.support_case.calendar_code IS 'The calendar that deadlines are measured on; each deadline keeps the version in force when it starts (AMB-127).';
COMMENT ON COLUMN support_case.support_case.is_discretionary IS 'Filed late: the seller alone decides (W-13, AMB-43).';
COMMENT ON COLUMN support_case.support_case.is_returnable IS 'Whether the reason leaves an item to return (AMB-13).';
COMMENT ON COLUMN support_case.support_case.routed_because IS 'Who handles the case: seller, or why the platform does, by the routing decision (requirements 2.3) or since it took the case over. Sellers read it: where refund fraud is suspected it is beyond_seller, and table case_suspicion says the rest.';
COMMENT ON COLUMN support_case.support_case.opened_at IS 'When the buyer opened it.';
COMMENT ON COLUMN support_case.support_case.status IS 'Status, a code of state_machine().';
COMMENT ON COLUMN support_case.support_case.resolution IS 'How a closed case ended.';
COMMENT ON COLUMN support_case.support_case.status_since IS 'When the status was reached.';
COMMENT ON COLUMN support_case.support_case.deadline IS 'The deadline that runs, a term of the policy.';
COMMENT ON COLUMN support_case.support_case.due_at IS 'When it ends: an act at this instant or later comes too late.';
COMMENT ON COLUMN support_case.support_case.escalation_reason IS 'Why the case is with the platform.';
COMMENT ON COLUMN support_case.support_case.is_responded IS 'Whether the seller has met the latest first-response deadline.';
COMMENT ON COLUMN support_case.support_case.is_conversation_closed IS 'Whether the conversation was closed by an escalation (W-72).';
COMMENT ON COLUMN support_case.support_case.last_message_by IS 'Who wrote last, buyer or seller (AMB-08).';
COMMENT ON COLUMN support_case.support_case.stalled_code IS 'SQLSTATE of what keeps the deadline from taking effect; the platform mends it and calls resume_case() (AMB-122).';
COMMENT ON COLUMN support_case.support_case.agreed_amount IS 'The partial refund offered or decided, minor units.';
COMMENT ON COLUMN support_case.support_case.replacement_consent_at IS 'When the buyer consented to a replacement (W-57).';
COMMENT ON COLUMN support_case.support_case.return_destination IS 'Where a decision sends the return; null: where the policy does (AMB-22).';
COMMENT ON COLUMN support_case.support_case.liability IS 'Who bears the refund by the platform''s decision; null: the seller (AMB-34).';
COMMENT ON COLUMN support_case.support_case.liability_seller IS 'The seller''s part of a split, minor units.';
COMMENT ON COLUMN support_case.support_case.liability_carrier IS 'The carrier''s part of a split, minor units.';
COMMENT ON COLUMN support_case.support_case.liability_platform IS 'The platform''s part of a split, minor units.';
COMMENT ON COLUMN support_case.support_case.reached_seller_event IS 'The event with which the request last reached the seller anew, reopened or handed over by the platform; null: never. What went before does not count for the rating.';
COMMENT ON COLUMN support_case.support_case.escalated_after IS 'What the buyer brought to the platform since the request reached the seller: the silence of a seller who had not responded in time, a conversation without a decision, or a decision of the seller; null: nothing (W-107).';
COMMENT ON COLUMN support_case.support_case.platform_ruling IS 'The latest decision of the platform since then; a partial refund that the seller had offered upholds the seller (W-107, W-108).';
COMMENT ON COLUMN support_case.support_case.last_event_number IS 'Number of the last event.';
COMMENT ON COLUMN support_case.support_case.last_effective_at IS 'When the last event took effect.';

CREATE TABLE support_case.case_line (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    line_number integer NOT NULL,
    order_id bigint NOT NULL,
    quantity integer NOT NULL,
    decided_quantity integer,
    PRIMARY KEY (seller_id, case_id, line_number),
    FOREIGN KEY (seller_id, case_id) REFERENCES support_case.support_case,
    FOREIGN KEY (seller_id, order_id, line_number) REFERENCES support_case.sales_order_line,
    CONSTRAINT case_line_quantity_is_positive CHECK (quantity > 0),
    CONSTRAINT case_line_decided_quantity CHECK (decided_quantity BETWEEN 0 AND quantity)
);

CREATE INDEX case_line_order_line ON support_case.case_line (seller_id, order_id, line_number);

COMMENT ON TABLE support_case.case_line IS 'The order lines and quantities that a case is about (AMB-46).';
COMMENT ON COLUMN support_case.case_line.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.case_line.case_id IS 'The case.';
COMMENT ON COLUMN support_case.case_line.line_number IS 'The order line.';
COMMENT ON COLUMN support_case.case_line.order_id IS 'The order.';
COMMENT ON COLUMN support_case.case_line.quantity IS 'Units that the case is about.';
COMMENT ON COLUMN support_case.case_line.decided_quantity IS 'Units that the platform''s decision refunds; null: all of them (AMB-21).';

CREATE TABLE support_case.case_event (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    event_number integer NOT NULL,
    transition text,
    action text NOT NULL,
    actor text NOT NULL,
    actor_id text,
    status text NOT NULL,
    resolution text,
    deadline text,
    due_at timestamptz,
    details jsonb NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, case_id, event_number)
);

CREATE INDEX case_event_overdue ON support_case.case_event (seller_id, effective_at)
    WHERE action = 'expire_deadline' AND details ->> 'ended_deadline' = 'seller_response';

COMMENT ON TABLE support_case.case_event IS 'The record of every case: what was done, by whom, and the state it led to. Append-only.';
COMMENT ON COLUMN support_case.case_event.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.case_event.case_id IS 'The case.';
COMMENT ON COLUMN support_case.case_event.event_number IS 'Number of the event within the case, from 1.';
COMMENT ON COLUMN support_case.case_event.transition IS 'The transition of state_machine() that was taken.';
COMMENT ON COLUMN support_case.case_event.action IS 'What was done.';
COMMENT ON COLUMN support_case.case_event.actor IS 'In which part: buyer, seller, platform, carrier, host or system.';
COMMENT ON COLUMN support_case.case_event.actor_id IS 'Who acted, where the caller said so.';
COMMENT ON COLUMN support_case.case_event.status IS 'The status afterwards.';
COMMENT ON COLUMN support_case.case_event.resolution IS 'The resolution afterwards.';
COMMENT ON COLUMN support_case.case_event.deadline IS 'The deadline that runs afterwards.';
COMMENT ON COLUMN support_case.case_event.due_at IS 'When that deadline ends.';
COMMENT ON COLUMN support_case.case_event.details IS 'What else belongs to the action.';
COMMENT ON COLUMN support_case.case_event.effective_at IS 'When it took effect: for a deadline its due instant, whenever it was swept.';
COMMENT ON COLUMN support_case.case_event.recorded_at IS 'When it was written.';

CREATE TABLE support_case.partial_offer (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    offer_number integer NOT NULL,
    amount bigint NOT NULL,
    event_number integer NOT NULL,
    offered_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, case_id, offer_number),
    FOREIGN KEY (seller_id, case_id) REFERENCES support_case.support_case,
    CONSTRAINT partial_offer_amount_is_positive CHECK (amount > 0)
);

COMMENT ON TABLE support_case.partial_offer IS 'Partial refund offers, never edited (W-51). Append-only; what became of an offer is the event after it.';
COMMENT ON COLUMN support_case.partial_offer.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.partial_offer.case_id IS 'The case.';
COMMENT ON COLUMN support_case.partial_offer.offer_number IS 'Number of the offer within the case, from 1.';
COMMENT ON COLUMN support_case.partial_offer.amount IS 'The offered amount, minor units.';
COMMENT ON COLUMN support_case.partial_offer.event_number IS 'The event that made the offer.';
COMMENT ON COLUMN support_case.partial_offer.offered_at IS 'When it was made.';

CREATE TABLE support_case.parcel (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    parcel_number integer NOT NULL,
    direction text NOT NULL
        CONSTRAINT parcel_direction CHECK (direction IN ('return', 'replacement')),
    destination text NOT NULL
        CONSTRAINT parcel_destination CHECK (destination IN ('seller', 'platform', 'buyer')),
    carrier text,
    tracking_number text,
    label_cost bigint,
    label_uri text,
    return_address jsonb,
    handed_over_at timestamptz,
    delivered_at timestamptz,
    is_refused boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, case_id, parcel_number),
    FOREIGN KEY (seller_id, case_id) REFERENCES support_case.support_case,
    CONSTRAINT parcel_label_cost_is_not_negative CHECK (label_cost >= 0)
);

COMMENT ON TABLE support_case.parcel IS 'Parcels of a case: returns and replacements.';
COMMENT ON COLUMN support_case.parcel.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.parcel.case_id IS 'The case.';
COMMENT ON COLUMN support_case.parcel.parcel_number IS 'Number of the parcel within the case, from 1.';
COMMENT ON COLUMN support_case.parcel.direction IS 'return or replacement.';
COMMENT ON COLUMN support_case.parcel.destination IS 'Who is to receive it (AMB-22).';
COMMENT ON COLUMN support_case.parcel.carrier IS 'The carrier.';
COMMENT ON COLUMN support_case.parcel.tracking_number IS 'The carrier''s tracking number.';
COMMENT ON COLUMN support_case.parcel.label_cost IS 'What the return label cost, minor units of the case''s currency (W-49).';
COMMENT ON COLUMN support_case.parcel.label_uri IS 'Where the host keeps the return label (W-35).';
COMMENT ON COLUMN support_case.parcel.return_address IS 'Where the return goes: the address in force when the return started (W-39, AMB-22); null where none was known.';
COMMENT ON COLUMN support_case.parcel.handed_over_at IS 'When the carrier accepted it, or the buyer proved to have dropped it off.';
COMMENT ON COLUMN support_case.parcel.delivered_at IS 'When it was delivered, or refused.';
COMMENT ON COLUMN support_case.parcel.is_refused IS 'Whether its recipient refused it (AMB-19).';
COMMENT ON COLUMN support_case.parcel.created_at IS 'When it became part of the case.';

CREATE TABLE support_case.case_feedback (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    is_thumbs_up boolean NOT NULL,
    given_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, case_id),
    FOREIGN KEY (seller_id, case_id) REFERENCES support_case.support_case
);

COMMENT ON TABLE support_case.case_feedback IS 'The buyer''s thumb for the handling of a case (W-110); the latest one counts (AMB-52).';
COMMENT ON COLUMN support_case.case_feedback.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.case_feedback.case_id IS 'The case.';
COMMENT ON COLUMN support_case.case_feedback.is_thumbs_up IS 'Thumb up or down.';
COMMENT ON COLUMN support_case.case_feedback.given_at IS 'When it was given.';
