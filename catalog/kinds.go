package catalog

// specField is a field of a kind's spec: what it takes and, where it names other entities, how they stand to this one.
type specField struct {
	name     string
	takes    fieldType
	required bool
	relation RelationType // empty where the field names nobody
	kind     string       // of a reference that names none; empty where it must
}

type fieldType int

const (
	takesText fieldType = iota
	takesTexts
	takesProfile  // texts under displayName, email, picture
	takesPresence // "required" or "optional"
	takesAny      // what Backstage's schema does not look at, only its relations do
)

// specOf is what a kind's spec holds, in the order in which Backstage derives relations; ok is false for a kind that
// nobody knows. Kinds are told apart by case.
func specOf(kind string) (fields []specField, ok bool) {
	owner := specField{"owner", takesText, true, OwnedBy, KindGroup}
	system := specField{"system", takesText, false, PartOf, KindSystem}
	typ := func(required bool) specField { return specField{name: "type", takes: takesText, required: required} }
	profile := specField{name: "profile", takes: takesProfile}
	needs := specField{"dependsOn", takesTexts, false, DependsOn, ""}
	needed := specField{"dependencyOf", takesAny, false, DependencyOf, ""}
	switch kind {
	case KindComponent:
		return []specField{
			typ(true), {name: "lifecycle", required: true}, owner,
			{"subcomponentOf", takesText, false, PartOf, KindComponent},
			{"providesApis", takesTexts, false, ProvidesAPI, KindAPI},
			{"consumesApis", takesTexts, false, ConsumesAPI, KindAPI},
			needs, needed, system,
		}, true
	case KindAPI:
		return []specField{typ(true), {name: "lifecycle", required: true}, owner, {name: "definition", required: true}, system}, true
	case KindResource:
		return []specField{typ(true), owner, needs, needed, system}, true
	case KindSystem:
		return []specField{typ(false), owner, {"domain", takesText, false, PartOf, KindDomain}}, true
	case KindDomain:
		return []specField{typ(false), owner, {"subdomainOf", takesText, false, PartOf, KindDomain}}, true
	case KindGroup:
		return []specField{
			typ(true), profile,
			{"parent", takesText, false, ChildOf, KindGroup},
			{"children", takesTexts, true, ParentOf, KindGroup},
			{"members", takesTexts, false, HasMember, KindUser},
		}, true
	case KindUser:
		return []specField{profile, {"memberOf", takesTexts, true, MemberOf, KindGroup}}, true
	case KindLocation:
		return []specField{
			typ(false), {name: "target"}, {name: "targets", takes: takesTexts}, {name: "presence", takes: takesPresence},
		}, true
	case KindTemplate:
		owner.required = false
		return []specField{typ(true), owner, {name: "lifecycle"}}, true // the rest is for checker.template
	}
	return nil, false
}

// versionsOf are the apiVersions in which a kind may be written.
func versionsOf(kind string) []string {
	if kind == KindTemplate {
		return []string{"scaffolder.backstage.io/v1beta3"}
	}
	return []string{"backstage.io/v1alpha1", "backstage.io/v1beta1"}
}

// allKinds are the kinds of specOf as they are written.
func allKinds() []string {
	return []string{KindComponent, KindAPI, KindResource, KindSystem, KindDomain, KindGroup, KindUser, KindLocation, KindTemplate}
}
