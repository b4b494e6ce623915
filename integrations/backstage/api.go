// Package backstage serves the catalog over HTTP as Backstage's catalog backend does, read-only, for what already speaks
// to one. Requests and answers have Backstage's shapes; the official client works against it.
package backstage

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/rs/zerolog"

	"bellhop/catalog"
)

// Prefix is under which everything is served; a client's base URL is the address with it, without the last slash.
const Prefix = "/api/catalog/"

// Entities is the catalog.
type Entities interface {
	// Range gives at most limit entities whose references stand after one text and before another, in their order.
	Range(ctx context.Context, after, before string, limit int) ([]catalog.Described, error)
	// Describe gives those of the entities that exist, in the order of their references.
	Describe(ctx context.Context, refs []catalog.Ref) ([]catalog.Described, error)
	// ByWords gives at most limit entities that have all of some words, and for each of some beginnings a word that begins so.
	ByWords(ctx context.Context, words, beginnings []string, limit int) ([]catalog.Entity, error)
	// Refs calls yield with every entity's reference, in order, until it returns false.
	Refs(ctx context.Context, yield func(ref string) bool) error
}

// Options is what the API is made of.
type Options struct {
	Entities Entities
	// Token is what a request must bear. Without one only requests to this machine's own name are answered, since a web
	// page could lead a browser here by a name of its own.
	Token string
	Log   zerolog.Logger
}

type api struct {
	entities Entities
	token    string
	log      zerolog.Logger
}

// New is the handler of everything under Prefix.
func New(o Options) http.Handler {
	a := &api{entities: o.Entities, token: o.Token, log: o.Log}
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET " + Prefix + "entities":                                   a.list,
		"GET " + Prefix + "entities/by-query":                          a.byQuery,
		"GET " + Prefix + "entities/by-name/{kind}/{namespace}/{name}": a.byName,
		"GET " + Prefix + "entities/by-uid/{uid}":                      a.byUID,
		"GET " + Prefix + "entity-facets":                              a.facets,
		"POST " + Prefix + "entities/by-refs":                          a.byRefs,
		Prefix:                                                         a.nothing,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			err := a.allow(r)
			if err == nil {
				err = serve(w, r)
			}
			if err != nil {
				a.refuse(w, r, err)
			}
		})
	}
	return mux
}

// allow tells whether who asks may.
func (a *api) allow(r *http.Request) error {
	if a.token == "" {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		host = strings.Trim(host, "[]")
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return failure{http.StatusForbidden, "NotAllowedError", "Without BELLHOP_API_TOKEN only requests to localhost are answered"}
		}
		return nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return failure{http.StatusUnauthorized, "AuthenticationError", "Missing credentials"}
	}
	// Hashes have one length, so that the time tells nothing of the token's.
	given, wanted := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(a.token))
	if subtle.ConstantTimeCompare(given[:], wanted[:]) != 1 {
		return failure{http.StatusUnauthorized, "AuthenticationError", "Illegal token"}
	}
	return nil
}

// nothing answers what is not served.
func (a *api) nothing(_ http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return failure{http.StatusForbidden, "NotAllowedError", "This catalog is read-only, and takes queries by GET with filter"}
	}
	return failure{http.StatusNotFound, "NotFoundError", "There is no " + r.URL.Path + " here"}
}

// failure is an error that whoever asks is told.
type failure struct {
	status        int
	name, message string // name is one of Backstage's
}

// Error implements error.
func (f failure) Error() string { return f.name + ": " + f.message }

// input is the failure of a request that cannot be understood.
func input(message string) error { return failure{http.StatusBadRequest, "InputError", message} }

// refuse tells an error in Backstage's shape.
func (a *api) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var f failure
	if !errors.As(err, &f) {
		if r.Context().Err() != nil {
			return // nobody listens any more
		}
		a.log.Error().Err(err).Str("path", r.URL.Path).Msg("answer from the catalog")
		f = failure{http.StatusInternalServerError, "Error", "Something broke on our side"}
	}
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	type named struct {
		Name    string `json:"name"`
		Message string `json:"message"`
	}
	type request struct {
		Method string `json:"method"`
		URL    string `json:"url"`
	}
	type response struct {
		StatusCode int `json:"statusCode"`
	}
	a.answer(w, f.status, struct {
		Error    named    `json:"error"`
		Request  request  `json:"request"`
		Response response `json:"response"`
	}{named{f.name, f.message}, request{r.Method, r.URL.RequestURI()}, response{f.status}})
}
