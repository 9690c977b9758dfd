#!/bin/sh
# Brings Temporal's two databases to the schema of this image; safe to run again.
# Needs SQL_PASSWORD, TEMPORAL_DB_HOST, TEMPORAL_DB_USER; the databases exist (deploy/postgres/init.sh).
set -eu

schema() {
    database=$1
    folder=$2
    shift 2
    set -- --plugin postgres12 --ep "$TEMPORAL_DB_HOST" --port 5432 --user "$TEMPORAL_DB_USER" --db "$database"
    temporal-sql-tool "$@" setup-schema --version 0.0
    temporal-sql-tool "$@" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$folder/versioned"
}

schema temporal temporal
schema temporal_visibility visibility
echo "Temporal's databases are up to date"
