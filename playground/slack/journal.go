package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"bellhop/internal/jsonlines"
)

// journal keeps every change in DIR/slack.jsonl before it is answered.
type journal struct {
	jsonlines.File
	dir string // "": memory only
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
	_, err := jsonlines.Read(path, func(line []byte) error {
		var c change
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&c); err != nil {
			return err
		}
		st.apply(c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	fresh, err := jsonlines.Replace(path, func(yield func(any) bool) {
		for _, c := range st.snapshot() {
			if !yield(c) {
				return
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("write snapshot: %w", err)
	}
	return &journal{*fresh, dir}, nil
}

// commit makes a change, keeps it and tells whoever watches. The lock is held.
func (s *Server) commit(c change, note note) {
	if err := s.journal.Append(c); err != nil {
		s.cfg.Log.Error().Err(err).Msg("a change will be lost at the next start")
	}
	s.state.apply(c)
	if note.Type != "" {
		s.live.tell(note)
	}
}
