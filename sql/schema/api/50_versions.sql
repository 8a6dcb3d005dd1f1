-- Calendars and policies: only new versions, in force no earlier than they are
-- created (AMB-127).

CREATE OR REPLACE VIEW support_case.calendar_versions WITH (security_invoker = true) AS
SELECT calendar_code, version, definition, effective_from, created_at, created_by
FROM support_case.calendar;

COMMENT ON VIEW support_case.calendar_versions IS 'Every version of the business calendars.';
COMMENT ON COLUMN support_case.calendar_versions.calendar_code IS 'Names the calendar.';
COMMENT ON COLUMN support_case.calendar_versions.version IS 'Number of the version.';
COMMENT ON COLUMN support_case.calendar_versions.definition IS 'Text of type business_calendar.';
COMMENT ON COLUMN support_case.calendar_versions.effective_from IS 'Deadlines that start then or later use it.';
COMMENT ON COLUMN support_case.calendar_versions.created_at IS 'When it was created.';
COMMENT ON COLUMN support_case.calendar_versions.created_by IS 'Who created it.';

CREATE OR REPLACE VIEW support_case.policy_versions WITH (security_invoker = true) AS
SELECT policy_version, effective_from, created_at, created_by,
    to_jsonb(p) - ARRAY['policy_version', 'effective_from', 'created_at', 'created_by', 'rules'] AS settings
FROM support_case.policy AS p;

COMMENT ON VIEW support_case.policy_versions IS 'Every version of the policy; the columns of table policy explain the settings.';
COMMENT ON COLUMN support_case.policy_versions.policy_version IS 'Number of the version.';
COMMENT ON COLUMN support_case.policy_versions.effective_from IS 'Cases opened then or later use it.';
COMMENT ON COLUMN support_case.policy_versions.created_at IS 'When it was created.';
COMMENT ON COLUMN support_case.policy_versions.created_by IS 'Who created it.';
COMMENT ON COLUMN support_case.policy_versions.settings IS 'Every setting with its value.';

CREATE OR REPLACE FUNCTION support_case._check_effective_from(effective_from timestamptz, latest timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := support_case._instant();
BEGIN
    IF effective_from IS NULL THEN
        effective_from := greatest(at, latest + interval '1 microsecond');
    END IF;
    -- Nothing could ever follow a version that takes effect at infinity.
    IF NOT isfinite(effective_from) THEN
        PERFORM support_case._raise('invalid_parameter_value', 'a new version must take effect at a finite instant',
            format('It would take effect at %s.', effective_from), 'Leave effective_from out, or pass an instant to come.');
    END IF;
    IF effective_from < at THEN
        PERFORM support_case._raise('invalid_parameter_value', 'a new version cannot take effect in the past',
            format('It would take effect at %s, and now is %s.', effective_from, at),
            'Leave effective_from out, or pass an instant to come.');
    END IF;
    IF effective_from <= latest THEN
        PERFORM support_case._raise('invalid_parameter_value',
            'a new version must take effect after the latest one',
            format('It would take effect at %s, and the latest version does at %s.', effective_from, latest),
            'Leave effective_from out, or pass a later instant.');
    END IF;
    RETURN effective_from;
END
$$;

COMMENT ON FUNCTION support_case._check_effective_from(timestamptz, timestamptz) IS
'When a new version takes effect: now at the earliest, and after the latest version. Errors: 22023.';

CREATE OR REPLACE FUNCTION support_case._policy_in_force(at timestamptz)
RETURNS support_case.policy
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    p support_case.policy;
BEGIN
    SELECT k.* INTO STRICT p
    FROM support_case.policy AS k
    WHERE k.effective_from <= _policy_in_force.at
    ORDER BY k.effective_from DESC
    LIMIT 1;
    RETURN p;
END
$$;

COMMENT ON FUNCTION support_case._policy_in_force(timestamptz) IS
'The policy version in force at an instant.';

CREATE OR REPLACE FUNCTION support_case._calendar_in_force(calendar_code text, at timestamptz)
RETURNS support_case.business_calendar
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT k.compiled
        FROM support_case.calendar AS k
        WHERE k.calendar_code = _calendar_in_force.calendar_code AND k.effective_from <= _calendar_in_force.at
        ORDER BY k.effective_from DESC
        LIMIT 1);
END
$$;

COMMENT ON FUNCTION support_case._calendar_in_force(text, timestamptz) IS
'The version of a calendar in force at an instant, compiled; null without an instant.';

CREATE OR REPLACE FUNCTION support_case.create_calendar(
    calendar_code text,
    definition text,
    effective_from timestamptz DEFAULT NULL,
    actor_id text DEFAULT NULL
)
RETURNS SETOF support_case.calendar_versions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    latest record;
BEGIN
    actor_id := support_case._authorise('platform', NULL, actor_id => actor_id);
    PERFORM support_case._require(create_calendar.calendar_code, 'calendar_code');
    PERFORM support_case._check_form(create_calendar.calendar_code, 'calendar_code', '^[a-z0-9_:.-]{1,63}$',
        'Use 1 to 63 lower-case letters, digits and _ : . -, such as warehouse.');
    PERFORM support_case._require(create_calendar.definition, 'definition');
    -- Nobody reads the versions until this one is committed: what starts after it
    -- took effect uses it.
    LOCK TABLE support_case.calendar IN ACCESS EXCLUSIVE MODE;
    SELECT max(c.version) AS version, max(c.effective_from) AS effective_from INTO latest
    FROM support_case.calendar AS c
    WHERE c.calendar_code = create_calendar.calendar_code;
    -- A calendar's first version has no predecessor to leave in force.
    IF latest.version IS NULL AND create_calendar.effective_from IS NOT NULL THEN
        PERFORM support_case._raise('invalid_parameter_value', 'a new calendar takes effect from the beginning',
            format('Calendar "%s" has no version that could be in force until then.',
                left(create_calendar.calendar_code, 63)),
            'Leave effective_from out.');
    END IF;
    create_calendar.effective_from := CASE
        WHEN latest.version IS NULL THEN '-infinity'
        ELSE support_case._check_effective_from(create_calendar.effective_from, latest.effective_from)
    END;
    INSERT INTO support_case.calendar (calendar_code, version, definition, effective_from, created_at, created_by)
    VALUES (create_calendar.calendar_code, coalesce(latest.version, 0) + 1,
        create_calendar.definition::support_case.business_calendar::text,
        create_calendar.effective_from, support_case._instant(),
        support_case._acting_id(create_calendar.actor_id));
    RETURN QUERY
    SELECT c.* FROM support_case.calendar_versions AS c
    WHERE c.calendar_code = create_calendar.calendar_code AND c.version = coalesce(latest.version, 0) + 1;
END
$$;

COMMENT ON FUNCTION support_case.create_calendar(text, text, timestamptz, text) IS
'Creates a calendar, or a new version of one, and returns it. definition is the text of a business_calendar, such as "America/New_York; Mo-Fr; 2026-12-25 off". effective_from: deadlines that start then or later use the version; default now; a new calendar is in force from the beginning. Errors: 22004, 22023, 22P02 (syntax), 54000 (too long), SC004 (acting for a party). (AMB-01 to AMB-04, AMB-127)';

CREATE OR REPLACE FUNCTION support_case.create_policy(
    settings jsonb DEFAULT '{}',
    effective_from timestamptz DEFAULT NULL,
    actor_id text DEFAULT NULL
)
RETURNS SETOF support_case.policy_versions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    latest support_case.policy;
    next_version support_case.policy;
    unknown text;
    columns text;
    broken text;
BEGIN
    actor_id := support_case._authorise('platform', NULL, actor_id => actor_id);
    PERFORM support_case._require(settings, 'settings');
    IF jsonb_typeof(settings) <> 'object' THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "settings" must be a JSON object',
            NULL, 'Write it like {"partial_offer_on_expiry": "treat_as_declined"}.');
    END IF;
    -- As for calendars.
    LOCK TABLE support_case.policy IN ACCESS EXCLUSIVE MODE;
    SELECT p.* INTO STRICT latest FROM support_case.policy AS p ORDER BY p.policy_version DESC LIMIT 1;
    SELECT string_agg(k, ', ' ORDER BY k) INTO unknown
    FROM jsonb_object_keys(settings) AS k
    WHERE NOT (to_jsonb(latest) ? k)
        OR k IN ('policy_version', 'effective_from', 'created_at', 'created_by', 'rules');
    IF unknown IS NOT NULL THEN
        PERFORM support_case._raise('invalid_parameter_value', format('unknown policy setting: %s', left(unknown, 200)),
            NULL, 'The columns of table support_case.policy are the settings.');
    END IF;
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO columns
    FROM pg_attribute AS a
    WHERE a.attrelid = 'support_case.policy'::regclass AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = '';
    BEGIN
        next_version := jsonb_populate_record(latest, settings);
        next_version.policy_version := latest.policy_version + 1;
        next_version.effective_from :=
            support_case._check_effective_from(create_policy.effective_from, latest.effective_from);
        next_version.created_at := support_case._instant();
        next_version.created_by := support_case._acting_id(actor_id);
        PERFORM support_case._check_calendar_code(next_version.calendar_code);
        -- Not %1$s: some versions of plpgsql_check cannot read it.
        EXECUTE format('INSERT INTO support_case.policy (%s) SELECT %s FROM (SELECT ($1).*) AS p', columns, columns)
        USING next_version;
    EXCEPTION WHEN invalid_text_representation OR invalid_datetime_format OR numeric_value_out_of_range
        OR datetime_field_overflow OR interval_field_overflow
    THEN
        -- The server's own message would not say where in the call the value stands.
        PERFORM support_case._raise(
            CASE SQLSTATE WHEN '22003' THEN 'numeric_value_out_of_range' WHEN '22008' THEN 'datetime_field_overflow'
                WHEN '22015' THEN 'datetime_field_overflow' ELSE 'invalid_text_representation' END,
            'argument "settings" has a value that its setting cannot take',
            format('The server says: %s; the settings were %s.', left(SQLERRM, 200), left(settings::text, 200)),
            'The columns of table support_case.policy have the settings'' types, and their comments say what each takes; terms are written like "48 business hours".');
    WHEN check_violation OR not_null_violation THEN
        -- What the table says names the setting; what it takes, its comment says.
        GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
        PERFORM support_case._raise(CASE SQLSTATE WHEN '23514' THEN 'check_violation' ELSE 'not_null_violation' END,
            left(SQLERRM, 200), format('The settings were %s.', left(settings::text, 200)),
            'The comments of the columns of table support_case.policy say what each setting takes.',
            'support_case', 'policy', broken);
    END;
    RETURN QUERY
    SELECT p.* FROM support_case.policy_versions AS p WHERE p.policy_version = next_version.policy_version;
END
$$;

COMMENT ON FUNCTION support_case.create_policy(jsonb, timestamptz, text) IS
'Creates a new policy version from the latest one, with the given settings changed, and returns it. effective_from: cases opened then or later keep the version; default now. Terms are text of type term, such as "48 business hours". Errors: 22004, 22023 (unknown setting or calendar, negative term, effective in the past), 22P02, 22003, 22008 (a value that its setting cannot read, or hold), 23502 and 23514 (value out of its range), SC004 (acting for a party). (requirements 8, AMB-127)';
