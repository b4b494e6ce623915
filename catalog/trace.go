package catalog

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// sourceFile is a file of source as traces and people write it, and the line that stands after it.
var sourceFile = regexp.MustCompile(`(?i)((?:[a-z]:)?[\w@.+~%$/\\-]*[\w)\]]\.(?:go|java|kts?|scala|groovy|clj|py|pyx|rb|erb|rake|js|jsx|mjs|cjs|ts|tsx|vue|svelte|cs|fs|vb|razor|rs|php|c|cc|cpp|h|hpp|swift|m|ex|exs|erl|lua|pl|sh|ps1|sql|ya?ml|json|toml|xml|proto|graphql|tf|md|html|css|scss|gradle|ipynb|dart))\b(?:", line |:line |, line |:|\()?(\d{1,7})?`)

// fileNames are files without an ending that everybody knows.
var fileNames = []string{"dockerfile", "makefile", "jenkinsfile", "procfile", "gemfile", "rakefile", "codeowners", "go.mod", "go.sum", "license"}

// fileLike tells whether a word may be a file or a folder: by its ending, its slashes, or as one of the known names.
func fileLike(word string) bool {
	m := sourceFile.FindString(word)
	return m != "" && strings.HasPrefix(word, m) || strings.Contains(strings.Trim(word, "/"), "/") || strings.HasSuffix(word, "/") && len(word) > 1 ||
		slices.Contains(fileNames, strings.ToLower(path.Base(word)))
}

var (
	// goFunction is a frame's first line in Go: the import path and a function in it.
	goFunction = regexp.MustCompile(`^(?:\s*(?:created by|panic\(|\d+:?|at)\s+)?((?:[\w.~-]+/)+[\w~-]+(?:\.v\d+)?)\.(?:\(\*?[\w\[\].,…/ ]+\)\.)?[\w.\[\]…]+(?:\(|$| in goroutine)`)
	// goCached is a file within Go's own cache of modules.
	goCached = regexp.MustCompile(`/pkg/mod/((?:[\w.!~-]+/)*[\w.!~-]+?)@v[\w.+-]+/(.+)$`)
	// javaFrame is a frame on the JVM: module, class and method, and the file.
	javaFrame = regexp.MustCompile(`^\s*at\s+(?:[\w.@/-]*/)?((?:[\w$]+\.)+[\w$]+)\.[\w$<>]+\(([^)]*)\)`)
	// javaThrown is the line that names what was thrown.
	javaThrown = regexp.MustCompile(`^(?:Exception in thread "[^"]*"\s+|Caused by:\s+|Suppressed:\s+)?((?:[a-z_][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error|Throwable|Failure))\b`)
	// javaArchive is the archive that a frame came from: [payments-1.4.2.jar!/:1.4.2].
	javaArchive = regexp.MustCompile(`\[?([A-Za-z][\w.-]*?)-v?\d[\w.+-]*\.(?:jar|war)\b`)
	// dotnetFrame is a frame of .NET: a method by its full name.
	dotnetFrame = regexp.MustCompile(`^\s*at\s+((?:[A-Za-z_]\w*\.)+[A-Za-z_<]\S*?)\([^)]*\)(?:\s+in\s+.*)?$`)
	// packaged is a package's own folder among those that were installed: the last one of a path counts.
	packaged = regexp.MustCompile(`(?:^|/)(?:node_modules|site-packages|dist-packages|vendor)/((?:@[\w.-]+/)?[\w.-]+)(?:/([\w.-]+))?`)
	// gem is a package of Ruby with its version.
	gem = regexp.MustCompile(`/gems/([A-Za-z][\w-]*?)-\d[\w.]*/`)
	// runnerFolder is where GitHub's runners check a repository out.
	runnerFolder = regexp.MustCompile(`(?:^|/)(?:_work|work)/([\w.-]+)/([\w.-]+)/(.+)$`)
)

// frame reads a line of a stack trace; false where it is none.
func (s *clueScan) frame(line, next string) bool {
	if m := goFunction.FindStringSubmatch(line); m != nil && strings.Contains(strings.Split(m[1], "/")[0], ".") {
		file, number := "", ""
		if f := sourceFile.FindStringSubmatch(next); f != nil && strings.HasSuffix(f[1], ".go") {
			file, number = path.Base(f[1]), f[2]
		}
		s.goPackage(m[1], file, number)
		return true
	}
	if m := javaFrame.FindStringSubmatch(line); m != nil && !strings.Contains(m[2], " ") && (strings.Contains(m[2], ":") || strings.Contains(m[2], ".") || m[2] == "Native Method" || m[2] == "Unknown Source") {
		s.add(Clue{Kind: ClueFrame, Text: m[2], Names: packageNames(m[1], ".")})
		s.archive(line)
		return true
	}
	if m := dotnetFrame.FindStringSubmatch(line); m != nil {
		s.add(Clue{Kind: ClueFrame, Text: m[1], Names: packageNames(m[1], ".")})
		s.files(line)
		return true
	}
	if m := javaThrown.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
		s.add(Clue{Kind: ClueFrame, Text: m[1][strings.LastIndexByte(m[1], '.')+1:], Names: packageNames(m[1], ".")})
	}
	s.files(line)
	return false
}

// goPackage is a package by its import path; on GitHub it tells the repository and the folder in it.
func (s *clueScan) goPackage(importPath, file, line string) {
	text := importPath
	if file != "" {
		text = fileText(file, line)
	}
	parts := strings.Split(importPath, "/")
	if len(parts) >= 3 && parts[0] == "github.com" {
		within := parts[3:]
		if len(within) > 0 && majorVersion.MatchString(within[0]) {
			within = within[1:]
		}
		folder := strings.Join(within, "/")
		c := Clue{Kind: ClueFrame, Text: text, Slug: parts[1] + "/" + parts[2], Names: packageNames(importPath, "/")}
		if c.Path = path.Join(folder, file); file == "" && c.Path != "" {
			c.Path += "/"
		}
		s.add(c)
		return
	}
	s.add(Clue{Kind: ClueFrame, Text: text, Names: packageNames(importPath, "/")})
}

var majorVersion = regexp.MustCompile(`^v\d+$`)

// archive is the component that an archive of Java is called after.
func (s *clueScan) archive(line string) {
	if m := javaArchive.FindStringSubmatch(line); m != nil {
		s.add(Clue{Kind: ClueName, Text: m[0][strings.IndexByte(m[0], '[')+1:], Names: []string{m[1]}})
	}
}

// files reads all files that a line names.
func (s *clueScan) files(line string) {
	for _, m := range sourceFile.FindAllStringSubmatch(line, 8) {
		s.file(m[1], m[2])
	}
}

// file is one file: of an installed package, of a checkout whose repository its folder tells, or by its path alone.
func (s *clueScan) file(p, line string) {
	p = strings.ReplaceAll(p, `\`, "/")
	text := fileText(p, line)
	if m := goCached.FindStringSubmatch(p); m != nil {
		module := bang.ReplaceAllString(m[1], "$1") // letters that were large are written !small
		s.goPackage(path.Join(module, strings.TrimPrefix(path.Dir(m[2]), ".")), path.Base(p), line)
		return
	}
	if m := gem.FindStringSubmatch(p); m != nil {
		s.add(Clue{Kind: ClueFrame, Text: text, Names: m[1:2]})
		return
	}
	if all := packaged.FindAllStringSubmatch(p, -1); all != nil {
		m := all[len(all)-1]
		names := []string{m[1]}
		if m[2] != "" && strings.Contains(p, "vendor/") {
			names = []string{m[1] + "/" + m[2], m[2]} // PHP's
		}
		s.add(Clue{Kind: ClueFrame, Text: text, Names: names})
		return
	}
	if m := runnerFolder.FindStringSubmatch(p); m != nil && m[1] == m[2] {
		s.add(Clue{Kind: ClueFrame, Text: text, Path: m[3], In: m[1]})
		return
	}
	s.add(Clue{Kind: ClueFile, Text: text, Path: cleanPath(p)})
}

var bang = regexp.MustCompile(`!([a-z])`)

// packageNames is a package's name and what it is within, the most exact first: com.acme.payments.Refund, com.acme.payments, com.acme.
func packageNames(name, separator string) []string {
	const most = 8
	parts := strings.Split(name, separator)
	parts = parts[:min(len(parts), most)]
	var names []string
	for n := len(parts); n >= 2; n-- {
		names = append(names, strings.Join(parts[:n], separator))
	}
	return names
}

// escapedBreak is a line's end within JSON, before what begins the next line of a trace.
var escapedBreak = regexp.MustCompile(`\\n(?:\\t|\s{2,})`)

// unfolded is a text with the traces that stand in a JSON value taken apart into lines, and their first line set apart from what stands
// before it.
func unfolded(text string) string {
	if !escapedBreak.MatchString(text) {
		return text
	}
	text = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\t`, "\t").Replace(text)
	return strings.ReplaceAll(text, `":"`, "\":\"\n")
}

// numberedLine is a line with the one under it.
type numberedLine struct{ text, next string }

// inOrderOfBlame puts what is nearest to the fault first: of a trace of Python, which ends with it, the last call; of one on the JVM the
// innermost cause.
func inOrderOfBlame(lines []string) []numberedLine {
	all := make([]numberedLine, len(lines))
	for i, line := range lines {
		all[i].text = line
		if i+1 < len(lines) {
			all[i].next = lines[i+1]
		}
	}
	python := func(l numberedLine) bool { return strings.HasPrefix(strings.TrimSpace(l.text), `File "`) }
	if slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "(most recent call last)") }) {
		var frames, rest []numberedLine
		for _, l := range all {
			if python(l) {
				frames = append(frames, l)
			} else {
				rest = append(rest, l)
			}
		}
		slices.Reverse(frames)
		return append(frames, rest...)
	}
	for i := len(lines) - 1; i > 0; i-- {
		if strings.HasPrefix(strings.TrimSpace(lines[i]), "Caused by:") {
			return append(slices.Clone(all[i:]), all[:i]...)
		}
	}
	return all
}
