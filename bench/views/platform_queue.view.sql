SELECT * FROM support_case.platform_queue ORDER BY waiting_since LIMIT 50;
