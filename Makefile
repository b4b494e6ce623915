# What CI does and what people do are the same commands: .ci/run calls these.
SHELL := bash
GOLANGCI := v2.15.0
LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)

.DEFAULT_GOAL := help
.PHONY: help demo test race lint fmt golden build image ci

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Try it: a simulated Slack and GitHub, and Bellhop in them
	go run ./cmd/bot demo

test: ## Run the tests; what the machine lacks is skipped with a word about it
	go test ./...

race: ## Run the tests with the race detector and nothing skipped, as CI does
	BELLHOP_TEST_NO_SKIP=1 go test -race -timeout 12m ./...

lint: ## Check formatting, go vet and the linters; the floors are among them
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	$(LINT) run

fmt: ## Format the Go code
	gofmt -w .

golden: ## Write golden files and the generated tables of README and docs anew
	go test ./... -run Golden -update

build: ## Build the static binary into dist/bot and print its size
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o dist/bot ./cmd/bot
	@du -k dist/bot | awk '{printf "dist/bot: %.1f MB\n", $$1 / 1024}'

image: ## Build the container image
	docker build --build-arg VERSION=$$(git describe --always --dirty) -t bellhop .

ci: ## All that CI does
	.ci/run
