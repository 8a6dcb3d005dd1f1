SELECT * FROM support_case.due_queue ORDER BY due_at LIMIT 50;
