# The front door. `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
STAMPS := build/stamps
GOFLAGS_BUILD := -trimpath -buildvcs=false -ldflags=-s
export PATH := $(CURDIR)/.venv/bin:$(PATH)
CLIPSHOT_COMMIT := $(shell git rev-parse --short HEAD 2>/dev/null)

say = @echo "==> $(1)"

PROTO := $(shell find proto -name '*.proto' 2>/dev/null)
RUST := $(shell find native -path native/target -prune -o \( -name '*.rs' -o -name 'Cargo.*' \) -print 2>/dev/null)
GO := $(shell find server/gateway -path '*/gen/*' -prune -o -path '*/node_modules' -prune -o -path '*/assets/*' -prune -o -name '*.go' -print 2>/dev/null)
TYPESCRIPT := $(shell find clients -path '*/node_modules' -prune -o -path '*/gen' -prune -o -path '*/dist' -prune -o \( -name '*.ts' -o -name 'tsconfig.json' \) -print)
PAGE := $(shell find server/gateway/web -type f 2>/dev/null)
CODEGEN := $(wildcard codegen/*.py)
DATACLASSES := clients/python/clipshot_client/betterproto/gen

.PHONY: help run demo test acceptance soak lint gen build bench bench-quick wheel clean
.PHONY: clients clients-python clients-typescript packages-test constraints-check

help: ## List the targets
	@echo "ClipShot: records the screen all the time and keeps the last minutes."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: build ## Serve with the replay buffer on, on DISPLAY's screen or the built-in test source
	@exec .venv/bin/clipshot serve --replay $(ARGS)

demo: build screen build/bin/clipshot-paint ## Record a moving screen and save a replay of ten seconds
	@exec $(PYTHON) -m demo

test: build packages-test build/bin/clipshot-paint build/bin/clipshot-flash clients lint ## All quick tests of all languages
	$(call say,testing the native core)
	@cd native && cargo test --quiet --release --workspace --exclude clipshot-python
	$(call say,testing the gateway)
	@cd server/gateway && go test -count=1 ./...
	$(call say,testing the server)
	@$(PYTHON) -m pytest $(if $(CI),-q) --reruns 1 -r aR tests/unit tests/contract tests/native tests/integration tests/clients tests/faults tests/security tests/docs

acceptance: build packages-acceptance build/bin/clipshot-paint build/bin/clipshot-flash clients ## Everything an area promises, on real input: AREA=main
	@test -n "$(AREA)" || { echo "say which area: make acceptance AREA=main (one of: $$(ls tests/acceptance | grep -v '[._]' | xargs))"; exit 2; }
	@$(PYTHON) -m pytest -s -p no:cacheprovider --timeout=1800 tests/acceptance/$(AREA)

soak: build packages-test build/bin/clipshot-paint build/bin/clipshot-flash ## Hours of faults: hundreds of kills, a thousand starts, two hours of running
	@$(PYTHON) -m pytest -s -p no:cacheprovider --soak $(ARGS) tests/faults/test_random_kills.py \
		tests/faults/test_cycles.py tests/native/test_hostile_files.py tests/contract/test_fuzzed_api.py \
		tests/faults/test_left_running.py

bench: build packages-acceptance build/bin/clipshot-paint build/bin/clipshot-encode-alone ## Capture, replay and calls beside their peers; long
	@$(PYTHON) -m tests.bench.capture
	@$(PYTHON) -m tests.bench.rpc

bench-quick: build packages-acceptance build/bin/clipshot-paint build/bin/clipshot-encode-alone ## The same in about four minutes
	@$(PYTHON) -m tests.bench.capture --quick
	@$(PYTHON) -m tests.bench.rpc --quick

lint: build clients-python ## Formats, types, layers, contract, licences
	$(call say,linting the contract)
	@.venv/bin/buf lint
	@.venv/bin/buf format --diff --exit-code proto
	@.venv/bin/buf breaking proto --against proto/baseline.binpb.gz
	$(call say,linting Python)
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --quiet --check .
	@.venv/bin/mypy --no-error-summary
	@$(PYTHON) -m mypy.stubtest clipshot_native._core >build/stubtest.log || { cat build/stubtest.log; exit 1; }
	@cd clients/python && mypy --no-error-summary
	@cd server && lint-imports --no-cache --config ../pyproject.toml >../build/layers.log || { cat ../build/layers.log; exit 1; }
	$(call say,linting Rust)
	@cd native && cargo fmt --all --check && cargo clippy --quiet --release --workspace --all-targets -- -D warnings
	$(call say,linting Go)
	@cd server/gateway && test -z "$$(gofmt -l $$(ls -d */ | grep -vE '^(gen|assets|docs|web|node_modules)/$$') *.go)" && go vet ./...
	$(call say,checking the types of the page)
	@server/gateway/docs/node_modules/.bin/tsc -p server/gateway/web/jsconfig.json
	$(call say,checking licences)
	@$(PYTHON) setup/check_licences.py

gen: $(STAMPS)/gen-python $(STAMPS)/gen-go $(STAMPS)/gen-clients ## Generated code, from the protos

clients: clients-python clients-typescript ## The typed clients for Python and TypeScript

clients-python: $(STAMPS)/gen-clients

clients-typescript: $(STAMPS)/clients-typescript

build: $(STAMPS)/gen-python build/bin/clipshot-gateway $(STAMPS)/native ## Everything that make run needs
	@echo "$(CLIPSHOT_COMMIT)" >server/clipshot/_bin/commit

wheel: build ## One wheel with the native core and the gateway in it, in dist/
	$(call say,building the wheel)
	@rm -rf dist
	@.venv/bin/maturin build --release --quiet --out dist
	@ls dist/*.whl

clean: ## Remove everything the build made
	@rm -rf .venv build dist native/target server/clipshot/gen server/clipshot/_bin server/clipshot_native/*.so \
		server/gateway/gen server/gateway/assets server/gateway/docs/node_modules clients/python/clipshot_client/*/gen \
		clients/node_modules clients/typescript/src/gen clients/typescript/dist clients/examples/typescript/dist

# ---- set-up, each step once -----------------------------------------------------------------------------------------
$(STAMPS)/toolchains: setup/toolchains.sh
	@mkdir -p $(STAMPS)
	@setup/toolchains.sh
	@touch $@

$(STAMPS)/packages-build: setup/packages-build.txt setup/packages.sh $(STAMPS)/toolchains
	@setup/packages.sh setup/packages-build.txt
	@touch $@

.PHONY: screen
screen: | $(STAMPS)/packages-build
	@test -n "$${DISPLAY:-}" || setup/packages.sh <(echo xvfb)

packages-test: $(STAMPS)/packages-test
$(STAMPS)/packages-test: setup/packages-test.txt setup/packages.sh | $(STAMPS)/packages-build
	@setup/packages.sh setup/packages-test.txt
	@touch $@

.PHONY: packages-acceptance
packages-acceptance: $(STAMPS)/packages-acceptance
$(STAMPS)/packages-acceptance: setup/packages-acceptance.txt setup/packages.sh | $(STAMPS)/packages-test
	@setup/packages.sh setup/packages-acceptance.txt
	@touch $@

$(STAMPS)/venv: constraints.txt setup/environment.sh $(STAMPS)/packages-build
	$(call say,making the Python environment in .venv)
	@setup/environment.sh
	@touch $@

$(STAMPS)/protos: codegen/collect_protos.py $(STAMPS)/venv
	@$(PYTHON) codegen/collect_protos.py
	@touch $@

$(STAMPS)/gen-python: $(PROTO) buf.yaml buf.gen.yaml codegen/place_python.py codegen/protoc_gen_grpc_python.py $(STAMPS)/protos
	$(call say,generating Python from the protos)
	@.venv/bin/buf generate 2>build/gen-python.log || { cat build/gen-python.log; exit 1; }
	@$(PYTHON) codegen/place_python.py
	@touch $@

# betterproto2 writes one module a package, so it must see all files at once; buf would call it once for each module.
$(STAMPS)/gen-clients: $(STAMPS)/gen-python codegen/message_packages.py
	$(call say,generating the Python clients from the protos)
	@$(PYTHON) codegen/place_python.py clipshot_client.grpcio.gen clients/python/clipshot_client/grpcio/gen
	@$(PYTHON) codegen/message_packages.py clients/python/clipshot_client/grpcio/gen
	@rm -rf $(DATACLASSES) && mkdir -p $(DATACLASSES)
	@$(PYTHON) -m grpc_tools.protoc -Iproto -Ibuild/protos \
		--python_betterproto2_out=$(DATACLASSES) --python_betterproto2_opt=client_generation=async \
		$(PROTO:proto/%=%) google/api/httpbody.proto google/rpc/status.proto google/rpc/error_details.proto \
		$(patsubst %,google/protobuf/%.proto,any duration field_mask struct timestamp) \
		2>build/gen-clients.log || { cat build/gen-clients.log; exit 1; }
	@touch $@

$(STAMPS)/clients-packages: clients/package-lock.json clients/typescript/package.json $(STAMPS)/toolchains
	$(call say,fetching what the TypeScript client needs)
	@cd clients && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

$(STAMPS)/clients-typescript: $(PROTO) $(TYPESCRIPT) buf.gen.typescript.yaml $(STAMPS)/gen-go $(STAMPS)/clients-packages
	$(call say,building the TypeScript client)
	@.venv/bin/buf generate --template buf.gen.typescript.yaml
	@cd clients && npx --no-install openapi-typescript ../server/gateway/assets/openapi.json \
		--output typescript/src/gen/rest.ts >../build/rest-types.log 2>&1 || { cat ../build/rest-types.log; exit 1; }
	@cd clients && npx --no-install tsc --build typescript/test examples/typescript
	@touch $@

$(STAMPS)/go-tools: server/gateway/go.mod server/gateway/go.sum $(STAMPS)/toolchains
	$(call say,building the Go generators)
	@mkdir -p build/bin
	@cd server/gateway && GOBIN=$(CURDIR)/build/bin go install $(GOFLAGS_BUILD) tool
	@touch $@

$(STAMPS)/gen-go: $(PROTO) buf.yaml buf.gen.rest.yaml $(CODEGEN) pyproject.toml $(STAMPS)/protos $(STAMPS)/go-tools
	$(call say,generating Go and OpenAPI from the protos)
	@.venv/bin/buf build proto -o build/image.binpb
	@$(PYTHON) codegen/rest_names.py build/image.binpb build/rest.binpb
	@rm -rf server/gateway/gen build/openapi && mkdir -p server/gateway/assets
	@.venv/bin/buf generate --template buf.gen.rest.yaml build/rest.binpb
	@$(PYTHON) codegen/gateway_services.py build/rest.binpb server/gateway/gen/services.go
	@build/bin/openapiv3-merge $$(find build/openapi -name '*_service.openapi.json' | sort) >build/openapi/merged.json
	@$(PYTHON) codegen/finish_openapi.py build/rest.binpb build/openapi/merged.json server/gateway/assets/openapi.json
	@touch $@

$(STAMPS)/docs-packages: server/gateway/docs/package-lock.json $(STAMPS)/toolchains
	$(call say,fetching Swagger UI and ReDoc)
	@cd server/gateway/docs && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

$(STAMPS)/assets: $(PAGE) $(shell find server/gateway/docs -maxdepth 1 -type f) codegen/gateway_assets.py $(STAMPS)/docs-packages $(STAMPS)/venv
	@$(PYTHON) codegen/gateway_assets.py
	@touch $@

build/bin/clipshot-gateway: $(GO) server/gateway/login_failed.html $(STAMPS)/gen-go $(STAMPS)/assets
	$(call say,building the gateway)
	@cd server/gateway && go build $(GOFLAGS_BUILD) -o $(CURDIR)/$@ .
	@install -D $@ server/clipshot/_bin/clipshot-gateway  # in a new file: the old one may be running
	@install -m 644 server/gateway/assets/openapi.json server/clipshot/_bin/openapi.json

$(STAMPS)/native: $(RUST) pyproject.toml $(STAMPS)/venv $(STAMPS)/packages-build
	$(call say,building the native core (the first time takes minutes))
	@VIRTUAL_ENV=$(CURDIR)/.venv .venv/bin/maturin develop --release --uv --quiet 2>build/native.log || { cat build/native.log; exit 1; }
	@touch $@

build/bin/clipshot-paint: $(RUST) $(STAMPS)/packages-build
	@mkdir -p build/bin
	@cd native && cargo build --release --quiet -p clipshot-paint
	@install native/target/release/clipshot-paint native/target/release/clipshot-age build/bin/

build/bin/clipshot-flash: $(RUST) $(STAMPS)/packages-build
	@mkdir -p build/bin
	@cd native && cargo build --release --quiet -p clipshot-flash
	@install native/target/release/clipshot-flash $@

build/bin/clipshot-encode-alone: $(RUST) $(STAMPS)/packages-build
	@mkdir -p build/bin
	@cd native && cargo build --release --quiet -p clipshot-bench
	@install native/target/release/clipshot-encode-alone $@
