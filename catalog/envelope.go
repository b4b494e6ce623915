package catalog

import (
	"fmt"
	"slices"
	"strings"

	"bellhop/nearest"
)

// envelope checks what all kinds have in common and gives the document; it may be refused all the same.
func (c *checker) envelope(value any) (document, bool) {
	root, ok := value.(map[string]any)
	if !ok {
		c.fail(nil, "", "a descriptor must be a mapping, not %s", nounOf(value))
		return document{}, false
	}
	_, hasVersion := root["apiVersion"]
	if _, hasKind := root["kind"]; !hasVersion && !hasKind {
		c.fail(nil, "move the file elsewhere, or write both", "this is no descriptor: it has neither apiVersion nor kind")
		return document{}, false // to go through its fields would tell nothing more
	}
	for _, key := range inOrder(root) {
		switch key {
		case "apiVersion", "kind", "metadata", "spec":
		default:
			c.fail(fieldPath{key}, "only apiVersion, kind, metadata and spec may stand here", "unknown field %q", clip(key))
		}
	}
	var d document
	d.APIVersion, _ = c.text(root, nil, "apiVersion", true)
	d.Kind, _ = c.text(root, nil, "kind", true)
	d.Metadata, _ = c.mapping(root, nil, "metadata", true)
	if d.Metadata != nil {
		c.metadata(d.Metadata)
	}
	if _, there := root["spec"]; there {
		d.Spec, _ = c.mapping(root, nil, "spec", true)
	}
	if d.APIVersion != "" {
		c.format(fieldPath{"apiVersion"}, d.APIVersion, format{"an apiVersion: backstage.io/v1alpha1", validAPIVersion, nil, ""})
	}
	if d.Kind != "" {
		c.format(fieldPath{"kind"}, d.Kind, format{"a kind: 1 to 63 of a-z, A-Z, 0-9, a letter first", validKind, nil, ""})
	}
	return d, true
}

// metadata checks the known keys; others are anybody's own.
func (c *checker) metadata(m map[string]any) {
	at := fieldPath{"metadata"}
	c.formatted(m, at, "name", true, nameFormat())
	c.formatted(m, at, "namespace", false, namespaceFormat())
	for _, key := range []string{"title", "uid", "etag"} {
		c.text(m, at, key, false)
	}
	if v, there := m["description"]; there {
		if _, ok := v.(string); !ok {
			c.fail(at.with("description"), quoteHint(v), "must be a text, not %s", nounOf(v))
		}
	}
	if v, there := m["generation"]; there {
		if n, ok := v.(float64); !ok || n < 1 || n != float64(int64(n)) {
			c.fail(at.with("generation"), "leave it out: Bellhop does not need it", "must be a whole number from 1")
		}
	}
	c.pairs(m, "labels", format{"a label's value: at most 63 of a-z, A-Z, 0-9, and - _ . between them", validLabelValue, func(s string) string {
		return mend(s, "-_.", false)
	}, capitals + "-_."})
	c.pairs(m, "annotations", format{"a text", func(string) bool { return true }, nil, ""})
	if tags, ok := c.list(m, at, "tags", false); ok {
		c.texts(tags, at.with("tags"), func(at fieldPath, tag string) { c.format(at, tag, tagFormat()) })
	}
	if links, ok := c.list(m, at, "links", false); ok {
		for i, link := range links {
			c.link(at.with("links").with(i), link)
		}
	}
}

// pairs checks labels and annotations.
func (c *checker) pairs(m map[string]any, key string, value format) {
	at := fieldPath{"metadata", key}
	pairs, ok := c.mapping(m, fieldPath{"metadata"}, key, false)
	if !ok {
		return
	}
	for _, k := range inOrder(pairs) {
		c.format(at.with(k), k, format{"a key: a name of at most 63 characters, with or without a DNS name in lower case and a / before it", validKey, nil, ""})
		text, ok := pairs[k].(string)
		if !ok {
			c.fail(at.with(k), quoteHint(pairs[k]), "must be a text, not %s", nounOf(pairs[k]))
			continue
		}
		c.format(at.with(k), text, value)
	}
}

func (c *checker) link(at fieldPath, v any) {
	link, ok := v.(map[string]any)
	if !ok {
		c.fail(at, "write {url: …, title: …}", "must be a mapping, not %s", nounOf(v))
		return
	}
	c.formatted(link, at, "url", true, format{"a URL with its scheme", validURL, func(s string) string {
		if strings.HasPrefix(s, "/") || !strings.Contains(s, ".") {
			return ""
		}
		return "https://" + s
	}, ""})
	c.formatted(link, at, "title", false, format{"a text with something in it", func(s string) bool { return strings.TrimSpace(s) != "" }, nil, ""})
	c.formatted(link, at, "icon", false, nameFormat())
	c.text(link, at, "type", false)
}

// spec checks what the kind asks for.
func (c *checker) spec(d document) {
	fields, known := specOf(d.Kind)
	if !known {
		if d.Kind != "" { // else it is told to be missing
			c.unknownKind(d.Kind)
		}
		return
	}
	if versions := versionsOf(d.Kind); !slices.Contains(versions, d.APIVersion) {
		if d.APIVersion == "" {
			return // it is told to be missing
		}
		c.fail(fieldPath{"apiVersion"}, "write "+versions[0], "a %s cannot be written in %q", d.Kind, clip(d.APIVersion))
		return
	}
	if d.Spec == nil {
		if !slices.ContainsFunc(c.problems, func(p Problem) bool { return p.Field == "spec" }) {
			c.fail(fieldPath{"spec"}, "", "is missing")
		}
		return
	}
	at := fieldPath{"spec"}
	for _, f := range fields {
		switch f.takes {
		case takesText:
			c.text(d.Spec, at, f.name, f.required)
		case takesTexts:
			if list, ok := c.list(d.Spec, at, f.name, f.required); ok {
				c.texts(list, at.with(f.name), nil)
			}
		case takesProfile:
			if profile, ok := c.mapping(d.Spec, at, f.name, f.required); ok {
				for _, key := range []string{"displayName", "email", "picture"} {
					c.text(profile, at.with(f.name), key, false)
				}
			}
		case takesPresence:
			if text, ok := c.text(d.Spec, at, f.name, f.required); ok && text != "required" && text != "optional" {
				c.fail(at.with(f.name), "", "must be required or optional")
			}
		case takesAny:
		}
	}
	if d.Kind == KindTemplate {
		c.template(d.Spec)
	}
}

func (c *checker) unknownKind(kind string) {
	hint := "Bellhop reads " + strings.Join(allKinds(), ", ")
	for _, known := range allKinds() {
		if strings.EqualFold(known, kind) {
			hint = fmt.Sprintf("write %s", known)
		}
	}
	c.fail(fieldPath{"kind"}, hint, "unknown kind %q", clip(kind))
}

// useful looks at what Bellhop itself reads, and warns of what it cannot use.
func (c *checker) useful(e Entity) {
	annotations := fieldPath{"metadata", "annotations"}
	if slug, there := e.Annotations[AnnotationSlug]; there {
		if _, ok := e.Repository(); !ok {
			hint := ""
			if named := SlugOf(slug); named != "" {
				hint = fmt.Sprintf("try %q", named)
			}
			c.warn(annotations.with(AnnotationSlug), hint, "%q is not owner/repo, so nothing of the repository is found", clip(slug))
		}
	}
	if lifecycle := e.Lifecycle(); lifecycle != "" {
		if meant := meantLifecycle(lifecycle); meant != "" {
			c.warn(fieldPath{"spec", "lifecycle"}, fmt.Sprintf("did you mean %q?", meant), "%q is no well-known lifecycle", clip(lifecycle))
		}
	}
}

// meantLifecycle is the well-known lifecycle that somebody probably meant to write; empty where it is one, or is like none
// of them, for a company may have its own.
func meantLifecycle(lifecycle string) string {
	known := []string{"experimental", "production", "deprecated"}
	if slices.Contains(known, lifecycle) {
		return ""
	}
	lower := strings.ToLower(lifecycle)
	for _, k := range known {
		if len(lower) >= len("prod") && strings.HasPrefix(k, lower) || nearest.Distance(lower, k, nearest.Allowed(k)) <= nearest.Allowed(k) {
			return k
		}
	}
	return ""
}
