package backstage

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bellhop/catalog"
)

// maxBody is how many bytes of references a request may name.
const maxBody = 4 << 20

// list is GET /entities: all that the filter lets through, or a part of it, with a Link to the next.
func (a *api) list(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	wanted, err := parseFields(query["fields"])
	if err != nil {
		return err
	}
	var s selection
	if s.filter, err = parseFilter(query["filter"]); err != nil {
		return err
	}
	if s.order, err = parseOrder(query["order"]); err != nil {
		return err
	}
	part, all, err := parsePart(query)
	if err != nil {
		return err
	}
	out := &stream{w: w}
	out.begin("[")
	if all && len(s.order) == 0 && part.skip == 0 {
		var sending error
		err := a.scan(r.Context(), s, "", func(e entity, _ values) bool {
			sending = out.entity(e, wanted)
			return sending == nil
		})
		return a.end(out, r, "]", errors.Join(err, sending))
	}
	p, err := a.pick(r.Context(), s, part)
	if err != nil {
		return err
	}
	if p.more {
		next := *r.URL
		query.Del("offset")
		query.Set("after", encodePart(part))
		next.RawQuery = query.Encode()
		w.Header().Set("Link", "<"+next.RequestURI()+`>; rel="next"`)
	}
	return a.end(out, r, "]", a.send(r, out, p, wanted))
}

// send adds what was picked to out. What has gone in between is left out.
func (a *api) send(r *http.Request, out *stream, p picked, wanted fields) error {
	refs := make([]string, len(p.positions))
	for i, at := range p.positions {
		refs[i] = at.Ref
	}
	return a.describe(r.Context(), refs, func(e *entity) error {
		if e == nil {
			return nil
		}
		return out.entity(*e, wanted)
	})
}

// parseOrder reads `order` parameters of /entities, `asc:metadata.name`.
func parseOrder(params []string) ([]ordering, error) {
	var all []ordering
	for _, param := range params {
		direction, field, ok := strings.Cut(param, ":")
		if !ok || field == "" || direction != "asc" && direction != "desc" {
			return nil, input(fmt.Sprintf("Invalid order parameter %q, expected asc:<field> or desc:<field>", param))
		}
		all = append(all, ordering{field, direction})
	}
	if len(all) > maxOrderings {
		return nil, input("Invalid order parameter, there are too many")
	}
	return all, nil
}

const maxOrderings = 20

// most is what no limit and no offset is above.
const most = 1 << 30

// parsePart reads `limit`, `offset` and `after` of /entities; all tells that there is no limit.
func parsePart(query url.Values) (part window, all bool, err error) {
	if part.limit, err = parseInteger(query, "limit", -1); err != nil {
		return window{}, false, err
	}
	if part.skip, err = parseInteger(query, "offset", 0); err != nil {
		return window{}, false, err
	}
	if after := query.Get("after"); after != "" {
		var p struct{ Limit, Offset *int }
		data, err := base64.StdEncoding.DecodeString(after)
		if err == nil {
			err = json.Unmarshal(data, &p)
		}
		if err != nil || p.Limit != nil && (*p.Limit < 0 || *p.Limit > most) || p.Offset != nil && (*p.Offset < 0 || *p.Offset > most) {
			return window{}, false, input("Malformed after cursor, could not be parsed")
		}
		if p.Limit != nil {
			part.limit = *p.Limit
		}
		if p.Offset != nil {
			part.skip = *p.Offset
		}
	}
	if part.limit < 0 {
		part.limit, all = most, true
	}
	return part, all, nil
}

func encodePart(part window) string {
	return base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf(`{"limit":%d,"offset":%d}`, part.limit, part.skip+part.limit)))
}

func parseInteger(query url.Values, name string, without int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return without, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, input("Invalid " + name + ", not an integer")
	}
	if n < 0 {
		return 0, input("Invalid " + name + ", must not be negative")
	}
	return min(n, most), nil
}

// byName is GET /entities/by-name/KIND/NAMESPACE/NAME.
func (a *api) byName(w http.ResponseWriter, r *http.Request) error {
	kind, namespace, name := r.PathValue("kind"), r.PathValue("namespace"), r.PathValue("name")
	missing := failure{http.StatusNotFound, "NotFoundError", fmt.Sprintf("No entity named '%s' found, with kind '%s' in namespace '%s'", name, kind, namespace)}
	return a.one(w, r, catalog.Ref{Kind: kind, Namespace: namespace, Name: name}.String(), missing)
}

// byUID is GET /entities/by-uid/UID. A uid is made of a reference, so the references tell whose it is.
func (a *api) byUID(w http.ResponseWriter, r *http.Request) error {
	wanted, found := strings.ToLower(r.PathValue("uid")), ""
	err := a.entities.Refs(r.Context(), func(ref string) bool {
		if uid(ref) == wanted {
			found = ref
		}
		return found == ""
	})
	if err != nil {
		return fmt.Errorf("find uid %q: %w", wanted, err)
	}
	return a.one(w, r, found, failure{http.StatusNotFound, "NotFoundError", "No entity with uid " + r.PathValue("uid")})
}

func (a *api) one(w http.ResponseWriter, r *http.Request, ref string, missing failure) error {
	return a.describe(r.Context(), []string{ref}, func(e *entity) error {
		if e == nil {
			return missing
		}
		document, err := e.whole()
		if err != nil {
			return err
		}
		a.answer(w, http.StatusOK, document)
		return nil
	})
}

// byRefs is POST /entities/by-refs: an item for each reference, null where there is none or the filter holds it back.
func (a *api) byRefs(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		EntityRefs []string `json:"entityRefs"`
		Fields     []string `json:"fields"`
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		return input("Malformed request: " + err.Error())
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) || body.EntityRefs == nil {
		return input("Malformed request: expected one object with entityRefs")
	}
	allowed, err := parseFilter(r.URL.Query()["filter"])
	if err != nil {
		return err
	}
	wanted, err := parseFields(slices.Concat(r.URL.Query()["fields"], body.Fields))
	if err != nil {
		return err
	}
	out := &stream{w: w}
	out.begin(`{"items":[`)
	err = a.describe(r.Context(), body.EntityRefs, func(e *entity) error {
		if e == nil || !allowed.allows(valuesOf(*e)) {
			return out.add(nil)
		}
		return out.entity(*e, wanted)
	})
	return a.end(out, r, "]}", err)
}

// facets is GET /entity-facets: how often each value of some fields occurs.
func (a *api) facets(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	var names []string
	for _, name := range query["facet"] {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 || len(names) > maxStatements {
		return input("Missing facet parameter, or too many")
	}
	allowed, err := parseFilter(query["filter"])
	if err != nil {
		return err
	}
	counts := make(map[string]map[string]int, len(names))
	for _, name := range names {
		counts[name] = map[string]int{}
	}
	err = a.scan(r.Context(), selection{filter: allowed}, "", func(_ entity, v values) bool {
		for _, name := range names {
			for _, one := range v[strings.ToLower(name)] {
				if one.told {
					counts[name][one.text]++
				}
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	type count struct {
		Value string `json:"value"`
		Count int    `json:"count"`
	}
	facets := make(map[string][]count, len(names))
	for name, values := range counts {
		facets[name] = []count{}
		for value, n := range values {
			facets[name] = append(facets[name], count{value, n})
		}
		slices.SortFunc(facets[name], func(a, b count) int { return strings.Compare(a.Value, b.Value) })
	}
	a.answer(w, http.StatusOK, map[string]any{"facets": facets})
	return nil
}
