SELECT count(status), count(resolution), count(deadline), max(due_at), max(status_since), count(stalled_code) FROM support_case.support_case;
