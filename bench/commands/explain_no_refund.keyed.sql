\set n :n + 1
\set case_id :base + :client_id * :count + :n
\set seller_id :case_id % 1000 + 1
SELECT * FROM support_case.explain_no_refund(:seller_id, :case_id, 'The damage is covered by your insurance.',
    idempotency_key => :case_id::text);
