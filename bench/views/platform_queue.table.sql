SELECT * FROM support_case.support_case
WHERE status = 'escalated' OR stalled_code IS NOT NULL
ORDER BY status_since LIMIT 50;
