\set case_id 5 * random(1, :cases / 5)
\set seller_id :case_id % 1000 + 1
SELECT * FROM support_case.support_case WHERE seller_id = :seller_id AND case_id = :case_id;
