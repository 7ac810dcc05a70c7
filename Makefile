# "make check" is what CI runs; the other targets are its parts, for the desk.

FUZZ_TIME ?= 10s
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS   := -s -w -X github.com/monitorctl/monitorctl/cmd.version=$(VERSION)

.PHONY: check build test race lint fuzz faults bench generate update demo clean

check: ## everything that CI runs
	bash .ci/run

build: ## the binary, as a release has it
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o monitorctl .

test:
	go test ./...

race:
	go test -race ./...

lint:
	gofmt -l .
	go vet ./...
	golangci-lint run ./...

fuzz: ## one package's target: make fuzz PKG=./internal/pattern NAME=FuzzParse
	go test -run '^$$' -fuzz '^$(NAME)$$' -fuzztime $(FUZZ_TIME) $(PKG)

faults: ## plant faults in the pattern package, one by one; each must turn a test red
	bash scripts/faults.sh

bench:
	go test -run '^$$' -bench . -benchmem ./...

generate: ## what follows from the files of the controls: the embedded catalog, docs/controls.md
	go test ./internal/catalog -run Generated -update
	go test ./internal/catalog -run Docs -update

update: generate ## rewrite golden files and generated documents; read the diff before committing it
	go test ./internal/report -update
	go test ./internal/aws/permissions -update
	go test ./cmd -run "TestReference|TestReadme" -update

demo: ## audit, apply, audit on an embedded account: no network, no credentials
	go run . demo

clean:
	rm -rf monitorctl monitorctl.exe dist coverage.out
