package backstage_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type page struct {
	Items      []object
	TotalItems int
	PageInfo   struct{ NextCursor, PrevCursor string }
}

func TestByQuery(t *testing.T) {
	each(t, shop, func(t *testing.T, s *server) {
		all := []string{api, lib, payments, site, ledger, alice}
		for query, want := range map[string]struct {
			refs  []string
			total int
			next  bool
		}{
			"":                           {all, 6, false},
			"limit=2":                    {all[:2], 6, true},
			"limit=0":                    {[]string{}, 6, false},
			"limit=2&offset=4":           {all[4:], 6, false},
			"limit=2&totalItems=exclude": {all[:2], 0, true},
			"filter=kind=user&filter=kind=group,spec.type":                            {all[4:], 2, false},
			"orderField=metadata.name,desc&limit=2":                                   {[]string{ledger, site}, 6, true},
			"orderField=metadata.name&orderField=kind,desc&limit=1":                   {[]string{alice}, 6, true},
			"fullTextFilterTerm=PAY":                                                  {[]string{api, payments}, 2, false},
			"fullTextFilterTerm=more&fullTextFilterFields=metadata.title,kind":        {[]string{payments}, 1, false},
			"fullTextFilterTerm=moreau&fullTextFilterFields=spec.profile.displayName": {[]string{alice}, 1, false},
			"fullTextFilterTerm=runbook+go":                                           {[]string{}, 0, false},
			"fullTextFilterTerm=more+grpc":                                            {[]string{payments}, 1, false},
			"fullTextFilterTerm=team+ledger&filter=kind=component&limit=1":            {[]string{lib}, 2, true},
			"fullTextFilterTerm=%25":                                                  {[]string{}, 0, false},
			"fullTextFilterTerm=ledger&orderField=metadata.title,asc":                 {[]string{ledger}, 1, false},
			"fullTextFilterTerm=comp&orderField=kind,asc":                             {[]string{lib, payments, site}, 3, false},
		} {
			var p page
			s.get("/entities/by-query?"+query, &p)
			require.Equal(t, want.refs, refsOf(p.Items), query)
			require.Equal(t, want.total, p.TotalItems, query)
			require.Equal(t, want.next, p.PageInfo.NextCursor != "", query)
			require.Empty(t, p.PageInfo.PrevCursor, query)
		}
		var p page
		s.get("/entities/by-query?limit=1&fields=kind", &p)
		require.Equal(t, []object{{"kind": "API"}}, p.Items)
	})
}

// TestCursors walks to the end and back again: every entity comes once each way, in the order of the whole.
func TestCursors(t *testing.T) {
	each(t, many(230), func(t *testing.T, s *server) {
		for _, query := range []string{
			"limit=100", "limit=20&filter=spec.type=t1", "limit=229", "limit=230", "limit=231",
			"limit=100&orderField=metadata.title,desc", "limit=20&orderField=metadata.title,asc&fullTextFilterTerm=T3",
			"limit=100&orderField=metadata.none,asc", "limit=30&orderField=metadata.name,desc&filter=spec.type=t1,kind=component",
		} {
			var whole page
			limit, rest, _ := strings.Cut(query, "&")
			s.get("/entities/by-query?limit=1000&"+rest, &whole)
			want := refsOf(whole.Items)
			require.Equal(t, len(want), whole.TotalItems)

			var pages [][]string
			var p page
			for path := query; path != ""; {
				p = page{}
				s.get("/entities/by-query?"+path, &p)
				require.Equal(t, len(want), p.TotalItems, "the first page counts, and the cursor carries it")
				require.Equal(t, len(pages) > 0, p.PageInfo.PrevCursor != "")
				pages = append(pages, refsOf(p.Items))
				path = ""
				if p.PageInfo.NextCursor != "" {
					path = fmt.Sprintf("%s&cursor=%s", limit, url.QueryEscape(p.PageInfo.NextCursor))
				}
			}
			require.Equal(t, want, slices.Concat(pages...), query)
			for i := len(pages) - 2; i >= 0; i-- {
				back := p.PageInfo.PrevCursor
				p = page{}
				s.get(fmt.Sprintf("/entities/by-query?%s&cursor=%s", limit, url.QueryEscape(back)), &p)
				require.Equal(t, pages[i], refsOf(p.Items), query)
				require.NotEmpty(t, p.PageInfo.NextCursor)
			}
			require.Empty(t, p.PageInfo.PrevCursor)
		}
	})
}
