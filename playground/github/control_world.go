package github

import (
	"fmt"
	"strings"
	"time"
)

// act applies an operation for a control endpoint and gives what the caller says of the result.
func (s *Server) act(o operation, tell func() (map[string]any, Event)) (map[string]any, error) {
	s.mu.Lock()
	s.advance()
	err := s.do(o)
	var fields map[string]any
	var e Event
	if err == nil {
		fields, e = tell()
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s.notify(e)
	return fields, nil
}

func controlOutcome(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		Outcome
		TakesMS int64 `json:"takes_ms"`
	}](body)
	if err != nil {
		return nil, err
	}
	if err := ask.check(); err != nil {
		return nil, err
	}
	return s.act(&opOutcome{Outcome: ask.Outcome, TakesMS: ask.TakesMS}, func() (map[string]any, Event) { return nil, Event{Repo: ask.Repo} })
}

// controlApprove lets a waiting run go on, or with "reject": true fail. With "repo" in place of "run_id" it is the newest
// that waits there.
func controlApprove(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		RunID  int64  `json:"run_id"`
		Repo   string `json:"repo"`
		Reject bool   `json:"reject"`
	}](body)
	if err != nil {
		return nil, err
	}
	if ask.Repo != "" {
		ask.RunID = s.newestWaiting(ask.Repo)
	}
	o := &opReview{Run: ask.RunID, Approve: !ask.Reject}
	return s.act(o, func() (map[string]any, Event) {
		return map[string]any{"run_id": ask.RunID}, Event{Repo: s.st.runs[ask.RunID].repo.slug(), Run: ask.RunID}
	})
}

// newestWaiting is the newest run of a repository that waits for reviewers, or 0.
func (s *Server) newestWaiting(slug string) (newest int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	for id, r := range s.st.runs {
		if r.repo.slug() != slug || id < newest {
			continue
		}
		for _, j := range r.latest(s.st.now).jobs {
			if j.blocked {
				newest = id
			}
		}
	}
	return newest
}

func controlPush(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		Repo    string             `json:"repo"`
		Branch  string             `json:"branch"`
		From    string             `json:"from"`
		Message string             `json:"message"`
		Author  string             `json:"author"`
		Files   map[string]*string `json:"files"`
		Links   map[string]string  `json:"links"`
	}](body)
	if err != nil {
		return nil, err
	}
	if ask.Branch == "" {
		ask.Branch = "main"
	}
	if ask.Message == "" {
		ask.Message = "Change something"
	}
	if ask.Author == "" && len(s.config.World.Users) > 0 {
		ask.Author = s.config.World.Users[0].Login
	}
	if !validRef("refs/heads/" + ask.Branch) {
		return nil, fmt.Errorf("git allows no branch called %q", ask.Branch)
	}
	o := &opPush{Repo: ask.Repo, Branch: ask.Branch, From: ask.From, Author: ask.Author, Message: ask.Message, Files: ask.Files, Links: ask.Links}
	return s.act(o, func() (map[string]any, Event) {
		ids := []int64{}
		for _, r := range o.runs {
			ids = append(ids, r.id)
		}
		return map[string]any{"sha": o.made.sha, "run_ids": ids}, Event{Repo: ask.Repo}
	})
}

// controlRun starts a run of a workflow now, without a new commit.
func controlRun(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		Repo     string `json:"repo"`
		Workflow string `json:"workflow"`
		Branch   string `json:"branch"`
		Actor    string `json:"actor"`
		Event    string `json:"event"`
	}](body)
	if err != nil {
		return nil, err
	}
	o := &opCI{Repo: ask.Repo, Path: ".github/workflows/" + ask.Workflow, Branch: ask.Branch, Actor: ask.Actor, Event: ask.Event}
	if ask.Workflow == "" {
		o.Path = ".github/workflows/ci.yml"
	}
	if o.Branch == "" {
		o.Branch = "main"
	}
	if o.Event == "" {
		o.Event = "push"
	}
	if o.Actor == "" && len(s.config.World.Users) > 0 {
		o.Actor = s.config.World.Users[0].Login
	}
	return s.act(o, func() (map[string]any, Event) {
		return map[string]any{"run_id": o.made.id, "html_url": s.st.runPage(o.made)}, Event{Repo: ask.Repo, Run: o.made.id}
	})
}

// controlBranch makes, moves or deletes a branch, or with "tag" a tag.
func controlBranch(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		Repo   string `json:"repo"`
		Name   string `json:"name"`
		Tag    string `json:"tag"`
		From   string `json:"from"`
		Delete bool   `json:"delete"`
	}](body)
	if err != nil {
		return nil, err
	}
	o := &opRef{Repo: ask.Repo, Ref: "refs/heads/" + ask.Name}
	if ask.Tag != "" {
		o.Ref = "refs/tags/" + ask.Tag
	}
	if !validRef(o.Ref) {
		return nil, fmt.Errorf("git allows no branch called %q", ask.Name)
	}
	if !ask.Delete {
		if ask.From == "" {
			ask.From = "main"
		}
		if o.SHA, err = s.resolve(ask.Repo, ask.From); err != nil {
			return nil, err
		}
	}
	return s.act(o, func() (map[string]any, Event) {
		return map[string]any{"ref": o.Ref, "sha": o.SHA}, Event{Repo: ask.Repo}
	})
}

func (s *Server) resolve(slug, ref string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	r := s.st.repo(slug)
	if r == nil {
		return "", errNoRepo
	}
	m := r.resolve(ref)
	if m == nil {
		return "", fmt.Errorf("no ref found for: %s", ref)
	}
	return m.sha, nil
}

// controlPull opens a pull request, or with a number changes it: state open or closed, or merge.
func controlPull(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		Repo   string `json:"repo"`
		Number int    `json:"number"`
		Head   string `json:"head"`
		Base   string `json:"base"`
		Title  string `json:"title"`
		Body   string `json:"body"`
		Author string `json:"author"`
		State  string `json:"state"`
		Draft  bool   `json:"draft"`
		Merge  bool   `json:"merge"`
	}](body)
	if err != nil {
		return nil, err
	}
	if ask.Base == "" {
		ask.Base = "main"
	}
	if ask.Author == "" && len(s.config.World.Users) > 0 {
		ask.Author = s.config.World.Users[0].Login
	}
	if ask.Number == 0 && ask.Title == "" {
		ask.Title = strings.ReplaceAll(ask.Head, "-", " ")
	}
	o := &opPull{Repo: ask.Repo, Number: ask.Number, Head: ask.Head, Base: ask.Base, Title: ask.Title, Body: ask.Body, Author: ask.Author,
		State: ask.State, Draft: ask.Draft, Merge: ask.Merge}
	return s.act(o, func() (map[string]any, Event) {
		return map[string]any{"number": o.made.number, "state": o.made.state, "sha": o.made.headSHA}, Event{Repo: ask.Repo}
	})
}

func controlVariable(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct{ Repo, Name, Value string }](body)
	if err != nil {
		return nil, err
	}
	return s.act(&opVariable{Repo: ask.Repo, Name: ask.Name, Value: ask.Value}, func() (map[string]any, Event) { return nil, Event{Repo: ask.Repo} })
}

// Now is the moment that the simulated GitHub has reached.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return s.st.now
}
