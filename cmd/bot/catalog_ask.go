package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"bellhop/catalog"
	"bellhop/clock"
	"bellhop/integrations/database"
)

// storedFlags lead to the catalog in the database.
type storedFlags struct {
	configFlags
	databaseFlags
	apiFlags
}

// open gives the catalog of the database; an empty one is read first.
func (f storedFlags) open(ctx context.Context, t terminal) (*catalog.Catalog, func() error, error) {
	conf, err := readConfig(f.Config)
	if err != nil {
		return nil, nil, err
	}
	url, err := f.url(t)
	if err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(conf.dir)
	if err != nil {
		return nil, nil, err
	}
	db, err := database.Open(ctx, url, quiet())
	if err != nil {
		return nil, nil, errors.Join(err, root.Close())
	}
	end := func() error { return errors.Join(db.Close(), root.Close()) }
	options := conf.catalogOptions(root.FS(), clock.Real{})
	conf.catalog.readElsewhere(&options, f.githubClient(t))
	c := catalog.New(database.NewCatalogStore(db), options)
	if err := filled(ctx, c); err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return c, end, nil
}

// filled reads a catalog that has never been read.
func filled(ctx context.Context, c *catalog.Catalog) error {
	status, err := c.Status(ctx)
	if err == nil && status.RefreshedAt.IsZero() {
		_, err = c.Refresh(ctx)
	}
	return err
}

type catalogFindCommand struct {
	storedFlags
	Format string   `name:"format" default:"human" enum:"human,json" help:"How entities are written: human, or json."`
	Limit  int      `name:"limit" default:"50" help:"The most entities to show."`
	Words  []string `arg:"" name:"words" help:"Words in any order, and kind=, owner=, tag=, lifecycle=."`
}

// Run lists what fits, the best first.
func (c *catalogFindCommand) Run(ctx context.Context, t terminal) (err error) {
	query, err := catalog.ParseQuery(c.Words)
	if err != nil {
		return err
	}
	stored, end, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	found, err := stored.All(ctx, query, max(c.Limit, 1))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		near, err := stored.Find(ctx, strings.Join(query.Words, " "))
		if err != nil {
			return err
		}
		return notFound(strings.Join(c.Words, " "), near.Near)
	}
	if c.Format == "json" {
		return describeAll(ctx, t.out, stored, found)
	}
	return listEntities(t.out, found)
}

// notFound offers the nearest names.
func notFound(asked string, near []catalog.Entity) error {
	if len(near) == 0 {
		return fmt.Errorf("nothing in the catalog fits %q", asked)
	}
	names := make([]string, len(near))
	for i, e := range near {
		names[i] = e.Short()
	}
	return fmt.Errorf("nothing in the catalog fits %q; the nearest are %s", asked, strings.Join(names, ", "))
}

func describeAll(ctx context.Context, w io.Writer, stored *catalog.Catalog, entities []catalog.Entity) error {
	described, err := stored.Describe(ctx, entities)
	if err != nil {
		return err
	}
	descriptions, err := each(described, catalog.Described.Description)
	if err != nil {
		return err
	}
	return writeJSON(w, descriptions)
}

// each makes something of every item, or tells the first error.
func each[T, R any](items []T, of func(T) (R, error)) ([]R, error) {
	results := make([]R, len(items))
	for i, item := range items {
		var err error
		if results[i], err = of(item); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// listEntities writes a table.
func listEntities(w io.Writer, entities []catalog.Entity) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range entities {
		title := ""
		if e.Display() != e.Name {
			title = e.Display()
		}
		cells := []string{e.Short(), e.Type(), e.Lifecycle(), e.Spec.String("owner"), title}
		if _, err := fmt.Fprintln(table, strings.TrimRight(plainLine(strings.Join(cells, "\t")), "\t")); err != nil {
			return err
		}
	}
	return table.Flush()
}

// plainLine keeps what a descriptor says from moving the terminal's cursor.
func plainLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}

type catalogShowCommand struct {
	storedFlags
	Format string   `name:"format" default:"human" enum:"human,json" help:"How entities are written: human, or json."`
	Words  []string `arg:"" name:"ref" help:"A reference, name, title or repository: component:payments."`
}

// Run shows all that is known of one entity.
func (c *catalogShowCommand) Run(ctx context.Context, t terminal) (err error) {
	stored, end, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	e, err := only(ctx, stored, strings.Join(c.Words, " "))
	if err != nil {
		return err
	}
	described, err := stored.Describe(ctx, []catalog.Entity{e})
	if err != nil {
		return err
	}
	descriptions, err := each(described, catalog.Described.Description)
	if err != nil {
		return err
	}
	if len(descriptions) == 0 {
		return notFound(e.Short(), nil) // it went just now
	}
	if c.Format == "json" {
		return writeJSON(t.out, descriptions[0])
	}
	owner, err := stored.Owner(ctx, e)
	if err != nil {
		return err
	}
	_, err = io.WriteString(t.out, showEntity(e, owner, descriptions[0].Relations))
	return err
}

// only is the one entity that a text names.
func only(ctx context.Context, stored *catalog.Catalog, asked string) (catalog.Entity, error) {
	found, err := stored.Find(ctx, asked)
	if err != nil {
		return catalog.Entity{}, err
	}
	switch len(found.Exact) {
	case 0:
		return catalog.Entity{}, notFound(asked, found.Near)
	case 1:
		return found.Exact[0], nil
	}
	names := make([]string, len(found.Exact))
	for i, e := range found.Exact {
		names[i] = e.Short()
	}
	return catalog.Entity{}, fmt.Errorf("%q may be %s: ask for one of them", asked, strings.Join(names, ", "))
}

// showEntity writes facts one a line: what it is, who owns it, where it is, how it stands to others.
func showEntity(e catalog.Entity, owner catalog.Ownership, relations []catalog.RelationToward) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-14s %s\n", name, plainLine(strings.Join(strings.Fields(value), " ")))
		}
	}
	fmt.Fprintln(&b, plainLine(e.Short()+" · "+e.Display()))
	line("about", e.Description)
	line("type", e.Type())
	line("lifecycle", e.Lifecycle())
	switch {
	case owner.Found && owner.Named.String() != e.Ref.String():
		line("owner", owner.Group.Display())
	case !owner.Found && !owner.Named.IsZero():
		line("owner", owner.Named.Short()+", which is not in the catalog")
	}
	if owner.Channel != "" {
		line("ask in", "#"+strings.TrimPrefix(owner.Channel, "#"))
	}
	line("people", displays(owner.People))
	if next := owner.Next; next != nil {
		line("next up", next.Group.Display()+": "+displays(next.People))
	}
	slug, _ := e.Repository()
	line("repository", slug)
	line("folder", e.Path())
	line("aliases", strings.Join(e.Aliases(), ", "))
	line("tags", strings.Join(e.Tags, ", "))
	for _, key := range sortedKeys(e.Labels) {
		line("label", key+"="+e.Labels[key])
	}
	for _, key := range sortedKeys(e.Annotations) {
		line("annotation", key+"="+e.Annotations[key])
	}
	for _, link := range e.Links {
		line("link", strings.TrimSpace(link.Title+" "+link.URL))
	}
	for _, relation := range relations {
		line(string(relation.Type), relation.TargetRef)
	}
	switch {
	case e.Provisional():
		line("provisional", "no descriptor describes it: this is what GitHub tells")
	case e.Orphaned():
		line("orphaned", "what described it is gone since "+e.Source.OrphanedAt.Local().Format("2006-01-02 15:04"))
	}
	from := e.Source.File
	if e.Source.Line > 0 {
		from = fmt.Sprintf("%s:%d", from, e.Source.Line)
	}
	line("from", from)
	return b.String()
}

func displays(entities []catalog.Entity) string {
	names := make([]string, len(entities))
	for i, e := range entities {
		names[i] = e.Display()
	}
	return strings.Join(names, ", ")
}

type catalogExportCommand struct {
	storedFlags
	Format string   `name:"format" default:"yaml" enum:"yaml,json" help:"How entities are written: yaml as descriptors, or json with their relations."`
	Paths  []string `arg:"" optional:"" name:"path" help:"Files, folders and patterns: what they give on their own, without config or database. Without any, the whole catalog."`
}

// Run writes all good entities, and tells the bad ones on the other stream.
func (c *catalogExportCommand) Run(ctx context.Context, t terminal) error {
	if len(c.Paths) > 0 {
		return c.ofFiles(ctx, t)
	}
	stored, end, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	return errors.Join(c.ofStore(ctx, t, stored), end())
}

func (c *catalogExportCommand) ofStore(ctx context.Context, t terminal, stored *catalog.Catalog) error {
	everything, err := stored.Everything(ctx)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		descriptions, err := each(everything, catalog.Described.Description)
		if err != nil {
			return err
		}
		return writeJSON(t.out, descriptions)
	}
	records, err := each(everything, catalog.Described.Record)
	if err != nil {
		return err
	}
	return catalog.WriteDescriptors(t.out, records)
}

func (c *catalogExportCommand) ofFiles(ctx context.Context, t terminal) error {
	files, err := findDescriptors(c.Paths)
	if err != nil {
		return err
	}
	defer files.close()
	gathered, err := catalog.Gather(ctx, files.found)
	if err != nil {
		return err
	}
	if err := c.write(t.out, gathered.Records); err != nil {
		return err
	}
	wrong := slices.DeleteFunc(slices.Concat(files.problems, gathered.Problems), func(p catalog.Problem) bool {
		return p.Severity != catalog.SeverityError
	})
	if len(wrong) == 0 {
		return nil
	}
	if err := lintHuman(t.err, wrong); err != nil {
		return fmt.Errorf("write problems: %w", err)
	}
	return fmt.Errorf("%s: what they are about is left out", amount(len(wrong), "error"))
}

func (c *catalogExportCommand) write(w io.Writer, records []catalog.Record) error {
	if c.Format == "yaml" {
		return catalog.WriteDescriptors(w, records)
	}
	descriptions, err := catalog.Describe(records)
	if err != nil {
		return err
	}
	return writeJSON(w, descriptions)
}
