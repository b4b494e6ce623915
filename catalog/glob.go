package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// maxFiles bounds what one location matches.
const maxFiles = 50_000

// filesOf lists the files that a location's target matches, in order, each once. Hidden files and folders are matched
// only by a pattern that begins with a dot as well; `**` does not follow symbolic links to folders. A problem with some
// folder is told together with the files found elsewhere.
func filesOf(root fs.FS, targetPath string) ([]string, error) {
	clean := strings.TrimPrefix(targetPath, "./")
	if path.IsAbs(clean) || strings.Contains(clean, `\`) {
		return nil, errors.New("a location is written relative to the config file's folder, with / between folders")
	}
	if slices.Contains(strings.Split(clean, "/"), "..") {
		return nil, errors.New("a location may not lead outside the config file's folder: move the files under it")
	}
	var (
		w   = walker{root: root, seen: map[string]bool{}}
		all []error
	)
	for _, pattern := range braces(path.Clean(clean)) {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("the pattern %q cannot be read: a [ needs its ]", pattern)
		}
		all = append(all, w.walk(".", strings.Split(pattern, "/")))
	}
	slices.Sort(w.files)
	if err := errors.Join(all...); err != nil {
		return w.files, err
	}
	if len(w.files) == 0 {
		return nil, w.nothing(clean)
	}
	return w.files, nil
}

type walker struct {
	root  fs.FS
	seen  map[string]bool
	files []string
}

// nothing says why a target matches no file.
func (w *walker) nothing(target string) error {
	if info, err := fs.Stat(w.root, path.Clean(target)); err == nil && info.IsDir() {
		return fmt.Errorf("this is a folder: write %s/**/*.yaml", path.Clean(target))
	}
	if strings.ContainsAny(target, "*?[{") {
		return errors.New("no file matches")
	}
	return errors.New("there is no such file")
}

// walk goes on from dir by the pattern's remaining elements.
func (w *walker) walk(dir string, pattern []string) error {
	if len(w.files) > maxFiles {
		return fmt.Errorf("more than %d files match", maxFiles)
	}
	first, rest := pattern[0], pattern[1:]
	if first == "**" {
		return w.anywhere(dir, pattern)
	}
	if !strings.ContainsAny(first, `*?[\`) {
		return w.step(path.Join(dir, first), rest, false)
	}
	entries, err := readDir(w.root, dir)
	if err != nil {
		return err
	}
	var all []error
	for _, e := range entries {
		if matches(first, e.Name()) {
			all = append(all, w.step(path.Join(dir, e.Name()), rest, true))
		}
	}
	return errors.Join(all...)
}

// anywhere is `**`: the rest of the pattern from here, and all of it from every folder under here.
func (w *walker) anywhere(dir string, pattern []string) error {
	rest := pattern[1:]
	if len(rest) == 0 {
		rest = []string{"*"}
	}
	all := []error{w.walk(dir, rest)}
	entries, err := readDir(w.root, dir)
	if err != nil {
		return errors.Join(append(all, err)...)
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			all = append(all, w.walk(path.Join(dir, e.Name()), pattern))
		}
	}
	return errors.Join(all...)
}

// step takes a name: a file at the pattern's end, a folder before. What only matched a wildcard may be neither.
func (w *walker) step(name string, rest []string, matched bool) error {
	info, err := fs.Stat(w.root, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", name, reason(err))
	}
	if len(rest) > 0 {
		if !info.IsDir() {
			return nil
		}
		return w.walk(name, rest)
	}
	if info.Mode().IsRegular() && !w.seen[name] {
		w.seen[name] = true
		w.files = append(w.files, name)
	}
	if !matched && !info.Mode().IsRegular() && !info.IsDir() {
		return fmt.Errorf("%s is no file", name)
	}
	return nil
}

func matches(pattern, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(pattern, ".") {
		return false
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// readDir lists a folder; one that does not exist is empty.
func readDir(root fs.FS, dir string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(root, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the folder %s cannot be read: %w", dir, reason(err))
	}
	return entries, nil
}

// reason takes the operation and path away that fs puts before the reason.
func reason(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// braces writes {a,b} out, each in turn; braces within braces too.
func braces(pattern string) []string {
	open := strings.IndexByte(pattern, '{')
	if open < 0 {
		return []string{pattern}
	}
	depth, start := 0, open+1
	var choices []string
	for i := open; i < len(pattern); i++ {
		switch pattern[i] {
		case '{':
			depth++
		case ',':
			if depth == 1 {
				choices = append(choices, pattern[start:i])
				start = i + 1
			}
		case '}':
			if depth--; depth > 0 {
				continue
			}
			var all []string
			for _, choice := range append(choices, pattern[start:i]) {
				all = append(all, braces(pattern[:open]+choice+pattern[i+1:])...)
			}
			return all
		}
	}
	return []string{pattern} // no closing brace: it stands for itself
}
