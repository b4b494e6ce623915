package database

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"bellhop/testruns"
)

// perWrite keeps a transaction within its rows: a result takes up to three.
const perWrite = 150

// Record implements testruns.Store. The attempt's own row comes last, with what it adds to its day, and makes the rest
// visible: what a crash left behind before it is written again the same way.
func (s *TestRuns) Record(ctx context.Context, in testruns.Ingested) error {
	s.named.sweeping.RLock()
	defer s.named.sweeping.RUnlock()
	if err := s.putTests(ctx, in); err != nil {
		return fmt.Errorf("record names of tests of run %d: %w", in.Run.ID, err)
	}
	for slice := range slices.Chunk(in.Results, perWrite) {
		err := s.db.Write(ctx, func(tx *sql.Tx) error {
			for _, r := range slice {
				if err := s.putResult(ctx, tx, in.Run.Repo, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("record results of run %d: %w", in.Run.ID, err)
		}
	}
	err := s.db.Write(ctx, func(tx *sql.Tx) error { return s.putRun(ctx, tx, in) })
	if err != nil {
		return fmt.Errorf("record run %d: %w", in.Run.ID, err)
	}
	return nil
}

// putResult writes one result with its message.
func (s *TestRuns) putResult(ctx context.Context, tx *sql.Tx, repo string, r testruns.Result) error {
	message := textID(r.Message)
	if message != "" {
		signature := textID(r.Signature)
		if signature != "" {
			if _, err := tx.ExecContext(ctx, s.q.get("put_signature"), signature, storableText(r.Signature)); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, s.q.get("put_message"), message, storableText(r.Message), signature); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, s.q.get("put_result"), repo, r.Run.ID, r.Run.Attempt, int64(r.Test), string(r.Verdict),
		r.Duration.Milliseconds(), message)
	return err
}

// textID is by what a text is kept once; empty for an empty one.
func textID(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(storableText(text)))
	return hex.EncodeToString(sum[:10])
}

func (s *TestRuns) putRun(ctx context.Context, tx *sql.Tx, in testruns.Ingested) error {
	r := in.Run
	if r.Executed != "" {
		if err := s.putSet(ctx, tx, r.Repo+" "+r.Workflow, r.Executed, in.Set); err != nil {
			return err
		}
	}
	problems, err := listText(r.Problems)
	if err != nil {
		return err
	}
	jobs, err := listText(r.Jobs)
	if err != nil {
		return err
	}
	put, err := tx.ExecContext(ctx, s.q.get("put_run"), r.Repo, r.ID, r.Attempt, r.Workflow, storableText(r.Name), r.Branch, r.Commit,
		storableText(r.Title), storableText(r.Author), r.Login, r.Event, r.Conclusion, r.URL, toMillis(r.Started),
		toMillis(r.Completed), toMillis(r.Recorded), string(r.State), r.Tests, r.Passed, r.Failed, r.Errors, r.Skipped, r.Flaky,
		r.Duration.Milliseconds(), string(r.Executed), problems, jobs)
	if err != nil {
		return err
	}
	if n, err := put.RowsAffected(); err != nil || n == 0 {
		return err // it is kept already, and counted
	}
	return s.putDay(ctx, tx, in)
}

// putDay adds what an attempt did to its day.
func (s *TestRuns) putDay(ctx context.Context, tx *sql.Tx, in testruns.Ingested) error {
	var branch string
	err := tx.QueryRowContext(ctx, s.q.get("default_branch"), in.Run.Repo).Scan(&branch)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	onDefault := branch != "" && branch == in.Run.Branch
	days := in.Days(onDefault)
	if len(days) == 0 {
		return nil
	}
	date := testruns.DateOf(in.Run.Completed)
	key := []any{in.Run.Repo, toMillis(date), bit(onDefault)}
	if _, err := tx.ExecContext(ctx, s.q.get("put_day"), append(key, []byte{})...); err != nil {
		return err
	}
	var before string
	var counts []byte
	if err := tx.QueryRowContext(ctx, s.q.get("day"), key...).Scan(&before, &counts); err != nil {
		return err
	}
	set, err := s.set(ctx, tx, testruns.SetID(before))
	if err != nil {
		return err
	}
	had, err := testruns.DecodeDays(set, counts, date, onDefault)
	if err != nil {
		return fmt.Errorf("%s of %s: %w", date.Format("2006-01-02"), in.Run.Repo, err)
	}
	set, counts = testruns.EncodeDays(testruns.AddDays(had, days))
	after := string(testruns.SetIDOf(set))
	if _, err := tx.ExecContext(ctx, s.q.get("set_day"), append(key, after, counts)...); err != nil {
		return err
	}
	if after == before {
		return nil
	}
	if err := s.putSet(ctx, tx, in.Run.Repo, testruns.SetID(after), set); err != nil {
		return err
	}
	return s.forgetSet(ctx, tx, before)
}

// listText is a list as it is kept: JSON, or nothing.
func listText[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	text, err := json.Marshal(list)
	return storableText(string(text)), err
}

// storableText is text as PostgreSQL takes it: valid UTF-8 without zero bytes.
func storableText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}
