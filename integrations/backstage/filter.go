package backstage

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxStatements bounds the conditions of one request, each of which is held against every entity.
const maxStatements = 1000

// filter is what must be so of an entity: all conditions of any of its sets. An empty one is met by all.
type filter []conditions

// conditions are what must be so of the values under each key, in lower case.
type conditions map[string]condition

// condition is met by any of its values; without values, by the key's being there.
type condition []string

// parseFilter reads `filter` parameters, `kind=component,metadata.tags.go`. Between parameters is an or, between commas an
// and, except that several values of one key are alternatives.
func parseFilter(params []string) (filter, error) {
	var f filter
	statements := 0
	for _, param := range params {
		set := conditions{}
		for _, statement := range strings.Split(param, ",") {
			statement = strings.TrimSpace(statement)
			if statement == "" {
				continue
			}
			if statements++; statements > maxStatements {
				return nil, input(fmt.Sprintf("Invalid filter, it has more than %d conditions", maxStatements))
			}
			key, value, hasValue := strings.Cut(statement, "=")
			key, value = strings.ToLower(strings.TrimSpace(key)), strings.ToLower(strings.TrimSpace(value))
			if key == "" {
				return nil, input(fmt.Sprintf("Invalid filter, '%s' is not a valid statement (expected a string on the form a=b or a= or a)", statement))
			}
			alternatives := set[key]
			if hasValue && !slices.Contains(alternatives, value) {
				alternatives = append(alternatives, value)
			}
			set[key] = alternatives // none where it must only be there, which alternatives say as well
		}
		if len(set) > 0 {
			f = append(f, set)
		}
	}
	return f, nil
}

// params are parameters that parseFilter reads as f.
func (f filter) params() []string {
	var params []string
	for _, set := range f {
		var statements []string
		for _, key := range slices.Sorted(maps.Keys(set)) {
			if len(set[key]) == 0 {
				statements = append(statements, key)
			}
			for _, value := range set[key] {
				statements = append(statements, key+"="+value)
			}
		}
		params = append(params, strings.Join(statements, ","))
	}
	return params
}

// kinds are those that alone can meet f, in lower case; ok is false where any can.
func (f filter) kinds() (kinds []string, ok bool) {
	for _, set := range f {
		if len(set["kind"]) == 0 {
			return nil, false
		}
		kinds = append(kinds, set["kind"]...)
	}
	return kinds, len(f) > 0
}

// allows tells whether an entity with these values meets f.
func (f filter) allows(v values) bool {
	if len(f) == 0 {
		return true
	}
	return slices.ContainsFunc(f, func(set conditions) bool {
		for key, wanted := range set {
			found, there := v[key]
			if !there {
				return false
			}
			if len(wanted) > 0 && !slices.ContainsFunc(found, func(v value) bool { return v.told && slices.Contains(wanted, v.folded) }) {
				return false
			}
		}
		return true
	})
}

// values are what an entity is found by: its leaves by the path that leads to them, in lower case. A text in a list is also a
// key of its own (`metadata.tags.go`), and relations are `relations.ownedby`.
type values map[string][]value

// value is one leaf. It is not told where it is nothing, or too long to be looked for; its key is there all the same.
type value struct {
	text, folded string
	told         bool
}

// maxIndexed is how many characters a key or a value may have to be found, as in Backstage.
const maxIndexed = 200

// valuesOf are the values of an entity.
func valuesOf(e entity) values {
	v := values{}
	for key, part := range e.document {
		if key != "relations" && key != "status" && key != "attachments" {
			v.visit(strings.ToLower(key), part)
		}
	}
	for _, r := range e.relations {
		v.add("relations."+strings.ToLower(string(r.Type)), r.Target.String())
	}
	return v
}

func (v values) visit(path string, current any) {
	switch current := current.(type) {
	case object:
		for key, part := range current {
			v.visit(path+"."+strings.ToLower(key), part)
		}
	case []any:
		for _, item := range current {
			v.visit(path, item)
			if text, ok := item.(string); ok {
				v.add(path+"."+strings.ToLower(text), "true")
			}
		}
	case nil:
		v.put(path, value{})
	case string:
		v.add(path, current)
	case float64:
		v.add(path, strconv.FormatFloat(current, 'f', -1, 64))
	case bool:
		v.add(path, strconv.FormatBool(current))
	}
}

func (v values) add(path, text string) {
	if utf8.RuneCountInString(text) > maxIndexed {
		v.put(path, value{})
		return
	}
	v.put(path, value{text, strings.ToLower(text), true})
}

// put adds a value once.
func (v values) put(path string, one value) {
	if utf8.RuneCountInString(path) > maxIndexed {
		return
	}
	for _, other := range v[path] {
		if other.folded == one.folded && other.told == one.told {
			return
		}
	}
	v[path] = append(v[path], one)
}
