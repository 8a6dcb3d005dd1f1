SELECT * FROM support_case.support_case WHERE due_at IS NOT NULL AND stalled_code IS NULL AND due_at > support_case.clock() ORDER BY due_at LIMIT 50;
