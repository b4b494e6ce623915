-- +goose Up
-- By which results a message is still needed: what a failure said often holds a time or an address and comes but once.
CREATE INDEX test_results_message ON test_results (message_id) WHERE message_id <> '';

-- +goose Down
DROP INDEX test_results_message;
