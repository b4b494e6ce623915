package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"bellhop/catalog/catalogtest"
	"bellhop/integrations/backstage"
)

func TestWhereTheCatalogIsServed(t *testing.T) {
	for _, c := range []struct {
		on            bool
		token, listen string
		want          catalogAPI
		wrong         string
	}{
		{false, "", ":8480", catalogAPI{}, ""},
		{false, "secret", ":8480", catalogAPI{}, ""},
		{true, "", "127.0.0.1:8480", catalogAPI{on: true}, ""},
		{true, "", "localhost:8480", catalogAPI{on: true}, ""},
		{true, "", "[::1]:8480", catalogAPI{on: true}, ""},
		{true, "", ":8480", catalogAPI{}, "would be reached by other machines: set BELLHOP_API_TOKEN"},
		{true, "", "0.0.0.0:8480", catalogAPI{}, "would be reached by other machines"},
		{true, "", "10.0.0.7:8480", catalogAPI{}, "would be reached by other machines"},
		{true, "", "8480", catalogAPI{}, "would be reached by other machines"},
		{true, "secret", "0.0.0.0:8480", catalogAPI{on: true, token: "secret"}, ""},
	} {
		got, err := catalogAPIFlags{CatalogAPI: c.on}.catalogAPI(terminal{env: func(name string) string {
			return map[string]string{"BELLHOP_API_TOKEN": c.token}[name]
		}}, c.listen)
		if c.wrong != "" {
			require.ErrorContains(t, err, c.wrong, c.listen)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

func TestOpsServesTheCatalog(t *testing.T) {
	for _, on := range []bool{false, true} {
		ops := &opsServer{ready: &readiness{}, metrics: newMetrics(), log: zerolog.Nop()}
		if on {
			ops.catalog = backstage.New(backstage.Options{Entities: catalogtest.NewMemory()})
		}
		server := httptest.NewServer(ops.handler())
		defer server.Close()
		response, err := http.Get(server.URL + backstage.Prefix + "entities")
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, on, response.StatusCode == http.StatusOK)
		require.Equal(t, on, string(body) == "[]")
	}
}
