-- Which database role is which party.

CREATE TABLE support_case.party_login (
    role_name text PRIMARY KEY,
    seller_id bigint,
    buyer_id bigint,
    CONSTRAINT party_login_is_one_party CHECK (num_nonnulls(seller_id, buyer_id) = 1)
);

COMMENT ON TABLE support_case.party_login IS 'Which seller and which buyer a database role is that connects directly.';
COMMENT ON COLUMN support_case.party_login.role_name IS 'The database role.';
COMMENT ON COLUMN support_case.party_login.seller_id IS 'The seller that it is.';
COMMENT ON COLUMN support_case.party_login.buyer_id IS 'The buyer that it is.';
