package database

import (
	"fmt"
	"strings"
)

// queries are the named statements of one .sql file, as one dialect speaks them.
type queries map[string]string

// parseQueries reads a .sql file in sections: "-- name: get_entity" begins the statement get_entity. A section for one
// dialect alone has it behind the name, "-- name: search @postgres". Two sections of one name and dialect panic: the files
// are part of the program.
func parseQueries(dialect Dialect, text string) queries {
	found := queries{}
	name, wanted := "", false
	for line := range strings.Lines(text) {
		heading, ok := strings.CutPrefix(strings.TrimSpace(line), "-- name:")
		if !ok {
			if wanted {
				found[name] += line
			}
			continue
		}
		var of string
		name, of, _ = strings.Cut(strings.TrimSpace(heading), "@")
		name = strings.TrimSpace(name)
		wanted = of == "" || Dialect(strings.TrimSpace(of)) == dialect
		if _, twice := found[name]; wanted && twice {
			panic(fmt.Sprintf("query %s stands twice", name))
		}
		if wanted {
			found[name] = ""
		}
	}
	for name, statement := range found {
		found[name] = strings.TrimSuffix(strings.TrimSpace(statement), ";")
	}
	return found
}

// get is the statement of that name. A missing one panics: call it where the store is made.
func (q queries) get(name string) string {
	statement, ok := q[name]
	if !ok || statement == "" {
		panic(fmt.Sprintf("no query %s", name))
	}
	return statement
}
