package catalog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// reading is what one document gave.
type reading struct {
	ref    string // empty where it could not be told
	record Record // only when ok
	ok     bool
	empty  bool // nothing stands in the document
	filled bool // with other files, so the file's own bytes do not tell whether it is unchanged
	// unsettled: the same text may be read otherwise the next time.
	unsettled bool
	// forbidden: its location may not give its kind.
	forbidden bool
	leads     []lead // of a Location
	problems  []Problem
}

// readDocument reads one document of a file. may is what it may say; open gives the files that the document takes in, and
// is nil where it may not.
func readDocument(doc chunk, source Source, may rights, open opener) reading {
	source.Document = doc.document
	about := Problem{Location: source.Location, File: source.File, Document: doc.document, Line: doc.line}
	if len(doc.text) > maxDocumentBytes {
		about.Severity, about.Message = SeverityError, fmt.Sprintf("the document is larger than %d MB", maxDocumentBytes>>20)
		return reading{problems: []Problem{about}}
	}
	value, root, err := parseYAML(doc.text, doc.line)
	if err != nil {
		about.Severity, about.Line, about.Message = SeverityError, err.line, "this is no YAML that can be read: "+storable(err.message)
		return reading{problems: []Problem{about}}
	}
	if value == nil {
		return reading{empty: true, ok: true}
	}
	source.Line = root.Line
	about.Line = root.Line
	c := &checker{root: root, about: about}
	value, filled := c.fill(value, nil, open)
	d, ok := c.envelope(value)
	if !ok {
		return reading{problems: c.problems}
	}
	r := reading{ref: refOf(d), filled: filled}
	c.about.Entity, c.about.Owner = r.ref, namedOwner(d)
	for i := range c.problems {
		c.problems[i].Entity, c.problems[i].Owner = c.about.Entity, c.about.Owner
	}
	c.spec(d)
	if r.forbidden = !allowed(may.rules, d.Kind); r.forbidden {
		c.fail(fieldPath{"kind"}, "change the rules of the location, or move the entity", "the location %q may not give a %s", source.Location, clip(d.Kind))
	}
	var record Record
	if !c.refused {
		c.may(d, may)
		if d.Kind == KindLocation {
			r.leads = c.leads(d)
		}
		record = c.record(d, source)
	}
	r.problems, r.ok, r.unsettled = c.problems, !c.refused, c.unsettled
	if r.ok {
		r.record = record
	}
	return r
}

// refOf is the reference of a document that need not be valid, where it can be told.
func refOf(d document) string {
	name, namespace := Spec(d.Metadata).String("name"), Spec(d.Metadata).String("namespace")
	if !validKind(d.Kind) || !validName(name) || namespace != "" && !validNamespace(namespace) {
		return ""
	}
	return Ref{d.Kind, namespace, name}.String()
}

// namedOwner is the reference of who answers for a document that need not be valid; it is empty where that cannot be told.
func namedOwner(d document) string {
	ref, err := ParseRef(Spec(d.Spec).String("owner"), KindGroup, Spec(d.Metadata).String("namespace"))
	if err != nil {
		return ""
	}
	return ref.String()
}

// record makes what is stored of a valid document; its references can still refuse it.
func (c *checker) record(d document, source Source) Record {
	namespace := Spec(d.Metadata).String("namespace")
	if namespace == "" {
		namespace = DefaultNamespace
	}
	self := Ref{d.Kind, namespace, Spec(d.Metadata).String("name")}
	relations := c.relations(self, d)
	data, err := json.Marshal(d)
	if err != nil {
		c.fail(nil, "", "cannot be stored: %v", err)
		return Record{}
	}
	e := entityOf(d, source) // uses up d
	c.useful(e)
	keys, words := keysOf(e), wordsOf(e)
	return Record{
		Ref: self, Document: data, Hash: recordHash(data, keys, words), Source: source, Relations: relations, Keys: keys, Words: words,
	}
}

// recordHash tells whether what is stored of a document would be another, also when a newer Bellhop finds it under more keys
// or words.
func recordHash(data []byte, keys []Key, words []string) string {
	h := sha256.New()
	// A hash never fails to be written to.
	_, _ = h.Write(data)
	_, _ = fmt.Fprintf(h, "\x00%q\x00%q", keys, words)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// allowed tells whether any rule allows the kind; no rules allow all.
func allowed(rules []Rule, kind string) bool {
	if len(rules) == 0 {
		return true
	}
	return slices.ContainsFunc(rules, func(r Rule) bool {
		return slices.ContainsFunc(r.Allow, func(k string) bool { return strings.EqualFold(k, kind) })
	})
}

// relations derives what a document says about itself and others, in the canonical direction, each once.
func (c *checker) relations(self Ref, d document) []Relation {
	fields, _ := specOf(d.Kind)
	var relations []Relation
	seen := map[string]bool{}
	for _, f := range fields {
		if f.relation == "" {
			continue
		}
		for _, target := range targetsOf(d.Spec[f.name], fieldPath{"spec", f.name}) {
			to, err := refOfTarget(target.value, f.kind, self.Namespace)
			if err != nil {
				hint := ""
				if text, ok := target.value.(string); ok && f.kind == "" && !strings.ContainsAny(text, ":/") && validName(text) {
					hint = fmt.Sprintf("write component:%s or resource:%s", text, text)
				}
				c.fail(target.at, hint, "%s", storable(err.Error()))
				continue
			}
			if len(to.String()) > maxRef {
				c.warn(target.at, "", "there can be no entity of that name: it is longer than %d characters", maxRef)
				continue
			}
			r := Relation{self, f.relation, to, target.at.String(), lineOf(c.root, target.at)}.Canonical()
			key := r.Source.String() + " " + string(r.Type) + " " + r.Target.String()
			if !seen[key] {
				seen[key] = true
				relations = append(relations, r)
			}
		}
	}
	return relations
}

// maxRef is the length of the longest reference that an entity can have: kind, namespace and name of 63 each.
const maxRef = 3*maxName + 2

type target struct {
	value any
	at    fieldPath
}

// targetsOf takes a list, a single value, or nothing, as Backstage does where it does not check before.
func targetsOf(v any, at fieldPath) []target {
	if isNothing(v) {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		return []target{{v, at}}
	}
	var targets []target
	for i, item := range list {
		targets = append(targets, target{item, at.with(i)})
	}
	return targets
}

// isNothing tells what JavaScript takes for false.
func isNothing(v any) bool {
	return v == nil || v == "" || v == false || v == float64(0)
}

// refOfTarget reads a reference, written as a text or as {kind, namespace, name}.
func refOfTarget(v any, kind, namespace string) (Ref, error) {
	switch v := v.(type) {
	case string:
		ref, err := ParseRef(storable(v), kind, namespace)
		return ref, err
	case map[string]any:
		s := Spec(v)
		ref := Ref{Kind: s.String("kind"), Namespace: s.String("namespace"), Name: s.String("name")}
		if ref.Kind == "" {
			ref.Kind = kind
		}
		if ref.Namespace == "" {
			ref.Namespace = namespace
		}
		if ref.Kind == "" || ref.Name == "" {
			return Ref{}, errRefKind
		}
		return ref, nil
	}
	if isNothing(v) {
		return Ref{}, errRefEmpty
	}
	return Ref{}, fmt.Errorf("a reference must be a text, not %s", nounOf(v))
}

// keysOf is under what an entity is found, each once.
func keysOf(e Entity) []Key {
	keys := []Key{{KeyName, fold(e.Name)}}
	add := func(keyType KeyType, text string) {
		key := Key{keyType, fold(text)}
		if keyType != KeyLink { // addresses are bounded already
			key.Key = clip(key.Key)
		}
		if key.Key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if title := fold(e.Display()); title != keys[0].Key {
		add(KeyTitle, e.Display())
	}
	if slug, ok := e.Repository(); ok {
		add(KeyRepository, slug)
		add(KeyRepoName, slug[strings.IndexByte(slug, '/')+1:])
	}
	const most = 20 // of one sort
	aliases, channels := e.Aliases(), e.Channels()
	for _, alias := range aliases[:min(len(aliases), most)] {
		add(KeyAlias, alias)
	}
	for _, channel := range channels[:min(len(channels), most)] {
		add(KeyChannel, channel)
	}
	placeKeys(e, most, add)
	if e.Is(KindUser) {
		add(KeySlackUser, e.Annotations[AnnotationSlackUser])
		add(KeyEmail, e.Email())
		add(KeyLogin, e.Login())
	}
	return keys
}

// storable takes away what a database cannot hold in a text.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// withoutBOM takes the mark away that some editors put before UTF-8.
func withoutBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }
