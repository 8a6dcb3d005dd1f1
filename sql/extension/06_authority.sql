-- Who calls.  Asked by every command, so in C.

CREATE FUNCTION support_case._caller()
RETURNS name
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_caller';

COMMENT ON FUNCTION support_case._caller() IS
'The role that called, also inside functions that run with their owner''s rights.';

CREATE FUNCTION support_case._is_trusted()
RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_trusted';

COMMENT ON FUNCTION support_case._is_trusted() IS
'Whether the caller is an application (a member of support_case_app), the owner of the tables, or a superuser.';

CREATE FUNCTION support_case._is_unrestricted()
RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_unrestricted';

COMMENT ON FUNCTION support_case._is_unrestricted() IS
'Whether the caller is trusted, and has not said by the settings support_case.seller_id and support_case.buyer_id for whom it acts.';

CREATE FUNCTION support_case._acting_id(actor_id text)
RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_acting_id';

COMMENT ON FUNCTION support_case._acting_id(text) IS
'Who acts: what an application passed as actor_id, the role of a direct user.';
