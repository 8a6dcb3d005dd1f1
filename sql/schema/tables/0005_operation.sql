-- What operation needs: outbox, idempotency keys, runs of the sweep.

CREATE TABLE support_case.outbox (
    seller_id bigint NOT NULL,
    case_id bigint NOT NULL,
    event_number integer NOT NULL,
    topic text NOT NULL,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    claimed_at timestamptz,
    PRIMARY KEY (seller_id, case_id, event_number)
);

CREATE INDEX outbox_unclaimed ON support_case.outbox (occurred_at) WHERE claimed_at IS NULL;

COMMENT ON TABLE support_case.outbox IS 'Events for the host to publish, at least once, in order per case.';
COMMENT ON COLUMN support_case.outbox.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.outbox.case_id IS 'The case.';
COMMENT ON COLUMN support_case.outbox.event_number IS 'The event of the case.';
COMMENT ON COLUMN support_case.outbox.topic IS 'What happened: the action of the event.';
COMMENT ON COLUMN support_case.outbox.payload IS 'The state that the event led to.';
COMMENT ON COLUMN support_case.outbox.occurred_at IS 'When it took effect.';
COMMENT ON COLUMN support_case.outbox.claimed_at IS 'When a publisher took it.';

CREATE TABLE support_case.command_key (
    seller_id bigint NOT NULL,
    actor_id text NOT NULL,
    idempotency_key text NOT NULL,
    command text NOT NULL,
    arguments_digest text NOT NULL,
    result jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, actor_id, idempotency_key)
);

CREATE INDEX command_key_created ON support_case.command_key (created_at);

COMMENT ON TABLE support_case.command_key IS 'Answers to commands that carried an idempotency key.';
COMMENT ON COLUMN support_case.command_key.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.command_key.actor_id IS 'Who acted; empty where the caller did not say so.';
COMMENT ON COLUMN support_case.command_key.idempotency_key IS 'The caller''s key.';
COMMENT ON COLUMN support_case.command_key.command IS 'The command.';
COMMENT ON COLUMN support_case.command_key.arguments_digest IS 'SHA-256 of its arguments.';
COMMENT ON COLUMN support_case.command_key.result IS 'The rows that it returned.';
COMMENT ON COLUMN support_case.command_key.created_at IS 'When it ran.';

CREATE TABLE support_case.sweep_run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL,
    deadlines integer NOT NULL,
    last_seen_at timestamptz NOT NULL
) WITH (fillfactor = 50);

COMMENT ON TABLE support_case.sweep_run IS 'Calls of sweep(), for health(). A call that finds nothing due renews the latest row instead of adding one.';
COMMENT ON SEQUENCE support_case.sweep_run_run_id_seq IS 'Numbers the runs of the sweep.';
COMMENT ON COLUMN support_case.sweep_run.run_id IS 'Number of the run.';
COMMENT ON COLUMN support_case.sweep_run.started_at IS 'When it started.';
COMMENT ON COLUMN support_case.sweep_run.deadlines IS 'How many deadlines it materialised.';
COMMENT ON COLUMN support_case.sweep_run.last_seen_at IS 'When a sweep last ran after it and found nothing due.';

CREATE TABLE support_case.sweep_schedule (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    job_id bigint NOT NULL,
    job_name text NOT NULL,
    cron_schedule text NOT NULL,
    scheduled_by text NOT NULL,
    database_name text NOT NULL,
    port integer NOT NULL,
    system_identifier bigint,
    scheduled_at timestamptz NOT NULL
);

COMMENT ON TABLE support_case.sweep_schedule IS 'The pg_cron job that schedule() made, so that health() notices when it belongs to another database, port or cluster.';
COMMENT ON COLUMN support_case.sweep_schedule.singleton IS 'There is one.';
COMMENT ON COLUMN support_case.sweep_schedule.job_id IS 'pg_cron''s number of the job.';
COMMENT ON COLUMN support_case.sweep_schedule.job_name IS 'pg_cron''s name of the job.';
COMMENT ON COLUMN support_case.sweep_schedule.cron_schedule IS 'When it runs.';
COMMENT ON COLUMN support_case.sweep_schedule.scheduled_by IS 'The role that it runs as.';
COMMENT ON COLUMN support_case.sweep_schedule.database_name IS 'The database that it runs in.';
COMMENT ON COLUMN support_case.sweep_schedule.port IS 'The port of the server that scheduled it.';
COMMENT ON COLUMN support_case.sweep_schedule.system_identifier IS 'The cluster that scheduled it; null where the role may not ask.';
COMMENT ON COLUMN support_case.sweep_schedule.scheduled_at IS 'When it was scheduled.';
