#!/bin/sh
# Creates the bucket of the media store unless it is there. Reads OBJECTS_MASTER (host:port) and BUCKET.
set -eu

: "${OBJECTS_MASTER:?say where the master of the object store is, for instance objects:9333}"
: "${BUCKET:?say which bucket to create}"

has_bucket() {
    echo s3.bucket.list | weed shell -master="$OBJECTS_MASTER" 2>/dev/null | grep -q "^ *${BUCKET}[[:space:]]"
}

# The store answers before its parts have found each other, so a first try may fail.
attempt=0
until has_bucket; do
    attempt=$((attempt + 1))
    if [ "$attempt" -ge 30 ]; then
        echo "bucket $BUCKET could not be created at $OBJECTS_MASTER" >&2
        exit 1
    fi
    echo "s3.bucket.create -name $BUCKET" | weed shell -master="$OBJECTS_MASTER" || sleep 2
done
echo "bucket $BUCKET is ready"
