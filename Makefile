# Every target is a command of ./run, which also works where make is missing.
.DEFAULT_GOAL := help
.PHONY: help song up web test check lint format types imports openapi fuzz compose-config chaos chaos-providers test-musicgen test-studio bench bench-music bench-sound bench-render bench-meter bench-api bench-web

# A prompt is text, not make or shell: $(value) takes it unexpanded, unexport keeps make from expanding it
# on its own, and ./run reads it from the environment.
unexport PROMPT OUT SEED ARGS
MAKEOVERRIDES :=

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

song: export RUN_PROMPT := $(value PROMPT)
song: export RUN_OUT := $(value OUT)
song: export RUN_SEED := $(value SEED)
song: export RUN_ARGS := $(value ARGS)
song: ## make a song: PROMPT="…" [OUT=dir] [SEED=n] [ARGS="--review all"]
	@./run song

up: ## start the studio, the API, the worker and Temporal on this machine
	@./run up

web: ## build the studio's pages into web/dist/
	@./run web

test: ## check style, types, imports and the studio's pages, then run every test
	@./run test

check: ## check style, types and imports (no tests)
	@./run check

lint: ## ruff alone
	@./run lint

format: ## rewrite the code in the house style
	@./run format

types: ## mypy alone
	@./run types

imports: ## import-linter alone
	@./run imports

openapi: ## write docs/openapi.json and docs/postman.json from the routes of the API
	@./run openapi

fuzz: ## call the API in every wrong way that its document leads to (schemathesis)
	@./run fuzz

compose-config: ## print docker-compose.yml as compose understands it
	@./run compose-config

chaos: ## the tests that kill processes
	@./run chaos

chaos-providers: ## 1,000 songs at providers that fail, by workers that are killed: no double charge
	@./run chaos-providers

test-studio: ## walk through every page of the studio in Chromium
	@./run test-studio

test-musicgen: ## test MusicGen on this machine, with torch in an environment of its own
	@./run test-musicgen

bench: ## make the benchmark songs and measure them
	@./run bench

bench-music: ## measure the music: its notes, and what independent ears hear in it
	@./run bench-music

bench-sound: ## measure the sound: songs of 30 genres by meters and judges that are not ours
	@./run bench-sound

bench-render: ## measure the speed from notes to a finished folder, beside other programs
	@./run bench-render

bench-meter: ## measure the speed of measuring, beside other meters
	@./run bench-meter

bench-api: ## measure the API: reads beside an empty endpoint, commands, event streams, memory
	@./run bench-api

bench-web: ## measure the studio's pages in Chromium: size, first paint, blocking, shifts, on a slow processor too
	@./run bench-web
