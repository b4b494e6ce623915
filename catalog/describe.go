package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Description is an entity in Backstage's own form, with how it stands to others.
type Description struct {
	APIVersion string           `json:"apiVersion"`
	Kind       string           `json:"kind"`
	Metadata   map[string]any   `json:"metadata"` // with its namespace, also where it was left out
	Spec       map[string]any   `json:"spec,omitempty"`
	Relations  []RelationToward `json:"relations"`
}

// RelationToward is a relation as seen from one entity.
type RelationToward struct {
	Type      RelationType `json:"type"`
	TargetRef string       `json:"targetRef"` // in full and in lower case
}

// Describe gives each record with all relations that the records tell of, both ways, in the order of their types and targets;
// what they lead to need not be there.
func Describe(records []Record) ([]Description, error) {
	toward := map[string]map[RelationToward]bool{}
	for _, record := range records {
		for _, r := range record.Relations {
			for _, r := range []Relation{r, r.Inverse()} {
				from := r.Source.String()
				if toward[from] == nil {
					toward[from] = map[RelationToward]bool{}
				}
				toward[from][RelationToward{r.Type, r.Target.String()}] = true
			}
		}
	}
	descriptions := make([]Description, len(records))
	for i, record := range records {
		d, err := describe(record)
		if err != nil {
			return nil, err
		}
		d.Relations = slices.AppendSeq(d.Relations, maps.Keys(toward[record.Ref.String()]))
		slices.SortFunc(d.Relations, func(a, b RelationToward) int {
			return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.TargetRef, b.TargetRef))
		})
		descriptions[i] = d
	}
	return descriptions, nil
}

// describe gives a record without its relations.
func describe(record Record) (Description, error) {
	d := Description{Relations: []RelationToward{}} // an empty list in JSON, not null
	if err := json.Unmarshal(record.Document, &d); err != nil {
		return Description{}, fmt.Errorf("describe %s: %w", record.Ref, err)
	}
	d.Metadata["namespace"] = record.Ref.Namespace
	return d, nil
}

// Everything is all entities of the catalog with their relations, in the order of their references. They are held in memory
// together.
func (c *Catalog) Everything(ctx context.Context) ([]Described, error) {
	const page, beyond = 500, "\x7f"
	var all []Described
	for after := ""; ; after = all[len(all)-1].Entity.Ref.String() {
		some, err := c.store.Range(ctx, after, beyond, page)
		if err != nil {
			return nil, fmt.Errorf("list the catalog: %w", err)
		}
		all = append(all, some...)
		if len(some) < page {
			return all, nil
		}
	}
}

// Describe gives entities of the catalog with their relations, in the order asked for; those that are gone are left out.
func (c *Catalog) Describe(ctx context.Context, entities []Entity) ([]Described, error) {
	refs, place := make([]Ref, len(entities)), make(map[string]int, len(entities))
	for i, e := range entities {
		refs[i], place[e.Ref.String()] = e.Ref, i
	}
	described, err := c.store.Describe(ctx, refs)
	if err != nil {
		return nil, fmt.Errorf("describe entities: %w", err)
	}
	slices.SortFunc(described, func(a, b Described) int {
		return cmp.Compare(place[a.Entity.Ref.String()], place[b.Entity.Ref.String()])
	})
	return described, nil
}

// Description is the entity in Backstage's own form.
func (d Described) Description() (Description, error) {
	record, err := d.Record()
	if err != nil {
		return Description{}, err
	}
	description, err := describe(record)
	for _, r := range d.Relations {
		description.Relations = append(description.Relations, RelationToward{r.Type, r.Target.String()})
	}
	return description, err
}

// Record is the entity's descriptor, without what only storing needs.
func (d Described) Record() (Record, error) { return recordOf(d.Entity) }

// recordOf makes a descriptor again of an entity that was stored.
func recordOf(e Entity) (Record, error) {
	d := document{APIVersion: e.APIVersion, Kind: e.Kind, Metadata: maps.Clone(e.Metadata), Spec: e.Spec}
	if d.Metadata == nil {
		d.Metadata = map[string]any{}
	}
	d.Metadata["name"] = e.Name
	if e.Namespace != DefaultNamespace {
		d.Metadata["namespace"] = e.Namespace
	}
	put := func(key string, value any, there bool) {
		if there {
			d.Metadata[key] = value
		}
	}
	put("title", e.Title, e.Title != "")
	put("description", e.Description, e.Description != "")
	put("labels", e.Labels, len(e.Labels) > 0)
	put("annotations", e.Annotations, len(e.Annotations) > 0)
	put("tags", e.Tags, len(e.Tags) > 0)
	put("links", e.Links, len(e.Links) > 0)
	data, err := json.Marshal(d)
	if err != nil {
		return Record{}, fmt.Errorf("describe %s: %w", e.Ref, err)
	}
	return Record{Ref: e.Ref, Document: data, Source: e.Source}, nil
}

// WriteDescriptors writes records as the YAML that they could have been read from.
func WriteDescriptors(w io.Writer, records []Record) error {
	for i, record := range records {
		var d document
		if err := json.Unmarshal(record.Document, &d); err != nil {
			return fmt.Errorf("write %s: %w", record.Ref, err)
		}
		text, err := yaml.Dump(descriptorNode(d))
		if err != nil {
			return fmt.Errorf("write %s: %w", record.Ref, err)
		}
		if i > 0 {
			text = append([]byte("---\n"), text...)
		}
		if _, err := w.Write(text); err != nil {
			return fmt.Errorf("write %s: %w", record.Ref, err)
		}
	}
	return nil
}

// descriptorNode is a descriptor in the order in which people write one.
func descriptorNode(d document) *yaml.Node {
	root := []field{{"apiVersion", d.APIVersion}, {"kind", d.Kind},
		{"metadata", first(d.Metadata, "name", "namespace", "title", "description")}}
	if d.Spec != nil {
		root = append(root, field{"spec", first(d.Spec, "type", "lifecycle", "owner", "system")})
	}
	return ordered(root)
}

type field struct {
	key   string
	value any
}

// first is a mapping that begins with what people look for first.
func first(mapping map[string]any, keys ...string) *yaml.Node {
	var fields []field
	for _, key := range append(keys, inOrder(mapping)...) {
		value, there := mapping[key]
		if again := slices.ContainsFunc(fields, func(f field) bool { return f.key == key }); there && !again {
			fields = append(fields, field{key, value})
		}
	}
	return ordered(fields)
}

// ordered is a mapping in the order of its fields.
func ordered(fields []field) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, f := range fields {
		value, ok := f.value.(*yaml.Node)
		if !ok {
			value = nodeOf(f.value)
		}
		node.Content = append(node.Content, nodeOf(f.key), value)
	}
	return node
}

// nodeOf is a plain value of a document as YAML; mappings are in the order of their keys.
func nodeOf(v any) *yaml.Node {
	switch v := v.(type) {
	case map[string]any:
		var fields []field
		for _, key := range inOrder(v) {
			fields = append(fields, field{key, v[key]})
		}
		return ordered(fields)
	case []any:
		node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v {
			node.Content = append(node.Content, nodeOf(item))
		}
		return node
	}
	return scalarNode(v)
}

// scalarNode quotes a text wherever this reader or an older one could take it for something else.
func scalarNode(v any) *yaml.Node {
	node := &yaml.Node{}
	if err := node.Encode(v); err != nil {
		// Values come from JSON: texts, numbers, truth values and nothing, which all have a form.
		panic(err)
	}
	return node
}
