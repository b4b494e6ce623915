package catalog

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzReadDocuments holds reading to never panic, to say something about all it refuses, and to read back what it stores.
func FuzzReadDocuments(f *testing.F) {
	for _, seed := range []string{
		fine("a") + "---\n" + fine("b"), "kind: 'x\n---\n" + fine("a"), "a: &a [*a]\n", "<<: [1]\n", "? [a]\n: b\n", "%YAML 1.2\n---\n{}\n",
		"apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: g\n  links: [{url: \"//x\"}]\nspec: {type: team, children: [a, 7, null], members: x}\n",
		"- 1\n...\n---\n", "\xef\xbb\xbfa: b", "a: !!binary x\n", "a: \"\\0\"\n", "{a: *b}", "---\n---\n---", "key: |\n---\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		last := 0
		for _, doc := range splitDocuments(withoutBOM(data)) {
			if doc.line < last || doc.document < 1 {
				t.Fatalf("document %d begins at line %d after %d", doc.document, doc.line, last)
			}
			last = doc.line
			r := readDocument(doc, Source{File: "f"}, rights{}, nil)
			for _, p := range r.problems {
				if p.Message == "" || p.Line < doc.line {
					t.Fatalf("empty or misplaced problem %+v of a document from line %d", p, doc.line)
				}
			}
			if !r.ok && len(r.problems) == 0 {
				t.Fatal("refused without a word")
			}
			if r.ok && !r.empty {
				stored(t, r.record)
			}
		}
	})
}

func stored(t *testing.T, record Record) {
	e, err := DecodeEntity(record.Document, record.Source)
	if err != nil || e.Ref != record.Ref {
		t.Fatalf("%s comes back as %s, %v", record.Ref, e.Ref, err)
	}
	if !json.Valid(record.Document) {
		t.Fatal("no JSON")
	}
	for _, key := range record.Keys {
		if key.Key == "" || strings.Contains(key.Key, "\x00") {
			t.Fatalf("key %q", key.Key)
		}
	}
	for _, relation := range record.Relations {
		if relation.Source != record.Ref && relation.Target != record.Ref {
			t.Fatalf("%s speaks for %+v", record.Ref, relation)
		}
	}
}

func FuzzBraces(f *testing.F) {
	for _, seed := range []string{"*.{yaml,yml}", "{a,{b,c}}", "{", "}", "{,}", "a{b", "{a}{b}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if strings.Count(pattern, "{") > 6 || strings.Count(pattern, ",") > 12 {
			return // choices multiply; the config's own author pays for it
		}
		if len(braces(pattern)) == 0 {
			t.Fatal("no pattern left")
		}
	})
}
