-- The queue's orders: what is open by age, everything and each state by deadline.
CREATE INDEX request_open ON request (id) WHERE state <> 'closed';
CREATE INDEX request_all_due ON request (due_at, id);
CREATE INDEX request_state_due ON request (state, due_at, id);
