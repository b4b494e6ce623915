package catalog

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// The kinds of entity that Bellhop reads.
const (
	KindComponent = "Component"
	KindAPI       = "API"
	KindResource  = "Resource"
	KindSystem    = "System"
	KindDomain    = "Domain"
	KindGroup     = "Group"
	KindUser      = "User"
	KindLocation  = "Location"
	KindTemplate  = "Template"
)

// Annotations that Bellhop reads.
const (
	// AnnotationSlug is a component's repository, `owner/repo`.
	AnnotationSlug = "github.com/project-slug"
	// AnnotationLogin is a user's GitHub login, where it is not the entity's name.
	AnnotationLogin = "github.com/user-login"
	// AnnotationChannel is a team's Slack channels, names or ids with commas between; the first is where to ask.
	AnnotationChannel = "slack.com/channel"
	// AnnotationAliases is what else people call an entity, with commas between.
	AnnotationAliases = "bellhop.dev/aliases"
	// AnnotationSlackUser is a user's Slack id.
	AnnotationSlackUser = "slack.com/user-id"
	// AnnotationPath is the folder of a component within its repository, where it is not the descriptor's own.
	AnnotationPath = "bellhop.dev/path"
	// AnnotationArtifacts is which artifacts hold a component's test reports: names or patterns with commas between.
	AnnotationArtifacts = "bellhop.dev/artifacts"
	// AnnotationDeployWorkflow is the workflow that deploys a component, `owner/repo/file.yml@branch`.
	AnnotationDeployWorkflow = "bellhop.dev/deploy-workflow"
	// AnnotationTeam is a group's team on GitHub, `owner/team`.
	AnnotationTeam = "github.com/team-slug"
	// AnnotationProvisional marks what GitHub alone tells, until a descriptor takes its place; no descriptor may carry it.
	AnnotationProvisional = "bellhop.dev/provisional"
	// AnnotationOwnerBy is by what a provisional owner is known: `CODEOWNERS line 3`; no descriptor may carry it.
	AnnotationOwnerBy = "bellhop.dev/owner-by"
)

// Entity is one descriptor: something that exists, or somebody.
type Entity struct {
	Ref
	APIVersion  string
	Title       string
	Description string
	Labels      map[string]string
	Annotations map[string]string
	Tags        []string
	Links       []Link
	Spec        Spec
	// Metadata holds the keys of `metadata` that have no field here, as they were read.
	Metadata map[string]any
	Source   Source
}

// Link is a place that belongs to an entity.
type Link struct {
	URL   string `json:"url"`
	Title string `json:"title,omitempty"`
	Icon  string `json:"icon,omitempty"`
	Type  string `json:"type,omitempty"`
}

// Source is where an entity was read.
type Source struct {
	Location string // as the config has it
	// File is relative to the config file, or begins with its tree: `github:acme/payments/catalog-info.yaml`.
	File     string
	Document int // within the file, from 1
	Line     int // of the document's first key, from 1
	// OrphanedAt is when a refresh first missed what described the entity, to the millisecond; zero while it is there.
	OrphanedAt time.Time
}

// Spec is a descriptor's `spec` as it was read; unknown keys are kept.
type Spec map[string]any

// String is the text under key, or empty.
func (s Spec) String(key string) string {
	text, _ := s[key].(string)
	return text
}

// Strings are the texts under key; a single text is a list of one.
func (s Spec) Strings(key string) []string {
	switch v := s[key].(type) {
	case string:
		return []string{v}
	case []any:
		texts := make([]string, 0, len(v))
		for _, item := range v {
			if text, ok := item.(string); ok {
				texts = append(texts, text)
			}
		}
		return texts
	}
	return nil
}

// Display is what people call the entity: its title, a person's or team's display name, else its name.
func (e Entity) Display() string {
	if e.Title != "" {
		return e.Title
	}
	if profile, ok := e.Spec["profile"].(map[string]any); ok {
		if name := Spec(profile).String("displayName"); name != "" {
			return name
		}
	}
	return e.Name
}

// Type is `spec.type`: service, website, library, team …
func (e Entity) Type() string { return e.Spec.String("type") }

// Lifecycle is `spec.lifecycle`: production, experimental, deprecated …
func (e Entity) Lifecycle() string { return e.Spec.String("lifecycle") }

// Email is `spec.profile.email` of a User or Group, in lower case.
func (e Entity) Email() string {
	profile, _ := e.Spec["profile"].(map[string]any)
	return strings.ToLower(Spec(profile).String("email"))
}

// Login is a User's name on GitHub: by annotation, else the entity's name.
func (e Entity) Login() string {
	if login := e.Annotations[AnnotationLogin]; login != "" {
		return login
	}
	return e.Name
}

// Channels are the Slack channels of a team or component, names without # or ids; the first is where to ask.
func (e Entity) Channels() []string {
	var channels []string
	for _, part := range strings.Split(e.Annotations[AnnotationChannel], ",") {
		if channel := strings.TrimPrefix(strings.TrimSpace(part), "#"); channel != "" {
			channels = append(channels, channel)
		}
	}
	return channels
}

// Aliases are what else people call the entity.
func (e Entity) Aliases() []string {
	return commaList(e.Annotations[AnnotationAliases])
}

var slugPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)

// Repository is the entity's `owner/repo` by github.com/project-slug; ok is false where it has none, or none that
// could be a repository.
func (e Entity) Repository() (slug string, ok bool) {
	slug = e.Annotations[AnnotationSlug]
	return slug, slugPattern.MatchString(slug)
}

// Deployable tells whether the entity is a component that can be deployed: it has a repository and is no library.
func (e Entity) Deployable() bool {
	_, ok := e.Repository()
	return ok && e.Is(KindComponent) && !strings.EqualFold(e.Type(), "library")
}

// document is the shape of a stored entity: Backstage's own.
type document struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Spec       map[string]any `json:"spec,omitempty"`
}

// DecodeEntity reads an entity back from the document of a Record.
func DecodeEntity(data []byte, source Source) (Entity, error) {
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return Entity{}, fmt.Errorf("decode entity of %s: %w", source.File, err)
	}
	return entityOf(d, source), nil
}

// entityOf takes the known keys out of the document's metadata; the document must be a valid one and is used up.
func entityOf(d document, source Source) Entity {
	m := d.Metadata
	e := Entity{
		Ref:        Ref{Kind: d.Kind, Namespace: takeText(m, "namespace"), Name: takeText(m, "name")},
		APIVersion: d.APIVersion, Spec: d.Spec, Source: source,
		Title: takeText(m, "title"), Description: takeText(m, "description"),
		Labels: takeTexts(m, "labels"), Annotations: takeTexts(m, "annotations"),
		Tags: Spec(m).Strings("tags"), Links: takeLinks(m),
	}
	if e.Namespace == "" {
		e.Namespace = DefaultNamespace
	}
	delete(m, "tags")
	if len(m) > 0 {
		e.Metadata = m
	}
	return e
}

func takeText(m map[string]any, key string) string {
	text := Spec(m).String(key)
	delete(m, key)
	return text
}

func takeTexts(m map[string]any, key string) map[string]string {
	values, _ := m[key].(map[string]any)
	delete(m, key)
	if len(values) == 0 {
		return nil
	}
	texts := make(map[string]string, len(values))
	for k, v := range values {
		texts[k], _ = v.(string)
	}
	return texts
}

func takeLinks(m map[string]any) []Link {
	items, _ := m["links"].([]any)
	delete(m, "links")
	var links []Link
	for _, item := range items {
		l, _ := item.(map[string]any)
		s := Spec(l)
		links = append(links, Link{URL: s.String("url"), Title: s.String("title"), Icon: s.String("icon"), Type: s.String("type")})
	}
	return links
}
