-- Arguments of commands, checked once and alike.

CREATE OR REPLACE FUNCTION support_case._check_choice(value text, argument text, VARIADIC choices text[])
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(value, argument);
    IF value <> ALL (choices) THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('unknown %s "%s"', argument, left(value, 64)),
            NULL, format('Use one of: %s.', array_to_string(choices, ', ')));
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_choice(text, text, text[]) IS
'Raises 22004 or 22023 unless value is one of choices.';

CREATE OR REPLACE FUNCTION support_case._check_id(value bigint, argument text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF value < 1 THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('argument "%s" must be greater than zero', argument),
            format('It is %s.', value), 'Ids, numbers and quantities start at 1.');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_id(bigint, text) IS
'Raises 22023 unless an id, number or quantity is positive, or null.';

CREATE OR REPLACE FUNCTION support_case._check_form(value text, argument text, pattern text, hint text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF value !~ pattern THEN
        PERFORM support_case._raise('invalid_parameter_value', format('argument "%s" is malformed', argument),
            format('It is "%s".', left(value, 64)), _check_form.hint);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_form(text, text, text, text) IS
'Raises 22023 with this hint unless a text matches a regular expression, or is null.';

CREATE OR REPLACE FUNCTION support_case._check_country(value text, argument text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._check_form(value, argument, '^[A-Z]{2}$',
        'Pass the code of ISO 3166-1 in two capital letters, such as US.');
END
$$;

COMMENT ON FUNCTION support_case._check_country(text, text) IS
'Raises 22023 unless a text has the form of a country''s code, or is null.';

CREATE OR REPLACE FUNCTION support_case._check_code(value text, argument text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._check_form(value, argument, '^[a-z][a-z0-9_]{0,62}$',
        'Use 1 to 63 lower-case letters, digits and underscores, a letter first.');
END
$$;

COMMENT ON FUNCTION support_case._check_code(text, text) IS
'Raises 22023 unless a text has the form of a code of the marketplace''s own, such as a reason, or is null.';

-- The years that the tables of dates take.
CREATE OR REPLACE FUNCTION support_case._check_date(value date, argument text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF value NOT BETWEEN '1900-01-01' AND '2200-12-31' THEN
        PERFORM support_case._raise('datetime_field_overflow',
            format('argument "%s" must be a date of the years 1900 to 2200', argument),
            format('It is %s.', value), 'Leave out what is not known.');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_date(date, text) IS
'Raises 22008 unless a date is of the years 1900 to 2200, or null.';

CREATE OR REPLACE FUNCTION support_case._check_score(value numeric, argument text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF NOT (value >= 0 AND value < 'Infinity') THEN
        PERFORM support_case._raise('invalid_parameter_value', format('argument "%s" is not a score', argument),
            format('It is %s.', value), 'Pass a finite number from 0, on the scale that fraud_threshold of the policy uses.');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_score(numeric, text) IS
'Raises 22023 unless a fraud score is finite and not negative, or is null.';

-- Facts lie in the past; a host's clock may run a little ahead of ours.
CREATE OR REPLACE FUNCTION support_case._check_fact_instant(
    fact_at timestamptz,
    at timestamptz,
    not_before timestamptz,
    argument text DEFAULT 'at'
)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(fact_at, argument);
    IF NOT isfinite(fact_at) THEN
        PERFORM support_case._raise('datetime_field_overflow', format('argument "%s" must be a finite instant', argument),
            format('It is %s.', fact_at), 'Pass the instant at which the fact happened.');
    END IF;
    IF fact_at > at THEN
        PERFORM support_case._raise('invalid_parameter_value', format('argument "%s" is in the future', argument),
            format('It is %s, and now is %s.', fact_at, at),
            'Report a fact once it has happened.');
    END IF;
    IF fact_at < not_before THEN
        PERFORM support_case._raise('invalid_parameter_value', format('argument "%s" is before the fact could happen', argument),
            format('It is %s, and what it follows happened at %s.', fact_at, not_before),
            'Pass the instant at which the fact happened.');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._check_fact_instant(timestamptz, timestamptz, timestamptz, text) IS
'Raises 22004, 22008 or 22023 unless not_before <= fact_at <= at.';

CREATE OR REPLACE FUNCTION support_case._to_positive_minor(value numeric, currency text, argument text)
RETURNS bigint
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    minor bigint;
BEGIN
    PERFORM support_case._require(value, argument);
    minor := support_case._to_minor(value, currency, argument);
    IF minor <= 0 THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('argument "%s" must be greater than zero', argument),
            format('It is %s %s.', value, currency), 'Pass a positive amount in major units.');
    END IF;
    RETURN minor;
END
$$;

COMMENT ON FUNCTION support_case._to_positive_minor(numeric, text, text) IS
'An amount in minor units. Raises 22004, 22003 or 22023 unless it is greater than zero and exact in the currency.';

CREATE OR REPLACE FUNCTION support_case._to_nonnegative_minor(value numeric, currency text, argument text)
RETURNS bigint
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    minor bigint := support_case._to_minor(value, currency, argument);
BEGIN
    IF minor < 0 THEN
        PERFORM support_case._raise('invalid_parameter_value', format('argument "%s" must not be negative', argument),
            format('It is %s %s.', value, currency), 'Pass the amount in major units of the currency, 0 for none.');
    END IF;
    RETURN minor;
END
$$;

COMMENT ON FUNCTION support_case._to_nonnegative_minor(numeric, text, text) IS
'An amount in minor units; null for null. Raises 22003 or 22023 unless it is exact in the currency and not negative.';

-- The server's own message would not say where in the call the number stands.
CREATE OR REPLACE FUNCTION support_case._check_line_numbers(lines jsonb)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM jsonb_to_recordset(lines) AS r (line_number integer, quantity integer, unit_price numeric);
EXCEPTION WHEN invalid_text_representation OR numeric_value_out_of_range THEN
    PERFORM support_case._raise(
        CASE SQLSTATE WHEN '22P02' THEN 'invalid_text_representation' ELSE 'numeric_value_out_of_range' END,
        'argument "lines" has a value that is not a number of its kind', format('The server says: %s.', SQLERRM),
        'Write line_number and quantity as integers, unit_price as a number in major units.');
END
$$;

COMMENT ON FUNCTION support_case._check_line_numbers(jsonb) IS
'Raises 22P02 or 22003 unless the numbers in a JSON array of lines are numbers.';

-- Every fact of an attachment but who added it when, which the message says.
CREATE OR REPLACE FUNCTION support_case._is_attachment(attachment jsonb)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF jsonb_typeof(attachment) <> 'object' THEN
        RETURN false;
    END IF;
    RETURN attachment - ARRAY['uri', 'media_type', 'size', 'sha256'] = '{}'
        AND jsonb_typeof(attachment -> 'uri') IS NOT DISTINCT FROM 'string'
        AND char_length(attachment ->> 'uri') <= 2048 AND attachment ->> 'uri' ~ '[^[:space:]]'
        AND coalesce(jsonb_typeof(attachment -> 'media_type') = 'string'
            AND attachment ->> 'media_type' ~* '^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$',
            attachment -> 'media_type' IS NULL)
        AND coalesce(jsonb_typeof(attachment -> 'size') = 'number' AND attachment ->> 'size' ~ '^[0-9]{1,18}$',
            attachment -> 'size' IS NULL)
        AND coalesce(jsonb_typeof(attachment -> 'sha256') = 'string' AND attachment ->> 'sha256' ~ '^[0-9a-f]{64}$',
            attachment -> 'sha256' IS NULL);
END
$$;

COMMENT ON FUNCTION support_case._is_attachment(jsonb) IS
'Whether a value is an object with a uri of at most 2048 characters, one of them visible, and, where given, a media_type, a size in bytes and a sha256 in lower-case hexadecimal digits, and nothing else.';

CREATE OR REPLACE FUNCTION support_case._check_attachments(attachments jsonb, argument text)
RETURNS jsonb
LANGUAGE plpgsql STABLE STRICT
AS $$
#variable_conflict use_column
DECLARE
    wrong integer;
BEGIN
    IF jsonb_typeof(attachments) = 'array' THEN
        IF jsonb_array_length(attachments) > 50 OR pg_column_size(attachments) > 65536 THEN
            PERFORM support_case._raise('program_limit_exceeded',
                format('argument "%s" is too large', argument),
                'At most 50 attachments and 64 kB of metadata are kept with one action.',
                'Store the files elsewhere and pass where they are.');
        END IF;
        SELECT min(a.position) INTO wrong
        FROM jsonb_array_elements(attachments) WITH ORDINALITY AS a (attachment, position)
        WHERE NOT support_case._is_attachment(jsonb_strip_nulls(a.attachment));
    END IF;
    IF wrong IS NOT NULL OR jsonb_typeof(attachments) <> 'array' THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('argument "%s" must be a JSON array of attachments', argument),
            'Attachment ' || wrong || ' is none.',
            'Write it like [{"uri": "s3://evidence/1.jpg", "media_type": "image/jpeg", "size": 52311, "sha256": "9f86..."}], uri required, size in bytes, sha256 in 64 lower-case hexadecimal digits.');
    END IF;
    RETURN attachments;
END
$$;

COMMENT ON FUNCTION support_case._check_attachments(jsonb, text) IS
'The attachments. Raises 22023 or 54000 unless they are a JSON array of at most 50 objects with a uri and, where given, media_type, size and sha256.';
