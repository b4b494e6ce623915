package catalog

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// conformanceCase is one verdict of Backstage's own code.
type conformanceCase struct {
	T    string          `json:"t"`
	Fn   string          `json:"fn"`
	V    any             `json:"v"`
	R    json.RawMessage `json:"r"`
	Ref  string          `json:"ref"`
	Name string          `json:"name"`
	Ctx  struct {
		DefaultKind      string `json:"defaultKind"`
		DefaultNamespace string `json:"defaultNamespace"`
	} `json:"ctx"`
	Entity json.RawMessage `json:"entity"`
}

// TestConformance holds reading to what Backstage says of the same input: verdicts, parsed parts and relations.
func TestConformance(t *testing.T) {
	f, err := os.Open("../testdata/conformance/catalog.jsonl")
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	count := 0
	for n := 1; lines.Scan(); n++ {
		var c conformanceCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		count++
		t.Run(fmt.Sprintf("line %d", n), func(t *testing.T) { c.check(t) })
	}
	require.NoError(t, lines.Err())
	require.Equal(t, 692, count)
}

func (c conformanceCase) check(t *testing.T) {
	switch c.T {
	case "format":
		text, isText := c.V.(string)
		require.Equal(t, string(c.R) == "true", isText && conformanceFormats()[c.Fn](text), "%s(%q)", c.Fn, c.V)
	case "ref":
		c.checkRef(t)
	case "locref":
		c.checkLocation(t)
	case "entity":
		c.checkEntity(t)
	default:
		t.Fatalf("unknown case %q", c.T)
	}
}

func conformanceFormats() map[string]func(string) bool {
	return map[string]func(string) bool{
		"isValidApiVersion": validAPIVersion, "isValidKind": validKind, "isValidEntityName": validName,
		"isValidNamespace": validNamespace, "isValidLabelKey": validKey, "isValidLabelValue": validLabelValue,
		"isValidAnnotationKey": validKey, "isValidAnnotationValue": func(string) bool { return true },
		"isValidTag": validTag, "isValidDnsSubdomain": validSubdomain, "isValidDnsLabel": validNamespace,
		"isValidUrl": validURL, "isNonEmptyString": func(s string) bool { return strings.TrimSpace(s) != "" },
	}
}

func (c conformanceCase) checkRef(t *testing.T) {
	var want struct{ Kind, Namespace, Name, String, Error string }
	require.NoError(t, json.Unmarshal(c.R, &want))
	ref, err := ParseRef(c.Ref, c.Ctx.DefaultKind, c.Ctx.DefaultNamespace)
	if want.Error != "" {
		require.Error(t, err, c.Ref)
		return
	}
	require.NoError(t, err, c.Ref)
	require.Equal(t, Ref{want.Kind, want.Namespace, want.Name}, ref)
	require.Equal(t, want.String, ref.String())
}

func (c conformanceCase) checkLocation(t *testing.T) {
	var want struct{ Type, Target, Error string }
	require.NoError(t, json.Unmarshal(c.R, &want))
	text, _ := c.V.(string)
	ref, err := ParseLocationRef(text)
	if want.Error != "" {
		require.Error(t, err, text)
		return
	}
	require.NoError(t, err, text)
	require.Equal(t, LocationRef{want.Type, want.Target}, ref)
}

func (c conformanceCase) checkEntity(t *testing.T) {
	var want struct {
		OK        bool
		Ref       string
		Relations [][3]string
	}
	require.NoError(t, json.Unmarshal(c.R, &want))
	r := readDocument(chunk{text: c.Entity, document: 1, line: 1}, Source{File: c.Name}, rights{}, nil)
	require.Equal(t, want.OK, r.ok, "%s: %v", c.Name, r.problems)
	linted, err := Lint(t.Context(), []Descriptor{{Root: fstest.MapFS{"f.yaml": {Data: c.Entity}}, Path: "f.yaml", Name: "f.yaml"}})
	require.NoError(t, err)
	refused := slices.ContainsFunc(linted.Problems, func(p Problem) bool { return p.Severity == SeverityError })
	require.Equal(t, want.OK, !refused, "an error is what Backstage refuses: %v", linted.Problems)
	if !want.OK {
		require.NotEmpty(t, r.problems)
		return
	}
	require.Equal(t, want.Ref, r.record.Ref.String())
	var got [][3]string
	for _, rel := range r.record.Relations {
		for _, rel := range []Relation{rel, rel.Inverse()} {
			got = append(got, [3]string{rel.Source.String(), string(rel.Type), rel.Target.String()})
		}
	}
	order := func(a, b [3]string) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(got, order)
	slices.SortFunc(want.Relations, order)
	if len(want.Relations) == 0 {
		want.Relations = nil
	}
	require.Equal(t, want.Relations, got, c.Name)
}
