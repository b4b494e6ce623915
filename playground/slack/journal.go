package slack

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// journal appends every change to DIR/slack.jsonl before it is answered. A write that the kernel took outlives
// kill -9; a line that was cut off by one is dropped at the next start, together with its answer that never went out.
type journal struct {
	file *os.File // nil: memory only
	dir  string
}

const journalName = "slack.jsonl"

// openJournal replays what dir holds into st and starts a fresh file that holds the same in fewer lines.
func openJournal(dir string, st *state) (*journal, error) {
	if dir == "" {
		return &journal{}, nil
	}
	if err := os.MkdirAll(filepath.Join(dir, "files"), 0o700); err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	path := filepath.Join(dir, journalName)
	if err := replay(path, st); err != nil {
		return nil, err
	}
	fresh, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &journal{file: fresh, dir: dir}
	out := bufio.NewWriter(fresh)
	encoder := json.NewEncoder(out)
	for _, c := range st.snapshot() {
		if err := encoder.Encode(c); err != nil {
			return nil, errors.Join(fmt.Errorf("write snapshot: %w", err), fresh.Close())
		}
	}
	if err := out.Flush(); err != nil {
		return nil, errors.Join(fmt.Errorf("write snapshot: %w", err), fresh.Close())
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, errors.Join(fmt.Errorf("put snapshot in place: %w", err), fresh.Close())
	}
	return j, nil
}

func replay(path string, st *state) error {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	defer func() { _ = file.Close() }() // read only: nothing is lost by an error here
	in := bufio.NewReader(file)
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // a last line without its end was cut off and never answered
		}
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		var c change
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&c); err != nil {
			return fmt.Errorf("%s:%d: %w", path, number, err)
		}
		st.apply(c)
	}
}

func (j *journal) append(c change) error {
	if j.file == nil {
		return nil
	}
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode change: %w", err)
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

// commit makes a change, keeps it and tells whoever watches. The lock is held.
func (s *Server) commit(c change, note note) {
	if err := s.journal.append(c); err != nil {
		s.cfg.Log.Error().Err(err).Msg("a change will be lost at the next start")
	}
	s.state.apply(c)
	if note.Type != "" {
		s.live.tell(note)
	}
}
