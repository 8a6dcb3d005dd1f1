-- What happens to everything that has a life cycle of its own and is no case:
-- the machines of state_machine() but the first.

CREATE TABLE support_case.life_cycle_event (
    seller_id bigint NOT NULL,
    machine text NOT NULL,
    subject_id bigint NOT NULL,
    event_number integer NOT NULL,
    action text NOT NULL,
    actor text NOT NULL,
    actor_id text,
    status text NOT NULL,
    details jsonb NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (seller_id, machine, subject_id, event_number)
);

COMMENT ON TABLE support_case.life_cycle_event IS 'The record of everything that has a life cycle and is no case, such as public ratings, price offers and claims against carriers: what was done, by whom, and the status it led to. Append-only.';
COMMENT ON COLUMN support_case.life_cycle_event.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.life_cycle_event.machine IS 'What kind of thing it is, a machine of state_machine().';
COMMENT ON COLUMN support_case.life_cycle_event.subject_id IS 'Number of the thing.';
COMMENT ON COLUMN support_case.life_cycle_event.event_number IS 'Number of the event within the thing, from 1.';
COMMENT ON COLUMN support_case.life_cycle_event.action IS 'What was done, an action of state_machine().';
COMMENT ON COLUMN support_case.life_cycle_event.actor IS 'In which part: buyer, seller, platform, carrier, host or system.';
COMMENT ON COLUMN support_case.life_cycle_event.actor_id IS 'Who acted, where the caller said so.';
COMMENT ON COLUMN support_case.life_cycle_event.status IS 'The status afterwards.';
COMMENT ON COLUMN support_case.life_cycle_event.details IS 'What else belongs to the action.';
COMMENT ON COLUMN support_case.life_cycle_event.effective_at IS 'When it took effect: for a deadline its due instant, whenever it was swept.';
COMMENT ON COLUMN support_case.life_cycle_event.recorded_at IS 'When it was written.';
