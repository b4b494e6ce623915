package catalog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

// ready is a component that lacks nothing.
func ready() catalog.ReadinessFacts {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	ledger := catalog.Entity{Ref: catalog.Ref{Kind: "Group", Name: "team-ledger"}, Title: "Team Ledger"}
	return catalog.ReadinessFacts{
		Entity: catalog.Entity{
			Ref: catalog.Ref{Kind: "Component", Name: "payments"}, Spec: catalog.Spec{"type": "service"}, Tags: []string{"java"},
			Annotations: map[string]string{catalog.AnnotationSlug: "acme/payments", "pagerduty.com/service-id": "P1", "empty.dev/key": ""},
			Links:       []catalog.Link{{URL: "https://runbooks/payments", Title: "Runbook"}, {URL: "https://docs/payments", Type: "docs"}},
		},
		Owner: catalog.Ownership{Group: ledger, Found: true, Named: ledger.Ref, Channel: "ledger"},
		Ran:   at, Reported: at, Deploys: true,
	}
}

func TestWhatIsReady(t *testing.T) {
	r := catalog.JudgeReadiness(nil, ready())
	met, of := r.Met()
	require.Equal(t, []int{8, 8}, []int{met, of})
	require.Empty(t, r.Missing())
	require.Equal(t, catalog.CheckResult{Check: "runbook", Words: "Runbook", URL: "https://runbooks/payments"}, r.Results[4])
	require.Equal(t, catalog.CheckResult{Check: "docs", Words: "documentation", URL: "https://docs/payments"}, r.Results[5])
}

func TestWhatIsMissingSaysWhatToDo(t *testing.T) {
	mail := catalog.Entity{Ref: catalog.Ref{Kind: "Group", Name: "mail"}}
	for name, c := range map[string]struct {
		check string
		spoil func(*catalog.ReadinessFacts)
		want  string
	}{
		"no owner":       {"owner", func(f *catalog.ReadinessFacts) { f.Owner = catalog.Ownership{} }, "nobody is named as its owner · name a team as spec.owner"},
		"unknown owner":  {"owner", func(f *catalog.ReadinessFacts) { f.Owner = catalog.Ownership{Named: mail.Ref} }, "its owner group:mail is not in the catalog · correct spec.owner, or describe that team"},
		"nobody left":    {"owner", func(f *catalog.ReadinessFacts) { f.Owner.Next = &catalog.NextUp{} }, "its owner Team Ledger has nobody left · name a team with people as spec.owner"},
		"no channel":     {"channel", func(f *catalog.ReadinessFacts) { f.Owner.Channel = "" }, "there is no channel to ask in · annotate Team Ledger with slack.com/channel"},
		"no CI":          {"ci", func(f *catalog.ReadinessFacts) { f.Ran = time.Time{} }, "no workflow has run on the default branch · add one under .github/workflows that runs on every push"},
		"no reports":     {"tests", func(f *catalog.ReadinessFacts) { f.Reported = time.Time{} }, "no test reports can be read · let CI upload its JUnit files as an artifact"},
		"no repository":  {"ci", func(f *catalog.ReadinessFacts) { f.Entity.Annotations = nil }, "no repository is named · annotate it with github.com/project-slug"},
		"no runbook":     {"runbook", func(f *catalog.ReadinessFacts) { f.Entity.Links = f.Entity.Links[1:] }, "no runbook is linked · add a link of type runbook to metadata.links"},
		"no docs":        {"docs", func(f *catalog.ReadinessFacts) { f.Entity.Links = f.Entity.Links[:1] }, "no documentation is linked · add a link of type docs to metadata.links"},
		"no deployments": {"deploy", func(f *catalog.ReadinessFacts) { f.Undeployable = "it may not" }, "it may not · name a workflow that environments.allowed_workflows allows, or none"},
		"deprecated": {"dependencies", func(f *catalog.ReadinessFacts) {
			for range 5 {
				f.Deprecated = append(f.Deprecated, mail)
			}
		}, "needs what is deprecated: mail, mail, mail, 2 more · move to what takes its place"},
	} {
		f := ready()
		c.spoil(&f)
		r := catalog.JudgeReadiness([]catalog.ReadinessCheck{{Name: c.check}}, f)
		require.Len(t, r.Missing(), 1, name)
		require.Equal(t, c.want, r.Results[0].Words+" · "+r.Results[0].Hint, name)
	}
}

func TestWhatNobodyCanTellDoesNotCount(t *testing.T) {
	f := ready()
	f.Unseen, f.Deploys = "GitHub has not been asked yet", false
	r := catalog.JudgeReadiness(nil, f)
	met, of := r.Met()
	require.Equal(t, []int{5, 5}, []int{met, of})
	require.Equal(t, catalog.CheckResult{Check: "ci", State: catalog.CheckUnknown, Words: "GitHub has not been asked yet"}, r.Results[2])
}

func TestLibrariesNeedNoRunbook(t *testing.T) {
	f := ready()
	f.Entity.Spec["type"] = "library"
	require.Len(t, catalog.JudgeReadiness(nil, f).Results, 6)
	asked := []catalog.ReadinessCheck{{Name: "runbook", Types: []string{"Library"}}, {Name: "docs", Types: []string{"service"}}}
	require.Len(t, catalog.JudgeReadiness(asked, f).Results, 1, "unless the config says so")
}

func TestChecksOfOnesOwn(t *testing.T) {
	for name, c := range map[string]struct {
		check catalog.ReadinessCheck
		want  catalog.CheckResult
	}{
		"annotation": {catalog.ReadinessCheck{Annotation: "pagerduty.com/*"}, catalog.CheckResult{Words: "has the annotation pagerduty.com/service-id"}},
		"no annotation": {catalog.ReadinessCheck{Annotation: "empty.dev/key"},
			catalog.CheckResult{State: catalog.CheckMissing, Words: "the annotation empty.dev/key is missing", Hint: "add it to metadata.annotations", Mend: catalog.Mend{Annotation: "empty.dev/key"}}},
		"no annotation of a sort": {catalog.ReadinessCheck{Annotation: "opsgenie.com/*"},
			catalog.CheckResult{State: catalog.CheckMissing, Words: "the annotation opsgenie.com/* is missing", Hint: "add it to metadata.annotations"}},
		"no label": {catalog.ReadinessCheck{Label: "tier", Hint: "ask the platform"},
			catalog.CheckResult{State: catalog.CheckMissing, Words: "the label tier is missing", Hint: "ask the platform"}},
		"tag":  {catalog.ReadinessCheck{Tag: "Java"}, catalog.CheckResult{Words: "has the tag Java"}},
		"link": {catalog.ReadinessCheck{Link: "runbook"}, catalog.CheckResult{Words: "Runbook", URL: "https://runbooks/payments"}},
		"no link": {catalog.ReadinessCheck{Link: "dashboard"},
			catalog.CheckResult{State: catalog.CheckMissing, Words: "no dashboard is linked", Hint: "add a link of type dashboard to metadata.links", Mend: catalog.Mend{Link: "dashboard"}}},
	} {
		c.check.Name, c.want.Check = "own", "own"
		require.Equal(t, []catalog.CheckResult{c.want}, catalog.JudgeReadiness([]catalog.ReadinessCheck{c.check}, ready()).Results, name)
	}
}
