package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// opener gives the text of a file that a descriptor names, relative to the descriptor.
type opener func(name string) ([]byte, error)

// besides opens files for the descriptor in a file, as long as they are in its tree.
func besides(f file) opener {
	return func(name string) ([]byte, error) {
		if path.IsAbs(name) || strings.Contains(name, `\`) {
			return nil, errors.New("write the file relative to the descriptor, with / between folders")
		}
		full := path.Join(path.Dir(f.path), name)
		if !fs.ValidPath(full) {
			return nil, fmt.Errorf("it is outside %s", f.tree.called())
		}
		data, err := readBounded(f.tree.Files, full, maxTakenIn)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no file %s", full)
		}
		return data, err
	}
}

// fill puts the files in that `{$text: FILE}`, `{$json: FILE}` and `{$yaml: FILE}` stand for. used tells that there were
// any. Other keys with a dollar sign are left as they are.
func (c *checker) fill(v any, at fieldPath, open opener) (filled any, used bool) {
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			var here bool
			v[i], here = c.fill(item, at.with(i), open)
			used = used || here
		}
	case map[string]any:
		if kind, file, ok := placeholder(v); ok && open != nil {
			if strings.Contains(file, "://") {
				c.warn(at, "the address stands in its place; put the file beside the descriptor to have it read", "%s is not read: only files are taken in", clip(file))
				return file, true
			}
			value, err := c.resolve(kind, file, open)
			if err != nil {
				c.fail(at, "", "%s cannot be taken in: %s", clip(file), err)
				return file, true // a text, so that nothing more is said about it
			}
			return value, true
		}
		for _, key := range inOrder(v) {
			var here bool
			v[key], here = c.fill(v[key], at.with(key), open)
			used = used || here
		}
	}
	return v, used
}

func placeholder(m map[string]any) (kind, file string, ok bool) {
	if len(m) != 1 {
		return "", "", false
	}
	for _, kind := range []string{"$text", "$json", "$yaml"} {
		if file, ok := m[kind].(string); ok {
			return kind, file, true
		}
	}
	return "", "", false
}

// maxTakenIn bounds what a document takes in from other files altogether.
const maxTakenIn = 4 * maxDocumentBytes

func (c *checker) resolve(kind, file string, open opener) (any, error) {
	data, err := open(file)
	if err != nil {
		return nil, err
	}
	if c.takenIn += len(data); c.takenIn > maxTakenIn {
		return nil, fmt.Errorf("a document may take in %d MB altogether", maxTakenIn>>20)
	}
	switch kind {
	case "$json":
		var value any
		if err := json.Unmarshal(data, &value); err != nil {
			return nil, fmt.Errorf("it is no JSON: %w", err)
		}
		return value, nil
	case "$yaml":
		value, _, problem := parseYAML(data, 1)
		if problem != nil {
			return nil, fmt.Errorf("line %d: %s", problem.line, problem.message)
		}
		return value, nil
	}
	return strings.ToValidUTF8(string(data), "\uFFFD"), nil
}
