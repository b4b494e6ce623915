package catalog

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"bellhop/catalog/codeowners"
)

// fileIn is who owns a file of a repository: by the last rule of CODEOWNERS that matches it, and the component whose folder holds
// it. Of repositories that the catalog does not know nothing is told.
func (l *lookup) fileIn(ctx context.Context, slug, file, said string) (Answer, error) {
	all, err := l.by(ctx, KeyRepository, slug)
	if err != nil || len(all) == 0 {
		return Answer{}, err
	}
	if own, ok := all[0].Repository(); ok {
		slug = own // as it is written
	}
	a := Answer{Found: wholeOf(all, slug), Said: said, By: "repository " + slug}
	holders, folder, err := l.holders(ctx, slug, file)
	if err != nil {
		return Answer{}, err
	}
	if len(holders) > 0 {
		a.Found, a.By = componentsOf(holders), "folder "+folder
	}
	if folder == file { // it is one itself
		file += "/"
	}
	err = l.byCodeowners(ctx, &a, slug, func(rules codeowners.File) (codeowners.Rule, bool) { return rules.Match(file) })
	return a, err
}

// holders are the components of the deepest folder that holds a file, or of the folder that it is.
func (l *lookup) holders(ctx context.Context, slug, file string) ([]Entity, string, error) {
	const deepest = 24
	folder := strings.TrimSuffix(file, "/")
	for range deepest {
		if folder == "." || folder == "/" || folder == "" {
			break
		}
		found, err := l.by(ctx, KeyPath, slug+"/"+folder)
		if err != nil || len(found) > 0 {
			return found, folder, err
		}
		folder = path.Dir(folder)
	}
	return nil, "", nil
}

// byCodeowners adds whom CODEOWNERS names by the rule that which tells.
func (l *lookup) byCodeowners(ctx context.Context, a *Answer, slug string, which func(codeowners.File) (codeowners.Rule, bool)) error {
	if l.Codeowners == nil || l.answered {
		return nil
	}
	asking, stop := context.WithTimeout(ctx, cmp.Or(l.Patience, 4*time.Second))
	defer stop()
	rules, from, err := l.Codeowners.Codeowners(asking, slug)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		a.Note = "GitHub does not give me its CODEOWNERS just now, so this is what the catalog says."
		return nil
	}
	rule, ok := which(rules)
	if from == "" || !ok {
		return nil
	}
	if len(rule.Owners) == 0 {
		a.Note = fmt.Sprintf("By line %d of %s it is nobody's.", rule.Line, from)
		return nil
	}
	a.By = fmt.Sprintf("CODEOWNERS line %d", rule.Line)
	a.ByPage = fmt.Sprintf("%s/blob/HEAD/%s#L%d", slug, from, rule.Line)
	if len(a.Found) > 1 { // whose of them it is does not matter any more
		a.Found, a.Repository, a.Within = nil, slug, a.Found
	}
	return l.ownersOf(ctx, a, rule.Owners)
}

// ownersOf takes the first owner of a rule that the catalog knows, groups before people.
func (l *lookup) ownersOf(ctx context.Context, a *Answer, names []string) error {
	var owners []Entity
	for _, name := range names {
		owner, ok, err := l.ownerCalled(ctx, name)
		if err != nil {
			return err
		}
		if !ok {
			a.Unknown = append(a.Unknown, name)
			continue
		}
		owners = append(owners, owner)
	}
	if len(owners) == 0 {
		return nil
	}
	slices.SortStableFunc(owners, func(x, y Entity) int { return kindRank(x.Kind) - kindRank(y.Kind) })
	for _, other := range owners[1:] {
		a.Others = append(a.Others, other.Display())
	}
	about := owners[0]
	if len(a.Found) == 1 {
		about = a.Found[0]
	}
	owner, err := l.Catalog.OwnerBy(ctx, about, owners[0])
	a.Owner = &owner
	return err
}

// ownerCalled is the Group or User that CODEOWNERS means by `@acme/ledger`, `@alice` or an e-mail address.
func (l *lookup) ownerCalled(ctx context.Context, name string) (Entity, bool, error) {
	login, onGitHub := strings.CutPrefix(name, "@")
	_, team, isTeam := strings.Cut(login, "/")
	keys := []Key{{KeyEmail, name}, {KeyMailbox, name}}
	switch {
	case onGitHub && isTeam:
		keys = []Key{{KeyTeam, login}, {KeyName, team}}
	case onGitHub:
		keys = []Key{{KeyLogin, login}}
	}
	for _, key := range keys {
		found, err := l.by(ctx, key.Type, key.Key)
		if err != nil {
			return Entity{}, false, err
		}
		if isTeam {
			found = slices.DeleteFunc(found, func(e Entity) bool { return !e.Is(KindGroup) })
		}
		if len(found) == 1 { // of two nobody knows which
			return found[0], true, nil
		}
	}
	return Entity{}, false, nil
}

// file is a file whose repository only its path can tell.
func (l *lookup) file(ctx context.Context, c Clue) (Answer, error) {
	parts := splitPath(c.Path)
	onMachine := strings.HasPrefix(c.Path, "/")
	if !onMachine && len(parts) > 1 {
		if a, err := l.fileUnder(ctx, c, parts); err != nil || a.Is() {
			return a, err
		}
	}
	if a, err := l.folders(ctx, c, parts); err != nil || a.Is() || !onMachine {
		if a.File = c.Path; a.Is() {
			a.File = ""
		}
		return a, err
	}
	for _, folder := range parts[:max(len(parts)-1, 0)] {
		if isCommonFolder(folder) {
			continue
		}
		if found, err := l.called(ctx, folder); err != nil || len(found) > 0 {
			return some(found, c.Text, "folder "+folder), err
		}
	}
	return Answer{}, nil
}

// fileOf is a file in what somebody named: a repository, or a component, in whose folder it then is.
func (l *lookup) fileOf(ctx context.Context, c Clue) (Answer, error) {
	found, err := l.Catalog.meant(ctx, c.In)
	if err != nil {
		return Answer{}, err
	}
	for _, e := range found {
		if slug, ok := e.Repository(); ok {
			return l.fileIn(ctx, slug, within(e, c.Path), c.Text)
		}
	}
	return Answer{File: c.Path}, nil
}

// within is a path in an entity's repository; one that begins with the entity's folder stays as it is.
func within(e Entity, file string) string {
	file = strings.TrimPrefix(file, "/")
	if e.Path() == "" || strings.HasPrefix(file, e.Path()+"/") {
		return file
	}
	return e.Path() + "/" + file
}

// fileUnder reads owner/repo/path, and payments/path where payments is a component or a repository.
func (l *lookup) fileUnder(ctx context.Context, c Clue, parts []string) (Answer, error) {
	folder := ""
	if strings.HasSuffix(c.Path, "/") {
		folder = "/"
	}
	if len(parts) > 2 {
		if a, err := l.fileIn(ctx, parts[0]+"/"+parts[1], strings.Join(parts[2:], "/")+folder, c.Text); err != nil || a.Is() {
			return a, err
		}
	}
	found, err := l.called(ctx, parts[0])
	if err != nil {
		return Answer{}, err
	}
	for _, e := range found {
		if slug, ok := e.Repository(); ok {
			return l.fileIn(ctx, slug, within(e, strings.Join(parts[1:], "/")+folder), c.Text)
		}
	}
	return Answer{}, nil
}

// folders looks for a component's folder in a path, the longest first; what follows it is the file.
func (l *lookup) folders(ctx context.Context, c Clue, parts []string) (Answer, error) {
	const deepest = 12
	if len(parts) > deepest {
		parts = parts[len(parts)-deepest:]
	}
	for length := len(parts); length > 0; length-- {
		for start := 0; start+length <= len(parts); start++ {
			if start > 0 && !strings.HasPrefix(c.Path, "/") {
				break
			}
			folder := strings.Join(parts[start:start+length], "/")
			found, err := l.by(ctx, KeyFolder, folder)
			if err != nil {
				return Answer{}, err
			}
			if found = componentsOf(found); len(found) == 1 {
				slug, _ := found[0].Repository()
				return l.fileIn(ctx, slug, strings.Join(parts[start:], "/"), c.Text)
			}
			if len(found) > 1 {
				return some(found, c.Text, "folder "+folder), nil
			}
		}
	}
	return Answer{}, nil
}

// isCommonFolder tells a folder that every project has.
func isCommonFolder(name string) bool {
	return len(name) < 3 || strings.Contains(commonFolders, " "+strings.ToLower(name)+" ")
}

const commonFolders = " app apps bin build builds bundle cmd code common core data dist docs etc go handlers home internal java lib lib64 libs local main mnt " +
	"module modules node_modules opt out pkg private project projects python ruby root runner scripts server service services share source src srv " +
	"target test tests tmp tools user users usr util utils var vendor web work workspace www "
