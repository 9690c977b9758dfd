#!/bin/sh
# Creates the namespace and the search attributes of songs; safe to run again.
# Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE (as the temporal CLI does) and TEMPORAL_RETENTION.
set -eu

: "${TEMPORAL_ADDRESS:?say where the Temporal server is, for instance temporal:7233}"
: "${TEMPORAL_NAMESPACE:?say which namespace the songs live in, for instance default}"
retention=${TEMPORAL_RETENTION:-30d}

attempt=0
until temporal operator cluster health >/dev/null 2>&1; do
    attempt=$((attempt + 1))
    if [ "$attempt" -ge 60 ]; then
        echo "the Temporal server at $TEMPORAL_ADDRESS did not become healthy within two minutes" >&2
        exit 1
    fi
    sleep 2
done

if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$retention"
fi

# They are stored in plain text: a stage, a state, a hashed owner; never a title or a lyric.
# A new namespace reaches the server's caches after some seconds, so the first try may come too early.
attempt=0
until temporal operator search-attribute create \
    --name SongStage --type Keyword \
    --name SongStatus --type Keyword \
    --name SongOwner --type Keyword \
    --name SongRevision --type Int \
    --name SongBlockedReason --type Keyword \
    --name SongWaitingSince --type Datetime; do
    attempt=$((attempt + 1))
    if [ "$attempt" -ge 30 ]; then
        echo "the search attributes could not be created in namespace $TEMPORAL_NAMESPACE" >&2
        exit 1
    fi
    sleep 2
done
echo "namespace $TEMPORAL_NAMESPACE is ready"
