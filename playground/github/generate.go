package github

import (
	"fmt"
	"path"
	"sort"
	"strings"
	"time"
)

// historyDays is how much CI history there is at the first start.
const historyDays = 14

// maxGap is how much of a jump of the clock is lived through; of a longer one only the end.
const maxGap = 60 * 24 * time.Hour

// dueCommit is a commit that will be made by rule.
type dueCommit struct {
	at      time.Time
	repo    *repo
	author  string
	message string
}

// found makes the repositories as they were before the history begins, and everything up to the epoch.
func (st *state) found() error {
	begin := st.epoch.AddDate(0, 0, -historyDays).Truncate(24 * time.Hour)
	st.now, st.planned = begin.Add(-24*time.Hour), begin
	for i := range st.world.Repos {
		if _, err := st.addRepo(st.owners[0], &st.world.Repos[i], st.world.files[st.world.Repos[i].Name], nil); err != nil {
			return err
		}
	}
	st.advance(st.epoch)
	return nil
}

// addRepo makes a repository with its first commit; without files it is empty.
func (st *state) addRepo(home *owner, rules *RepoRules, files map[string][]byte, links map[string]string) (*repo, error) {
	r := &repo{id: firstRepo + int64(st.reposMade), home: home, owner: home.login, name: rules.Name, rules: rules, private: !rules.Public,
		archived: rules.Archived, branches: map[string]string{}, tags: map[string]string{}, commits: map[string]*commit{},
		blobs: map[string][]byte{}, created: st.now.AddDate(-1, 0, 0), runNumbers: map[string]int{}, variables: map[string]string{}}
	for name, value := range rules.Variables {
		r.variables[strings.ToUpper(name)] = value
	}
	// The numbers of what came before the history that is made here.
	r.nextNumber = 400 + int(90*chance(r.name, "numbers"))
	st.reposMade++
	st.repos[strings.ToLower(r.slug())] = r
	st.order = append(st.order, r)
	r.pushed = st.now
	if len(files) == 0 {
		return r, nil
	}
	_, err := r.commitChange(change{branch: r.defaultBranch(), author: st.signature(st.people(r)[0], st.now), message: "Initial import", files: files,
		links: links})
	if err != nil {
		return nil, err
	}
	for path := range st.workflowsAt(r, r.head(r.defaultBranch())) {
		r.runNumbers[path] = 100 + int(1500*chance(r.name, path))
	}
	return r, nil
}

// people are those who commit to a repository: its team, its owner, or the first who is known at all.
func (st *state) people(r *repo) []string {
	if t := r.home.team(r.rules.Team); t != nil && len(t.Members) > 0 {
		return t.Members
	}
	if r.home.person() {
		return []string{r.home.login}
	}
	return []string{st.world.Users[0].Login}
}

// advance lets everything happen that is due up to now, in its order.
func (st *state) advance(now time.Time) {
	now = now.UTC().Round(0)
	if first := now.Add(-maxGap).Truncate(24 * time.Hour); st.planned.Before(first) {
		st.planned = first
	}
	for {
		for len(st.upcoming) == 0 && !st.planned.After(now) {
			st.planDay(st.planned)
			st.planned = st.planned.Add(24 * time.Hour)
		}
		limit := now
		commit := len(st.upcoming) > 0 && !st.upcoming[0].at.After(now)
		if commit {
			limit = st.upcoming[0].at
		}
		if g, at := st.handOver(limit); g != nil {
			st.now = later(st.now, at)
			st.takeOver(g)
			continue
		}
		if !commit {
			st.now = later(st.now, now)
			return
		}
		due := st.upcoming[0]
		st.upcoming = st.upcoming[1:]
		st.now = later(st.now, due.at)
		st.make(due)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// planDay lists the commits of one day, in all repositories.
func (st *state) planDay(day time.Time) {
	for _, r := range st.order {
		if ci := r.rules.CI; ci != nil && !r.archived {
			st.planRepoDay(r, ci, day)
		}
		st.planBranches(r, day)
	}
	sort.SliceStable(st.upcoming, func(i, j int) bool { return st.upcoming[i].at.Before(st.upcoming[j].at) })
}

func (st *state) planRepoDay(r *repo, ci *CI, day time.Time) {
	n := ci.Weekday
	if d := day.Weekday(); d == time.Saturday || d == time.Sunday {
		n = ci.Weekend
	}
	people := st.people(r)
	messages := st.world.Messages[r.rules.Language]
	if len(messages) == 0 {
		messages = []string{"Tidy up"}
	}
	stamp := day.Format(time.DateOnly)
	pick := func(of []string, parts ...any) string {
		return of[int(chance(append(parts, r.name, stamp)...)*float64(len(of)))]
	}
	for i := range n {
		// Spread over 06:00 to 20:00 UTC, one in each equal part of it.
		part := 14 * time.Hour / time.Duration(n)
		at := day.Add(6*time.Hour + time.Duration(i)*part + time.Duration(chance(r.name, stamp, i)*float64(part))).Truncate(time.Second)
		st.upcoming = append(st.upcoming, dueCommit{at: at, repo: r, author: pick(people, "who", i), message: pick(messages, "what", i)})
	}
	for _, rule := range ci.Rules {
		st.planCommit(r, day, rule.Since, rule.Author, rule.Commit)
		st.planCommit(r, day, rule.Until, rule.Fixer, rule.Fix)
	}
}

// planCommit plans the commit at which a rule begins or ends, if it has one and that falls on the day.
func (st *state) planCommit(r *repo, day time.Time, age time.Duration, author, message string) {
	at := st.epoch.Add(-age).Truncate(time.Second).Add(time.Second)
	if message != "" && !at.Before(day) && at.Before(day.Add(24*time.Hour)) {
		st.upcoming = append(st.upcoming, dueCommit{at: at, repo: r, author: author, message: message})
	}
}

// planBranches makes the branches of the world at their age: their commits lie half an hour apart.
func (st *state) planBranches(r *repo, day time.Time) {
	for i := range r.rules.Branches {
		b := &r.rules.Branches[i]
		for k := range b.Commits {
			at := st.epoch.Add(-b.Age - time.Duration(len(b.Commits)-1-k)*30*time.Minute).Truncate(time.Second)
			if !at.Before(day) && at.Before(day.Add(24*time.Hour)) {
				st.upcoming = append(st.upcoming, dueCommit{at: at, repo: r, author: b.Author, message: branchMark(i, k)})
			}
		}
	}
}

// branchMark names the k-th commit of the i-th branch in place of a message.
func branchMark(i, k int) string { return fmt.Sprintf("\x00%d %d", i, k) }

// make makes a commit that is due and starts what it starts.
func (st *state) make(due dueCommit) {
	r := due.repo
	var i, k int
	if n, err := fmt.Sscanf(due.message, "\x00%d %d", &i, &k); n == 2 && err == nil {
		st.makeOnBranch(r, &r.rules.Branches[i], k)
		return
	}
	st.commitTo(r, r.defaultBranch(), due.author, due.message)
}

func (st *state) makeOnBranch(r *repo, b *BranchRules, k int) {
	if !st.commitTo(r, b.Name, b.Author, b.Commits[k]) || k < len(b.Commits)-1 || b.Pull == 0 {
		return
	}
	p := st.openPull(r, b.Name, r.defaultBranch(), b.Author, b.Title, "")
	p.number, p.draft = b.Pull, b.Draft
	r.nextNumber = max(r.nextNumber-1, b.Pull+1)
}

// commitTo commits by rule: it writes a line of the repository's source that no other commit has written. A branch writes into a
// file of its own beside it, so that its pull request can be merged whatever else happened meanwhile.
func (st *state) commitTo(r *repo, branch, author, message string) bool {
	r.pushCount++
	source := "CHANGES.md"
	if r.rules.CI != nil && r.rules.CI.Source != "" {
		source = r.rules.CI.Source
	}
	if branch != r.defaultBranch() {
		source = path.Join(path.Dir(source), strings.ReplaceAll(branch, "/", "-")+path.Ext(source))
	}
	var content []byte
	if c := r.head(branch); c != nil {
		content, _ = r.file(c, source)
	} else if c := r.head(r.defaultBranch()); c != nil {
		content, _ = r.file(c, source)
	}
	lines := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	if len(lines) > 500 { // the oldest of the generated lines go
		lines = append(lines[:20:20], lines[21:]...)
	}
	lines = append(lines, fmt.Sprintf("// %s: %s", st.now.Format(time.DateTime), message))
	c, err := r.commitChange(change{branch: branch, author: st.signature(author, st.now), message: message,
		files: map[string][]byte{source: []byte(strings.Join(lines, "\n") + "\n")}})
	if err != nil {
		return false // the branch was deleted meanwhile, or the default branch is gone
	}
	st.pushed(r, branch, c, author)
	return true
}

// openPull opens a pull request; head and base exist.
func (st *state) openPull(r *repo, head, base, author, title, body string) *pull {
	p := &pull{id: st.newID(), number: r.nextNumber, title: title, body: body, head: head, base: base, headSHA: r.branches[head],
		baseSHA: r.branches[base], author: author, state: "open", created: st.now, updated: st.now}
	r.nextNumber++
	r.pulls = append(r.pulls, p)
	return p
}
