-- Who may do what.  Nothing is anybody's by default; commands run with the
-- owner's rights, views with the caller's, and rows are the parties' own.

DO $nothing_for_public$
DECLARE
    object record;
BEGIN
    FOR object IN
        SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS kind, p.oid::regprocedure::text AS name
        FROM pg_catalog.pg_proc AS p
        WHERE p.pronamespace = 'support_case'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
        UNION ALL
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text
        FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace = 'support_case'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM PUBLIC', object.kind, object.name);
    END LOOP;
END
$nothing_for_public$;

-- One row per role: what it may call, and what it may read.
DO $grants$
DECLARE
    seller_commands constant text[] := ARRAY['offer_full_refund', 'offer_partial_refund', 'send_replacement',
        'explain_no_refund', 'request_information', 'confirm_return', 'dispute_return', 'post_message',
        'record_return_delivered', 'dispute_rating', 'register_listing', 'edit_listing', 'set_offer_default',
        'answer_question', 'send_offers', 'accept_price_offer', 'decline_price_offer', 'counter_price_offer',
        'join_waitlist', 'suggested_responses', 'post_order_message', 'post_platform_message', 'search_messages',
        'relay_address', 'set_return_address', 'carrier_claim_eligibility', 'request_carrier_claim',
        'record_manual_carrier_claim', 'cancel_carrier_claim', 'refund_and_ask_to_reorder', 'start_carrier_enquiry',
        'record_parcel_found', 'guarantee_window'];
    buyer_commands constant text[] := ARRAY['open_case', 'preview_case', 'accept_offer', 'decline_offer',
        'provide_information', 'escalate', 'withdraw_case', 'reopen_case', 'consent_to_replacement',
        'submit_dropoff_proof', 'leave_feedback', 'post_message', 'rate_order', 'add_favourite', 'remove_favourite',
        'ask_question', 'make_offer', 'accept_price_offer', 'decline_price_offer', 'counter_price_offer',
        'post_order_message', 'post_platform_message', 'search_buyer_messages', 'relay_address',
        'file_guarantee_claim', 'guarantee_window', 'consent_to_recharge', 'withdraw_recharge_consent',
        'record_parcel_found'];
    -- With what they call in the caller's rights.
    inbox_functions constant text[] := ARRAY['mark_conversation_read', 'mark_conversation_unread',
        'archive_conversation', 'unarchive_conversation', '_check_choice', '_check_page'];
    seller_inbox constant text[] := inbox_functions || ARRAY['_chat_closes_at', '_calendar_in_force',
        'seller_inbox_page', '_seller_inbox_waiting', 'seller_inbox_counts'];
    buyer_inbox constant text[] := inbox_functions || ARRAY['buyer_inbox_page', 'buyer_inbox_counts'];
    platform_commands constant text[] := ARRAY['decide', 'authorise_return', 'reinstate_return',
        'return_to_seller', 'take_over_case', 'flag_fraud', 'clear_fraud_flag', 'grant_access', 'schedule_rollout',
        'define_reason', 'retire_reason', 'create_filing_window', 'define_suggested_response',
        'remove_suggested_response', 'resume_case', 'reassign_liability', 'decide_rating_dispute',
        'post_platform_message', 'create_policy', 'create_calendar', 'verify', 'admit_guarantee_claim',
        'guarantee_window', 'recharge_buyer', 'mark_platform_conversation_read'];
    fact_commands constant text[] := ARRAY['record_order_delivered', 'record_return_label',
        'record_return_dropped_off', 'record_return_delivered', 'record_replacement_shipped',
        'record_replacement_delivered', 'record_chargeback', 'record_external_refund', 'record_refund_settled',
        'record_refund_failed', 'record_shipment', 'record_shipment_scan', 'record_parcel_scan',
        'record_carrier_claim_filed', 'record_carrier_claim_paid', 'record_carrier_claim_denied',
        'record_parcel_found'];
    host_commands constant text[] := ARRAY['register_seller', 'register_order', 'register_member',
        'record_purchase', 'record_fraud_score', 'verify', 'claim_notices', 'acknowledge_notice', 'fail_notice',
        'retry_notice', 'receive_relayed_message', 'record_delivery_promise'];
    -- With what they call in the caller's rights.
    health_functions constant text[] := ARRAY['health', '_known_schedule', '_system_identifier', '_cron_setting',
        '_has_cron', '_cron_jobs', '_health_of_schedule', '_health_of_work', '_health_of_schema'];
    operator_functions constant text[] := health_functions || ARRAY['sweep', 'run_sweep', 'schedule',
        'unschedule', 'purge', '_require_cron', '_require_job_role', '_note_schedule', '_purge'];
    reference_tables constant text[] := ARRAY['policy', 'calendar', 'reason', 'calendar_versions',
        '_calendar_history', 'notice_template', 'notice_rule', 'sent_notice', 'filing_window',
        'suggested_response', 'programme_rollout', '_rating_policy', 'support_rating', 'carrier_service',
        'claim_excluded_category'];
    case_views constant text[] := ARRAY['case_current', '_settled_case', '_rolled_case', 'due_queue', 'notices',
        'order_ratings', 'public_rating', 'price_offers', 'price_offer', 'listing_favourites', 'listing_favourite',
        'member'];
    -- Shown to strangers with the owner's rights.
    public_views constant text[] := ARRAY['public_ratings', 'seller_rating_summary', 'listing_questions',
        'listings', 'listing'];
    case_tables constant text[] := ARRAY['support_case', 'case_line', 'case_event', 'partial_offer', 'parcel',
        'conversation', 'message', 'attachment', 'conversation_messages', 'conversation_history', '_due_step',
        'parcel_scan', 'return_instructions', 'guarantee_claim', 'found_parcel', 'recharge_consent', 'recharge'];
    inbox_relations constant text[] := ARRAY['_conversation_of_buyer', '_inbox_of_buyer', 'order_conversations',
        'order_support_status'];
    seller_inbox_relations constant text[] := ARRAY['seller_inbox', '_inbox_of_sales', '_inbox_of_purchases',
        '_conversation_of_seller', '_inbox_of_seller', 'order_contacts'];
    money_relations constant text[] := ARRAY['case_timeline', 'seller_ledger', 'seller_balance',
        '_due_charge', '_due_entry', 'sales_orders', 'sales_order', 'sales_order_line', 'ledger_account',
        'ledger_journal', 'ledger_entry', 'refund_instructions', 'refund_instruction', 'external_refund', 'seller',
        'case_feedback', '_rated_case', 'rating_explanation', 'satisfaction_score', 'account_status', 'shipments',
        'shipment', 'shipment_scan', 'return_address', 'carrier_claims', 'carrier_claim', 'carrier_claim_timeline',
        'guarantee_claims', 'delivery_promise', 'life_cycle_event'];
    analysis_views constant text[] := ARRAY['support_rating', 'analysis_cases', 'analysis_responses',
        'analysis_refund_costs', 'policy_versions', 'calendar_versions', 'policy', 'calendar', 'reason'];
    platform_relations constant text[] := ARRAY['policy_versions', 'platform_queue', 'platform_inbox',
        'feedback_survey', 'outbox', 'dead_notices', 'sweep_run', 'programme_waitlist', 'buyer_standing', 'order_standing', 'case_suspicion',
        'fraud_assessment', 'buyer_refund_behaviour', 'sweep_schedule', 'outbox_purge', 'schema_migration'];
    buyer_functions constant text[] := ARRAY['_own_seller_id', '_own_buyer_id', '_address_of_return',
        'what_happens_next'];
    row_functions constant text[] := buyer_functions || ARRAY['_refund_arguments', '_uncharged_label_cost',
        '_refund_executed_at', '_order_refund', '_refund_of_case', '_claim_fileable_at', '_claim_cover', '_line_row',
        '_refund_row', '_refund_line_row', '_due_refund_arguments', '_is_fault_of_case', '_claim_maximum', '_claim_shares',
        '_claim_legs', '_due_claim_legs'];
    grantee record;
    object record;
BEGIN
    FOR grantee IN
        VALUES
            ('support_case_app',
                seller_commands || buyer_commands || platform_commands || fact_commands || host_commands
                    || operator_functions || row_functions || seller_inbox || buyer_inbox,
                reference_tables || public_views || case_views || case_tables || money_relations || platform_relations
                    || inbox_relations || seller_inbox_relations || ARRAY['buyer_inbox', 'inbox_conversation']),
            ('support_case_platform',
                platform_commands || health_functions || row_functions,
                reference_tables || public_views || case_views || case_tables || money_relations || platform_relations),
            ('support_case_seller', seller_commands || row_functions || seller_inbox,
                reference_tables || public_views || case_views || case_tables || money_relations || inbox_relations
                    || seller_inbox_relations),
            ('support_case_buyer', buyer_commands || buyer_inbox || buyer_functions,
                reference_tables || public_views || case_views || case_tables || inbox_relations
                    || ARRAY['buyer_inbox', 'feedback_survey', 'case_feedback']),
            ('support_case_analyst', ARRAY[]::text[], analysis_views),
            ('support_case_carrier', fact_commands, ARRAY[]::text[]),
            -- Runs the sweep and watches it, and touches no case.
            ('support_case_operator', operator_functions, ARRAY[]::text[])
    LOOP
        CONTINUE WHEN pg_catalog.to_regrole(grantee.column1) IS NULL;
        FOR object IN
            SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS kind,
                p.oid::regprocedure::text AS name
            FROM pg_catalog.pg_proc AS p
            WHERE p.pronamespace = 'support_case'::regnamespace AND p.proname = ANY (grantee.column2)
        LOOP
            EXECUTE format('GRANT EXECUTE ON %s %s TO %I', object.kind, object.name, grantee.column1);
        END LOOP;
        FOR object IN
            SELECT c.oid::regclass::text AS name
            FROM pg_catalog.pg_class AS c
            WHERE c.relnamespace = 'support_case'::regnamespace AND c.relname = ANY (grantee.column3)
        LOOP
            EXECUTE format('GRANT SELECT ON %s TO %I', object.name, grantee.column1);
        END LOOP;
    END LOOP;
END
$grants$;

-- Buyers do not see how the platform routed and shared out their case, nor
-- what is said about it, nor what others have read; neither they nor sellers,
-- from which score on somebody is suspected.
DO $hidden_columns$
DECLARE
    hidden record;
BEGIN
    FOR hidden IN
        SELECT h.role_name, h.table_name, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS shown_columns
        FROM (VALUES
            ('support_case_seller', 'policy', ARRAY['fraud_threshold']),
            ('support_case_buyer', 'policy', ARRAY['fraud_threshold']),
            ('support_case_buyer', 'support_case', ARRAY['routed_because', 'liability', 'liability_seller', 'liability_carrier',
                'liability_platform', 'last_message_by', 'reached_seller_event', 'escalated_after',
                'platform_ruling']),
            ('support_case_buyer', 'case_event', ARRAY['actor_id', 'details']),
            ('support_case_buyer', 'conversation', ARRAY['seller_read_count', 'platform_read_count', 'is_marked_unread_by_seller',
                'is_archived_by_seller']),
            ('support_case_buyer', 'message', ARRAY['author_id']),
            ('support_case_buyer', 'guarantee_claim', ARRAY['admitted_because'])
        ) AS h (role_name, table_name, columns)
        JOIN pg_catalog.pg_attribute AS a
            ON a.attrelid = format('support_case.%I', h.table_name)::regclass
                AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (h.columns)
        WHERE pg_catalog.to_regrole(h.role_name) IS NOT NULL
        GROUP BY h.role_name, h.table_name
    LOOP
        EXECUTE format('REVOKE SELECT ON support_case.%I FROM %I', hidden.table_name, hidden.role_name);
        EXECUTE format('GRANT SELECT (%s) ON support_case.%I TO %I', hidden.shown_columns, hidden.table_name,
            hidden.role_name);
    END LOOP;
END
$hidden_columns$;

-- Of the outbox, parties read what view notices shows.
DO $notice_columns$
DECLARE
    grantee text;
BEGIN
    FOREACH grantee IN ARRAY ARRAY['support_case_seller', 'support_case_buyer'] LOOP
        CONTINUE WHEN pg_catalog.to_regrole(grantee) IS NULL;
        EXECUTE format('GRANT SELECT (seller_id, subject, subject_id, event_number, recipient, recipient_id, channel, '
            'template, data, occurred_at) ON support_case.outbox TO %I', grantee);
    END LOOP;
END
$notice_columns$;

-- Applications and the platform see every row, unless the application says
-- for whom it acts; parties see their own.
DO $row_security$
DECLARE
    by_seller constant text := 'seller_id = (SELECT support_case._own_seller_id())';
    by_buyer constant text := 'buyer_id = (SELECT support_case._own_buyer_id())';
    by_case constant text := 'EXISTS (SELECT FROM support_case.support_case AS c '
        'WHERE c.seller_id = %1$I.seller_id AND c.case_id = %1$I.case_id)';
    by_conversation constant text := 'EXISTS (SELECT FROM support_case.conversation AS c '
        'WHERE c.seller_id = %1$I.seller_id AND c.conversation_id = %1$I.conversation_id)';
    by_recipient constant text := 'recipient = %L AND recipient_id = (SELECT support_case._own_%1$s_id())';
    -- Public names stay names: whom a number belongs to is the member's own and
    -- of the sellers whose items the member favourited.
    by_member constant text := 'member_id = (SELECT support_case._own_buyer_id())';
    by_favourite constant text := 'member_id IN (SELECT f.member_id FROM support_case.listing_favourite AS f '
        'WHERE f.seller_id = (SELECT support_case._own_seller_id()))';
    by_nobody constant text :=
        '(SELECT support_case._own_seller_id()) IS NULL AND (SELECT support_case._own_buyer_id()) IS NULL';
    secured record;
    reader record;
BEGIN
    FOR secured IN
        SELECT c.relname AS name,
            coalesce(bool_or(a.attname = 'seller_id'), false) AND c.relname NOT IN ('party_login') AS has_seller,
            coalesce(bool_or(a.attname = 'buyer_id'), false) AND c.relname NOT IN ('party_login') AS has_buyer,
            c.relname IN ('case_line', 'case_event', 'partial_offer', 'parcel', 'case_feedback', 'parcel_scan',
                'guarantee_claim', 'found_parcel', 'recharge_consent', 'recharge')
                AS is_of_case,
            c.relname IN ('message', 'attachment') AS is_of_conversation,
            -- Each party's conversation with the platform is its own (AMB-32).
            -- So are the words and names in the record of ratings and offers.
            CASE c.relname WHEN 'conversation' THEN ' AND kind <> ''buyer_platform'''
                WHEN 'life_cycle_event' THEN ' AND machine = ''carrier_claim''' ELSE '' END AS but_buyers,
            CASE WHEN c.relname = 'conversation' THEN ' AND kind <> ''seller_platform''' ELSE '' END AS but_sellers,
            c.relname IN ('policy', 'calendar', 'reason', 'listing', 'notice_template', 'notice_rule', 'sent_notice',
                'outbox_purge', 'carrier_service', 'claim_excluded_category', 'schema_migration', 'sweep_run',
                'sweep_schedule', 'filing_window', 'suggested_response', 'programme_rollout') AS is_reference,
            c.relname IN ('buyer_standing', 'order_standing', 'case_suspicion', 'fraud_assessment') AS is_of_platform
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'support_case'::regnamespace AND c.relkind IN ('r', 'p')
        GROUP BY c.oid, c.relname
    LOOP
        EXECUTE format('ALTER TABLE support_case.%I ENABLE ROW LEVEL SECURITY', secured.name);
        FOR reader IN
            VALUES
                ('support_case_app', CASE
                    WHEN secured.is_reference THEN 'true'
                    -- What is addressed to others is not a party's.
                    WHEN secured.name = 'outbox' THEN
                        format('(%s) OR (%s) OR (%s)', by_nobody, format(by_recipient, 'seller'),
                            format(by_recipient, 'buyer'))
                    WHEN secured.name = 'member' THEN
                        format('(%s) OR %s OR %s', by_nobody, by_member, by_favourite)
                    WHEN secured.is_of_platform THEN by_nobody
                    WHEN secured.has_buyer THEN format('(%s) OR (%s) OR (%s)', by_nobody,
                        by_seller || secured.but_buyers, by_buyer || secured.but_sellers)
                    WHEN secured.is_of_conversation THEN
                        format('(%s) OR %s', by_nobody, format(by_conversation, secured.name))
                    WHEN secured.is_of_case THEN
                        format('(%s) OR %s OR %s', by_nobody, by_seller, format(by_case, secured.name))
                    WHEN secured.has_seller THEN format('(%s) OR %s', by_nobody, by_seller)
                END),
                ('support_case_platform',
                    CASE WHEN secured.is_reference OR secured.is_of_platform OR secured.has_seller
                        OR secured.name = 'member' THEN 'true' END),
                ('support_case_analyst', CASE
                    WHEN secured.name IN ('policy', 'calendar', 'reason') THEN 'true'
                END),
                ('support_case_seller', CASE
                    WHEN secured.is_reference THEN 'true'
                    WHEN secured.name = 'member' THEN by_favourite
                    WHEN secured.is_of_platform THEN NULL
                    WHEN secured.name = 'outbox' THEN format(by_recipient, 'seller') || ' AND channel = ''in_app'''
                    WHEN secured.is_of_conversation THEN format(by_conversation, secured.name)
                    WHEN secured.has_seller THEN by_seller || secured.but_buyers
                END),
                ('support_case_buyer', CASE
                    WHEN secured.is_reference THEN 'true'
                    WHEN secured.name = 'member' THEN by_member
                    WHEN secured.is_of_platform THEN NULL
                    WHEN secured.name = 'outbox' THEN format(by_recipient, 'buyer') || ' AND channel = ''in_app'''
                    WHEN secured.has_buyer THEN by_buyer || secured.but_sellers
                    WHEN secured.is_of_conversation THEN format(by_conversation, secured.name)
                    WHEN secured.is_of_case THEN format(by_case, secured.name)
                END)
        LOOP
            EXECUTE format('DROP POLICY IF EXISTS %I ON support_case.%I', reader.column1, secured.name);
            CONTINUE WHEN reader.column2 IS NULL OR pg_catalog.to_regrole(reader.column1) IS NULL;
            EXECUTE format('CREATE POLICY %1$I ON support_case.%2$I FOR SELECT TO %1$I USING (%3$s)',
                reader.column1, secured.name, reader.column2);
        END LOOP;
    END LOOP;
END
$row_security$;
