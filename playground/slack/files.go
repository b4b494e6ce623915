package slack

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// File is an uploaded file in Slack's own shape. It can be used in a block once mimetype is filled in, which happens a
// moment after the upload was completed.
type File struct {
	ID                 string   `json:"id"`
	Created            int64    `json:"created"`
	Timestamp          int64    `json:"timestamp"`
	Name               string   `json:"name"`
	Title              string   `json:"title"`
	Mimetype           string   `json:"mimetype"`
	Filetype           string   `json:"filetype"`
	PrettyType         string   `json:"pretty_type"`
	User               string   `json:"user"`
	Size               int64    `json:"size"`
	Mode               string   `json:"mode"`
	AltTxt             string   `json:"alt_txt,omitempty"`
	URLPrivate         string   `json:"url_private"`
	URLPrivateDownload string   `json:"url_private_download"`
	Permalink          string   `json:"permalink"`
	Channels           []string `json:"channels"`
	Groups             []string `json:"groups"`
	IMs                []string `json:"ims"`
	IsExternal         bool     `json:"is_external"`
	IsPublic           bool     `json:"is_public"`
	Uploaded           bool     `json:"uploaded"` // the playground's own: the bytes have arrived
	Completed          bool     `json:"completed"`
	Deleted            bool     `json:"deleted,omitempty"`
}

// An uploaded file is not ready for use at once. Slack promises no time, so a bot has to ask files.info; here the second
// answer says that it is ready, or the one after 10 s.
const (
	processing    = 10 * time.Second
	asksUntilDone = 2
)

// upload is a completed upload that Slack is still at.
type upload struct {
	done time.Time
	asks int
}

const maxUpload = 32 << 20

func (s *Server) filesGetUploadURL(a args) (object, error) {
	length := a.number("length", 0)
	switch {
	case !a.has("filename"):
		return nil, invalidArguments("[ERROR] missing required field: filename [json-pointer:]")
	case length <= 0, length > maxUpload:
		return nil, refuse("file_upload_size_restricted")
	}
	id := randomID("F")
	name := filepath.Base(a.str("filename"))
	address := s.cfg.BaseURL + "/files/" + id + "/" + url.PathEscape(name)
	f := &File{
		ID: id, Created: s.now().Unix(), Timestamp: s.now().Unix(), Name: name, Title: name, User: s.cfg.World.App.UserID,
		Size: int64(length), Mode: "hosted", AltTxt: a.str("alt_txt"), URLPrivate: address, URLPrivateDownload: address,
		Permalink: s.cfg.BaseURL + "/files/" + id, Channels: []string{}, Groups: []string{}, IMs: []string{},
	}
	s.commit(change{File: f}, note{})
	return object{"upload_url": s.cfg.BaseURL + "/files/upload/" + id, "file_id": id}, nil
}

// serveUpload takes a file's bytes, as the body or as a form's file.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	struck := s.strike(r.Context(), "upload")
	if struck.instead() {
		struck.write(w)
		return
	}
	s.mu.Lock()
	f := s.state.files[r.PathValue("id")]
	s.mu.Unlock()
	if f == nil || f.Completed {
		http.Error(w, "invalid upload url", http.StatusNotFound)
		return
	}
	data, err := uploadedBytes(r)
	if err != nil || int64(len(data)) != f.Size {
		http.Error(w, fmt.Sprintf("length mismatch: %d bytes announced, %d came", f.Size, len(data)), http.StatusBadRequest)
		return
	}
	if err := s.keepFile(f.ID, data); err != nil {
		s.cfg.Log.Error().Err(err).Msg("slack playground keeps a file")
		http.Error(w, "internal_error", http.StatusInternalServerError)
		return
	}
	fresh := *f
	fresh.Uploaded = true
	s.mu.Lock()
	s.commit(change{File: &fresh}, note{})
	s.mu.Unlock()
	if struck.dropsAnswer() {
		cut(w)
		return
	}
	// A client that went away gets no answer; nothing is left to do about it.
	_, _ = fmt.Fprintf(w, "OK - %d", len(data))
}

func uploadedBytes(r *http.Request) ([]byte, error) {
	body := io.LimitReader(r.Body, maxUpload+1)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		parts, err := r.MultipartReader()
		if err != nil {
			return nil, err
		}
		for {
			part, err := parts.NextPart()
			if err != nil {
				return nil, err
			}
			if part.FileName() != "" {
				body = io.LimitReader(part, maxUpload+1)
				break
			}
		}
	}
	return io.ReadAll(body)
}

func (s *Server) keepFile(id string, data []byte) error {
	if s.journal.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.blobs[id] = data
		return nil
	}
	path := filepath.Join(s.journal.dir, "files", id)
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("keep file: %w", err)
	}
	return os.Rename(path+".new", path)
}

func (s *Server) fileBytes(id string) ([]byte, error) {
	if s.journal.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.blobs[id], nil
	}
	return os.ReadFile(filepath.Join(s.journal.dir, "files", id))
}

// serveFile gives a file out to the app's token, which needs files:read, and to the page.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.state.files[r.PathValue("id")]
	isApp, err := s.checkToken(bearer(r, args{}))
	allowed := err == nil && !isApp && s.manifest.granted("files:read") || r.Header.Get("Sec-Fetch-Site") == "same-origin"
	s.mu.Unlock()
	if f == nil || !f.Completed || f.Deleted || !allowed {
		// Slack shows a page to log in with, under status 200, which many bots have taken for the file.
		http.Redirect(w, r, s.cfg.BaseURL+"/", http.StatusFound)
		return
	}
	data, err := s.fileBytes(f.ID)
	if err != nil {
		http.Error(w, "file_not_found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", described(f).Mimetype)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	// A client that went away gets no answer; nothing is left to do about it.
	_, _ = w.Write(data)
}

func (s *Server) filesComplete(a args) (object, error) {
	var given []struct{ ID, Title string }
	if err := a.decode("files", &given); err != nil || len(given) == 0 {
		return nil, invalidArguments("[ERROR] missing required field: files [json-pointer:]")
	}
	var targets []*Channel
	for _, name := range append(a.list("channels"), a.list("channel_id")...) {
		c, err := s.postable(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(targets, c) {
			targets = append(targets, c)
		}
	}
	var files []*File
	for _, g := range given {
		f := s.state.files[g.ID]
		switch {
		case f == nil || f.Deleted:
			return nil, refuse("file_not_found")
		case f.Completed:
			return nil, refuse("file_already_completed")
		case !f.Uploaded:
			return nil, refuse("file_not_uploaded")
		}
		fresh := *f
		fresh.Completed, fresh.Created = true, s.now().Unix()
		if g.Title != "" {
			fresh.Title = g.Title
		}
		for _, c := range targets {
			fresh.share(c)
		}
		files = append(files, &fresh)
	}
	for _, c := range targets {
		thread, err := s.threadOf(c, a.str("thread_ts"))
		if err != nil {
			return nil, err
		}
		m := s.botMessage(content{text: a.str("initial_comment")})
		m.ThreadTS = thread
		for _, f := range files {
			shared := described(f)
			m.Files = append(m.Files, &shared)
		}
		s.post(c, m, false)
	}
	summary := []*File{}
	for _, f := range files {
		s.commit(change{File: f}, note{})
		s.uploads[f.ID] = &upload{done: s.now().Add(processing)}
		summary = append(summary, s.shownFile(f))
	}
	return object{"files": summary}, nil
}

func (f *File) share(c *Channel) {
	switch {
	case c.IsIM:
		f.IMs = append(slices.Clone(f.IMs), c.ID)
	case c.IsPrivate:
		f.Groups = append(slices.Clone(f.Groups), c.ID)
	default:
		f.Channels, f.IsPublic = append(slices.Clone(f.Channels), c.ID), true
	}
}

// described is the file with what Slack finds out about it after its upload.
func described(f *File) File {
	shown := *f
	extension := strings.ToLower(filepath.Ext(f.Name))
	shown.Mimetype, _, _ = strings.Cut(mime.TypeByExtension(extension), ";")
	if shown.Mimetype == "" {
		shown.Mimetype = "application/octet-stream"
	}
	if shown.Filetype = strings.TrimPrefix(extension, "."); shown.Filetype == "" {
		shown.Filetype = "binary"
	}
	shown.PrettyType = strings.ToUpper(shown.Filetype)
	return shown
}

// ready says whether a completed file can be used in a block.
func (s *Server) ready(f *File) bool {
	u := s.uploads[f.ID]
	if u != nil && (u.asks >= asksUntilDone || !s.now().Before(u.done)) {
		delete(s.uploads, f.ID)
		u = nil
	}
	return f.Completed && !f.Deleted && u == nil
}

// shownFile is a file as the API shows it: without a type while Slack is still at it.
func (s *Server) shownFile(f *File) *File {
	shown := *f
	if s.ready(f) {
		shown = described(f)
	}
	return &shown
}

func (s *Server) filesInfo(a args) (object, error) {
	f := s.state.files[a.str("file")]
	if f == nil || !f.Completed || f.Deleted {
		return nil, refuse("file_not_found")
	}
	if u := s.uploads[f.ID]; u != nil {
		u.asks++
	}
	return object{"file": s.shownFile(f), "comments": []object{}, "response_metadata": object{"next_cursor": ""}}, nil
}

func (s *Server) filesDelete(a args) (object, error) {
	f := s.state.files[a.str("file")]
	if f == nil || f.Deleted {
		return nil, refuse("file_not_found")
	}
	fresh := *f
	fresh.Deleted = true
	s.commit(change{File: &fresh}, note{})
	return object{}, nil
}
