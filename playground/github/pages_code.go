package github

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// listed is how many rows the lists of a page have.
const listed = 30

type repoRow struct{ Name, Href, Description, Language string }

type commitRow struct{ Title, Href, Author, When, Short string }

type pullRow struct {
	Number                                 int
	Title, Href, State, Head, Base, Author string
	Draft                                  bool
}

type diffFile struct {
	fileJSON
	Lines []diffLine
}

type diffLine struct{ Class, Text string }

func (p *pager) owner(login string) view {
	o := p.st.owner(login)
	if o == nil {
		return p.missing("There is no such page.")
	}
	var repos []repoRow
	for _, r := range p.st.order {
		if r.home.login != o.login {
			continue
		}
		repos = append(repos, repoRow{r.name, "/" + r.slug(), r.rules.Description, r.rules.Language})
	}
	return view{Title: cmp.Or(o.name, o.login), template: "org", status: http.StatusOK, Crumbs: []crumb{{o.login, "/" + o.login}}, Body: map[string]any{"Repos": repos}}
}

// teamPath is where a team is shown.
func teamPath(o *owner, t *team) string { return "/orgs/" + o.login + "/teams/" + t.Slug }

func (p *pager) team(login, slug string) view {
	o := p.st.organisation(login)
	if o == nil || o.team(slug) == nil {
		return p.missing("There is no such team.")
	}
	t := o.team(slug)
	var people, teams []crumb
	for _, member := range o.membersOf(t) {
		people = append(people, crumb{member, "/" + member})
	}
	for _, child := range o.children(slug) {
		teams = append(teams, crumb{child.Name, teamPath(o, child)})
	}
	var repos []repoRow
	for _, r := range p.st.order {
		if right := o.right(t, r); r.home == o && right != "" {
			repos = append(repos, repoRow{r.name, "/" + r.slug(), r.rules.Description, roleOf(right)})
		}
	}
	crumbs := []crumb{{o.login, "/" + o.login}}
	if above := o.team(t.Parent); above != nil {
		crumbs = append(crumbs, crumb{above.Name, teamPath(o, above)})
	}
	return view{Title: t.Name, template: "team", status: http.StatusOK, Crumbs: crumbs, Body: map[string]any{"Description": t.Description,
		"People": people, "Teams": teams, "Repos": repos}}
}

func (p *pager) when(t time.Time) string { return t.UTC().Format("Mon 2 Jan 15:04") }

func (p *pager) commitRows(list []*commit) []commitRow {
	out := []commitRow{}
	for _, m := range list[:min(len(list), listed)] {
		title, _, _ := strings.Cut(m.message, "\n")
		out = append(out, commitRow{title, "/" + p.repo.slug() + "/commit/" + m.sha, m.author.Name, p.when(m.author.When), m.sha[:7]})
	}
	return out
}

func (p *pager) pullRows() []pullRow {
	out := []pullRow{}
	for i := len(p.repo.pulls) - 1; i >= 0; i-- {
		one := p.repo.pulls[i]
		out = append(out, pullRow{one.number, one.title, "/" + p.repo.slug() + "/pull/" + strconv.Itoa(one.number), pullState(one), one.head, one.base,
			one.author, one.draft})
	}
	return out
}

func pullState(one *pull) string {
	if !one.merged.IsZero() {
		return "merged"
	}
	return one.state
}

func (p *pager) repository(branch string) view {
	if branch == "" {
		branch = p.repo.defaultBranch()
	}
	head := p.repo.resolve(branch)
	if head == nil {
		return p.missing("There is no branch, tag or commit " + branch + ".")
	}
	slug := "/" + p.repo.slug()
	var branches, files []crumb
	for _, name := range sortedKeys(p.repo.branches) {
		branches = append(branches, crumb{name, slug + "/tree/" + name})
	}
	for _, path := range sortedKeys(head.files) {
		files = append(files, crumb{path, slug + "/blob/" + head.sha + "/" + path})
	}
	var runs []*run
	for i := len(p.repo.runs) - 1; i >= 0 && len(runs) < 10; i-- {
		if r := p.repo.runs[i]; branch == p.repo.defaultBranch() || r.branch == branch {
			runs = append(runs, r)
		}
	}
	return view{Title: p.repo.slug(), template: "repo", status: http.StatusOK, Crumbs: p.crumbs(), Body: map[string]any{
		"Description": p.repo.rules.Description, "Pulls": p.pullRows(), "Branches": branches, "Runs": p.runRows(runs), "Branch": branch,
		"Files": files, "Commits": p.commitRows(p.repo.history(head))}}
}

// file shows REF/PATH; the ref may hold slashes.
func (p *pager) file(rest string) view {
	for i := 0; i < len(rest); i++ {
		if rest[i] != '/' {
			continue
		}
		if m := p.repo.resolve(rest[:i]); m != nil {
			if content, ok := p.repo.file(m, rest[i+1:]); ok {
				return view{Title: rest[i+1:], template: "file", status: http.StatusOK, Crumbs: p.crumbs(), Body: string(content)}
			}
		}
	}
	return p.missing("There is no such file.")
}

func (p *pager) commits(branch string) view {
	m := p.repo.resolve(branch)
	if m == nil {
		return p.missing("There is no branch, tag or commit " + branch + ".")
	}
	return view{Title: "Commits of " + branch, template: "commitlist", status: http.StatusOK, Crumbs: p.crumbs(),
		Body: p.commitRows(p.repo.history(m))}
}

func (p *pager) diff(before, after *commit) []diffFile {
	var out []diffFile
	for _, f := range p.call.filesBetween(before, after) {
		d := diffFile{fileJSON: f}
		for _, l := range strings.Split(f.Patch, "\n") {
			class := ""
			switch {
			case strings.HasPrefix(l, "@@"):
				class = "hunk"
			case strings.HasPrefix(l, "+"):
				class = "add"
			case strings.HasPrefix(l, "-"):
				class = "del"
			}
			d.Lines = append(d.Lines, diffLine{class, l})
		}
		out = append(out, d)
	}
	return out
}

func (p *pager) commit(sha string) view {
	m := p.repo.resolve(sha)
	if m == nil {
		return p.missing("There is no commit " + sha + ".")
	}
	var before *commit
	if len(m.parents) > 0 {
		before = p.repo.commits[m.parents[0]]
	}
	title, rest, _ := strings.Cut(m.message, "\n")
	return view{Title: title, template: "commit", status: http.StatusOK, Crumbs: p.crumbs(), Body: map[string]any{"Author": m.author.Name,
		"When": p.when(m.author.When), "SHA": m.sha, "Rest": strings.TrimSpace(rest), "Runs": p.runRows(p.call.runsOf(m)), "Files": p.diff(before, m)}}
}

func (p *pager) pulls() view {
	return view{Title: "Pull requests", template: "pulllist", status: http.StatusOK, Crumbs: p.crumbs(), Body: p.pullRows()}
}

func (p *pager) pull(number string) view {
	number, _, _ = strings.Cut(number, "/")
	n, err := strconv.Atoi(number)
	one := p.repo.pullByNumber(n)
	if err != nil || one == nil {
		return p.missing("There is no pull request #" + number + ".")
	}
	base, head := p.repo.resolve(one.baseSHA), p.repo.resolve(one.headSHA)
	var commits []*commit
	var files []diffFile
	if base != nil && head != nil {
		cmp := p.repo.compare(base, head)
		commits, files = cmp.ahead, p.diff(cmp.mergeBase, head)
	}
	return view{Title: "#" + number + " " + one.title, template: "pull", status: http.StatusOK, Crumbs: p.crumbs(crumb{"pull requests",
		"/" + p.repo.slug() + "/pulls"}), Body: map[string]any{"State": pullState(one), "Author": one.author, "Head": one.head, "Base": one.base,
		"Text": one.body, "Commits": p.commitRows(commits), "Files": files}}
}

func (p *pager) issue(number string) view {
	for _, i := range p.repo.issues {
		if strconv.Itoa(i.number) != number {
			continue
		}
		type row struct{ Title, Text string }
		var comments []row
		for _, c := range i.comments {
			comments = append(comments, row{c.author + " · " + p.when(c.created), c.body})
		}
		return view{Title: "#" + number + " " + i.title, template: "issue", status: http.StatusOK, Crumbs: p.crumbs(), Body: map[string]any{
			"State": i.state, "Author": i.author, "Text": i.body, "Comments": comments}}
	}
	return p.missing("There is no issue #" + number + ".")
}

func (p *pager) compare(text string) view {
	b, h, _ := strings.Cut(text, "...")
	base, head := p.repo.resolve(b), p.repo.resolve(h)
	if base == nil || head == nil {
		return p.missing("One of the two is no branch, tag or commit.")
	}
	cmp := p.repo.compare(base, head)
	return view{Title: b + " … " + h, template: "pull", status: http.StatusOK, Crumbs: p.crumbs(), Body: map[string]any{
		"State": strconv.Itoa(len(cmp.ahead)) + " ahead, " + strconv.Itoa(len(cmp.behind)) + " behind", "Author": "Comparison", "Head": h, "Base": b,
		"Text": "", "Commits": p.commitRows(cmp.ahead), "Files": p.diff(cmp.mergeBase, head)}}
}
