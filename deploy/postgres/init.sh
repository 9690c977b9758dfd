#!/bin/bash
# Runs once, when the data folder is empty: one role and one set of databases for each of the two tenants,
# so that neither can read the other's.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set=app_password="$SOSTENUTO_DB_PASSWORD" --set=temporal_password="$TEMPORAL_DB_PASSWORD" <<'SQL'
CREATE ROLE sostenuto LOGIN PASSWORD :'app_password';
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE sostenuto OWNER sostenuto;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE sostenuto, temporal, temporal_visibility FROM PUBLIC;
SQL
