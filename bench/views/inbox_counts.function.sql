SELECT * FROM support_case.seller_inbox_counts(1);
