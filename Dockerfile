# One image for every process of Sostenuto; docker-compose.yml gives each its command.

# The studio's pages: Node builds them and stays behind.
FROM node:22-bookworm-slim AS pages
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM python:3.12-slim-bookworm

# FluidSynth and its soundfont play the sampled instruments: Debian's own, so nothing of them is in git.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libfluidsynth3 musescore-general-soundfont \
    && rm -rf /var/lib/apt/lists/*

RUN pip install --no-cache-dir uv==0.13.9

ENV UV_PYTHON_DOWNLOADS=never \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1

WORKDIR /app

# The dependencies change seldom, the sources often: two layers.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --no-install-project --no-cache
COPY . .
COPY --from=pages /web/dist web/dist
RUN uv sync --frozen --no-dev --no-cache

# Both folders are volumes in docker-compose.yml, which take over the owner that they have here.
RUN groupadd --gid 10001 sostenuto \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/sostenuto --create-home sostenuto \
    && mkdir -p /var/cache/sostenuto/numba \
    && chown -R sostenuto:sostenuto /var/cache/sostenuto
USER 10001:10001
ENV HOME=/var/lib/sostenuto \
    NUMBA_CACHE_DIR=/var/cache/sostenuto/numba

EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "deploy.healthcheck", "api"]
CMD ["sostenuto", "serve-api"]
