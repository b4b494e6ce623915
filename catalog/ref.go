package catalog

import (
	"errors"
	"fmt"
	"strings"
)

// DefaultNamespace is where an entity lives that names no namespace.
const DefaultNamespace = "default"

// Ref names an entity. Its parts stand as they were written; two references are the same entity when their String is.
type Ref struct{ Kind, Namespace, Name string }

// String is the reference in full and in lower case, `component:default/payments`: the entity's identity.
func (r Ref) String() string {
	namespace := r.Namespace
	if namespace == "" {
		namespace = DefaultNamespace
	}
	return strings.ToLower(r.Kind + ":" + namespace + "/" + r.Name)
}

// Short is the reference as people write it: without the default namespace, the kind in lower case.
func (r Ref) Short() string {
	if r.Namespace == "" || strings.EqualFold(r.Namespace, DefaultNamespace) {
		return strings.ToLower(r.Kind) + ":" + r.Name
	}
	return strings.ToLower(r.Kind) + ":" + r.Namespace + "/" + r.Name
}

// IsZero tells that nothing is named.
func (r Ref) IsZero() bool { return r == Ref{} }

// Is tells whether the entity is of that kind, whatever its case.
func (r Ref) Is(kind string) bool { return strings.EqualFold(r.Kind, kind) }

// Reasons why a text is no reference.
var (
	errRefEmpty = errors.New("the reference is empty")
	errRefForm  = errors.New("a reference has the form [kind:][namespace/]name")
	errRefKind  = errors.New("the reference must begin with a kind, such as component: or resource:")
)

// ParseRef reads `[kind:][namespace/]name`. What is left out is taken from the defaults; an empty default namespace is
// DefaultNamespace, an empty default kind makes a text without a kind an error. As in Backstage a `/` before the
// first `:` ends the namespace, and all that follows is the name.
func ParseRef(text, defaultKind, defaultNamespace string) (Ref, error) {
	if text == "" {
		return Ref{}, errRefEmpty
	}
	colon, slash := strings.IndexByte(text, ':'), strings.IndexByte(text, '/')
	if slash >= 0 && slash < colon {
		colon = -1
	}
	r := Ref{Kind: defaultKind, Namespace: defaultNamespace, Name: text[max(colon, slash)+1:]}
	if colon >= 0 {
		r.Kind = text[:colon]
	}
	if slash >= 0 {
		r.Namespace = text[colon+1 : slash]
	}
	switch {
	case r.Name == "" || colon == 0 || slash >= 0 && r.Namespace == "":
		return Ref{}, fmt.Errorf("%q: %w", text, errRefForm)
	case r.Kind == "":
		return Ref{}, fmt.Errorf("%q: %w", text, errRefKind)
	case r.Namespace == "":
		r.Namespace = DefaultNamespace
	}
	return r, nil
}
