-- What depends on the extension's own types and functions, and so is lost
-- with DROP EXTENSION ... CASCADE and put back here: compiled columns and the
-- checks that ask C.

DO $derived$
DECLARE
    -- Those that the compiled rules do not check.
    policy_terms constant text[] := ARRAY['platform_target', 'filing_after_purchase', 'filing_after_delivery',
        'late_threshold', 'chat_read_only_after', 'public_rating_window',
        'offer_answer_by_seller', 'offer_answer_by_buyer', 'offer_purchase_window', 'offer_favourite_age',
        'rating_window', 'rating_response', 'satisfaction_window', 'account_status_window', 'claim_wait', 'idempotency_retention'];
    check_constraint record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_attribute
            WHERE attrelid = 'support_case.calendar'::regclass AND attname = 'compiled' AND NOT attisdropped)
    THEN
        ALTER TABLE support_case.calendar
            ADD COLUMN compiled support_case.business_calendar
            GENERATED ALWAYS AS (definition::support_case.business_calendar) STORED;
    END IF;

    IF NOT EXISTS (SELECT FROM pg_catalog.pg_attribute
            WHERE attrelid = 'support_case.policy'::regclass AND attname = 'rules' AND NOT attisdropped)
    THEN
        ALTER TABLE support_case.policy
            ADD COLUMN rules bytea GENERATED ALWAYS AS (support_case._policy_rules(
                ARRAY[
                    'response_counts=' || response_counts,
                    'escalation_auto_on_overdue=' || escalation_auto_on_overdue::text,
                    'escalation_blocks_messages=' || escalation_blocks_messages::text,
                    'escalation_allow_concede=' || escalation_allow_concede::text,
                    'withdraw_allowed=' || withdraw_allowed::text,
                    'partial_offer_on_expiry=' || partial_offer_on_expiry,
                    'partial_offer_decline_without_item=' || partial_offer_decline_without_item,
                    'partial_offer_allow_upgrade=' || partial_offer_allow_upgrade::text,
                    'return_auto_cancel=' || return_auto_cancel::text,
                    'return_charge_unscanned_label=' || return_charge_unscanned_label::text,
                    'return_dropoff_evidence=' || return_dropoff_evidence,
                    'return_delivery_evidence=' || return_delivery_evidence,
                    'return_refusal_counts_as_delivery=' || return_refusal_counts_as_delivery::text,
                    'replacement_mode=' || replacement_mode,
                    'replacement_sent_evidence=' || replacement_sent_evidence,
                    'replacement_auto_authorise_return=' || replacement_auto_authorise_return::text,
                    'chargeback_on_open=' || chargeback_on_open,
                    'seller_response_rounding=' || seller_response_rounding,
                    'next_response_rounding=' || next_response_rounding,
                    'escalation_window_rounding=' || escalation_window_rounding,
                    'information_request_rounding=' || information_request_rounding,
                    'partial_offer_answer_rounding=' || partial_offer_answer_rounding,
                    'return_drop_off_rounding=' || return_drop_off_rounding,
                    'return_inspection_rounding=' || return_inspection_rounding,
                    'return_transit_rounding=' || return_transit_rounding,
                    'replacement_shipment_rounding=' || replacement_shipment_rounding,
                    'replacement_transit_rounding=' || replacement_transit_rounding
                ],
                ARRAY[
                    seller_response::support_case.term,
                    next_response::support_case.term,
                    escalation_window::support_case.term,
                    information_request::support_case.term,
                    partial_offer_answer::support_case.term,
                    return_drop_off::support_case.term,
                    return_inspection::support_case.term,
                    return_transit::support_case.term,
                    replacement_shipment::support_case.term,
                    replacement_transit::support_case.term,
                    escalation_min_wait::support_case.term,
                    reopen_window::support_case.term,
                    replacement_confirm_window::support_case.term,
                    return_grace::support_case.term,
                    feedback_window::support_case.term,
                    appeal_window::support_case.term,
                    fact_minimum_notice::support_case.term,
                    refund_visible_min::support_case.term,
                    refund_visible_max::support_case.term
                ])) STORED;
    END IF;

    -- What another version compiled is compiled anew.
    IF EXISTS (SELECT FROM support_case.schema_migration AS m
            WHERE m.script = 'api' AND m.extension_version <> support_case._extension_version())
    THEN
        ALTER TABLE support_case.calendar DISABLE TRIGGER USER;
        UPDATE support_case.calendar SET definition = definition;
        ALTER TABLE support_case.calendar ENABLE TRIGGER USER;
        ALTER TABLE support_case.policy DISABLE TRIGGER USER;
        UPDATE support_case.policy SET seller_response = seller_response;
        ALTER TABLE support_case.policy ENABLE TRIGGER USER;
    END IF;

    FOR check_constraint IN
        VALUES
            ('policy', 'policy_terms_are_valid',
                (SELECT format('num_nonnulls(%s) >= 0', string_agg(format('%I::support_case.term', t), ', '))
                FROM unnest(policy_terms) AS t)),
            -- The only minus that the text of a term can have is its sign.
            ('policy', 'policy_terms_are_not_negative',
                (SELECT format('%s !~ ''-''', string_agg(format('coalesce(%I, '''')', t), ' || '))
                FROM unnest(policy_terms) AS t)),
            ('policy', 'policy_guarantee_zone', 'support_case._is_time_zone(guarantee_zone)'),
            ('filing_window', 'filing_window_terms_are_valid', $check$
                num_nonnulls(after_purchase::support_case.term, after_delivery::support_case.term) >= 0$check$),
            ('filing_window', 'filing_window_terms_are_not_negative', $check$
                coalesce(after_purchase, '') || coalesce(after_delivery, '') !~ '-'$check$),
            ('sales_order', 'sales_order_currency_is_known',
                'support_case._to_major(0, currency) IS NOT NULL'),
            ('support_case', 'support_case_state',
                'support_case._is_case_state(status, resolution, deadline)'),
            ('support_case', 'support_case_codes', $check$
                support_case._are_case_codes(routed_because, return_destination, liability, escalated_after,
                    platform_ruling)$check$),
            ('outbox', 'outbox_address', 'support_case._is_outbox_address(subject, recipient, recipient_id, channel)'),
            ('conversation', 'conversation_kind', 'support_case._is_conversation_kind(kind)'),
            ('message', 'message_author', 'support_case._is_author(author)'),
            ('attachment', 'attachment_uploaded_by', 'support_case._is_author(uploaded_by)'),
            ('ledger_journal', 'ledger_journal_kind', 'support_case._is_journal_kind(kind)'),
            ('ledger_account', 'ledger_account_kind',
                'support_case._bears_charge(account) IS NOT NULL'),
            ('refund_instruction', 'refund_instruction_status',
                $check$support_case._is_status('refund_instruction', status)$check$),
            ('carrier_claim', 'carrier_claim_status', $check$support_case._is_status('carrier_claim', status)$check$),
            ('public_rating', 'public_rating_status', $check$support_case._is_status('public_rating', status)$check$),
            ('price_offer', 'price_offer_status', $check$support_case._is_status('price_offer', status)$check$)
    LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_constraint
            WHERE conrelid = format('support_case.%I', check_constraint.column1)::regclass
                AND conname = check_constraint.column2);
        EXECUTE format('ALTER TABLE support_case.%I ADD CONSTRAINT %I CHECK (%s)',
            check_constraint.column1, check_constraint.column2, check_constraint.column3);
    END LOOP;
END
$derived$;

COMMENT ON COLUMN support_case.calendar.compiled IS 'The definition as a value of type business_calendar.';
COMMENT ON COLUMN support_case.policy.rules IS 'Settings and terms compiled for the state machine.';

-- The first versions: weekdays, 24 hours, in UTC, and the defaults of every
-- setting, in force from the beginning of time.
INSERT INTO support_case.calendar (calendar_code, version, definition, effective_from, created_at, created_by)
SELECT 'platform', 1, 'UTC; Mo-Fr', '-infinity', support_case.clock(), 'install'
WHERE NOT EXISTS (SELECT FROM support_case.calendar);

INSERT INTO support_case.policy (policy_version, effective_from, created_at, created_by)
SELECT 1, '-infinity', support_case.clock(), 'install'
WHERE NOT EXISTS (SELECT FROM support_case.policy);
