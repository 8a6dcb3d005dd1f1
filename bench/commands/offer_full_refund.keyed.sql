\set n :n + 1
\set case_id :base + :client_id * :count + :n
\set seller_id :case_id % 1000 + 1
SELECT * FROM support_case.offer_full_refund(:seller_id, :case_id, idempotency_key => :case_id::text);
