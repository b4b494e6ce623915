package github

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
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

// journal keeps what happened, one JSON line for each operation. Every line is one write, so that a kill loses at most
// a line that was not acknowledged.
type journal struct {
	file *os.File // nil: kept nowhere
}

const journalName = "github.jsonl"

// openJournal reads the journal in dir, or begins one at now. Without dir nothing is kept.
func openJournal(dir string, now time.Time) (*journal, []entry, error) {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, nil, fmt.Errorf("make a secret: %w", err)
	}
	args, err := json.Marshal(beginning{Secret: hex.EncodeToString(secret)})
	if err != nil {
		return nil, nil, fmt.Errorf("begin the GitHub journal: %w", err)
	}
	first := entry{At: now.UTC().Round(0), Op: "begin", Args: args}
	if dir == "" {
		return &journal{}, []entry{first}, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("open the GitHub journal: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, journalName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the GitHub journal: %w", err)
	}
	entries, size, err := readEntries(file)
	if err == nil {
		// A torn last line was never acknowledged to anybody.
		if err = file.Truncate(size); err == nil {
			_, err = file.Seek(size, io.SeekStart)
		}
	}
	j := &journal{file: file}
	if err == nil && len(entries) == 0 {
		entries = []entry{first}
		err = j.append(first)
	}
	if err == nil && entries[0].Op != "begin" {
		err = errors.New("it does not begin with a beginning")
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("read the GitHub journal %s: %w", file.Name(), err), file.Close())
	}
	return j, entries, nil
}

// readEntries reads whole lines and says where the last of them ends.
func readEntries(r io.Reader) ([]entry, int64, error) {
	var out []entry
	var size int64
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return out, size, nil
		}
		if err != nil {
			return nil, 0, err
		}
		size += int64(len(line))
		var e entry
		if err := json.Unmarshal(bytes.TrimSpace(line), &e); err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", number, err)
		}
		out = append(out, e)
	}
}

func (j *journal) append(e entry) error {
	if j.file == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the GitHub journal: %w", err)
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write the GitHub journal: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
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
