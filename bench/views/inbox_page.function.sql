SELECT * FROM support_case.seller_inbox_page(1, before_at => NULLIF(:'before_at', 'infinity')::timestamptz, before_id => NULLIF(:before_id, 0));
