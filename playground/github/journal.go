package github

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"bellhop/internal/jsonlines"
)

// entry is a line of the journal.
type entry struct {
	At     time.Time       `json:"at"`
	Op     string          `json:"op"`
	Args   json.RawMessage `json:"args,omitempty"`
	Offset time.Duration   `json:"offset,omitempty"` // of the playground's clock, in nanoseconds
}

// beginning is the first line: what a world needs besides its rules.
type beginning struct {
	Secret string `json:"secret"` // signs download links and installation tokens
}

const journalName = "github.jsonl"

// openJournal reads the journal in dir, or begins one at now: a line for each operation. Without dir nothing is kept.
func openJournal(dir string, now time.Time) (*jsonlines.File, []entry, error) {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, nil, fmt.Errorf("make a secret: %w", err)
	}
	args, err := json.Marshal(beginning{Secret: hex.EncodeToString(secret)})
	if err != nil {
		return nil, nil, fmt.Errorf("begin the GitHub journal: %w", err)
	}
	entries := []entry{{At: now.UTC().Round(0), Op: "begin", Args: args}}
	if dir == "" {
		return &jsonlines.File{}, entries, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("open the GitHub journal: %w", err)
	}
	path := filepath.Join(dir, journalName)
	kept, size, err := readEntries(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the GitHub journal: %w", err)
	}
	j, err := jsonlines.Continue(path, size)
	if err != nil {
		return nil, nil, fmt.Errorf("open the GitHub journal: %w", err)
	}
	if len(kept) > 0 {
		return j, kept, nil
	}
	if err := j.Append(entries[0]); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("begin the GitHub journal: %w", err), j.Close())
	}
	return j, entries, nil
}

// readEntries reads the journal at path and says where its last whole line ends.
func readEntries(path string) (entries []entry, size int64, err error) {
	size, err = jsonlines.Read(path, func(line []byte) error {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		if len(entries) == 0 && e.Op != "begin" {
			return errors.New("it does not begin with a beginning")
		}
		entries = append(entries, e)
		return nil
	})
	return entries, size, err
}

// replay applies a line of the journal.
func (st *state) replay(e entry) error {
	o, err := newOperation(e.Op)
	if err != nil {
		return err
	}
	if len(e.Args) > 0 {
		if err := json.Unmarshal(e.Args, o); err != nil {
			return fmt.Errorf("%s: %w", e.Op, err)
		}
	}
	st.advance(e.At)
	return o.apply(st)
}
