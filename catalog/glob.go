package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFiles bounds what one location matches.
const maxFiles = 50_000

// Files lists the files that a location's target matches, in order, each once. Hidden files and folders are matched
// only by a pattern that begins with a dot as well; `**` does not follow symbolic links to folders. What is wrong with some
// folder or file is told together with those found elsewhere.
func Files(root fs.FS, targetPath string) ([]string, []error) {
	clean := strings.TrimPrefix(targetPath, "./")
	if path.IsAbs(clean) || strings.Contains(clean, `\`) {
		return nil, one("a location is written relative to the config file's folder, with / between folders")
	}
	if slices.Contains(strings.Split(clean, "/"), "..") {
		return nil, one("a location may not lead outside the config file's folder: move the files under it")
	}
	w := walker{root: root, seen: map[string]bool{}}
	for _, pattern := range braces(path.Clean(clean)) {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, one(fmt.Sprintf("the pattern %q cannot be read: a [ needs its ]", pattern))
		}
		elements := slices.CompactFunc(strings.Split(pattern, "/"), func(a, b string) bool { return a == "**" && b == "**" })
		w.walk(".", elements)
	}
	slices.Sort(w.files)
	if len(w.files) == 0 && len(w.failures) == 0 {
		return nil, []error{nothing(w.nothing(clean))}
	}
	return w.files, w.failures
}

// nothing says that and why a target matches no file; it is errNothing.
type nothing string

var errNothing = errors.New("no file matches")

func (n nothing) Error() string { return string(n) }

func (nothing) Is(target error) bool { return target == errNothing }

func one(message string) []error { return []error{errors.New(message)} }

type walker struct {
	root     fs.FS
	seen     map[string]bool // files and failures
	files    []string
	failures []error
}

// fail notes a failure once, however often the walk comes by.
func (w *walker) fail(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if !w.seen[err.Error()] {
		w.seen[err.Error()] = true
		w.failures = append(w.failures, err)
	}
}

// nothing says why a target matches no file.
func (w *walker) nothing(target string) string {
	if info, err := fs.Stat(w.root, path.Clean(target)); err == nil && info.IsDir() {
		return fmt.Sprintf("this is a folder: write %s/**/*.yaml", path.Clean(target))
	}
	if isPattern(target) {
		return errNothing.Error()
	}
	return "there is no such file"
}

// walk goes on from dir by the pattern's remaining elements.
func (w *walker) walk(dir string, pattern []string) {
	first, rest := pattern[0], pattern[1:]
	switch {
	case len(w.files) >= maxFiles:
		w.fail("more than %d files match; the rest is not read", maxFiles)
	case first == "**":
		w.anywhere(dir, pattern)
	case isLiteral(first):
		for first = path.Join(dir, first); len(rest) > 0 && isLiteral(rest[0]); rest = rest[1:] {
			first = path.Join(first, rest[0]) // at once, for each look may be a request
		}
		w.step(first, rest)
	default:
		for _, e := range w.list(dir) {
			if matches(first, e.Name()) {
				w.step(path.Join(dir, e.Name()), rest)
			}
		}
	}
}

func isLiteral(element string) bool { return !strings.ContainsAny(element, `*?[\`) }

// anywhere is `**`: the rest of the pattern from here, and all of it from every folder under here.
func (w *walker) anywhere(dir string, pattern []string) {
	rest := pattern[1:]
	if len(rest) == 0 {
		rest = []string{"*"}
	}
	w.walk(dir, rest)
	for _, e := range w.list(dir) {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			w.walk(path.Join(dir, e.Name()), pattern)
		}
	}
}

// step takes a name: a file at the pattern's end, a folder before.
func (w *walker) step(name string, rest []string) {
	info, err := fs.Stat(w.root, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		w.fail("%s cannot be read: %w", name, reason(err))
	case len(rest) > 0 && info.IsDir():
		w.walk(name, rest)
	case !utf8.ValidString(name):
		w.fail("%q cannot be read: its name is not UTF-8", name)
	case len(rest) == 0 && info.Mode().IsRegular() && !w.seen[name]:
		w.seen[name] = true
		w.files = append(w.files, name)
	}
}

// list is what a folder holds; one that does not exist, or is a file, holds nothing.
func (w *walker) list(dir string) []fs.DirEntry {
	entries, err := fs.ReadDir(w.root, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.fail("the folder %s cannot be read: %w", dir, reason(err))
	}
	return entries
}

func matches(pattern, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(pattern, ".") {
		return false
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// reason takes the operation and path away that fs puts before the reason.
func reason(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	if err.Error() == "path escapes from parent" { // os.Root has no other sign
		return errLeadsOut
	}
	return err
}

var errLeadsOut = errors.New("a link in it leads out of the folder")

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
