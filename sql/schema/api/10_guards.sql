-- Guards in C: they hold against every client, superusers' typing errors
-- included; verify() looks behind them.

DO $guards$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['case_event', 'partial_offer', 'message', 'attachment',
        'ledger_journal', 'ledger_entry', 'external_refund', 'life_cycle_event', 'listing_comment', 'fraud_assessment', 'case_suspicion', 'shipment_scan', 'parcel_scan', 'return_address',
        'guarantee_claim', 'found_parcel', 'recharge_consent', 'recharge']
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON support_case.%I '
            'FOR EACH ROW EXECUTE FUNCTION support_case.refuse_change()', guarded);
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON support_case.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION support_case.refuse_change()', guarded);
    END LOOP;
    FOREACH guarded IN ARRAY ARRAY['calendar', 'policy', 'filing_window']
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER immutable_version BEFORE UPDATE OR DELETE ON support_case.%I '
            'FOR EACH ROW EXECUTE FUNCTION support_case.refuse_version_change()', guarded);
        EXECUTE format('CREATE OR REPLACE TRIGGER immutable_version_truncate BEFORE TRUNCATE ON support_case.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION support_case.refuse_version_change()', guarded);
    END LOOP;
END
$guards$;

CREATE OR REPLACE TRIGGER balanced AFTER INSERT ON support_case.ledger_entry
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION support_case.check_journal_balance();

CREATE OR REPLACE TRIGGER no_opt_out BEFORE UPDATE ON support_case.seller
    FOR EACH ROW WHEN (OLD.is_enabled AND NEW.is_enabled IS NOT TRUE)
    EXECUTE FUNCTION support_case.refuse_opt_out();

CREATE OR REPLACE TRIGGER legal_transition BEFORE UPDATE ON support_case.support_case
    FOR EACH ROW EXECUTE FUNCTION support_case.guard_transition('case');

CREATE OR REPLACE TRIGGER legal_transition BEFORE UPDATE ON support_case.refund_instruction
    FOR EACH ROW EXECUTE FUNCTION support_case.guard_transition('refund_instruction');

CREATE OR REPLACE TRIGGER legal_transition BEFORE UPDATE ON support_case.public_rating
    FOR EACH ROW EXECUTE FUNCTION support_case.guard_transition('public_rating');

CREATE OR REPLACE TRIGGER legal_transition BEFORE UPDATE ON support_case.price_offer
    FOR EACH ROW EXECUTE FUNCTION support_case.guard_transition('price_offer');

CREATE OR REPLACE TRIGGER legal_transition BEFORE UPDATE ON support_case.carrier_claim
    FOR EACH ROW EXECUTE FUNCTION support_case.guard_transition('carrier_claim');
