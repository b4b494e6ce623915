package github

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// opArtifact deletes an artifact, lets it expire now, or gives the latest attempt of a run one with any content, in place
// of what the attempt's own steps upload under that name.
type opArtifact struct {
	Artifact int64
	Expire   bool

	Run   int64
	Name  string
	Files map[string]string // of the zip
	Raw   []byte            // in place of a zip of Files
	Size  int               // what the API says it has; 0: what it has
	made  *artifact
}

func (o *opArtifact) apply(st *state) error {
	if o.Run != 0 {
		return o.give(st)
	}
	a := st.artifacts[o.Artifact]
	if a == nil {
		return fmt.Errorf("no artifact %d", o.Artifact)
	}
	if o.Expire {
		a.expires = st.now
	} else {
		a.deleted = st.now
	}
	return nil
}

func (o *opArtifact) give(st *state) error {
	r := st.runs[o.Run]
	if r == nil {
		return errNoRun
	}
	a := r.latest(st.now)
	if len(a.jobs) == 0 {
		return errors.New("nothing of this run has begun")
	}
	created := st.now
	if end, known := a.finish(); known && end.Before(created) {
		created = end
	}
	var files []zipFile
	for _, name := range slices.Sorted(maps.Keys(o.Files)) {
		files = append(files, zipFile{name: name, content: []byte(o.Files[name]), at: created})
	}
	if o.Raw != nil {
		files = []zipFile{{name: o.Name, content: o.Raw}}
	}
	o.made = &artifact{id: st.newID(), name: o.Name, job: a.jobs[0], created: created, expires: created.Add(artifactAge), raw: o.Raw != nil,
		files: func() []zipFile { return files }, claimed: o.Size}
	st.artifacts[o.made.id] = o.made
	a.given = append(a.given, o.made)
	return nil
}

// controlArtifact lets an artifact expire now, deletes it, or gives a run one.
func controlArtifact(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		ArtifactID int64             `json:"artifact_id"`
		Expire     bool              `json:"expire"`
		Delete     bool              `json:"delete"`
		RunID      int64             `json:"run_id"`
		Name       string            `json:"name"`
		Files      map[string]string `json:"files"`
		Content    string            `json:"content_base64"`
		Size       int               `json:"size_in_bytes"`
	}](body)
	if err != nil {
		return nil, err
	}
	o := &opArtifact{Artifact: ask.ArtifactID, Expire: ask.Expire, Run: ask.RunID, Name: ask.Name, Files: ask.Files, Size: ask.Size}
	switch {
	case ask.RunID == 0 && ask.Expire == ask.Delete:
		return nil, errors.New("say either expire or delete, or give run_id, name and files")
	case ask.RunID != 0 && (ask.Name == "" || (len(ask.Files) == 0) == (ask.Content == "")):
		return nil, errors.New("name is missing, or files and content_base64 are not just one of the two")
	}
	if ask.Content != "" {
		if o.Raw, err = base64.StdEncoding.DecodeString(ask.Content); err != nil {
			return nil, fmt.Errorf("content_base64: %w", err)
		}
	}
	return s.act(o, func() (map[string]any, Event) {
		if o.made != nil {
			return map[string]any{"artifact_id": o.made.id}, Event{Repo: s.st.runs[ask.RunID].repo.slug(), Run: ask.RunID}
		}
		return nil, Event{}
	})
}
