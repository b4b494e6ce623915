package catalog

import (
	"cmp"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Clue is a piece of a text that may lead to something in the catalog. Which of them does, only a look-up tells.
type Clue struct {
	Kind ClueKind
	// Text is the piece as people would say it: `refund.go:42`, `acme/payments#482`, `service=payments`.
	Text string
	// Slug is the `owner/repo` of a repository, of a file where it is known, or the `owner/team` of a team.
	Slug string
	// Path is a file's, or a folder's with a slash at its end: from the repository's root where Slug is known, else as it stood; with
	// a slash before it it is a place on some machine.
	Path string
	// In is what somebody said the file is in: "refund.go of payments".
	In string
	// Names are what to look up, the most exact first: a package, an address without its scheme, a word.
	Names []string
}

// ClueKind is what sort of clue it is. The smaller, the more it tells.
type ClueKind int

// The kinds of clue.
const (
	ClueFileIn     ClueKind = iota // a file, and what somebody said it is in
	ClueRepository                 // an address on GitHub, or in git
	ClueTeam                       // @acme/ledger, or its page on GitHub
	ClueAddress                    // any other web address
	ClueFrame                      // a package, or a file of one, that a stack trace names
	ClueName                       // a word that stands where names do: service=payments
	ClueEmail
	ClueLogin // @alice: a person on GitHub, or a team
	ClueHost
	CluePackage // a word with dots that may be a package's name
	ClueFile    // a file's name or path alone
	ClueWord    // any other word
)

const (
	// maxClueText is how much of a text is looked at, in bytes. Slack: 40,000 characters a message.
	maxClueText = 64 << 10
	// Of a trace the first lines tell, and of a line its beginning.
	maxClueLines, maxClueLine = 2_000, 8 << 10
	// maxClues bounds the look-ups that a text costs; a stack trace repeats itself.
	maxClues = 150
	// maxClueWords is how many words that are nothing else are looked up.
	maxClueWords = 60
)

// Clues takes a pasted text apart: addresses, stack traces of several languages, log lines, names. The most telling come first,
// and among equals those that stand first; words come last. A text with nothing in it has none.
func Clues(text string) []Clue {
	if len(text) > maxClueText {
		text = text[:maxClueText]
	}
	text = storable(text)
	s := clueScan{had: map[string]bool{}}
	if m := fileOf.FindStringSubmatch(strings.TrimSpace(text)); m != nil && fileLike(m[1]) {
		s.add(Clue{Kind: ClueFileIn, Text: fileText(m[1], ""), Path: cleanPath(m[1]), In: m[2]})
	}
	lines := inOrderOfBlame(strings.Split(unfolded(text), "\n"))
	for _, line := range lines[:min(len(lines), maxClueLines)] {
		s.line(line.text, line.next)
	}
	slices.SortStableFunc(s.clues, func(a, b Clue) int { return cmp.Compare(a.Kind, b.Kind) })
	return append(s.clues[:min(len(s.clues), maxClues)], s.words(text)...)
}

// fileOf is how people say in what a file is.
var fileOf = regexp.MustCompile(`^(\S+)\s+(?:of|in|from)\s+(.{1,200})$`)

// clueScan gathers clues, each once.
type clueScan struct {
	clues []Clue
	had   map[string]bool
}

func (s *clueScan) add(c Clue) {
	if c.Slug == "" && strings.Trim(c.Path, "/") == "" && len(c.Names) == 0 {
		return // ./
	}
	key := strings.Join(append([]string{string(rune('a' + c.Kind)), c.Slug, c.Path, c.In}, c.Names...), "\x00")
	if !s.had[key] && len(s.clues) < 4*maxClues {
		s.had[key] = true
		s.clues = append(s.clues, c)
	}
}

// line reads one line; next is the line under it, which for Go tells the file of a function.
func (s *clueScan) line(line, next string) {
	line = strings.TrimRight(line, "\r")
	line = s.issues(s.addresses(line[:min(len(line), maxClueLine)]))
	if s.frame(line, next) {
		return
	}
	s.labels(line)
	s.loose(line)
}

// addressPattern is a web or git address; what may end a sentence or a bracket after it is left to it.
var addressPattern = regexp.MustCompile(`(?i)(?:\b(?:https?|ssh|git|wss?|postgres(?:ql)?|mysql|redis|amqps?|mongodb(?:\+srv)?|grpcs?|kafka|nats)://|\bgit@[\w.-]+:)[^\s<>"'` + "`" + `|]+`)

// addresses takes the addresses of a line out of it: what is in them is nothing else besides.
func (s *clueScan) addresses(line string) string {
	return addressPattern.ReplaceAllStringFunc(line, func(address string) string {
		address, rest := trimAddress(address)
		s.address(address)
		return " " + rest
	})
}

// issue is how GitHub writes pull requests and issues for short: acme/payments#482.
var issue = regexp.MustCompile(`(^|[\s("'\[<])([A-Za-z0-9][\w-]*/[\w.-]+)#(\d{1,9})\b`)

// issues takes pull requests and issues out of a line.
func (s *clueScan) issues(line string) string {
	return issue.ReplaceAllStringFunc(line, func(found string) string {
		m := issue.FindStringSubmatch(found)
		s.add(Clue{Kind: ClueRepository, Text: m[2] + "#" + m[3], Slug: m[2]})
		return m[1]
	})
}

// trimAddress leaves out what belongs to the sentence around an address.
func trimAddress(address string) (string, string) {
	trimmed := strings.TrimRight(address, ".,;:!?*_~]}")
	for strings.HasSuffix(trimmed, ")") && strings.Count(trimmed, "(") < strings.Count(trimmed, ")") {
		trimmed = strings.TrimRight(strings.TrimSuffix(trimmed, ")"), ".,;:!?*_~]}")
	}
	return trimmed, address[len(trimmed):]
}

// address reads one: on GitHub by the form of its path, whatever its host, for every company's Enterprise Server has its own.
func (s *clueScan) address(address string) {
	if git, ok := strings.CutPrefix(address, "git@"); ok {
		address = "ssh://" + strings.Replace(git, ":", "/", 1)
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return
	}
	u.Host, u.Path = storable(u.Host), storable(u.Path) // what stood there in percent signs
	host, parts := strings.ToLower(u.Hostname()), splitPath(u.Path)
	isGitHub := host == "github.com" || host == "www.github.com"
	if c, ok := gitHubClue(host, parts); ok {
		s.add(c)
	} else if isGitHub && len(parts) == 1 {
		s.add(Clue{Kind: ClueLogin, Text: "@" + parts[0], Names: parts[:1]})
	} else if slug := SlugOf(address); isGitHub && slug != "" {
		s.add(Clue{Kind: ClueRepository, Slug: slug})
	}
	if isGitHub {
		// A link to a page of a repository may stand in the catalog all the same.
		s.add(Clue{Kind: ClueAddress, Text: addressText(u), Names: addressKeys(address)[:1]})
		return
	}
	s.add(Clue{Kind: ClueAddress, Text: addressText(u), Slug: SlugOf(address), Names: addressKeys(address)})
	s.host(host)
}

// addressText is an address as people say it.
func addressText(u *url.URL) string { return strings.TrimSuffix(u.Host+u.Path, "/") }

// gitHubClue reads the parts of a path on GitHub: /owner/repo/pull/482, /owner/repo/blob/main/src/refund.go.
func gitHubClue(host string, parts []string) (Clue, bool) {
	switch {
	case host == "raw.githubusercontent.com" && len(parts) > 3:
		parts = slices.Insert(slices.Clone(parts), 2, "raw")
	case len(parts) > 3 && (parts[0] == "repos" && host == "api.github.com" || strings.Join(parts[:min(3, len(parts))], "/") == "api/v3/repos"):
		parts = parts[slices.Index(parts, "repos")+1:]
	case len(parts) >= 4 && parts[0] == "orgs" && parts[2] == "teams":
		return Clue{Kind: ClueTeam, Text: "@" + parts[1] + "/" + parts[3], Slug: parts[1] + "/" + parts[3]}, true
	}
	if len(parts) < 3 {
		return Clue{}, false
	}
	slug := parts[0] + "/" + strings.TrimSuffix(parts[1], ".git")
	if !slugPattern.MatchString(slug) {
		return Clue{}, false
	}
	c := Clue{Kind: ClueRepository, Slug: slug}
	switch what, rest := parts[2], parts[3:]; {
	case slices.Contains([]string{"pull", "pulls", "issues", "discussions"}, what) && len(rest) > 0:
		c.Text = slug + "#" + rest[0]
	case what == "actions" && len(rest) > 1 && rest[0] == "runs":
		c.Text = "run " + rest[1]
	case slices.Contains([]string{"commit", "commits"}, what) && len(rest) > 0:
		c.Text = "commit " + rest[0][:min(len(rest[0]), 7)]
	case slices.Contains([]string{"blob", "blame", "raw", "edit"}, what) && len(rest) > 1:
		c.Path = strings.Join(rest[1:], "/") // of a branch with a slash in its name too much: only GitHub could tell
		c.Text = fileText(c.Path, "")
	case what == "tree" && len(rest) > 1:
		c.Path = strings.Join(rest[1:], "/") + "/"
		c.Text = fileText(c.Path, "")
	case what == "contents" && len(rest) > 0:
		c.Path = strings.Join(rest, "/")
		c.Text = fileText(c.Path, "")
	case slices.Contains([]string{"actions", "releases", "tree", "compare", "wiki", "pulls", "issues", "projects", "security", "deployments", "packages", "settings", "tags", "branches", "contents"}, what):
	default:
		return Clue{}, false
	}
	return c, true
}

func splitPath(p string) []string {
	return strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
}

// fileText is a file as it is spoken of: its name, a folder with its slash, with the line where one is known.
func fileText(p, line string) string {
	text := path.Base(p)
	if strings.HasSuffix(p, "/") {
		text += "/"
	}
	if line != "" {
		text += ":" + line
	}
	return text
}

// cleanPath is a path with slashes only, without what leads nowhere.
func cleanPath(p string) string {
	p = strings.ReplaceAll(p, `\`, "/")
	absolute, folder := strings.HasPrefix(p, "/") || len(p) > 1 && p[1] == ':', strings.HasSuffix(p, "/")
	p = path.Clean("/" + p)
	if folder && p != "/" {
		p += "/"
	}
	if !absolute {
		p = p[1:]
	}
	return p
}
