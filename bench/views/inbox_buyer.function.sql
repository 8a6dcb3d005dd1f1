SELECT * FROM support_case.buyer_inbox_page(7);
