package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// args are a call's arguments, from the query, a form or a JSON body. Forms carry nested values as JSON text.
type args map[string]any

// maxBody bounds a call's body; Slack refuses far smaller ones field by field.
const maxBody = 4 << 20

// readArgs collects a call's arguments. charset says that a JSON body named its charset, which Slack warns about when
// it is missing.
func readArgs(r *http.Request) (a args, charset bool, err error) {
	a, charset = args{}, true
	for name, values := range r.URL.Query() {
		a[name] = values[0]
	}
	if r.Method == http.MethodGet {
		return a, charset, nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.ContentLength > 0 {
		return nil, false, &apiError{code: "invalid_post_type"}
	}
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	switch kind {
	case "application/json":
		body := args{}
		if err := decodeJSON(r.Body, &body); err != nil && !errors.Is(err, io.EOF) {
			return nil, false, &apiError{code: "invalid_json"}
		}
		for name, value := range body {
			a[name] = value
		}
		return a, params["charset"] != "", nil
	case "multipart/form-data":
		err = r.ParseMultipartForm(maxBody)
	default:
		err = r.ParseForm()
	}
	if err != nil {
		return nil, false, &apiError{code: "invalid_form_data"}
	}
	for name, values := range r.PostForm {
		a[name] = values[0]
	}
	return a, charset, nil
}

// decodeJSON reads one JSON value, numbers as they are written.
func decodeJSON(from io.Reader, into any) error {
	decoder := json.NewDecoder(from)
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("more than one JSON value")
	}
	return nil
}

// has says whether the argument was given and is not empty.
func (a args) has(name string) bool { return a.str(name) != "" }

// str is the argument as text; a nested value is its JSON.
func (a args) str(name string) string {
	switch v := a[name].(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(text)
	}
}

func (a args) flag(name string) bool {
	v := a.str(name)
	return v == "true" || v == "1"
}

// number is the argument as a number, or fallback when it is absent or none.
func (a args) number(name string, fallback int) int {
	n, err := strconv.Atoi(a.str(name))
	if err != nil {
		return fallback
	}
	return n
}

// list is an argument that is a JSON array or names separated by commas.
func (a args) list(name string) []string {
	text := a.str(name)
	if strings.HasPrefix(text, "[") {
		var out []string
		if json.Unmarshal([]byte(text), &out) == nil {
			return out
		}
	}
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// decode reads a nested argument, given as JSON text or as it is. An absent one leaves into as it was.
func (a args) decode(name string, into any) error {
	text := a.str(name)
	if text == "" {
		return nil
	}
	if err := decodeJSON(strings.NewReader(text), into); err != nil {
		return fmt.Errorf("decode %s: %w", name, err)
	}
	return nil
}

// shown is the arguments as the log shows them: without the token, nested ones as JSON.
func (a args) shown() object {
	out := object{}
	for name, value := range a {
		if name == "token" {
			continue
		}
		if text, ok := value.(string); ok && (strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{")) {
			var nested any
			if decodeJSON(strings.NewReader(text), &nested) == nil {
				value = nested
			}
		}
		out[name] = value
	}
	return out
}

// asJSON is v written and read back: a value of ours as a plain JSON object.
func asJSON(v any) object {
	text, err := json.Marshal(v)
	if err != nil {
		return object{}
	}
	var out object
	if decodeJSON(bytes.NewReader(text), &out) != nil {
		return object{}
	}
	return out
}
