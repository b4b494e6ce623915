package catalog

import (
	"context"
	"slices"
	"strings"
)

// frame is what a package belongs to: by its repository where the package tells it, by the annotation, or because it is called
// after a repository and its owner, as com.acme.payments and @acme/payments are.
func (l *lookup) frame(ctx context.Context, c Clue) (Answer, error) {
	if c.In != "" {
		a, err := l.fileOf(ctx, c)
		a.File = ""
		return a, err
	}
	if c.Slug != "" && c.Kind == ClueFrame {
		if a, err := l.moduleFile(ctx, c); err != nil || a.Is() {
			return a, err
		}
	}
	if len(c.Names) == 0 {
		return Answer{}, nil
	}
	var claimed Answer
	for _, name := range c.Names {
		found, err := l.by(ctx, KeyPackage, name)
		if err != nil {
			return Answer{}, err
		}
		if claimed = some(found, c.Text, "package "+name); claimed.Is() {
			break
		}
	}
	for _, slug := range slugsIn(c.Names[0]) {
		if claimed.Is() && !isOfAll(claimed.By, slug) {
			continue
		}
		found, err := l.by(ctx, KeyRepository, slug)
		if err != nil || len(found) > 0 {
			return some(wholeOf(found, slug), c.Text, "package "+c.Names[0]), err
		}
	}
	if claimed.Is() {
		return claimed, nil
	}
	if strings.ContainsAny(c.Names[0], "./") || c.Kind != ClueFrame {
		return Answer{}, nil
	}
	found, err := l.called(ctx, c.Names[0])
	return some(found, c.Text, "package "+c.Names[0]), err
}

// isOfAll tells whether a package is all that a repository's owner has, as com.acme is of acme/payments: the repository tells more.
func isOfAll(claimed, slug string) bool {
	owner, _, _ := strings.Cut(slug, "/")
	return strings.EqualFold(claimed[strings.LastIndexAny(claimed, " ./@")+1:], owner)
}

// moduleFile is a file or a package of a module of Go whose name tells the repository.
func (l *lookup) moduleFile(ctx context.Context, c Clue) (Answer, error) {
	if c.Path != "" {
		return l.fileIn(ctx, c.Slug, c.Path, c.Text)
	}
	a, err := l.repository(ctx, c.Slug, c.Text)
	if a.Said == "github.com/"+c.Slug {
		a.Said = ""
	}
	return a, err
}

// slugsIn are the repositories that a package may be called after: acme/payments-refunds, acme/payments and acme/refunds for
// com.acme.payments.refunds. Words grown together in capital letters are taken apart as well.
func slugsIn(name string) []string {
	const most = 7
	parts := strings.FieldsFunc(kebab(name), func(r rune) bool { return strings.ContainsRune("./@_", r) })
	parts = parts[:min(len(parts), most)]
	if len(parts) == 1 {
		parts = strings.SplitN(parts[0], "-", most)
	}
	var slugs []string
	add := func(owner, repo string) {
		if slug := owner + "/" + repo; slugPattern.MatchString(slug) && !slices.Contains(slugs, slug) {
			slugs = append(slugs, slug)
		}
	}
	for owner := range parts {
		for end := len(parts); end > owner+1; end-- {
			add(parts[owner], strings.Join(parts[owner+1:end], "-"))
		}
	}
	for owner := range parts {
		for repo := owner + 1; repo < len(parts); repo++ {
			add(parts[owner], parts[repo])
		}
	}
	return slugs
}

// kebab writes WebShop as web-shop.
func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
