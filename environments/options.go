package environments

import (
	"slices"
	"strings"
	"time"
)

// Options is what the config says about environments.
type Options struct {
	Workflow         Workflow
	AllowedWorkflows []string // patterns for Workflow.AllowedBy that a component's annotation must match; none by default
	Default          string   // the kind that is meant where none is named
	Kinds            []Kind   // in the order of the config
	// ReadOnly refuses all that changes anything.
	ReadOnly bool
}

// Preset is a set of sensible rules for a kind.
type Preset string

// The presets.
const (
	// Preview is one environment per component and branch, which ends.
	Preview Preset = "preview"
	// Shared is one environment per component for everybody, which stays.
	Shared Preset = "shared"
)

// Kind is a kind of environment.
type Kind struct {
	Name   string        `json:"name"`
	Preset Preset        `json:"preset"`
	TTL    time.Duration `json:"ttl,omitempty"`     // 0: DefaultTTL for previews, none for shared ones
	MaxTTL time.Duration `json:"max_ttl,omitempty"` // 0: DefaultMaxTTL for previews
}

const (
	// DefaultTTL is how long a preview stays after its last deployment.
	DefaultTTL = 72 * time.Hour
	// DefaultMaxTTL is how long a preview can be asked for.
	DefaultMaxTTL = 30 * 24 * time.Hour
)

// Lifetime is how long an environment of this kind stays after a deployment; 0 is for good.
func (k Kind) Lifetime() time.Duration {
	if k.TTL == 0 && k.Preset == Preview {
		return DefaultTTL
	}
	return k.TTL
}

// Longest is how long somebody may ask an environment of this kind to stay.
func (k Kind) Longest() time.Duration {
	if k.MaxTTL == 0 {
		return max(DefaultMaxTTL, k.Lifetime())
	}
	return k.MaxTTL
}

// Kind finds a kind by its name, whatever its case.
func (o Options) Kind(name string) (Kind, bool) {
	i := slices.IndexFunc(o.Kinds, func(k Kind) bool { return strings.EqualFold(k.Name, name) })
	if i < 0 {
		return Kind{}, false
	}
	return o.Kinds[i], true
}

// key is the environment of a kind that a ref of a component goes to.
func (k Kind) key(component, ref string) Key {
	if k.Preset == Shared {
		ref = ""
	}
	return Key{Component: component, Kind: k.Name, Ref: ref}
}
