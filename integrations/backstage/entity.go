package backstage

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"bellhop/catalog"
)

// Annotations that Backstage gives every entity.
const (
	annotationLocation = "backstage.io/managed-by-location"
	annotationOrigin   = "backstage.io/managed-by-origin-location"
)

// object is a value of JSON; its lists are []any.
type object = map[string]any

// entity is an entity in Backstage's form, but for its etag.
type entity struct {
	ref       string
	document  object
	relations []catalog.Relation
}

func entityOf(d catalog.Described) entity {
	e := d.Entity
	ref := e.Ref.String()
	metadata := maps.Clone(e.Metadata)
	if metadata == nil {
		metadata = object{}
	}
	metadata["name"], metadata["namespace"] = e.Name, e.Namespace
	putText(metadata, "title", e.Title)
	putText(metadata, "description", e.Description)
	putTexts(metadata, "labels", e.Labels)
	putTexts(metadata, "annotations", annotationsOf(e))
	if len(e.Tags) > 0 {
		metadata["tags"] = listOf(e.Tags)
	}
	if len(e.Links) > 0 {
		metadata["links"] = linksOf(e.Links)
	}
	relations := make([]any, len(d.Relations))
	for i, r := range d.Relations {
		relations[i] = object{"type": string(r.Type), "targetRef": r.Target.String()}
	}
	document := object{"apiVersion": e.APIVersion, "kind": e.Kind, "metadata": metadata, "relations": relations}
	if e.Spec != nil {
		document["spec"] = object(e.Spec)
	}
	metadata["uid"] = uid(ref)
	return entity{ref, document, d.Relations}
}

// whole is the entity with its etag, which changes whenever anything else does; nothing is found by it, and it is made for
// what is given out alone.
func (e entity) whole() (object, error) {
	data, err := json.Marshal(e.document)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.ref, err)
	}
	sum := sha256.Sum256(data)
	metadata, _ := e.document["metadata"].(object)
	metadata["etag"] = hex.EncodeToString(sum[:20])
	return e.document, nil
}

// uid is a UUID (version 8, RFC 9562) made of the reference: an entity has the same in every process and after every restart.
func uid(ref string) string {
	sum := sha256.Sum256([]byte("bellhop entity " + ref))
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// annotationsOf are an entity's annotations, with where it was read.
func annotationsOf(e catalog.Entity) map[string]string {
	annotations := map[string]string{}
	if e.Source.File != "" {
		annotations[annotationLocation] = locationRef(e.Source.File)
	}
	if e.Source.Location != "" {
		annotations[annotationOrigin] = locationRef(e.Source.Location)
	}
	maps.Copy(annotations, e.Annotations)
	return annotations
}

func locationRef(target string) string {
	if strings.Contains(target, "://") {
		return "url:" + target
	}
	return "file:" + target
}

func putText(m object, key, text string) {
	if text != "" {
		m[key] = text
	}
}

func putTexts(m object, key string, texts map[string]string) {
	if len(texts) == 0 {
		return
	}
	values := make(object, len(texts))
	for k, v := range texts {
		values[k] = v
	}
	m[key] = values
}

func listOf(texts []string) []any {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list
}

func linksOf(links []catalog.Link) []any {
	list := make([]any, len(links))
	for i, l := range links {
		link := object{"url": l.URL}
		putText(link, "title", l.Title)
		putText(link, "icon", l.Icon)
		putText(link, "type", l.Type)
		list[i] = link
	}
	return list
}

// fields are the parts of an entity that somebody wants; none are all.
type fields []string

// parseFields reads `fields` parameters, each with commas between paths.
func parseFields(params []string) (fields, error) {
	var f fields
	for _, param := range params {
		for _, path := range strings.Split(param, ",") {
			if path = strings.TrimSpace(path); path == "" {
				continue
			}
			if strings.Contains(path, "[") {
				return nil, input("invalid fields, array type fields are not supported")
			}
			f = append(f, path)
		}
	}
	if len(f) > maxStatements {
		return nil, input("invalid fields, there are too many")
	}
	return f, nil
}

// of gives the wanted parts of an entity, or the whole.
func (f fields) of(e entity) (object, error) {
	document, err := e.whole()
	if err != nil || len(f) == 0 {
		return document, err
	}
	out := object{}
	for _, path := range f {
		keys, value, ok := lookUp(document, strings.Split(path, "."))
		if !ok {
			continue
		}
		at := out
		for _, key := range keys[:len(keys)-1] {
			next, ok := at[key].(object)
			if !ok {
				next = object{}
				at[key] = next
			}
			at = next
		}
		at[keys[len(keys)-1]] = value
	}
	return out, nil
}

// lookUp follows a path; where keys have dots themselves, the shortest that exists leads on, as in Backstage.
func lookUp(in object, path []string) (keys []string, value any, ok bool) {
	var current any = in
	key := ""
	for i, part := range path {
		key += part
		m, isObject := current.(object)
		if next, there := m[key]; isObject && there {
			keys, current, key = append(keys, key), next, ""
		} else if i < len(path)-1 {
			key += "."
		}
	}
	return keys, current, key == "" && len(keys) > 0
}
