package backstage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/integrations/backstage"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

const shop = `
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: Payments, title: "Payments & more", tags: [go, grpc], links: [{url: "https://runbooks.acme.example", title: Runbook}], annotations: {github.com/project-slug: acme/payments}, labels: {tier: "1"}}, spec: {type: service, lifecycle: production, owner: team-ledger, dependsOn: [component:ledger-lib], replicas: 3, critical: true, nothing: null, ports: [{name: http, port: 1000000}]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: ledger-lib, tags: [go]}, spec: {type: library, lifecycle: production, owner: team-ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: site, namespace: web, title: A site, tags: [ts]}, spec: {type: website, lifecycle: experimental, owner: default/nobody}}
---
{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: payments-api}, spec: {type: openapi, lifecycle: production, owner: team-ledger, definition: LONG}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: team-ledger, title: Team Ledger}, spec: {type: team, children: [], members: [alice]}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: alice}, spec: {profile: {displayName: Alice Moreau}, memberOf: []}}
`

const (
	api      = "api:default/payments-api"
	lib      = "component:default/ledger-lib"
	payments = "component:default/payments"
	site     = "component:web/site"
	ledger   = "group:default/team-ledger"
	alice    = "user:default/alice"
)

// each runs test over both stores, filled with descriptors.
func each(t *testing.T, descriptors string, test func(t *testing.T, s *server)) {
	for name, store := range map[string]func(t *testing.T) catalog.Store{
		"memory": func(*testing.T) catalog.Store { return catalogtest.NewMemory() },
		"sqlite": func(t *testing.T) catalog.Store { return database.NewCatalogStore(databasetest.SQLite(t)) },
	} {
		t.Run(name, func(t *testing.T) { test(t, serve(t, fill(t, store(t), descriptors), "")) })
	}
}

func fill(t testing.TB, store catalog.Store, descriptors string) catalog.Store {
	t.Helper()
	_, err := catalog.New(store, catalog.Options{
		Root:      fstest.MapFS{"shop.yaml": {Data: []byte(strings.ReplaceAll(descriptors, "LONG", strings.Repeat("x", 300)))}},
		Locations: []catalog.Location{{Target: "*.yaml"}},
	}).Refresh(t.Context())
	require.NoError(t, err)
	return store
}

// server is the API over a real socket.
type server struct {
	t     *testing.T
	url   string
	token string
}

func serve(t *testing.T, store backstage.Entities, token string) *server {
	t.Helper()
	s := httptest.NewServer(backstage.New(backstage.Options{Entities: store, Token: token, Log: zerolog.Nop()}))
	t.Cleanup(s.Close)
	return &server{t, s.URL, token}
}

// ask gives status and body, and the headers.
func (s *server) ask(method, path, body string) (int, string, http.Header) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/api/catalog"+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return response.StatusCode, string(data), response.Header
}

// get decodes a good answer.
func (s *server) get(path string, into any) http.Header {
	s.t.Helper()
	status, body, header := s.ask(http.MethodGet, path, "")
	require.Equal(s.t, http.StatusOK, status, body)
	require.Equal(s.t, "application/json; charset=utf-8", header.Get("Content-Type"))
	require.NoError(s.t, json.Unmarshal([]byte(body), into))
	return header
}

type object = map[string]any

// refsOf are the references of entities in an answer.
func refsOf(entities []object) []string {
	refs := []string{}
	for _, e := range entities {
		if e == nil {
			refs = append(refs, "null")
			continue
		}
		metadata := e["metadata"].(object)
		refs = append(refs, strings.ToLower(fmt.Sprintf("%s:%s/%s", e["kind"], metadata["namespace"], metadata["name"])))
	}
	return refs
}

func TestEntity(t *testing.T) {
	each(t, shop, func(t *testing.T, s *server) {
		var e object
		s.get("/entities/by-name/component/default/PAYMENTS", &e)
		metadata := e["metadata"].(object)
		uid, etag := metadata["uid"].(string), metadata["etag"].(string)
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, uid)
		require.Regexp(t, `^[0-9a-f]{40}$`, etag)
		delete(metadata, "uid")
		delete(metadata, "etag")
		require.Equal(t, object{
			"apiVersion": "backstage.io/v1alpha1", "kind": "Component",
			"metadata": object{
				"name": "Payments", "namespace": "default", "title": "Payments & more", "tags": []any{"go", "grpc"}, "labels": object{"tier": "1"},
				"links": []any{object{"url": "https://runbooks.acme.example", "title": "Runbook"}},
				"annotations": object{"github.com/project-slug": "acme/payments",
					"backstage.io/managed-by-location": "file:shop.yaml", "backstage.io/managed-by-origin-location": "file:*.yaml"},
			},
			"spec": object{"type": "service", "lifecycle": "production", "owner": "team-ledger", "dependsOn": []any{"component:ledger-lib"},
				"replicas": 3.0, "critical": true, "nothing": nil, "ports": []any{object{"name": "http", "port": 1e6}}},
			"relations": []any{object{"type": "dependsOn", "targetRef": lib}, object{"type": "ownedBy", "targetRef": ledger}},
		}, e)

		var same object
		s.get("/entities/by-uid/"+strings.ToUpper(uid), &same)
		require.Equal(t, []string{payments}, refsOf([]object{same}))
		require.Equal(t, uid, same["metadata"].(object)["uid"])
		require.Equal(t, etag, same["metadata"].(object)["etag"])
	})
}

func TestFilterAndFields(t *testing.T) {
	each(t, shop, func(t *testing.T, s *server) {
		all := []string{api, lib, payments, site, ledger, alice}
		for query, want := range map[string][]string{
			"":                      all,
			"filter=":               all,
			"filter=kind=component": {lib, payments, site},
			"filter=Kind=COMPONENT,spec.Type=Service":                           {payments},
			"filter=kind=user&filter=kind=group":                                {ledger, alice},
			"filter=kind=component,kind=api":                                    {api, lib, payments, site},
			"filter=kind=component&filter=spec.type=team":                       {lib, payments, site, ledger},
			"filter=metadata.tags=go":                                           {lib, payments},
			"filter=metadata.tags.go":                                           {lib, payments},
			"filter=metadata.tags.go,metadata.tags.grpc":                        {payments},
			"filter=metadata.tags.GRPC=true":                                    {payments},
			"filter=metadata.namespace=default,kind=component":                  {lib, payments},
			"filter=metadata.annotations.github.com/project-slug":               {payments},
			"filter=metadata.annotations.github.com/Project-Slug=acme/payments": {payments},
			"filter=relations.ownedBy=Group:default/team-ledger":                {api, lib, payments},
			"filter=relations.ownerof=component:default/payments":               {ledger},
			"filter=relations.memberOf":                                         {alice},
			"filter=spec.replicas=3":                                            {payments},
			"filter=spec.ports.port=1000000":                                    {payments},
			"filter=spec.critical=true":                                         {payments},
			"filter=spec.nothing":                                               {payments},
			"filter=spec.nothing=":                                              {},
			"filter=spec.definition":                                            {api},
			"filter=spec.definition=" + strings.Repeat("x", 300):                {}, // too long to be looked for, as in Backstage
			"filter=spec.profile.displayname=alice moreau":                      {alice},
			"filter=metadata.labels.tier=1":                                     {payments},
			"filter=kind=nothing":                                               {},
			"filter=kind=a:b":                                                   {},
			"filter=metadata.etag":                                              {},
			"limit=2":                                                           all[:2],
			"limit=2&offset=3":                                                  all[3:5],
			"offset=4":                                                          all[4:],
			"limit=0":                                                           {},
			"order=desc:metadata.name":                                          {ledger, site, api, payments, lib, alice},
			"order=asc:spec.type&order=desc:metadata.name&limit=4":              {lib, api, payments, ledger},
			"filter=kind=component&order=asc:metadata.title":                    {site, payments, lib}, // without a title comes last
			"filter=kind=component&order=desc:metadata.title":                   {payments, site, lib},
			"filter=kind=component&order=desc:metadata.title&offset=1&limit=1":  {site},
		} {
			var entities []object
			s.get("/entities?"+strings.ReplaceAll(query, " ", "%20"), &entities)
			require.Equal(t, want, refsOf(entities), query)
		}

		for query, want := range map[string]object{
			"kind,metadata.name":                           {"kind": "Component", "metadata": object{"name": "Payments"}},
			"metadata.annotations.github.com/project-slug": {"metadata": object{"annotations": object{"github.com/project-slug": "acme/payments"}}},
			"spec.nothing, spec.none,metadata.name.x":      {"spec": object{"nothing": nil}},
			"kind&fields=spec.replicas":                    {"kind": "Component", "spec": object{"replicas": 3.0}},
		} {
			var entities []object
			s.get("/entities?filter=metadata.name=payments&fields="+strings.ReplaceAll(query, " ", "%20"), &entities)
			require.Equal(t, []object{want}, entities, query)
		}
		var whole []object
		s.get("/entities?filter=metadata.name=payments&fields=metadata,metadata.name", &whole)
		require.Len(t, whole[0]["metadata"], 9, "a part of what is there whole adds nothing and takes nothing away")
	})
}

func TestLinkToTheNextPage(t *testing.T) {
	each(t, shop, func(t *testing.T, s *server) {
		var found []string
		for path := "/entities?limit=4&offset=0&filter=kind=component&filter=kind=group&filter=kind=user"; path != ""; {
			var entities []object
			link := s.get(path, &entities).Get("Link")
			found = append(found, refsOf(entities)...)
			path, _, _ = strings.Cut(strings.TrimPrefix(link, "</api/catalog"), ">")
		}
		require.Equal(t, []string{lib, payments, site, ledger, alice}, found)
	})
}

func TestByRefs(t *testing.T) {
	each(t, shop, func(t *testing.T, s *server) {
		status, body, _ := s.ask(http.MethodPost, "/entities/by-refs", `{"entityRefs": ["user:default/alice", "Component:default/Payments", "component:nothing", "payments", "\u0000:a/b", "user:default/alice"]}`)
		require.Equal(t, http.StatusOK, status, body)
		var answer struct{ Items []object }
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		require.Equal(t, []string{alice, payments, "null", "null", "null", alice}, refsOf(answer.Items))

		_, body, _ = s.ask(http.MethodPost, "/entities/by-refs?filter=kind=user", `{"entityRefs": ["user:default/alice", "component:default/payments"], "fields": ["kind"]}`)
		require.JSONEq(t, `{"items": [{"kind": "User"}, null]}`, body)
		_, body, _ = s.ask(http.MethodPost, "/entities/by-refs", `{"entityRefs": []}`)
		require.JSONEq(t, `{"items": []}`, body)
	})
}

func TestFacets(t *testing.T) {
	each(t, shop, func(t *testing.T, s *server) {
		_, body, _ := s.ask(http.MethodGet, "/entity-facets?facet=kind&facet=Spec.type&facet=relations.ownedBy&facet=none&facet=spec.nothing&facet=metadata.tags&filter=kind=component", "")
		require.JSONEq(t, `{"facets": {
			"kind": [{"value": "Component", "count": 3}],
			"Spec.type": [{"value": "library", "count": 1}, {"value": "service", "count": 1}, {"value": "website", "count": 1}],
			"relations.ownedBy": [{"value": "group:default/nobody", "count": 1}, {"value": "group:default/team-ledger", "count": 2}],
			"metadata.tags": [{"value": "go", "count": 2}, {"value": "grpc", "count": 1}, {"value": "ts", "count": 1}],
			"none": [], "spec.nothing": []}}`, body)
	})
}

func TestRefusals(t *testing.T) {
	each(t, shop, func(t *testing.T, s *server) {
		for _, c := range []struct {
			method, path, body string
			status             int
			name, message      string
		}{
			{"GET", "/entities/by-name/component/default/nothing", "", 404, "NotFoundError", "No entity named 'nothing' found, with kind 'component' in namespace 'default'"},
			{"GET", "/entities/by-name/component/default/%00", "", 404, "NotFoundError", "No entity named"},
			{"GET", "/entities/by-uid/1234", "", 404, "NotFoundError", "No entity with uid 1234"},
			{"GET", "/locations", "", 404, "NotFoundError", "There is no /api/catalog/locations here"},
			{"DELETE", "/entities/by-uid/1234", "", 403, "NotAllowedError", "read-only"},
			{"POST", "/refresh", "{}", 403, "NotAllowedError", "read-only"},
			{"POST", "/entities/by-query", "{}", 403, "NotAllowedError", "by GET with filter"},
			{"GET", "/entities?filter==x", "", 400, "InputError", "Invalid filter, '=x' is not a valid statement"},
			{"GET", "/entities?filter=" + strings.Repeat("a,", 1001), "", 400, "InputError", "more than 1000 conditions"},
			{"GET", "/entities?limit=x", "", 400, "InputError", "Invalid limit, not an integer"},
			{"GET", "/entities?offset=-1", "", 400, "InputError", "Invalid offset"},
			{"GET", "/entities?after=x", "", 400, "InputError", "Malformed after cursor"},
			{"GET", "/entities?fields=metadata.links[0]", "", 400, "InputError", "array type fields are not supported"},
			{"GET", "/entities?order=metadata.name", "", 400, "InputError", "Invalid order parameter"},
			{"GET", "/entities/by-query?cursor=x", "", 400, "InputError", "Malformed cursor"},
			{"GET", "/entities/by-query?cursor=" + url.QueryEscape("eyJhdCI6eyJyZWYiOiJhIn19"), "", 400, "InputError", "Malformed cursor"},
			{"GET", "/entities/by-query?orderField=metadata.name,up", "", 400, "InputError", "Invalid order field order"},
			{"GET", "/entities/by-query?totalItems=maybe", "", 400, "InputError", "Invalid totalItems"},
			{"GET", "/entity-facets", "", 400, "InputError", "Missing facet parameter"},
			{"POST", "/entities/by-refs", "{", 400, "InputError", "Malformed request"},
			{"POST", "/entities/by-refs", `{"entityRefs": [], "more": 1}`, 400, "InputError", "Malformed request"},
			{"POST", "/entities/by-refs", `{}`, 400, "InputError", "Malformed request"},
			{"POST", "/entities/by-refs", `{"entityRefs": ["` + strings.Repeat("x", 5<<20) + `"]}`, 400, "InputError", "Malformed request"},
		} {
			status, body, _ := s.ask(c.method, c.path, c.body)
			require.Equal(t, c.status, status, body)
			var answer struct {
				Error    struct{ Name, Message string }
				Request  struct{ Method, URL string }
				Response struct{ StatusCode int }
			}
			require.NoError(t, json.Unmarshal([]byte(body), &answer), body)
			require.Equal(t, c.name, answer.Error.Name, c.path)
			require.Contains(t, answer.Error.Message, c.message)
			require.Equal(t, c.method, answer.Request.Method)
			require.Equal(t, "/api/catalog"+c.path, answer.Request.URL)
			require.Equal(t, c.status, answer.Response.StatusCode)
		}
	})
}

func TestWhoMayAsk(t *testing.T) {
	store := fill(t, catalogtest.NewMemory(), shop)
	open, closed := backstage.New(backstage.Options{Entities: store}), backstage.New(backstage.Options{Entities: store, Token: "s3cret"})
	for _, c := range []struct {
		handler             http.Handler
		host, authorization string
		status              int
	}{
		{open, "localhost:8480", "", 200},
		{open, "127.0.0.1", "Bearer whatever", 200},
		{open, "[::1]:8480", "", 200},
		{open, "evil.example:8480", "", 403}, // a name that leads to this machine
		{open, "10.0.0.7", "", 403},
		{open, "", "", 403},
		{closed, "bellhop.acme.example", "Bearer s3cret", 200},
		{closed, "bellhop.acme.example", "bearer  s3cret", 200},
		{closed, "localhost", "", 401},
		{closed, "localhost", "Bearer", 401},
		{closed, "localhost", "Bearer s3cre", 401},
		{closed, "localhost", "Bearer s3cret2", 401},
		{closed, "localhost", "Basic s3cret", 401},
	} {
		for _, path := range []string{"entities?limit=1", "nothing"} {
			request := httptest.NewRequest(http.MethodGet, "/api/catalog/"+path, nil)
			request.Host = c.host
			if c.authorization != "" {
				request.Header.Set("Authorization", c.authorization)
			}
			w := httptest.NewRecorder()
			c.handler.ServeHTTP(w, request)
			want := c.status
			if want == 200 && path == "nothing" {
				want = 404
			}
			require.Equal(t, want, w.Code, "%+v", c)
			require.NotContains(t, w.Body.String(), "s3cret")
			require.Equal(t, want == 401, w.Header().Get("WWW-Authenticate") != "")
		}
	}
}

// failing is a catalog that breaks on its second page.
type failing struct {
	catalog.Store
	pages int
}

func (f *failing) Range(ctx context.Context, after, before string, limit int) ([]catalog.Described, error) {
	if f.pages--; f.pages < 0 {
		return nil, errors.New("the disk of db.internal is gone")
	}
	return f.Store.Range(ctx, after, before, limit)
}

func TestABrokenStore(t *testing.T) {
	store := fill(t, catalogtest.NewMemory(), many(700))
	status, body, _ := serve(t, &failing{store, 1}, "").ask(http.MethodGet, "/entities", "")
	require.Equal(t, http.StatusInternalServerError, status, "nothing was sent yet")
	require.Contains(t, body, "Something broke on our side")
	require.NotContains(t, body, "db.internal")

	response, err := http.Get(serve(t, &failing{store, 3}, "").url + "/api/catalog/entities")
	require.NoError(t, err)
	defer response.Body.Close()
	_, err = io.ReadAll(response.Body)
	require.Error(t, err, "the half of a list is not taken for the whole")
}

// many are descriptors of n components.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "---\n{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: c%04d, title: T%d, description: %q}, spec: {type: t%d, lifecycle: production, owner: o}}\n",
			i, i%7, strings.Repeat("d", 600), i%3)
	}
	return b.String()
}
