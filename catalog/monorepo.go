package catalog

import (
	"path"
	"strings"
)

// Path is the entity's folder within its repository, by bellhop.dev/path or, where its descriptor stands in that repository,
// the descriptor's own; empty for the repository as a whole.
func (e Entity) Path() string {
	text, named := e.Annotations[AnnotationPath]
	if !named {
		slug, _, file, ok := e.Source.InRepository()
		if own, _ := e.Repository(); !ok || !strings.EqualFold(slug, own) {
			return ""
		}
		text = path.Dir(file)
	}
	return strings.TrimPrefix(path.Clean("/"+text), "/")
}

// Artifacts are the names and patterns of the artifacts that hold the entity's test reports; none where it does not say.
func (e Entity) Artifacts() []string { return commaList(e.Annotations[AnnotationArtifacts]) }

// DeployWorkflow is the workflow that deploys the entity, as it is written; empty where it does not say.
func (e Entity) DeployWorkflow() string {
	return strings.TrimSpace(e.Annotations[AnnotationDeployWorkflow])
}

// Provisional tells that the entity is what GitHub alone tells of a repository, a team or a person: no descriptor
// describes it yet. It authorises nothing.
func (e Entity) Provisional() bool { return e.Annotations[AnnotationProvisional] != "" }

// Orphaned tells that what described the entity is gone; Source.OrphanedAt tells since when.
func (e Entity) Orphaned() bool { return !e.Source.OrphanedAt.IsZero() }

// commaList reads what stands between commas.
func commaList(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
