-- verify() sees what a superuser does behind the guards' back, and nothing
-- where all is well.
BEGIN;

SET LOCAL timezone = 'UTC';
SET LOCAL support_case.now = '2026-01-05T09:00:00Z';

CREATE FUNCTION pg_temp.at(instant text)
RETURNS void
LANGUAGE sql
AS $$ SELECT set_config('support_case.now', instant, true) $$;

-- One case per order, numbered alike but for the last two: cases 1 to 9 of orders 1 to 9.
DO $fixture$
BEGIN
    PERFORM support_case.register_seller(1);
    PERFORM support_case.register_seller(2);
    PERFORM support_case.register_order(1, k, 70 + k, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
        commission => 7, tax => 1, return_shipping => 6.50)
    FROM generate_series(1, 9) AS k;
    PERFORM support_case.register_order(2, 10, 80, 'JPY', 880, 50, 70, '[{"unit_price": 1000}]',
        commission => 30, tax => 20);
    PERFORM pg_temp.at('2026-01-05T10:00:00Z');
    FOR k IN 1..9 LOOP
        PERFORM support_case.open_case(1, k, 'damaged_in_transit', 'box crushed');
    END LOOP;
    -- 1 awaits its seller.  2: a pending offer.  3: a refund, settled.
    PERFORM support_case.offer_full_refund(1, 3);
    PERFORM support_case.consent_to_replacement(1, 7);
    PERFORM support_case.send_replacement(1, 7, 'USPS', '1Z');
    PERFORM pg_temp.at('2026-01-05T11:00:00Z');
    PERFORM support_case.offer_partial_refund(1, 2, 30.00, 'would this do?');
    PERFORM support_case.record_refund_settled(1, 3);
    -- 4: a refund whose liability moved.  5: a return that was refunded.
    PERFORM support_case.offer_full_refund(1, 4);
    PERFORM support_case.reassign_liability(1, 4, 'platform', actor_id => 'agent');
    PERFORM support_case.offer_full_refund(1, 5, return_required => true);
    PERFORM support_case.record_return_delivered(1, 5, '2026-01-05T10:30:00Z');
    PERFORM support_case.confirm_return(1, 5);
    -- 6: with the platform.  7: a replacement that nobody shipped in time.
    PERFORM support_case.explain_no_refund(1, 6, 'it was whole when it left');
    PERFORM support_case.escalate(1, 6);
    -- 8: an external refund, then a partial one.  9: withdrawn.
    PERFORM support_case.record_external_refund(1, 8, 20.00);
    PERFORM support_case.offer_partial_refund(1, 8, 10.00);
    PERFORM support_case.accept_offer(1, 8);
    PERFORM support_case.withdraw_case(1, 9);
    -- 10, of order 11: one of two lines, then a refund outside.
    PERFORM support_case.register_order(1, 11, 81, 'USD', 177.60, 10.00, 6.40,
        '[{"unit_price": 100.00}, {"line_number": 2, "unit_price": 100.00}]', commission => 14, tax => 2);
    PERFORM support_case.open_case(1, 11, 'damaged_in_transit', 'box crushed', '[{"line_number": 1}]');
    PERFORM support_case.offer_full_refund(1, 10);
    PERFORM support_case.record_external_refund(1, 11, 20.00);
    -- 11, of order 12: the liability for a refund that failed is split.
    PERFORM support_case.register_order(1, 12, 82, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
        commission => 7, tax => 1);
    PERFORM support_case.open_case(1, 12, 'damaged_in_transit', 'box crushed');
    PERFORM support_case.offer_full_refund(1, 11), support_case.record_refund_failed(1, 11, 'card closed');
    PERFORM support_case.reassign_liability(1, 11, 'split', 50.00, 20.00, actor_id => 'agent');
    -- A rating in dispute, a pending offer, a question.
    PERFORM support_case.rate_order(1, 1, 2), support_case.dispute_rating(1, 1, 'unfair');
    PERFORM support_case.register_listing(1, 1, 'Lamp', 40, 'USD', 'A lamp', accepts_offers => true);
    PERFORM support_case.make_offer(1, 1, 7, 30), support_case.ask_question(1, 1, 7, 'Why?');
    PERFORM pg_temp.at('2026-01-07T10:30:00Z');
    PERFORM support_case.sweep();
END
$fixture$;

-- damage does its worst unguarded, returns what verify() says of it as
-- "check case, check case", and undoes it.
CREATE FUNCTION pg_temp.damage(command text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    found text;
BEGIN
    SET LOCAL session_replication_role = replica;
    ALTER TABLE support_case.support_case DROP CONSTRAINT support_case_state, DROP CONSTRAINT support_case_timer;
    EXECUTE command;
    SELECT string_agg(DISTINCT concat_ws(' ', check_name, case_id), ', '
            ORDER BY concat_ws(' ', check_name, case_id)) INTO found
    FROM support_case.verify();
    RAISE EXCEPTION USING ERRCODE = 'P0001', MESSAGE = 'undo';
EXCEPTION WHEN raise_exception THEN
    RETURN coalesce(found, '');
END
$$;

CREATE TEMPORARY TABLE damage (title text, command text, expected text);
INSERT INTO damage VALUES
    -- journals and entries
    ('an entry is changed', $$UPDATE support_case.ledger_entry SET amount = amount + 1
        WHERE case_id = 4 AND journal_number = 3 AND account = 'platform_absorbed' AND component = 'fee'$$,
        'journal_balance 4, seller_money'),
    ('an entry is zero', $$INSERT INTO support_case.ledger_entry VALUES (1, 3, 1, 9, 'seller_payable', 'fee', 'USD', 0)$$,
        'journal_balance 3'),
    ('a balanced journal has another currency', $$UPDATE support_case.ledger_entry SET currency = 'JPY' WHERE case_id = 4
        AND journal_number = 3$$, 'entry_account 4, entry_currency 4'),
    ('the entries of a journal are gone', $$DELETE FROM support_case.ledger_entry WHERE case_id = 9 OR
        (case_id = 8 AND journal_number = 1)$$,
        'journal_entries 8, journal_missing 8, refund_instruction 8, refunded_amount, seller_money'),
    ('the journal of entries is gone', $$DELETE FROM support_case.ledger_journal WHERE case_id = 8$$,
        'journal_entries 8, journal_missing 8, refund_instruction 8, refunded_amount, seller_money'),
    ('an account is closed', $$DELETE FROM support_case.ledger_account WHERE account = 'return_label'$$,
        'entry_account 5'),
    ('a journal is about another order', $$UPDATE support_case.ledger_journal SET order_id = 9 WHERE case_id = 8$$,
        'journal_order 8, refunded_amount, seller_money'),
    ('a journal''s event does not exist', $$UPDATE support_case.ledger_journal SET event_number = 99 WHERE case_id = 4
        AND journal_number = 3$$, 'journal_event 4, journal_ground 4'),
    ('a journal took effect at another time', $$UPDATE support_case.ledger_journal
        SET effective_at = effective_at - interval '1 day' WHERE case_id = 8$$, 'journal_event 8'),
    ('a reversal without its charge', $$UPDATE support_case.ledger_journal SET response = 'partial_refund'
        WHERE case_id = 4 AND kind = 'reversal'$$, 'journal_reversal 4, journal_revision 4'),
    ('a reversal that does not mirror', $$UPDATE support_case.ledger_entry SET component = 'partial'
        WHERE case_id = 4 AND journal_number = 2$$, 'entry_component 4, journal_reversal 4, seller_money'),
    ('a second charge without a reversal', $$
        INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind,
            response, revision, currency, effective_at, recorded_at)
        SELECT seller_id, case_id, 9, order_id, event_number, kind, response, 1, currency, effective_at, recorded_at
        FROM support_case.ledger_journal WHERE case_id = 8;
        INSERT INTO support_case.ledger_entry SELECT seller_id, case_id, 9, entry_number, account, component, currency, amount
        FROM support_case.ledger_entry WHERE case_id = 8$$,
        'journal_ground 8, journal_revision 8, refunded_amount'),
    ('a charge for what charges nothing (W-85, W-87, W-88)', $$
        INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind,
            response, currency, effective_at, recorded_at)
        SELECT seller_id, case_id, 1, case_id, event_number, 'charge', 'full_refund', 'USD', effective_at, recorded_at
        FROM support_case.case_event WHERE case_id = 9 AND action = 'withdraw_case';
        INSERT INTO support_case.ledger_entry VALUES (1, 9, 1, 1, 'seller_payable', 'fee', 'USD', 5),
            (1, 9, 1, 2, 'commission_reversal', 'commission', 'USD', -5)$$, 'journal_ground 9, platform_income, seller_money'),
    ('a charge is missing', $$DELETE FROM support_case.ledger_journal WHERE case_id = 5;
        DELETE FROM support_case.ledger_entry WHERE case_id = 5$$,
        'journal_missing 5, platform_income, refund_instruction 5, refunded_amount, seller_money'),
    ('the seller''s debit is on the platform''s account', $$UPDATE support_case.ledger_entry SET account = 'platform_absorbed'
        WHERE case_id = 5 AND account = 'seller_payable'$$, 'charge_bearer 5'),
    ('a corrected charge is the seller''s again', $$UPDATE support_case.ledger_entry SET account = 'seller_payable'
        WHERE case_id = 4 AND journal_number = 3 AND account = 'platform_absorbed' AND component = 'fee'$$, 'charge_bearer 4'),
    ('the parts of a split are exchanged', $$UPDATE support_case.ledger_entry SET account = CASE account
            WHEN 'seller_payable' THEN 'carrier_claim' ELSE 'seller_payable' END
        WHERE case_id = 11 AND journal_number = 3 AND account IN ('seller_payable', 'carrier_claim')$$, 'charge_bearer 11'),
    ('the case forgot who is liable', $$UPDATE support_case.support_case SET liability = NULL WHERE case_id = 4$$,
        'charge_bearer 4'),
    ('components are exchanged', $$UPDATE support_case.ledger_entry
        SET component = CASE component WHEN 'payout' THEN 'fee' ELSE 'payout' END
        WHERE case_id = 3 AND component IN ('payout', 'fee')$$, 'seller_money'),
    ('a component on an account that cannot have it', $$UPDATE support_case.ledger_entry SET account = 'tax_reversal'
        WHERE case_id = 3 AND account = 'commission_reversal'$$, 'entry_component 3, platform_income'),
    -- what the rating reads
    ('the rating knows of no escalation', 'UPDATE support_case.support_case SET escalated_after = NULL WHERE case_id = 6',
        'rating_fact 6'),
    ('a decision that nobody took', $$UPDATE support_case.support_case SET platform_ruling = 'refund' WHERE case_id = 6$$,
        'rating_fact 6'),
    ('a request that reached the seller only once', 'UPDATE support_case.support_case SET reached_seller_event = 2 WHERE case_id = 1',
        'rating_fact 1'),
    ('a thumb that is none', $$INSERT INTO support_case.case_feedback VALUES (1, 9, true, '2026-01-05T11:00:00Z');
        UPDATE support_case.case_event SET action = 'leave_feedback', details = '{"thumbs_up": "perhaps"}'
        WHERE case_id = 9 AND event_number = 2$$, 'event_transition 9, rating_fact 9'),
    ('a thumb that nobody gave', $$INSERT INTO support_case.case_feedback VALUES (1, 3, true, '2026-01-05T10:00:00Z')$$,
        'rating_fact 3'),
    -- money
    ('a line counts another refund', $$UPDATE support_case.sales_order_line SET refunded = refunded - 1
        WHERE order_id = 8$$, 'refunded_amount'),
    ('a line counts seller money that nobody charged', $$UPDATE support_case.sales_order_line
        SET consumed_payout = payout, consumed_shipping = shipping, consumed_fee = fee WHERE order_id = 8$$, 'seller_money'),
    ('a line forgot seller money that was charged', $$UPDATE support_case.sales_order_line
        SET consumed_fee = consumed_fee - 1 WHERE order_id = 3$$, 'seller_money'),
    ('a line forgot commission, of an order another line of which is refunded', $$UPDATE support_case.sales_order_line
        SET consumed_commission = consumed_commission - 1 WHERE order_id = 11 AND line_number = 2$$, 'platform_income'),
    ('a line counts commission that nobody reversed', $$UPDATE support_case.sales_order_line
        SET consumed_commission = consumed_commission + 1 WHERE order_id = 8$$, 'platform_income'),
    ('a line forgot commission that was reversed', $$UPDATE support_case.sales_order_line
        SET consumed_commission = consumed_commission - 1 WHERE order_id = 4$$, 'platform_income'),
    ('a line counts tax that nobody reversed', $$UPDATE support_case.sales_order_line
        SET consumed_tax = consumed_tax + 1 WHERE order_id = 8$$, 'platform_income'),
    ('a line forgot tax that was reversed', $$UPDATE support_case.sales_order_line
        SET consumed_tax = consumed_tax - 1 WHERE order_id = 4$$, 'platform_income'),
    ('a refund outside the cases counts more', $$UPDATE support_case.external_refund SET counted_amount = 1$$,
        'refunded_amount'),
    ('a refund outside the cases took less of the seller''s money', $$UPDATE support_case.external_refund
        SET consumed_seller_money = 0$$, 'seller_money'),
    ('a refund outside the cases took more commission', $$UPDATE support_case.external_refund
        SET consumed_commission = consumed_commission + 1$$, 'platform_income'),
    ('a refund outside the cases took less tax', $$UPDATE support_case.external_refund
        SET consumed_tax = consumed_tax - 1$$, 'platform_income'),
    ('a refund instruction has another amount', $$UPDATE support_case.refund_instruction SET amount = 1 WHERE case_id = 8$$,
        'refund_instruction 8'),
    ('a refund instruction has another currency', $$UPDATE support_case.refund_instruction SET currency = 'EUR'
        WHERE case_id = 8$$, 'refund_instruction 8'),
    ('a refund instruction is missing', $$DELETE FROM support_case.refund_instruction WHERE case_id = 8$$,
        'refund_instruction 8'),
    ('a refund instruction without a charge', $$INSERT INTO support_case.refund_instruction
        SELECT seller_id, 9, 1, 1, 100, currency, 'instructed', NULL, instructed_at, visible_from, visible_until, status_since
        FROM support_case.refund_instruction WHERE case_id = 8$$, 'refund_instruction 9, refund_status 9'),
    ('a settled refund is not settled in the ledger', $$UPDATE support_case.refund_instruction SET status = 'settled'
        WHERE case_id = 8$$, 'refund_settlement 8, refund_status 8'),
    ('a settlement of what is not settled', $$UPDATE support_case.refund_instruction SET status = 'failed'
        WHERE case_id = 3$$, 'refund_settlement 3, refund_status 3'),
    ('a refund that nobody reported failed (AMB-128)', $$UPDATE support_case.refund_instruction SET status = 'failed'
        WHERE case_id = 8$$, 'refund_status 8'),
    ('a refund that failed is out of sight', $$UPDATE support_case.refund_instruction SET status = 'instructed'
        WHERE case_id = 11$$, 'refund_status 11'),
    ('the event of a failed refund says nothing of it', $$UPDATE support_case.case_event
        SET details = '{"instruction_number": "first"}' WHERE action = 'record_refund_failed'$$, 'refund_status 11'),
    ('a refund is instructed later than it was charged (AMB-40)', $$UPDATE support_case.refund_instruction
        SET instructed_at = instructed_at + interval '1 second' WHERE case_id = 8$$, 'refund_status 8'),
    ('an order has no lines', $$DELETE FROM support_case.sales_order_line WHERE order_id = 10$$, 'order_lines'),
    ('a refunded line is gone', $$DELETE FROM support_case.sales_order_line WHERE order_id = 3$$, 'case_line 3, order_lines'),
    ('lines without their order', $$DELETE FROM support_case.sales_order WHERE order_id = 10;
        DELETE FROM support_case.conversation WHERE order_id = 10$$, 'order_lines'),
    ('a line has more than its part of the order (AMB-124)', $$UPDATE support_case.sales_order_line
        SET payout = payout + 1 WHERE order_id = 10$$, 'order_lines'),
    ('a line is worth more than can be added up', $$UPDATE support_case.sales_order_line
        SET payout = 9223372036854775807, shipping = 9223372036854775807 WHERE order_id = 10$$, 'order_lines'),
    ('a line can be refunded beyond its price (AMB-124)', $$UPDATE support_case.sales_order_line
        SET refundable = refundable + 1 WHERE order_id = 10$$, 'order_lines'),
    ('an order is worth more than its lines', $$UPDATE support_case.sales_order SET buyer_shipping = 51
        WHERE order_id = 10$$, 'order_lines'),
    -- events
    ('an event is missing', $$DELETE FROM support_case.case_event WHERE case_id = 2 AND event_number = 1$$,
        'event_number 2, event_transition 2, message_event 2, outbox 2'),
    ('the last event is missing', $$DELETE FROM support_case.case_event WHERE case_id = 9 AND event_number = 2$$,
        'case_state 9, outbox 9'),
    ('all events are missing', $$DELETE FROM support_case.case_event WHERE case_id = 1$$,
        'case_state 1, message_event 1, outbox 1'),
    ('the case of events is missing', $$DELETE FROM support_case.support_case WHERE case_id = 1$$,
        'case_count, case_state 1, conversation_party 1'),
    ('time runs backwards', $$UPDATE support_case.case_event SET effective_at = '2026-01-05T09:59:00Z',
        recorded_at = '2026-01-05T09:59:00Z' WHERE case_id = 6 AND event_number = 2$$,
        'event_time 6, message_event 6'),
    ('an event was recorded before it happened', $$UPDATE support_case.case_event SET recorded_at = '2026-01-01'
        WHERE case_id = 6 AND event_number = 2$$, 'event_time 6'),
    ('an event comes after the deadline', $$UPDATE support_case.case_event SET due_at = effective_at
        WHERE case_id = 9 AND event_number = 1;
        UPDATE support_case.case_event SET due_at = '2026-01-05T10:30:00Z' WHERE case_id = 9 AND event_number = 1$$,
        'event_deadline 9'),
    ('an event starts a deadline that never ends', $$UPDATE support_case.case_event SET due_at = NULL
        WHERE case_id = 3 AND event_number = 1$$, 'event_deadline 3'),
    ('a deadline took effect at another time', $$UPDATE support_case.case_event
        SET effective_at = effective_at + interval '1 second' WHERE case_id = 1 AND event_number = 2$$,
        'case_state 1, event_deadline 1'),
    ('an event took another transition', $$UPDATE support_case.case_event SET transition = 'T-38'
        WHERE case_id = 3 AND event_number = 2$$, 'event_transition 3, journal_ground 3'),
    ('what keeps the deadline moved its end', $$UPDATE support_case.case_event SET due_at = due_at + interval '1 hour'
        WHERE case_id = 7 AND action = 'consent_to_replacement'$$, 'event_transition 7'),
    ('somebody else acted', $$UPDATE support_case.case_event SET actor = 'seller' WHERE case_id = 9 AND event_number = 2$$,
        'event_transition 9'),
    ('an event leads elsewhere', $$UPDATE support_case.case_event SET resolution = 'no_refund'
        WHERE case_id = 9 AND event_number = 2;
        UPDATE support_case.support_case SET resolution = 'no_refund' WHERE case_id = 9$$, 'event_transition 9'),
    ('a note changes the state', $$UPDATE support_case.case_event SET status = 'escalated', resolution = NULL
        WHERE case_id = 3 AND action = 'record_refund_settled';
        UPDATE support_case.support_case SET status = 'escalated', resolution = NULL WHERE case_id = 3$$,
        'case_state 3, event_transition 3'),
    ('the outbox forgot an event', $$DELETE FROM support_case.outbox WHERE subject_id = 2 AND event_number = 2$$, 'outbox 2'),
    ('a notice goes to another buyer', $$UPDATE support_case.outbox SET recipient_id = 1
        WHERE subject_id = 2 AND event_number = 1 AND recipient = 'buyer'$$, 'outbox 2'),
    ('the outbox invents an event', $$UPDATE support_case.outbox SET event_number = 9 WHERE subject_id = 2
        AND event_number = 2$$, 'outbox 2'),
    -- cases
    ('the status is not where the events lead', $$UPDATE support_case.support_case SET status = 'escalated', deadline = NULL,
        due_at = NULL WHERE case_id = 2$$, 'case_state 2'),
    ('the deadline is not what the event says', $$UPDATE support_case.support_case
        SET due_at = due_at + interval '1 second' WHERE case_id = 2$$, 'case_state 2'),
    ('a closed case has a timer', $$UPDATE support_case.support_case SET deadline = 'seller_response',
        due_at = '2027-01-01' WHERE case_id = 9$$, 'case_state 9, case_timer 9'),
    ('nobody has the next move', $$UPDATE support_case.support_case SET deadline = NULL, due_at = NULL
        WHERE case_id = 1$$, 'case_state 1, case_timer 1'),
    ('a deadline without an end', $$UPDATE support_case.support_case SET due_at = NULL WHERE case_id = 2$$,
        'case_state 2, case_timer 2'),
    ('closed without a resolution', $$UPDATE support_case.support_case SET resolution = NULL WHERE case_id = 9$$,
        'case_resolution 9, case_state 9'),
    ('open with a resolution', $$UPDATE support_case.support_case SET resolution = 'no_refund' WHERE case_id = 6$$,
        'case_resolution 6, case_state 6'),
    ('stalled without an event', $$UPDATE support_case.support_case SET stalled_code = 'SC017' WHERE case_id = 2$$,
        'case_stalled 2'),
    ('another buyer', $$UPDATE support_case.support_case SET buyer_id = 1 WHERE case_id = 2$$,
        'case_party 2, outbox 2'),
    ('another currency', $$UPDATE support_case.support_case SET currency = 'EUR' WHERE case_id = 1$$, 'case_party 1'),
    ('an order that does not exist', $$UPDATE support_case.support_case SET order_id = 99 WHERE case_id = 1$$,
        'case_count, case_line 1, case_party 1, conversation_party 1'),
    ('a policy that was not in force yet', $$INSERT INTO support_case.policy (policy_version, effective_from, created_at)
        VALUES (2, '2026-01-05T10:00:01Z', '2026-01-05');
        UPDATE support_case.support_case SET policy_version = 2 WHERE case_id = 1$$, 'case_policy 1'),
    ('a policy that does not exist', $$UPDATE support_case.support_case SET policy_version = 9 WHERE case_id = 1$$,
        'case_policy 1'),
    ('the case is about something else than its first event', $$UPDATE support_case.support_case SET reason = 'defective'
        WHERE case_id = 1$$, 'case_request 1'),
    ('a request in time is discretionary (AMB-43)', $$UPDATE support_case.support_case SET is_discretionary = true
        WHERE case_id = 1$$, 'case_request 1'),
    ('an order counts more cases than there are', $$UPDATE support_case.sales_order SET case_count = 2 WHERE order_id = 1$$,
        'case_count'),
    ('opened at another time', $$UPDATE support_case.support_case SET opened_at = opened_at + interval '1 second'
        WHERE case_id = 1$$, 'case_state 1'),
    ('closed before its time', $$UPDATE support_case.support_case SET status_since = status_since - interval '1 second'
        WHERE case_id = 9$$, 'case_state 9'),
    ('escalated for another reason', $$UPDATE support_case.support_case SET escalation_reason = 'seller_silent'
        WHERE case_id = 6$$, 'case_state 6'),
    ('escalated for no reason', $$UPDATE support_case.support_case SET escalation_reason = NULL WHERE case_id = 6$$,
        'case_state 6'),
    ('a reason of an escalation that is none', $$UPDATE support_case.support_case SET escalation_reason = 'seller_silent'
        WHERE case_id = 1$$, 'case_state 1'),
    ('the conversation is open after escalation (W-72)', $$UPDATE support_case.support_case
        SET is_conversation_closed = false WHERE case_id = 6$$, 'case_state 6'),
    ('the conversation is closed before escalation', $$UPDATE support_case.support_case
        SET is_conversation_closed = true WHERE case_id = 1$$, 'case_state 1'),
    ('a calendar that does not exist', $$UPDATE support_case.support_case SET calendar_code = 'moon' WHERE case_id = 1$$,
        'case_calendar 1'),
    ('more units than the order has', $$UPDATE support_case.case_line SET quantity = 2 WHERE case_id = 1$$, 'case_line 1'),
    ('a line that the order does not have', $$UPDATE support_case.case_line SET line_number = 2 WHERE case_id = 1$$,
        'case_line 1'),
    ('no lines', $$DELETE FROM support_case.case_line WHERE case_id = 1$$, 'case_line 1'),
    ('a line of another order', $$UPDATE support_case.case_line SET order_id = 9 WHERE case_id = 1$$, 'case_line 1'),
    ('two open cases about a line', $$UPDATE support_case.support_case SET order_id = 1, buyer_id = 71 WHERE case_id = 2;
        UPDATE support_case.case_line SET order_id = 1 WHERE case_id = 2$$, 'case_count, conversation_party 2, open_cases 2, outbox 2'),
    ('an offer nobody made', $$INSERT INTO support_case.partial_offer VALUES (1, 1, 1, 100, 1, '2026-01-05')$$,
        'partial_offer 1'),
    ('an offer that is not recorded', $$DELETE FROM support_case.partial_offer WHERE case_id = 8$$, 'partial_offer 8'),
    ('an offer was edited (W-51)', $$UPDATE support_case.partial_offer SET amount = 1 WHERE case_id = 2$$,
        'partial_offer 2'),
    ('an offer''s event says no amount', $$UPDATE support_case.case_event SET details = '{"amount": "some", "currency": "?"}'
        WHERE case_id = 2 AND action = 'offer_partial_refund'$$, 'partial_offer 2'),
    ('an offer was made at another time', $$UPDATE support_case.partial_offer SET offered_at = offered_at - interval '1 day'
        WHERE case_id = 8$$, 'partial_offer 8'),
    ('the case says another amount than the offer', $$UPDATE support_case.support_case SET agreed_amount = 1
        WHERE case_id = 2$$, 'partial_offer 2'),
    ('an event of a life cycle is lost', $$DELETE FROM support_case.life_cycle_event WHERE action = 'dispute_rating'$$,
        'life_cycle_state'),
    ('the first event of a life cycle is lost', $$DELETE FROM support_case.life_cycle_event WHERE action = 'rate_order'$$,
        'life_cycle_event, life_cycle_transition'),
    ('a life cycle goes where it cannot', $$UPDATE support_case.life_cycle_event SET status = 'removed'
        WHERE action = 'dispute_rating'$$, 'life_cycle_state, life_cycle_transition'),
    ('an event of a life cycle is before its time', $$UPDATE support_case.life_cycle_event SET effective_at = '2026-01-01'
        WHERE action = 'dispute_rating'$$, 'life_cycle_state, life_cycle_time'),
    ('an event of a life cycle was recorded before it happened', $$UPDATE support_case.life_cycle_event
        SET recorded_at = '2026-01-01' WHERE action = 'dispute_rating'$$, 'life_cycle_time'),
    ('a status was changed by hand', $$UPDATE support_case.price_offer SET status = 'accepted'$$, 'life_cycle_state'),
    ('a rating came from nowhere', $$INSERT INTO support_case.public_rating (seller_id, rating_id, order_id, buyer_id, mark,
        rated_at, status, status_since) VALUES (1, 9, 9, 79, 5, now(), 'published', now())$$, 'life_cycle_state'),
    ('a rating is gone', $$DELETE FROM support_case.public_rating$$, 'life_cycle_state'),
    ('a comment is gone', $$DELETE FROM support_case.listing_comment$$, 'listing_comment'),
    ('a comment has another number', $$UPDATE support_case.listing_comment SET comment_number = 2$$, 'listing_comment'),
    ('two sellers are one buyer (W-92)', $$UPDATE support_case.seller SET buyer_id = 70$$, 'seller_buyer'),
    -- conversations
    ('a message without its event', $$UPDATE support_case.message SET event_number = 1 WHERE message_number = 2
        AND conversation_id = (SELECT conversation_id FROM support_case.conversation WHERE case_id = 6)$$,
        'message_event 6'),
    ('a message is missing', $$DELETE FROM support_case.message WHERE message_number = 2
        AND conversation_id = (SELECT conversation_id FROM support_case.conversation WHERE case_id = 6)$$,
        'message_count 6'),
    ('the first message is missing', $$DELETE FROM support_case.message WHERE message_number = 1
        AND conversation_id = (SELECT conversation_id FROM support_case.conversation WHERE case_id = 6)$$,
        'conversation_missing 6, message_number 6'),
    ('a message of no conversation', $$INSERT INTO support_case.message VALUES (1, 999, 1, NULL, 'buyer', NULL, 'a', false, '2026-01-05')$$,
        'message_number'),
    ('somebody else wrote last', $$UPDATE support_case.conversation SET last_message_by = 'platform' WHERE case_id = 6$$,
        'message_count 6'),
    ('an attachment that somebody else added', $$INSERT INTO support_case.attachment
        SELECT seller_id, conversation_id, 1, 1, 's3://1', 'image/jpeg', NULL, NULL, 'seller', opened_at
        FROM support_case.conversation WHERE case_id = 6$$, 'attachment 6'),
    ('an attachment is missing', $$INSERT INTO support_case.attachment
        SELECT seller_id, conversation_id, 1, 2, 's3://1', 'image/jpeg', NULL, NULL, 'buyer', opened_at
        FROM support_case.conversation WHERE case_id = 6$$, 'attachment 6'),
    ('a conversation with another buyer', $$UPDATE support_case.conversation SET buyer_id = 1 WHERE case_id = 6$$,
        'conversation_party 6'),
    ('an order without a conversation (V-20)', $$DELETE FROM support_case.conversation WHERE kind = 'order' AND order_id = 6$$,
        'conversation_missing'),
    ('a case without a conversation', $$DELETE FROM support_case.message WHERE conversation_id =
            (SELECT conversation_id FROM support_case.conversation WHERE case_id = 6);
        DELETE FROM support_case.conversation WHERE case_id = 6$$, 'conversation_missing 6'),
    ('the sequence of conversations is behind', $$ALTER SEQUENCE support_case.conversation_id_seq RESTART$$,
        'conversation_number'),
    ('the sequence of cases is behind', $$ALTER SEQUENCE support_case.case_id_seq RESTART$$, 'case_number 11');

SELECT plan((6 + count(*))::integer) FROM damage;

SELECT is((SELECT array_agg(case_id ORDER BY case_id) FROM support_case.support_case), '{1,2,3,4,5,6,7,8,9,10,11}'::bigint[],
    'the cases are numbered like their orders, 1 to 9');
SELECT is_empty('SELECT * FROM support_case.verify()', 'all is well with what commands and the sweep wrote');
SELECT is(pg_temp.damage(command), expected, title) FROM damage;
SELECT is_empty('SELECT * FROM support_case.verify()', 'all damage is undone');

-- A row tells a DBA what is wrong, and where.
CREATE FUNCTION pg_temp.first_detail()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    found text;
BEGIN
    SET LOCAL session_replication_role = replica;
    UPDATE support_case.refund_instruction SET amount = 1 WHERE case_id = 8;
    SELECT concat_ws('|', check_name, seller_id, case_id, detail) INTO found FROM support_case.verify();
    RAISE EXCEPTION USING ERRCODE = 'P0001', MESSAGE = 'undo';
EXCEPTION WHEN raise_exception THEN
    RETURN found;
END
$$;
SELECT is(pg_temp.first_detail(),
    'refund_instruction|1|8|Refund instruction 1 is 1 minor units of USD, journal 1 refunds 1000 of USD.',
    'a row names check, seller, case and what is wrong');

SELECT volatility_is('support_case', 'verify', ARRAY[]::name[], 'stable', 'verify() changes nothing');
SELECT function_privs_are('support_case', 'verify', ARRAY[]::name[], 'public', ARRAY[]::name[],
    'PUBLIC may not look');

SELECT * FROM finish();
ROLLBACK;
