package catalog

import (
	"encoding/json"
	"fmt"
	"maps"

	"go.yaml.in/yaml/v4"
)

// NewDescriptor is the text of a first descriptor for what has none: of a provisional entity, all that GitHub tells. By what
// its owner is known stands beside them, for who checks it. An owner that nobody knows is left to be filled in; another is named as shortly
// as the defaults allow.
func NewDescriptor(e Entity) ([]byte, error) {
	evidence := "by " + e.Annotations[AnnotationOwnerBy]
	e.Annotations = maps.Clone(e.Annotations)
	delete(e.Annotations, AnnotationProvisional)
	delete(e.Annotations, AnnotationOwnerBy)
	e.Spec = maps.Clone(e.Spec)
	if owner, err := ParseRef(e.Spec.String("owner"), KindGroup, e.Namespace); err == nil {
		e.Spec["owner"] = ownerText(e.Ref, owner)
	}
	if e.Spec.String("owner") == "" {
		e.Spec["owner"], evidence = "unknown", "name the team that answers for it"
	}
	record, err := recordOf(e)
	if err != nil {
		return nil, err
	}
	var d document
	if err := json.Unmarshal(record.Document, &d); err != nil {
		return nil, fmt.Errorf("write %s: %w", e.Ref, err)
	}
	root := descriptorNode(d)
	_, spec := childOf(root, "spec")
	if _, owner := childOf(spec, "owner"); evidence != "by " {
		owner.LineComment = evidence
	}
	text, err := yaml.Dump(root)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", e.Ref, err)
	}
	return text, nil
}
