package catalog

// RelationType is how two entities stand to each other, in Backstage's words.
type RelationType string

// The relation types, each with its inverse.
const (
	OwnedBy       RelationType = "ownedBy"
	OwnerOf       RelationType = "ownerOf"
	PartOf        RelationType = "partOf"
	HasPart       RelationType = "hasPart"
	ProvidesAPI   RelationType = "providesApi"
	APIProvidedBy RelationType = "apiProvidedBy"
	ConsumesAPI   RelationType = "consumesApi"
	APIConsumedBy RelationType = "apiConsumedBy"
	DependsOn     RelationType = "dependsOn"
	DependencyOf  RelationType = "dependencyOf"
	ChildOf       RelationType = "childOf"
	ParentOf      RelationType = "parentOf"
	MemberOf      RelationType = "memberOf"
	HasMember     RelationType = "hasMember"
)

// Relation says that Source stands to Target as Type says. Field and Line tell where its declaring entity says so.
type Relation struct {
	Source Ref
	Type   RelationType
	Target Ref
	Field  string
	Line   int
}

// Inverse is the same relation seen from its target.
func (r Relation) Inverse() Relation {
	r.Source, r.Target, r.Type = r.Target, r.Source, r.Type.Inverse()
	return r
}

// Canonical is the relation in the direction that is stored: ownedBy and not ownerOf, dependsOn and not dependencyOf.
func (r Relation) Canonical() Relation {
	if r.Type.canonical() {
		return r
	}
	return r.Inverse()
}

// Inverse is the type as seen from the other end.
func (t RelationType) Inverse() RelationType {
	switch t {
	case OwnedBy:
		return OwnerOf
	case OwnerOf:
		return OwnedBy
	case PartOf:
		return HasPart
	case HasPart:
		return PartOf
	case ProvidesAPI:
		return APIProvidedBy
	case APIProvidedBy:
		return ProvidesAPI
	case ConsumesAPI:
		return APIConsumedBy
	case APIConsumedBy:
		return ConsumesAPI
	case DependsOn:
		return DependencyOf
	case DependencyOf:
		return DependsOn
	case ChildOf:
		return ParentOf
	case ParentOf:
		return ChildOf
	case MemberOf:
		return HasMember
	case HasMember:
		return MemberOf
	}
	return t
}

func (t RelationType) canonical() bool {
	switch t {
	case OwnedBy, PartOf, ProvidesAPI, ConsumesAPI, DependsOn, ChildOf, MemberOf:
		return true
	}
	return false
}
