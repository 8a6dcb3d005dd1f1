-- The ledger: double entry, append-only, int64 minor units, debit positive.
-- All entries of a journal go in with one INSERT and sum to zero; corrections
-- are reversals.  Balances are derived.

CREATE TABLE support_case.ledger_account (
    seller_id bigint NOT NULL REFERENCES support_case.seller,
    account text NOT NULL,
    currency text NOT NULL,
    PRIMARY KEY (seller_id, account, currency)
);

COMMENT ON TABLE support_case.ledger_account IS 'Accounts of the ledger, opened for a seller and currency with the first order.';
COMMENT ON COLUMN support_case.ledger_account.seller_id IS 'The seller that the account is kept for.';
COMMENT ON COLUMN support_case.ledger_account.account IS 'Kind of the account.';
COMMENT ON COLUMN support_case.ledger_account.currency IS 'ISO 4217 code.';

CREATE TABLE support_case.ledger_journal (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    journal_number integer NOT NULL,
    order_id bigint NOT NULL,
    event_number integer NOT NULL,
    kind text NOT NULL,
    response text NOT NULL,
    revision integer NOT NULL DEFAULT 0,
    currency text NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    corrected_kind text GENERATED ALWAYS AS (CASE
        WHEN kind = 'reversal' THEN 'charge'
        WHEN kind = 'charge' AND revision > 0 THEN 'reversal'
    END) STORED,
    corrected_revision integer GENERATED ALWAYS AS (CASE
        WHEN kind = 'reversal' THEN revision
        WHEN kind = 'charge' AND revision > 0 THEN revision - 1
    END) STORED,
    PRIMARY KEY (seller_id, case_id, journal_number),
    CONSTRAINT ledger_journal_one_per_response UNIQUE (seller_id, case_id, response, kind, revision),
    CONSTRAINT ledger_journal_corrects
        FOREIGN KEY (seller_id, case_id, response, corrected_kind, corrected_revision)
        REFERENCES support_case.ledger_journal (seller_id, case_id, response, kind, revision),
    CONSTRAINT ledger_journal_revision_is_not_negative CHECK (revision >= 0)
);

CREATE INDEX ledger_journal_effective ON support_case.ledger_journal USING brin (effective_at)
    WITH (autosummarize = on);

COMMENT ON TABLE support_case.ledger_journal IS 'Journals of the ledger. A case is charged once per response: another charge needs the reversal of the one before, and takes the next revision. Append-only.';
COMMENT ON COLUMN support_case.ledger_journal.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.ledger_journal.case_id IS 'The case.';
COMMENT ON COLUMN support_case.ledger_journal.journal_number IS 'Number of the journal within the case, from 1.';
COMMENT ON COLUMN support_case.ledger_journal.order_id IS 'The order.';
COMMENT ON COLUMN support_case.ledger_journal.event_number IS 'The event that it belongs to.';
COMMENT ON COLUMN support_case.ledger_journal.kind IS 'charge, reversal of a charge, settlement of the buyer''s refund, claim_payment of a carrier, or recharge of the buyer.';
COMMENT ON COLUMN support_case.ledger_journal.response IS 'What is charged: the charge column of state_machine(); of other kinds what is paid.';
COMMENT ON COLUMN support_case.ledger_journal.revision IS 'Counts the corrections of the charge (AMB-38); of a settlement the number of its instruction, of a claim_payment that of its claim, of a recharge its number.';
COMMENT ON COLUMN support_case.ledger_journal.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.ledger_journal.effective_at IS 'When it took effect.';
COMMENT ON COLUMN support_case.ledger_journal.recorded_at IS 'When it was written.';
COMMENT ON COLUMN support_case.ledger_journal.corrected_kind IS 'What must stand before it: a reversal needs its charge, a second charge the reversal of the first.';
COMMENT ON COLUMN support_case.ledger_journal.corrected_revision IS 'The revision of that journal.';

CREATE TABLE support_case.ledger_entry (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    journal_number integer NOT NULL,
    entry_number integer NOT NULL,
    account text NOT NULL,
    component text NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (seller_id, case_id, journal_number, entry_number)
);

CREATE INDEX ledger_entry_balance ON support_case.ledger_entry (seller_id, account, currency) INCLUDE (amount);

COMMENT ON TABLE support_case.ledger_entry IS 'Entries of the journals, debit positive, in minor units. Append-only; the entries of a journal sum to zero.';
COMMENT ON COLUMN support_case.ledger_entry.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.ledger_entry.case_id IS 'The case.';
COMMENT ON COLUMN support_case.ledger_entry.journal_number IS 'The journal.';
COMMENT ON COLUMN support_case.ledger_entry.entry_number IS 'Number of the entry within the journal, from 1.';
COMMENT ON COLUMN support_case.ledger_entry.account IS 'Kind of the account.';
COMMENT ON COLUMN support_case.ledger_entry.component IS 'What part of the charge it is: payout, shipping, fee, return, partial and the like.';
COMMENT ON COLUMN support_case.ledger_entry.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.ledger_entry.amount IS 'Minor units, debit positive, credit negative, never zero.';

CREATE TABLE support_case.refund_instruction (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    instruction_number integer NOT NULL,
    event_number integer NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL DEFAULT 'instructed',
    failure_reason text,
    instructed_at timestamptz NOT NULL,
    visible_from timestamptz,
    visible_until timestamptz,
    status_since timestamptz NOT NULL,
    PRIMARY KEY (seller_id, case_id, instruction_number),
    CONSTRAINT refund_instruction_amount_is_positive CHECK (amount > 0)
);

CREATE INDEX refund_instruction_failed ON support_case.refund_instruction (status_since) WHERE status = 'failed';

COMMENT ON TABLE support_case.refund_instruction IS 'Refunds for the host to execute on the buyer''s original payment method (W-30).';
COMMENT ON COLUMN support_case.refund_instruction.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.refund_instruction.case_id IS 'The case.';
COMMENT ON COLUMN support_case.refund_instruction.instruction_number IS 'Number of the instruction within the case, from 1.';
COMMENT ON COLUMN support_case.refund_instruction.event_number IS 'The event that it belongs to.';
COMMENT ON COLUMN support_case.refund_instruction.amount IS 'What the buyer gets, minor units.';
COMMENT ON COLUMN support_case.refund_instruction.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.refund_instruction.status IS 'instructed, settled or failed (AMB-128).';
COMMENT ON COLUMN support_case.refund_instruction.failure_reason IS 'Why the payment provider failed, in the host''s words.';
COMMENT ON COLUMN support_case.refund_instruction.instructed_at IS 'When the refund was decided: the instant of its case''s event (AMB-40).';
COMMENT ON COLUMN support_case.refund_instruction.visible_from IS 'When it appears on the payment method at the earliest; null where the calendar has no open time left (D-09).';
COMMENT ON COLUMN support_case.refund_instruction.visible_until IS 'When it appears there at the latest; null as above (D-09).';
COMMENT ON COLUMN support_case.refund_instruction.status_since IS 'When the status was reached.';

CREATE TABLE support_case.external_refund (
    seller_id bigint NOT NULL,
    order_id bigint NOT NULL,
    refund_number integer NOT NULL,
    kind text NOT NULL CONSTRAINT external_refund_kind CHECK (kind IN ('chargeback', 'external_refund')),
    amount bigint NOT NULL,
    counted_amount bigint NOT NULL,
    consumed_seller_money bigint NOT NULL,
    consumed_commission bigint NOT NULL,
    consumed_tax bigint NOT NULL,
    reference text,
    happened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, order_id, refund_number),
    FOREIGN KEY (seller_id, order_id) REFERENCES support_case.sales_order,
    CONSTRAINT external_refund_amount_is_positive CHECK (amount > 0),
    CONSTRAINT external_refund_counts_at_most_amount CHECK (counted_amount BETWEEN 0 AND amount),
    CONSTRAINT external_refund_consumed_is_not_negative
        CHECK (consumed_seller_money >= 0 AND consumed_commission >= 0 AND consumed_tax >= 0)
);

COMMENT ON TABLE support_case.external_refund IS 'Money that the buyer got back outside the cases: chargebacks and refunds of the host (AMB-41, AMB-65). It shrinks what cases can refund and debits nobody here. Append-only.';
COMMENT ON COLUMN support_case.external_refund.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.external_refund.order_id IS 'The order.';
COMMENT ON COLUMN support_case.external_refund.refund_number IS 'Number of the refund within the order, from 1.';
COMMENT ON COLUMN support_case.external_refund.kind IS 'chargeback or external_refund.';
COMMENT ON COLUMN support_case.external_refund.amount IS 'What the buyer got, minor units of the order''s currency.';
COMMENT ON COLUMN support_case.external_refund.counted_amount IS 'How much of it was still refundable and counts against the cap, minor units.';
COMMENT ON COLUMN support_case.external_refund.consumed_seller_money IS 'How much payout, shipping and fee of the order''s lines went with it, which cases charge to nobody any more, minor units (AMB-124).';
COMMENT ON COLUMN support_case.external_refund.consumed_commission IS 'How much commission of the lines went with it, which cases do not reverse any more, minor units.';
COMMENT ON COLUMN support_case.external_refund.consumed_tax IS 'How much tax of the lines went with it, as above, minor units.';
COMMENT ON COLUMN support_case.external_refund.reference IS 'The host''s reference.';
COMMENT ON COLUMN support_case.external_refund.happened_at IS 'When it happened.';
COMMENT ON COLUMN support_case.external_refund.recorded_at IS 'When it was recorded.';
