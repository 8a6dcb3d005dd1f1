-- What operation needs: outbox, idempotency keys, runs of the sweep.

CREATE TABLE support_case.notice_template (
    template text NOT NULL,
    recipient text NOT NULL,
    channel text NOT NULL,
    is_sent boolean NOT NULL DEFAULT true,
    requirements text,
    PRIMARY KEY (template, recipient, channel),
    CONSTRAINT notice_template_recipient CHECK (recipient IN ('buyer', 'seller', 'platform', 'member')),
    CONSTRAINT notice_template_channel CHECK (channel IN ('in_app', 'email'))
);

COMMENT ON TABLE support_case.notice_template IS 'On which channels a notice goes to whom. The marketplace may add rows; what it does not want it switches off with is_sent.';
COMMENT ON COLUMN support_case.notice_template.template IS 'Key of the notice; its text belongs to the host (AMB-114).';
COMMENT ON COLUMN support_case.notice_template.recipient IS 'Who receives it: buyer, seller, platform or member.';
COMMENT ON COLUMN support_case.notice_template.channel IS 'in_app or email.';
COMMENT ON COLUMN support_case.notice_template.is_sent IS 'Whether it goes there.';
COMMENT ON COLUMN support_case.notice_template.requirements IS 'The rules of the specification that ask for it.';

INSERT INTO support_case.notice_template (template, recipient, channel, requirements)
VALUES
    ('access_granted', 'seller', 'email', 'W-04'),
    ('access_granted', 'seller', 'in_app', 'W-04'),
    ('new_request', 'seller', 'email', 'W-96'),
    ('new_request', 'seller', 'in_app', 'W-96'),
    ('status_changed', 'seller', 'in_app', 'W-08, W-97'),
    ('status_changed', 'buyer', 'in_app', 'W-08'),
    ('message_posted', 'seller', 'in_app', 'W-01'),
    ('message_posted', 'buyer', 'in_app', 'W-01'),
    ('partial_offer_made', 'buyer', 'email', 'W-52'),
    ('partial_offer_made', 'buyer', 'in_app', 'W-52'),
    ('refusal_explained', 'buyer', 'email', 'W-62, W-63'),
    ('refusal_explained', 'buyer', 'in_app', 'W-62, W-63'),
    ('information_requested', 'buyer', 'email', 'W-67'),
    ('information_requested', 'buyer', 'in_app', 'W-67'),
    ('return_approved', 'buyer', 'email', 'W-33, W-98'),
    ('return_approved', 'buyer', 'in_app', 'W-33'),
    ('return_label', 'buyer', 'email', 'W-35, W-98'),
    ('return_label', 'buyer', 'in_app', 'W-35'),
    ('return_delivered', 'seller', 'email', 'W-75, W-100'),
    ('return_delivered', 'seller', 'in_app', 'W-41'),
    ('replacement_consented', 'seller', 'in_app', 'W-57'),
    ('replacement_shipped', 'buyer', 'email', 'W-60'),
    ('replacement_shipped', 'buyer', 'in_app', 'W-60'),
    ('deadline_passed', 'seller', 'email', 'W-25, W-43'),
    ('deadline_passed', 'seller', 'in_app', 'W-97'),
    ('deadline_passed', 'buyer', 'in_app', 'W-08'),
    ('case_escalated', 'seller', 'email', 'W-69, W-72'),
    ('case_escalated', 'seller', 'in_app', 'W-69, W-72'),
    ('case_returned', 'seller', 'email', 'AMB-33'),
    ('case_returned', 'seller', 'in_app', 'AMB-33'),
    ('case_reopened', 'seller', 'email', 'AMB-63'),
    ('case_reopened', 'seller', 'in_app', 'AMB-63'),
    ('escalation_result', 'buyer', 'email', 'W-71, W-99'),
    ('escalation_result', 'buyer', 'in_app', 'W-08'),
    ('escalation_result', 'seller', 'email', 'W-73, W-99'),
    ('escalation_result', 'seller', 'in_app', 'W-97'),
    ('refund_instructed', 'buyer', 'email', 'W-30, W-54'),
    ('refund_instructed', 'buyer', 'in_app', 'W-30, W-54'),
    ('refund_clamped', 'buyer', 'in_app', 'AMB-122'),
    ('refund_clamped', 'seller', 'in_app', 'AMB-122'),
    ('refund_settled', 'buyer', 'in_app', 'W-81, AMB-128'),
    ('refund_failed', 'platform', 'in_app', 'AMB-128'),
    ('chargeback_recorded', 'seller', 'in_app', 'W-117'),
    ('liability_reassigned', 'seller', 'in_app', 'AMB-38'),
    ('decision_needed', 'platform', 'in_app', 'W-71'),
    ('case_stalled', 'platform', 'in_app', 'AMB-122');

CREATE TABLE support_case.notice_rule (
    action text NOT NULL,
    actor text NOT NULL,
    outcome text NOT NULL,
    recipient text NOT NULL,
    template text NOT NULL,
    PRIMARY KEY (action, actor, outcome, recipient)
);

COMMENT ON TABLE support_case.notice_rule IS 'Which notice an event of a case causes: one a recipient. Every migrate() writes it anew from state_machine().';
COMMENT ON COLUMN support_case.notice_rule.action IS 'The action of the event.';
COMMENT ON COLUMN support_case.notice_rule.actor IS 'Who took it.';
COMMENT ON COLUMN support_case.notice_rule.outcome IS 'Where it led: the resolution of a closed case, else the status.';
COMMENT ON COLUMN support_case.notice_rule.recipient IS 'Who is told: buyer, seller or platform.';
COMMENT ON COLUMN support_case.notice_rule.template IS 'With which notice.';

CREATE TABLE support_case.sent_notice (
    action text NOT NULL,
    actor text NOT NULL,
    outcome text NOT NULL,
    notices text[] NOT NULL,
    PRIMARY KEY (action, actor, outcome)
);

COMMENT ON TABLE support_case.sent_notice IS 'What follows from notice_rule and notice_template: the notices that an event of a case sends. Triggers keep it up to date; change notice_template.';
COMMENT ON COLUMN support_case.sent_notice.action IS 'The action of the event.';
COMMENT ON COLUMN support_case.sent_notice.actor IS 'Who took it.';
COMMENT ON COLUMN support_case.sent_notice.outcome IS 'Where it led: the resolution of a closed case, else the status.';
COMMENT ON COLUMN support_case.sent_notice.notices IS 'A row for each notice: to whom (buyer, seller or platform), how (in_app or email), and the template.';

CREATE TABLE support_case.outbox (
    seller_id bigint NOT NULL,
    subject text NOT NULL,
    subject_id bigint NOT NULL,
    event_number integer NOT NULL,
    recipient text NOT NULL,
    recipient_id bigint NOT NULL,
    channel text NOT NULL,
    template text NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    available_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    claimed_at timestamptz,
    acknowledged_at timestamptz,
    dead_at timestamptz,
    last_error text,
    PRIMARY KEY (seller_id, subject, subject_id, event_number, recipient, recipient_id, channel),
    CONSTRAINT outbox_ends_once CHECK (acknowledged_at IS NULL OR dead_at IS NULL)
);

CREATE INDEX outbox_waiting ON support_case.outbox (channel, available_at)
    WHERE acknowledged_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_in_app ON support_case.outbox (recipient, recipient_id, occurred_at) WHERE channel = 'in_app';
CREATE INDEX outbox_dead ON support_case.outbox (dead_at) WHERE dead_at IS NOT NULL;

COMMENT ON TABLE support_case.outbox IS 'What the host is to publish, at least once, in order per subject, recipient and channel: events of cases (recipient host, channel event) and notices for people.';
COMMENT ON COLUMN support_case.outbox.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.outbox.subject IS 'What it is about: case, order, seller, listing, price_offer, carrier_claim, public_rating or conversation.';
COMMENT ON COLUMN support_case.outbox.subject_id IS 'Number of the subject.';
COMMENT ON COLUMN support_case.outbox.event_number IS 'The event of the subject.';
COMMENT ON COLUMN support_case.outbox.recipient IS 'Who is told: buyer, seller, platform, member; or host, for the feed of events.';
COMMENT ON COLUMN support_case.outbox.recipient_id IS 'The buyer, seller or member; 0 for platform and host.';
COMMENT ON COLUMN support_case.outbox.channel IS 'in_app or email; event for the host.';
COMMENT ON COLUMN support_case.outbox.template IS 'Key of the notice; for the host the action of the event.';
COMMENT ON COLUMN support_case.outbox.data IS 'What the text of the notice needs: version (of this form), ids, codes, amounts in minor units with their currency, instants as ISO 8601. For the host the state that the event led to.';
COMMENT ON COLUMN support_case.outbox.occurred_at IS 'When the event took effect.';
COMMENT ON COLUMN support_case.outbox.available_at IS 'When it may be handed out (again): from the beginning, after a lease, or after a failure.';
COMMENT ON COLUMN support_case.outbox.attempts IS 'How many times it was handed out.';
COMMENT ON COLUMN support_case.outbox.claimed_at IS 'When it was last handed out.';
COMMENT ON COLUMN support_case.outbox.acknowledged_at IS 'When its publisher said that it is published.';
COMMENT ON COLUMN support_case.outbox.dead_at IS 'When it was given up, after its last attempt.';
COMMENT ON COLUMN support_case.outbox.last_error IS 'What the publisher said about its last failure.';

CREATE TABLE support_case.outbox_purge (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    acknowledged_before timestamptz NOT NULL
);

COMMENT ON TABLE support_case.outbox_purge IS 'How far purge() has emptied the outbox, so that verify() does not miss what is gone.';
COMMENT ON COLUMN support_case.outbox_purge.singleton IS 'There is one.';
COMMENT ON COLUMN support_case.outbox_purge.acknowledged_before IS 'What was acknowledged before this instant may be gone.';

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
