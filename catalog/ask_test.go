package catalog_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/catalog/codeowners"
)

const pastedCompany = `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments
  annotations: {github.com/project-slug: acme/payments, bellhop.dev/packages: "com.acme.pay, go.acme.dev/pay"}
  links:
    - {url: "https://grafana.acme.example/d/payments?orgId=1", title: Dashboard}
    - {url: "https://pay.acme.example", title: Site}
spec: {type: service, lifecycle: production, owner: storefront}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  annotations: {github.com/project-slug: acme/checkout}
  links: [{url: "https://grafana.acme.example/d/checkout", title: Dashboard}]
spec: {type: service, lifecycle: production, owner: storefront}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: web-shop, annotations: {github.com/project-slug: acme/web-shop, bellhop.dev/aliases: the shop}}, spec: {type: website, lifecycle: production, owner: storefront}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: mono, annotations: {github.com/project-slug: acme/mono}}, spec: {type: service, lifecycle: production, owner: storefront}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: billing, annotations: {github.com/project-slug: acme/mono, bellhop.dev/path: services/billing}}, spec: {type: service, lifecycle: production, owner: ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: invoicing, annotations: {github.com/project-slug: acme/mono, bellhop.dev/path: services/billing/invoicing}}, spec: {type: service, lifecycle: production, owner: ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: billing-api, annotations: {github.com/project-slug: acme/mono, bellhop.dev/path: services/billing}}, spec: {type: openapi, lifecycle: production, owner: ledger, definition: x}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: left, annotations: {github.com/project-slug: acme/pair, bellhop.dev/path: left}}, spec: {type: service, lifecycle: production, owner: ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: right, annotations: {github.com/project-slug: acme/pair, bellhop.dev/path: right}}, spec: {type: service, lifecycle: production, owner: ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: ledger, annotations: {github.com/team-slug: acme/team-ledger}}, spec: {type: team, profile: {email: ledger@acme.example}, children: [], members: [alice]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: storefront}, spec: {type: team, children: [], members: [bob]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: gone, annotations: {github.com/team-slug: acme/gone}}, spec: {type: team, parent: storefront, children: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: alice}, spec: {profile: {email: alice@acme.example}, memberOf: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: bob, annotations: {github.com/user-login: bobo}}, spec: {memberOf: []}}
`

// rules are the CODEOWNERS of repositories.
type rules map[string]string

func (r rules) Codeowners(_ context.Context, slug string) (codeowners.File, string, error) {
	text, ok := r[slug]
	if text == "down" {
		return codeowners.File{}, "", errors.New("down")
	}
	if !ok {
		return codeowners.File{}, "", nil
	}
	return codeowners.Parse(strings.NewReader(text)), ".github/CODEOWNERS", nil
}

func pastedAsker(t *testing.T) catalog.Asker {
	return catalog.Asker{Catalog: catalogtest.New(t, pastedCompany), Codeowners: rules{
		"acme/payments": "* @acme/storefront\n\n/src/refund.go @acme/team-ledger @bobo @octo\n/src/gone/ @acme/gone\n/src/unknown/ @acme/elsewhere ops@acme.example\n/src/free/\n",
		"acme/mono":     "* @acme/storefront\n/services/ ledger@acme.example\n",
		"acme/pair":     "* @acme/team-ledger\n/left/ @alice\n",
		"acme/checkout": "down",
	}}
}

// told is an answer in one line: what was said → what is meant → who owns it by what, and what else there is.
func told(a catalog.Answer) string {
	text := a.Said + " → " + refsOf(a.Found) + a.Repository
	if a.Owner != nil {
		text += " → " + a.Owner.Group.Short()
		if a.Owner.Next != nil {
			text += " next " + a.Owner.Next.Group.Short()
		}
	}
	if len(a.Unknown) > 0 && a.Owner == nil {
		text += " → " + strings.Join(a.Unknown, " ")
	}
	text += " by " + a.By
	for _, also := range a.Also {
		text += "; also " + refsOf(also.Found)
	}
	return text
}

func TestAskAboutAnything(t *testing.T) {
	asker := pastedAsker(t)
	for text, want := range map[string]string{
		// Names, as ever.
		"payments": " → component:payments by ", "the shop": " → component:web-shop by ", "payments service": " → component:payments by ",
		"acme/payments": " → component:payments by ", "component:default/payments": " → component:payments by ",
		// Addresses on GitHub.
		"https://github.com/acme/payments":                       " → component:payments by repository acme/payments",
		"https://github.com/acme/payments/pull/482/files#diff-1": "acme/payments#482 → component:payments by repository acme/payments",
		"acme/payments#482":                                      "acme/payments#482 → component:payments by repository acme/payments",
		"(see acme/checkout#7)":                                  "acme/checkout#7 → component:checkout by repository acme/checkout",
		"pair":                                                   " → acme/pair → group:ledger by CODEOWNERS line 1",
		"component:other/payments":                               " →  by ",
		"https://github.com/acme/payments/actions/runs/7000123/job/1":     "run 7000123 → component:payments by repository acme/payments",
		"https://github.com/acme/payments/commit/0123456789abcdef":        "commit 0123456 → component:payments by repository acme/payments",
		"https://github.com/acme/payments/blob/main/src/refund.go#L10":    "refund.go → component:payments → group:ledger by CODEOWNERS line 3",
		"https://git.acme.example/acme/payments/blame/main/src/refund.go": "refund.go → component:payments → group:ledger by CODEOWNERS line 3",
		"https://raw.githubusercontent.com/acme/payments/main/README.md":  "README.md → component:payments → group:storefront by CODEOWNERS line 1",
		"https://github.com/acme/mono/tree/main/services/billing":         "billing/ → component:billing → group:ledger by CODEOWNERS line 2",
		"acme/pair":                                                             " → acme/pair → group:ledger by CODEOWNERS line 1",
		"https://github.com/acme/mono/pull/1":                                   "acme/mono#1 → component:mono by repository acme/mono",
		"https://github.com/acme/pair/pull/1":                                   "acme/pair#1 → acme/pair → group:ledger by CODEOWNERS line 1",
		"https://github.com/acme/pair/blob/main/README.md":                      "README.md → acme/pair → group:ledger by CODEOWNERS line 1",
		"https://github.com/orgs/acme/teams/team-ledger":                        " → group:ledger by ",
		"https://github.com/bobo":                                               " → user:bob by ",
		"git@github.com:acme/payments.git":                                      " → component:payments by repository acme/payments",
		"https://github.com/acme/elsewhere/blob/main/x.go":                      " →  by ",
		"https://github.com/acme/checkout/blob/main/x.go":                       "x.go → component:checkout by repository acme/checkout",
		"see https://github.com/acme/payments/pull/482, it breaks the checkout": "acme/payments#482 → component:payments by repository acme/payments",
		// Files.
		"acme/payments/src/refund.go":           "refund.go → component:payments → group:ledger by CODEOWNERS line 3",
		"payments/src/refund.go":                "refund.go → component:payments → group:ledger by CODEOWNERS line 3",
		"src/refund.go of payments":             "refund.go → component:payments → group:ledger by CODEOWNERS line 3",
		"src/refund.go of component:payments":   "refund.go → component:payments → group:ledger by CODEOWNERS line 3",
		"src/refund.go in acme/payments":        "refund.go → component:payments → group:ledger by CODEOWNERS line 3",
		"payments/src/gone/x.go":                "x.go → component:payments → group:gone next group:storefront by CODEOWNERS line 4",
		"payments/src/unknown/x.go":             "x.go → component:payments → @acme/elsewhere ops@acme.example by CODEOWNERS line 5",
		"payments/src/free/x.go":                "x.go → component:payments by repository acme/payments",
		"acme/mono/services/billing/db.sql":     "db.sql → component:billing → group:ledger by CODEOWNERS line 2",
		"services/billing/invoicing/pdf.go":     "pdf.go → component:invoicing → group:ledger by CODEOWNERS line 2",
		"services/billing":                      "billing → component:billing → group:ledger by CODEOWNERS line 2",
		"acme/mono/services/billing/":           "billing/ → component:billing → group:ledger by CODEOWNERS line 2",
		"billing/main.go":                       "main.go → component:billing → group:ledger by CODEOWNERS line 2",
		"acme/pair/left/a.go":                   "a.go → component:left → user:alice by CODEOWNERS line 2",
		"refund.go":                             " →  by ",
		"refund.go of nothing":                  " →  by ",
		"/home/x/mono/services/billing/main.go": "main.go → component:billing → group:ledger by CODEOWNERS line 2",
		// Links, hosts, images.
		"https://grafana.acme.example/d/payments?orgId=1&from=now":   "grafana.acme.example/d/payments → component:payments by the link “Dashboard”",
		"https://GRAFANA.acme.example/d/payments/panel/3":            "GRAFANA.acme.example/d/payments/panel/3 → component:payments by the link “Dashboard”",
		"https://pay.acme.example/refunds/1":                         "pay.acme.example → component:payments by a link to that host",
		"pay.acme.example":                                           "pay.acme.example → component:payments by a link to that host",
		"https://grafana.acme.example/":                              "grafana.acme.example → component:checkout component:payments by a link to that host",
		"https://payments.internal:8443/v1":                          "payments.internal → component:payments by its name",
		"payments.default.svc.cluster.local":                         "payments.default.svc.cluster.local → component:payments by its name",
		"ghcr.io/acme/payments:1.2.3":                                " → component:payments by repository acme/payments",
		"registry.acme.example:5000/apps/web-shop:1.2":               " → component:web-shop by registry.acme.example:5000/apps/web-shop",
		"https://nothing.example/":                                   " →  by ",
		"postgres://payments.db.internal:5432/x: connection refused": "payments.db.internal → component:payments by its name",
		// People and teams.
		"alice@acme.example": " → user:alice by ", "1234+bobo@users.noreply.github.com": " → user:bob by ",
		"ledger@acme.example": " → group:ledger by ", "@acme/team-ledger": " → group:ledger by ", "@bobo": " → user:bob by ", "@ledger": " → group:ledger by ",
		// Packages.
		"com.acme.pay.Refund": "com.acme.pay.Refund → component:payments by package com.acme.pay", "@acme/web-shop": "@acme/web-shop → component:web-shop by package @acme/web-shop",
		"com.acme.checkout.cart.Basket": "com.acme.checkout.cart.Basket → component:checkout by package com.acme.checkout.cart.Basket",
		"github.com/acme/payments/v2":   " → component:payments by repository acme/payments",
		"go.acme.dev/pay/refund":        "go.acme.dev/pay/refund → component:payments by package go.acme.dev/pay",
		// Words of a sentence.
		"why does the checkout take so long": " → component:checkout by the word “checkout”",
		"paymnets":                           " →  by ",
	} {
		a, err := asker.Ask(t.Context(), catalog.Question{Text: text})
		require.NoError(t, err, text)
		assert.Equal(t, want, told(a), text)
	}
}

func TestAskNotesWhatIsLacking(t *testing.T) {
	asker := pastedAsker(t)
	ask := func(text string) catalog.Answer {
		a, err := asker.Ask(t.Context(), catalog.Question{Text: text})
		require.NoError(t, err, text)
		return a
	}
	require.Equal(t, "GitHub does not give me its CODEOWNERS just now, so this is what the catalog says.", ask("checkout/x.go").Note)
	require.Equal(t, "By line 6 of .github/CODEOWNERS it is nobody's.", ask("payments/src/free/x.go").Note)
	require.Equal(t, []string{"bob"}, ask("payments/src/refund.go").Others)
	require.Equal(t, []string{"@octo"}, ask("payments/src/refund.go").Unknown)
	require.Equal(t, "src/refund.go", ask("src/refund.go").File)
	require.Equal(t, "component:payments", refsOf(ask("paymnets").Near[:1]))
	require.Empty(t, ask("https://nothing.example/").Near)
}

func TestAskOfAMessageGuessesNothing(t *testing.T) {
	asker := pastedAsker(t)
	for text, want := range map[string]string{
		"payments":                            " → component:payments by the word “payments”",
		"the payments and web-shop are down":  " → component:web-shop by the word “web-shop”; also component:payments",
		"can somebody look at this please?":   " →  by ",
		"paymnets":                            " →  by ",
		"src/refund.go is wrong in payments!": " → component:payments by the word “payments”",
	} {
		a, err := asker.Ask(t.Context(), catalog.Question{Text: text, Message: true})
		require.NoError(t, err, text)
		assert.Equal(t, want, told(a), text)
		require.Empty(t, a.Near)
	}
}

// TestAskOfNamesThatOthersHaveToo: Locations only say where to read, and no repository outbids others for what many share.
func TestAskOfNamesThatOthersHaveToo(t *testing.T) {
	descriptor := func(kind, name, metadata, spec string) string {
		return "---\n{apiVersion: backstage.io/v1alpha1, kind: " + kind + ", metadata: {name: " + name + metadata + "}, spec: {" + spec + "}}\n"
	}
	component := func(name, metadata string) string {
		return descriptor("Component", name, metadata, "type: service, lifecycle: production, owner: ledger")
	}
	site := newSite(t)
	site.write("ours.yaml", descriptor("Location", "back-office", "", "targets: []")+
		component("points", ", annotations: {github.com/project-slug: acme/back-office, bellhop.dev/path: points}")+
		component("tax", ", annotations: {github.com/project-slug: acme/back-office, bellhop.dev/path: tax}")+
		component("payments", `, annotations: {github.com/project-slug: acme/payments}, links: [{url: "https://grafana.acme.example/d/1"}]`)+
		component("checkout", `, links: [{url: "https://grafana.acme.example/d/2"}]`)+
		component("wiki", `, links: [{url: "https://wiki.acme.example"}]`)+
		component("till", `, links: [{url: "https://wiki.acme.example/till"}]`)+
		descriptor("Location", "only-here", "", "targets: []")+
		descriptor("Group", "ledger", "", "type: team, children: []"))
	site.write("evil.yaml", component("evil", `, annotations: {bellhop.dev/packages: "com.acme"}, links: [{url: "https://grafana.acme.example/"}]`))
	c := catalog.New(site.store, catalog.Options{Root: site.root, Locations: []catalog.Location{
		{Target: "ours.yaml"}, {Target: "evil.yaml", Rules: []catalog.Rule{{Allow: []string{"Component"}}}}}})
	_, err := c.Refresh(t.Context())
	require.NoError(t, err)
	asker := catalog.Asker{Catalog: c, Codeowners: rules{"acme/back-office": "* @acme/ledger\n"}}
	for text, want := range map[string]string{
		"back-office":                       " → acme/back-office → group:ledger by CODEOWNERS line 1",
		"back office":                       " → acme/back-office → group:ledger by CODEOWNERS line 1",
		"only-here":                         " → location:only-here by ",
		"https://grafana.acme.example/d/9":  "grafana.acme.example → component:checkout component:evil component:payments by a link to that host",
		"https://wiki.acme.example/x":       "wiki.acme.example → component:wiki by a link to that host",
		"com.acme.payments.refunds.Refunds": "com.acme.payments.refunds.Refunds → component:payments by package com.acme.payments.refunds.Refunds",
		"com.acme.elsewhere.X":              "com.acme.elsewhere.X → component:evil by package com.acme",
	} {
		a, err := asker.Ask(t.Context(), catalog.Question{Text: text})
		require.NoError(t, err, text)
		assert.Equal(t, want, told(a), text)
	}
}

// TestAskTellsAFrameOnce: what a frame says of its package and of its file is about one thing.
func TestAskTellsAFrameOnce(t *testing.T) {
	asker := catalog.Asker{Catalog: catalogtest.New(t, pastedCompany+"---\n{apiVersion: backstage.io/v1alpha1, kind: System, metadata: {name: cash}, spec: {owner: ledger}}\n")}
	a, err := asker.Ask(t.Context(), catalog.Question{Text: "goroutine 1 [running]:\ngithub.com/acme/payments/cash.Add(...)\n\t/home/runner/build/cash/amount.go:33 +0x1d\n"})
	require.NoError(t, err)
	require.Equal(t, "amount.go:33 → component:payments by repository acme/payments", told(a))
	a, err = asker.Ask(t.Context(), catalog.Question{Text: "/home/runner/build/cash/amount.go:33 +0x1d"})
	require.NoError(t, err)
	require.Equal(t, "amount.go:33 → system:cash by folder cash", told(a))
}

func TestWhereNothingIsNearNothingIsOffered(t *testing.T) {
	c := catalogtest.New(t, pastedCompany)
	for text, want := range map[string]string{
		"zzqqxx": "", "*": "", "nobody@acme.example": "", "payment thing": "component:payments api:billing-api component:right", "the whole thing": "", "paymets": "component:payments component:web-shop component:left", "nope": "",
		"component:other/payments": "component:payments component:web-shop group:storefront",
	} {
		found, err := c.Find(t.Context(), text)
		require.NoError(t, err, text)
		assert.Equal(t, want, refsOf(found.Near), text)
	}
	groups := func(e catalog.Entity) bool { return e.Is(catalog.KindGroup) }
	for text, want := range map[string]string{"legder": "group:ledger", "store": "group:storefront", "stroefrnot": "group:storefront", "payments": "", "billing": ""} {
		near, err := c.Nearest(t.Context(), text, groups)
		require.NoError(t, err, text)
		assert.Equal(t, want, refsOf(near), text)
	}
}
