-- What analysts' views need beside the rows themselves.

CREATE TABLE support_case.analysis_secret (
    secret bytea NOT NULL
        CONSTRAINT analysis_secret_is_long CHECK (length(secret) >= 32),
    is_only_row boolean PRIMARY KEY DEFAULT true
        CONSTRAINT analysis_secret_is_only_row CHECK (is_only_row)
);

COMMENT ON TABLE support_case.analysis_secret IS 'The secret of this installation behind the pseudonyms of buyers. Only the owner reads it; a dump carries it along, so that pseudonyms last. A new secret gives every buyer a new pseudonym.';
COMMENT ON COLUMN support_case.analysis_secret.secret IS 'At least 32 random bytes.';
COMMENT ON COLUMN support_case.analysis_secret.is_only_row IS 'There is one secret.';

-- Twice 122 bits of the server's strong random numbers.
INSERT INTO support_case.analysis_secret (secret)
SELECT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');
