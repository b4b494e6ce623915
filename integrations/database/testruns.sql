-- name: repositories
SELECT repo FROM test_repositories WHERE followed = 1;

-- name: follow
INSERT INTO test_repositories (repo, followed, begun_at) VALUES ($1, 1, $2)
ON CONFLICT (repo) DO UPDATE SET followed = 1;

-- name: unfollow
UPDATE test_repositories SET followed = 0 WHERE repo = $1;

-- name: followed
SELECT begun_at, branch, branch_at, tag, complete_at, polled_at, waiting, problem
FROM test_repositories WHERE repo = $1 AND followed = 1;

-- name: set_followed
UPDATE test_repositories SET branch = $2, branch_at = $3, tag = $4, complete_at = $5, polled_at = $6, waiting = $7, problem = $8
WHERE repo = $1;

-- name: attempts
SELECT attempt FROM test_runs WHERE repo = $1 AND run_id = $2;

-- name: repositories_of_run
SELECT DISTINCT repo FROM test_runs WHERE run_id = $1 ORDER BY repo;

-- name: last_runs
SELECT COALESCE((SELECT completed_at FROM test_runs WHERE repo = $1 AND branch = $2 ORDER BY completed_at DESC LIMIT 1), 0),
    COALESCE((SELECT completed_at FROM test_runs WHERE repo = $1 AND branch = $2
        AND state IN ('green', 'retried', 'red', 'outside') ORDER BY completed_at DESC LIMIT 1), 0);

-- name: put_message
INSERT INTO test_messages (message_id, message, signature_id) VALUES ($1, $2, $3) ON CONFLICT (message_id) DO NOTHING;

-- name: put_signature
INSERT INTO test_signatures (signature_id, signature) VALUES ($1, $2) ON CONFLICT (signature_id) DO NOTHING;

-- name: put_case
INSERT INTO test_cases (repo, test_id, workflow, job, file, suite, class, name, nth)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (repo, test_id) DO NOTHING;

-- name: unswept
SELECT repo FROM test_repositories WHERE swept_at < $1 ORDER BY swept_at LIMIT 1;

-- name: swept
UPDATE test_repositories SET swept_at = $2 WHERE repo = $1;

-- name: cases_without_result
SELECT test_id FROM test_cases WHERE repo = $1 AND test_id NOT IN (SELECT test_id FROM test_results WHERE repo = $1);

-- name: sets_of_days
SELECT DISTINCT set_id FROM test_days WHERE repo = $1;

-- name: forget_case
DELETE FROM test_cases WHERE repo = $1 AND test_id = $2;

-- name: put_result
INSERT INTO test_results (repo, run_id, attempt, test_id, verdict, duration_ms, message_id)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (repo, run_id, attempt, test_id) DO NOTHING;

-- name: put_set
INSERT INTO test_sets (set_id, tests, base) VALUES ($1, $2, $3) ON CONFLICT (set_id) DO NOTHING;

-- name: put_run
INSERT INTO test_runs (repo, run_id, attempt, workflow, name, branch, sha, title, author, login, event, conclusion, url,
    started_at, completed_at, recorded_at, state, tests, passed, failed, errors, skipped, flaky, duration_ms, executed, problems, jobs)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
ON CONFLICT (repo, run_id, attempt) DO NOTHING;

-- name: default_branch
SELECT branch FROM test_repositories WHERE repo = $1;

-- name: put_day
INSERT INTO test_days (repo, date_at, on_default, set_id, counts) VALUES ($1, $2, $3, '', $4)
ON CONFLICT (repo, date_at, on_default) DO NOTHING;

-- name: day @sqlite
SELECT set_id, counts FROM test_days WHERE repo = $1 AND date_at = $2 AND on_default = $3;

-- name: day @postgres
SELECT set_id, counts FROM test_days WHERE repo = $1 AND date_at = $2 AND on_default = $3 FOR UPDATE;

-- name: set_day
UPDATE test_days SET set_id = $4, counts = $5 WHERE repo = $1 AND date_at = $2 AND on_default = $3;

-- name: days
SELECT date_at, on_default, set_id, counts FROM test_days WHERE repo = $1 AND date_at >= $2;

-- name: old_days
SELECT repo, date_at, on_default, set_id FROM test_days WHERE date_at < $1 ORDER BY date_at LIMIT $2;

-- name: forget_day
DELETE FROM test_days WHERE repo = $1 AND date_at = $2 AND on_default = $3;

-- name: old_runs
SELECT repo, run_id, attempt, executed FROM test_runs WHERE completed_at < $1 ORDER BY completed_at LIMIT $2;

-- name: old_results
SELECT r.test_id, r.message_id, COALESCE(m.signature_id, '')
FROM test_results r LEFT JOIN test_messages m ON m.message_id = r.message_id
WHERE r.repo = $1 AND r.run_id = $2 AND r.attempt = $3 ORDER BY r.message_id LIMIT $4;

-- name: forget_result
DELETE FROM test_results WHERE repo = $1 AND run_id = $2 AND attempt = $3 AND test_id = $4;

-- name: forget_message
DELETE FROM test_messages WHERE message_id = $1
  AND NOT EXISTS (SELECT 1 FROM test_results r WHERE r.message_id = $1 AND r.message_id <> '');

-- name: forget_signature
DELETE FROM test_signatures WHERE signature_id = $1
  AND NOT EXISTS (SELECT 1 FROM test_messages m WHERE m.signature_id = $1 AND m.signature_id <> '');

-- name: forget_run
DELETE FROM test_runs WHERE repo = $1 AND run_id = $2 AND attempt = $3;

-- name: forget_set
DELETE FROM test_sets WHERE set_id = $1 AND NOT EXISTS (SELECT 1 FROM test_runs WHERE executed = $1)
  AND NOT EXISTS (SELECT 1 FROM test_days d WHERE d.set_id = $1)
  AND NOT EXISTS (SELECT 1 FROM test_sets c WHERE c.base = $1 AND c.base <> '');

-- name: history_runs
SELECT run_id, attempt, workflow, name, branch, sha, title, author, login, event, conclusion, url, started_at, completed_at,
    recorded_at, state, tests, passed, failed, errors, skipped, flaky, duration_ms, executed, problems, jobs
FROM test_runs WHERE repo = $1 AND branch = $2 AND run_id IN (
    SELECT run_id FROM test_runs WHERE repo = $1 AND branch = $2 AND completed_at >= $3
    UNION SELECT run_id FROM test_runs WHERE repo = $1 AND branch = $2 AND recorded_at >= $3 AND completed_at >= $4);

-- name: history_results
SELECT r.run_id, r.attempt, r.test_id, r.verdict, r.duration_ms, COALESCE(m.message, ''), COALESCE(s.signature, '')
FROM test_results r
LEFT JOIN test_messages m ON m.message_id = r.message_id
LEFT JOIN test_signatures s ON s.signature_id = m.signature_id
WHERE r.repo = $1 AND r.run_id IN (
    SELECT run_id FROM test_runs WHERE repo = $1 AND branch = $2 AND completed_at >= $3
    UNION SELECT run_id FROM test_runs WHERE repo = $1 AND branch = $2 AND recorded_at >= $3 AND completed_at >= $4);

-- name: cases
SELECT test_id, workflow, job, file, suite, class, name, nth FROM test_cases WHERE repo = $1;

-- name: run_runs
SELECT run_id, attempt, workflow, name, branch, sha, title, author, login, event, conclusion, url, started_at, completed_at,
    recorded_at, state, tests, passed, failed, errors, skipped, flaky, duration_ms, executed, problems, jobs
FROM test_runs WHERE repo = $1 AND run_id = $2;

-- name: run_results
SELECT r.run_id, r.attempt, r.test_id, r.verdict, r.duration_ms, COALESCE(m.message, ''), COALESCE(s.signature, '')
FROM test_results r
LEFT JOIN test_messages m ON m.message_id = r.message_id
LEFT JOIN test_signatures s ON s.signature_id = m.signature_id
WHERE r.repo = $1 AND r.run_id = $2;

-- name: set
SELECT tests, base FROM test_sets WHERE set_id = $1;

-- name: set_base
SELECT base FROM test_sets WHERE set_id = $1;

-- name: summary
SELECT until_at, noticed_at, pending_at, posted, outcome, told_fail FROM test_summaries WHERE summary_id = $1;

-- name: set_summary
UPDATE test_summaries SET until_at = $2, noticed_at = $3, pending_at = $4, posted = $5, outcome = $6, told_fail = $7
WHERE summary_id = $1;

-- name: summaries
SELECT summary_id, schedule, active FROM test_summaries;

-- name: configure_summary
INSERT INTO test_summaries (summary_id, schedule, active) VALUES ($1, $2, 1)
ON CONFLICT (summary_id) DO UPDATE SET schedule = excluded.schedule, active = 1;

-- name: drop_summary
UPDATE test_summaries SET active = 0 WHERE summary_id = $1;

-- name: is_scheduled
SELECT COUNT(*) FROM work WHERE kind = $1 AND id = $2;
