package main

import (
	"fmt"
	"net"
)

// catalogAPIFlags switch on the catalog over HTTP.
type catalogAPIFlags struct {
	CatalogAPI bool `name:"catalog-api" env:"BELLHOP_CATALOG_API" help:"Serve the catalog as well, read-only, to what speaks Backstage: /api/catalog. Asks for BELLHOP_API_TOKEN, without which --listen must be on this machine alone."`
}

// catalogAPI is whether the catalog is served over HTTP, and the token for it; empty where none is asked for.
type catalogAPI struct {
	on    bool
	token string
}

// catalogAPI is whether and to whom the catalog is served at address. Without a token that can only be this machine.
func (f catalogAPIFlags) catalogAPI(t terminal, address string) (catalogAPI, error) {
	if !f.CatalogAPI {
		return catalogAPI{}, nil
	}
	token, err := t.secret("BELLHOP_API_TOKEN")
	if err != nil || token != "" {
		return catalogAPI{on: true, token: token}, err
	}
	if host, _, err := net.SplitHostPort(address); err != nil || !isLoopback(host) {
		return catalogAPI{}, fmt.Errorf("--catalog-api at BELLHOP_LISTEN %s would be reached by other machines: set BELLHOP_API_TOKEN to a long random text, or listen on 127.0.0.1", address)
	}
	return catalogAPI{on: true}, nil
}
