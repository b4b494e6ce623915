package backstage

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"bellhop/catalog"
)

// byQuery is GET /entities/by-query: a page of what is asked for, with cursors to the next and the one before.
func (a *api) byQuery(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	wanted, err := parseFields(query["fields"])
	if err != nil {
		return err
	}
	var part window
	if part.limit, err = parseInteger(query, "limit", pageSize); err != nil {
		return err
	}
	c, err := readCursor(query, &part)
	if err != nil {
		return err
	}
	s, err := c.selection()
	if err != nil {
		return err
	}
	p, err := a.pick(r.Context(), s, part)
	if err != nil {
		return err
	}
	if part.count {
		c.TotalItems = p.total
	}
	rest := struct {
		TotalItems int       `json:"totalItems"`
		PageInfo   *pageInfo `json:"pageInfo"`
	}{c.TotalItems, c.around(p, part)}
	var behind bytes.Buffer
	if err := encode(&behind, rest); err != nil {
		return err
	}
	out := &stream{w: w}
	out.begin(`{"items":[`)
	return a.end(out, r, "],"+strings.TrimPrefix(behind.String(), "{"), a.send(r, out, p, wanted))
}

// pageInfo leads to other pages.
type pageInfo struct {
	NextCursor string `json:"nextCursor,omitempty"`
	PrevCursor string `json:"prevCursor,omitempty"`
}

// cursor is a query with a place in its answer. Clients give it back as it was; the official one looks whether it has a key
// `query`, which stands for a language that is not spoken here.
type cursor struct {
	Filter     []string   `json:"filter,omitempty"`
	Order      []ordering `json:"orderFields,omitempty"`
	Term       string     `json:"fullTextFilterTerm,omitempty"`
	Fields     []string   `json:"fullTextFilterFields,omitempty"`
	At         *position  `json:"at,omitempty"`
	First      *position  `json:"first,omitempty"` // of the first page
	Previous   bool       `json:"isPrevious,omitempty"`
	TotalItems int        `json:"totalItems"`
}

// readCursor reads the query, from the cursor if there is one, and where in its answer the page is.
func readCursor(query url.Values, part *window) (cursor, error) {
	if text := query.Get("cursor"); text != "" {
		c, err := decodeCursor(text)
		part.from, part.backwards = c.At, c.Previous
		return c, err
	}
	var err error
	if part.skip, err = parseInteger(query, "offset", 0); err != nil {
		return cursor{}, err
	}
	c := cursor{Filter: query["filter"], Term: query.Get("fullTextFilterTerm")}
	for _, param := range query["fullTextFilterFields"] {
		c.Fields = append(c.Fields, strings.Split(param, ",")...)
	}
	switch total := query.Get("totalItems"); total {
	case "", "include":
		part.count = true
	case "exclude":
	default:
		return cursor{}, input("Invalid totalItems, expected include or exclude")
	}
	for _, param := range query["orderField"] {
		field, direction, _ := strings.Cut(param, ",")
		if direction == "" {
			direction = "asc"
		}
		c.Order = append(c.Order, ordering{strings.TrimSpace(field), strings.TrimSpace(direction)})
	}
	if len(c.Order) > 1 {
		c.Order = c.Order[:1] // as in Backstage
	}
	return c, nil
}

// selection is what the cursor's query selects. A term is sought where the fields say, else in the field that orders, else as
// people search: its words in any order, in names, titles, aliases, descriptions and tags.
func (c cursor) selection() (selection, error) {
	s := selection{order: c.Order, term: strings.ToLower(strings.TrimSpace(c.Term))}
	for _, o := range s.order {
		if o.Field == "" || o.Order != "asc" && o.Order != "desc" {
			return selection{}, input("Invalid order field order, must be asc or desc")
		}
	}
	var err error
	if s.filter, err = parseFilter(c.Filter); err != nil {
		return selection{}, err
	}
	for _, field := range c.Fields {
		if field = strings.ToLower(strings.TrimSpace(field)); field != "" {
			s.fields = append(s.fields, field)
		}
	}
	switch {
	case len(s.fields) > maxStatements:
		return selection{}, input("Invalid fullTextFilterFields, there are too many")
	case len(s.fields) > 0:
	case len(s.order) > 0:
		s.fields = []string{strings.ToLower(s.order[0].Field)}
	case s.term != "":
		words := catalog.NewTerm(s.term)
		s.words, s.term = &words, ""
	}
	return s, nil
}

// around are the cursors of the pages around one.
func (c cursor) around(p picked, part window) *pageInfo {
	info := &pageInfo{}
	if len(p.positions) == 0 {
		return info
	}
	first, last := p.positions[0], p.positions[len(p.positions)-1]
	initial := c.First == nil
	if initial {
		c.First = &first
	}
	if part.backwards || p.more {
		info.NextCursor = c.to(last, false)
	}
	if !initial && first.Ref != c.First.Ref {
		info.PrevCursor = c.to(first, true)
	}
	return info
}

func (c cursor) to(at position, previous bool) string {
	c.At, c.Previous = &at, previous
	data, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("encode a cursor: %v", err)) // it is made of texts and numbers
	}
	return base64.StdEncoding.EncodeToString(data)
}

func decodeCursor(text string) (cursor, error) {
	var c cursor
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return cursor{}, input("Malformed cursor, could not be parsed")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil || c.At == nil || c.First == nil || len(c.Order) > 1 {
		return cursor{}, input("Malformed cursor, could not be parsed")
	}
	for _, at := range []*position{c.At, c.First} {
		if len(at.Values) != len(c.Order) || !utf8.ValidString(at.Ref) || strings.Contains(at.Ref, "\x00") {
			return cursor{}, input("Malformed cursor, could not be parsed")
		}
	}
	return c, nil
}
