package handlers

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/accounts"
	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/catalog/codeowners"
	"bellhop/chat"
	"bellhop/environments"
)

// repository opens pull requests on files in memory, as GitHub would: one a branch.
type repository struct {
	files map[string]string
	open  map[string]catalog.Proposal
	made  string // what the newest pull request makes of its file
}

func (r *repository) Propose(_ context.Context, p catalog.Proposal) (catalog.Proposed, error) {
	key := p.Repository + "/" + p.Path
	var old []byte
	if text, ok := r.files[key]; ok {
		old = []byte(text)
	}
	changed, err := p.Edit(old)
	if err != nil {
		return catalog.Proposed{}, err
	}
	if bytes.Equal(changed, old) {
		return catalog.Proposed{}, catalog.ErrNothingToPropose
	}
	_, found := r.open[p.Branch]
	r.open[p.Branch], r.made = p, string(changed)
	return catalog.Proposed{URL: "https://github.com/" + p.Repository + "/pull/1", Number: 1, Found: found}, nil
}

// journal remembers what was changed for people.
type journal struct{ changes []environments.Change }

func (j *journal) RecordChange(_ context.Context, _ chat.Request, c environments.Change) error {
	j.changes = append(j.changes, c)
	return nil
}

func proposing() (ProposeDeps, *repository, *journal) {
	r, j := &repository{files: map[string]string{}, open: map[string]catalog.Proposal{}}, &journal{}
	return ProposeDeps{Proposals: r, Changes: j}, r, j
}

// inRepository is a component that a repository describes.
func inRepository(name string) catalog.Entity {
	return catalog.Entity{Ref: catalog.Ref{Kind: catalog.KindComponent, Namespace: "default", Name: name}, Source: catalog.Source{File: "github:acme/" + name + "/catalog-info.yaml", Line: 1}}
}

func ownerMending(e catalog.Entity) mending {
	return mending{what: "Name ledger as the owner of " + e.Name, slug: "owner", byHand: "owner: ledger", edit: func(file []byte) ([]byte, error) {
		return catalog.SetOwner(file, e.Ref, catalog.Ref{Kind: catalog.KindGroup, Namespace: "default", Name: "ledger"})
	}}
}

func TestMend(t *testing.T) {
	const good = "kind: Component\nmetadata: {name: payments}\nspec: {owner: shop}\n"
	alice := chat.Request{Person: chat.Person{ID: "U01ALICE", Name: "Alice `@acme/all`"}}
	for _, test := range []struct{ name, file, said, wrong string }{
		{name: "as it should be", file: good, said: "Name ledger as the owner of payments: opened as acme/payments #1"},
		{name: "so already", file: strings.Replace(good, "shop", "ledger", 1), said: "catalog-info.yaml says so already. The catalog has it after its next refresh."},
		{name: "not to be changed", file: strings.Replace(good, "shop", "!!str shop", 1), wrong: "The descriptor of payments is written in a way that I cannot change safely. Write there by hand: owner: ledger"},
		{name: "described elsewhere by now", file: "kind: Component\n", wrong: "The descriptor of payments does not describe it any more. Write there by hand: owner: ledger"},
	} {
		t.Run(test.name, func(t *testing.T) {
			deps, r, j := proposing()
			r.files["acme/payments/catalog-info.yaml"] = test.file
			e := inRepository("payments")
			reply, err := deps.mend(t.Context(), alice, e, ownerMending(e))
			if test.wrong != "" {
				require.EqualError(t, err, test.wrong)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.said, reply.Headline.String())
			if test.file != good {
				assert.Empty(t, j.changes)
				return
			}
			assert.Equal(t, "kind: Component\nmetadata: {name: payments}\nspec: {owner: ledger}\n", r.made)
			body := r.open["bellhop/owner-payments"].Body
			assert.Contains(t, body, "by `Alice '@acme/all'`", "nobody is called by a name")
			assert.Equal(t, []environments.Change{{Event: environments.EventPropose, Component: "component:default/payments",
				What: "Name ledger as the owner of payments", URL: "https://github.com/acme/payments/pull/1"}}, j.changes)

			reply, err = deps.mend(t.Context(), alice, e, ownerMending(e))
			require.NoError(t, err)
			assert.Equal(t, "That is proposed already: acme/payments #1", reply.Headline.String())
			assert.Len(t, j.changes, 1)
		})
	}
}

func TestMendWhereItCannot(t *testing.T) {
	deps, _, _ := proposing()
	e := inRepository("payments")
	deps.Proposals = nil
	_, err := deps.mend(t.Context(), chat.Request{}, e, ownerMending(e))
	require.ErrorContains(t, err, "I have no access to GitHub here")

	e.Source.File = "catalog/all.yaml"
	_, err = deps.mend(t.Context(), chat.Request{}, e, ownerMending(e))
	require.EqualError(t, err, "payments is described in catalog/all.yaml, which is in no repository on GitHub that I could change. Write there by hand: `owner: ledger`")
}

// says is what a repository tells of its owners.
type says struct{ drift catalog.Drift }

func (s says) Of(_ context.Context, e catalog.Entity, _ time.Time) (catalog.Drift, error) {
	if s.drift.Entity.Name != e.Name {
		return catalog.Drift{}, errors.New("GitHub is down")
	}
	return s.drift, nil
}

func TestDriftOfWhatCannotBeSeen(t *testing.T) {
	c := catalogtest.New(t, acme)
	command := driftCommand(DriftDeps{Entities: c, Listed: c, Graphs: c, Belonging: c})
	_, err := command.Run(t.Context(), chat.Request{Text: "team-ledger"})
	require.ErrorContains(t, err, "I have no access to GitHub here")

	payments, err := c.Get(t.Context(), catalog.Ref{Kind: "Component", Namespace: "default", Name: "payments"})
	require.NoError(t, err)
	owner, err := c.Owner(t.Context(), payments)
	require.NoError(t, err)
	command = driftCommand(DriftDeps{Entities: c, Listed: c, Graphs: c, Belonging: c, Drifts: says{catalog.Drift{Entity: payments, Owner: owner}}})
	reply, err := command.Run(t.Context(), chat.Request{Text: "all"})
	require.NoError(t, err)
	assert.Equal(t, "🟢 The company: nothing speaks against its owner\n3 more were not looked at: GitHub did not tell about all of them. Ask again, what is known comes faster then.", reply.Text(nil))
	_, err = command.Run(t.Context(), chat.Request{Text: "checkout"})
	require.ErrorContains(t, err, "GitHub is down")
}

func TestMendCodeowners(t *testing.T) {
	c := catalogtest.New(t, `
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: shop, annotations: {github.com/team-slug: acme/shop}}, spec: {type: team, children: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: identity}, spec: {type: team, children: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: loyalty, annotations: {github.com/project-slug: acme/loyalty}}, spec: {type: service, lifecycle: production, owner: shop}}
`)
	loyalty, err := c.Get(t.Context(), catalog.Ref{Kind: "Component", Namespace: "default", Name: "loyalty"})
	require.NoError(t, err)
	identity, err := c.Get(t.Context(), catalog.Ref{Kind: "Group", Namespace: "default", Name: "identity"})
	require.NoError(t, err)
	owner, err := c.Owner(t.Context(), loyalty)
	require.NoError(t, err)
	d := catalog.Drift{Entity: loyalty, Owner: owner, CodeOwner: &identity, Better: &identity, CodeFile: ".github/CODEOWNERS",
		Rule: codeowners.Rule{Line: 1, Pattern: "*", Owners: []string{"@acme/identity"}}}
	deps, r, _ := proposing()
	command := driftCommand(DriftDeps{Entities: c, Listed: c, Graphs: c, Belonging: c, Drifts: says{d}, Propose: deps})
	reply, err := command.Run(t.Context(), chat.Request{Text: "loyalty"})
	require.NoError(t, err)
	assert.Equal(t, chat.Buttons{
		{Label: "Make identity its owner", Action: "drift.owner", Value: "component:default/loyalty group:default/identity"},
		{Label: "Name shop in CODEOWNERS", Action: "drift.codeowners", Value: "component:default/loyalty"},
	}, reply.Parts[1])

	press := chat.Request{Action: chat.Action{Name: "drift.codeowners", Value: "component:default/loyalty"}}
	r.files["acme/loyalty/.github/CODEOWNERS"] = "* @acme/identity # all\n"
	_, err = command.Actions[1].Run(t.Context(), press)
	require.NoError(t, err)
	assert.Equal(t, "* @acme/shop # all\n", r.made)
	r.files["acme/loyalty/.github/CODEOWNERS"] = "* @acme/other\n"
	_, err = command.Actions[1].Run(t.Context(), press)
	require.EqualError(t, err, "CODEOWNERS of loyalty has changed just now. Ask again: /bellhop drift loyalty")
}

// TestDriftOfMany: what a button mends comes first, what is the same of many stands in one line, and what was not looked at is told.
func TestDriftOfMany(t *testing.T) {
	owned := func(name string) catalog.Drift {
		return catalog.Drift{Entity: catalog.Entity{Ref: catalog.Ref{Kind: "Component", Name: name}}, Owner: catalog.Ownership{Named: catalog.Ref{Kind: "Group", Name: "team"}}}
	}
	mendable, better := owned("loyalty"), catalog.Entity{Ref: catalog.Ref{Kind: "Group", Name: "identity"}}
	mendable.Better = &better
	seen := driftsSeen{drifts: []catalog.Drift{owned("a"), owned("b"), owned("c"), owned("d"), owned("e"), mendable}}
	nobodys := owned("f")
	nobodys.Owner.Named = catalog.Ref{}
	seen.drifts = append(seen.drifts, nobodys)
	reply := driftReply("The company", 7, true, seen, true)
	assert.Equal(t, `The company: something speaks against the owner of 7 of the first 7 components
loyalty is owned by group:team, which is not in the catalog
[Make identity its owner]
a, b, c and 2 more are owned by group:team, which is not in the catalog
f is nobody's by the catalog
One answer looks at 200 components, and there are more. Name a team for the others: /bellhop drift TEAM`, reply.Text(nil))
}

// linked is a directory in which nobody or one is linked.
type linked struct{ link accounts.Link }

func (l *linked) Linked(person string) (accounts.Link, bool) { return l.link, l.link.Person == person }

func (l *linked) Unlink(context.Context, string) error {
	l.link = accounts.Link{}
	return nil
}

func TestMe(t *testing.T) {
	c := catalogtest.New(t, acme)
	accountsOf := &linked{}
	_, _, j := proposing()
	command := meCommand(MeDeps{Belonging: c, Accounts: accountsOf, Changes: j})
	said := func(person string) string {
		reply, err := command.Run(t.Context(), chat.Request{Person: chat.Person{ID: person, Name: "Somebody"}})
		require.NoError(t, err)
		return reply.Text(nil)
	}
	assert.Equal(t, "You are Alice Moreau of Team Ledger, alice at GitHub", said("U01ALICE"))
	assert.Contains(t, said("U99"), "whoever runs Bellhop sets GITHUB_CLIENT_ID")
	_, err := command.Run(t.Context(), chat.Request{Place: chat.Place{Kind: chat.Terminal}})
	require.ErrorContains(t, err, "Nobody is signed in to a terminal")
	_, err = command.Actions[0].Run(t.Context(), chat.Request{Person: chat.Person{ID: "U99"}})
	require.ErrorContains(t, err, "not set up here")

	accountsOf.link = accounts.Link{Person: "U99", Login: "mona", At: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	assert.Equal(t, "You are mona at GitHub, whom the catalog does not know yet\nYou linked mona at GitHub yourself, Tue 24 Nov 09:00\n[Unlink]", said("U99"))
	unlink := chat.Request{Person: chat.Person{ID: "U99"}}
	for _, want := range []string{"Your GitHub account is linked no longer.", "No GitHub account is linked to you."} {
		reply, err := command.Actions[1].Run(t.Context(), unlink)
		require.NoError(t, err)
		assert.Equal(t, want, reply.Headline.String())
	}
	assert.Equal(t, []environments.Change{{Event: environments.EventAccount, What: "unlinked a GitHub account"}}, j.changes)
}
