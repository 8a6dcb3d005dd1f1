-- What the marketplace sets of the intake: reasons and filing windows.

CREATE OR REPLACE FUNCTION support_case.define_reason(
    reason text,
    description text,
    is_covered boolean,
    is_returnable boolean,
    required_evidence text DEFAULT NULL,
    excludes_consumables boolean DEFAULT false,
    is_consent_needed_for_replacement boolean DEFAULT true,
    is_before_shipment boolean DEFAULT false,
    is_for_late_shipment boolean DEFAULT false
)
RETURNS SETOF support_case.reason
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    r support_case.reason;
    known support_case.reason;
BEGIN
    PERFORM support_case._authorise('platform', NULL);
    PERFORM support_case._require(reason, 'reason');
    PERFORM support_case._check_code(reason, 'reason');
    PERFORM support_case._check_text(description, 'description', 1000);
    PERFORM support_case._require(is_covered, 'is_covered');
    PERFORM support_case._require(is_returnable, 'is_returnable');
    IF required_evidence IS NOT NULL THEN
        PERFORM support_case._check_choice(required_evidence, 'required_evidence', 'any', 'photo', 'video');
    END IF;
    r := ROW(reason, is_covered, is_returnable, required_evidence, coalesce(is_consent_needed_for_replacement, true),
        coalesce(excludes_consumables, false), coalesce(is_before_shipment, false),
        coalesce(is_for_late_shipment, false), description, false);
    INSERT INTO support_case.reason SELECT (r).*
    ON CONFLICT (reason) DO NOTHING;
    IF NOT FOUND THEN
        SELECT k.* INTO STRICT known FROM support_case.reason AS k WHERE k.reason = r.reason FOR UPDATE;
        IF to_jsonb(known) - 'is_retired' <> to_jsonb(r) - 'is_retired' THEN
            PERFORM support_case._raise('unique_violation',
                format('reason "%s" is defined already, and otherwise', left(r.reason, 63)),
                'Cases of the reason rely on what it means.', 'Define another one, and retire this one.',
                'support_case', 'reason', 'reason_pkey');
        END IF;
        UPDATE support_case.reason AS k SET is_retired = false WHERE k.reason = r.reason AND k.is_retired;
    END IF;
    RETURN NEXT r;
END
$$;

COMMENT ON FUNCTION support_case.define_reason(text, text, boolean, boolean, text, boolean, boolean, boolean, boolean) IS
'Adds a reason for which buyers may ask for help, and returns it; the same call again brings a retired one back. The arguments are the columns of table reason. Errors: 22004, 22023, 23505 (defined otherwise). (W-17, W-21)';

CREATE OR REPLACE FUNCTION support_case.retire_reason(reason text)
RETURNS SETOF support_case.reason
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._authorise('platform', NULL);
    PERFORM support_case._require(reason, 'reason');
    RETURN QUERY
    UPDATE support_case.reason AS k
    SET is_retired = true
    WHERE k.reason = retire_reason.reason
    RETURNING k.*;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found', format('reason "%s" does not exist', left(retire_reason.reason, 63)),
            NULL, 'Table support_case.reason lists the reasons.', 'support_case', 'reason');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case.retire_reason(text) IS
'No new case may use the reason any more; returns it. Cases that have it go on. Errors: 22004, P0002. (W-17)';

CREATE OR REPLACE FUNCTION support_case.create_filing_window(
    category text,
    after_purchase text DEFAULT NULL,
    after_delivery text DEFAULT NULL,
    effective_from timestamptz DEFAULT NULL,
    actor_id text DEFAULT NULL
)
RETURNS SETOF support_case.filing_window
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    latest record;
BEGIN
    actor_id := support_case._authorise('platform', NULL, actor_id => actor_id);
    PERFORM support_case._check_text(category, 'category', 63);
    -- As for calendars.
    LOCK TABLE support_case.filing_window IN ACCESS EXCLUSIVE MODE;
    SELECT coalesce(max(f.version), 0) AS version, max(f.effective_from) AS effective_from INTO latest
    FROM support_case.filing_window AS f
    WHERE f.category = create_filing_window.category;
    RETURN QUERY
    INSERT INTO support_case.filing_window AS f (category, version, after_purchase, after_delivery, effective_from,
        created_at, created_by)
    VALUES (create_filing_window.category, latest.version + 1, create_filing_window.after_purchase,
        create_filing_window.after_delivery,
        support_case._check_effective_from(create_filing_window.effective_from, latest.effective_from),
        support_case._instant(), support_case._acting_id(create_filing_window.actor_id))
    RETURNING f.*;
END
$$;

COMMENT ON FUNCTION support_case.create_filing_window(text, text, text, timestamptz, text) IS
'Creates a new version of a product category''s filing window, and returns it. after_purchase and after_delivery are terms, such as "7 days"; null: as the policy says, so that a version without terms ends the override. A case about several lines has the earliest window of them. effective_from: cases opened then or later use the version; default now. Errors: 22004, 22023 (category, effective in the past), 22P02 (malformed term), 23514 (negative term). (W-12, AMB-42)';
