-- Contact data in what people write (V-06, AMB-99), and the keyed hash that
-- makes relay addresses unguessable (AMB-80).

CREATE FUNCTION support_case._find_contact_data(body text)
RETURNS TABLE (kind text, start integer, length integer)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
ROWS 1
AS 'MODULE_PATHNAME', 'sc_find_contact_data';

COMMENT ON FUNCTION support_case._find_contact_data(text) IS
'Contact data in a text, in its order and without overlaps: email, telephone, link or handle, with the number of its first character, from 1, and its length in characters. Telephone numbers are international ones, and national ones by their form or the word before them; order and tracking numbers, prices, dates and postal addresses are none (V-21). In linear time. (V-06, AMB-99)';

CREATE FUNCTION support_case._has_contact_data(body text)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_has_contact_data';

COMMENT ON FUNCTION support_case._has_contact_data(text) IS
'Whether _find_contact_data() would find anything. (V-06, AMB-99)';

CREATE FUNCTION support_case._mask_contact_data(body text, emails_only boolean DEFAULT false)
RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_mask_contact_data';

COMMENT ON FUNCTION support_case._mask_contact_data(text, boolean) IS
'The text with *** in place of what _find_contact_data() finds, or of email addresses only; never longer than before. (V-06, AMB-80, AMB-99)';

CREATE FUNCTION support_case._hmac_sha256(message bytea, key bytea)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_hmac_sha256';

COMMENT ON FUNCTION support_case._hmac_sha256(bytea, bytea) IS
'HMAC-SHA-256 of a message with a key (RFC 2104).';
