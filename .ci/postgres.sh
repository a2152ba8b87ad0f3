#!/usr/bin/env bash
# A throw-away PostgreSQL on loopback, for as long as a command runs:
#   .ci/postgres.sh .venv/bin/pytest tests/hub/store
# The command finds its address in TEST_DATABASE_URL. Without a command the address is printed and
# the server stays until it is interrupted.
set -euo pipefail

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
newest_bin() { find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1; }
bin=$(newest_bin || true)
if [ -z "$bin" ]; then
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >&2
  bin=$(newest_bin)
fi

# PostgreSQL refuses to run as root; anybody else runs it as themselves.
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
folder=$(mktemp -d)
if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
cd "$folder"
finish() {
  as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

password=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as_owner bash -c "printf '%s' '$password' >'$folder/password'"
as_owner "$bin/initdb" -D "$folder/data" -U crowdsafe --pwfile="$folder/password" \
  -A scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
# Nothing in it has to outlive the machine, so it need not wait for the disk.
as_owner "$bin/pg_ctl" -D "$folder/data" -s -w -l "$folder/log" -o "-c listen_addresses=127.0.0.1 \
  -c port=$port -c unix_socket_directories=$folder -c fsync=off -c max_connections=200" start \
  || { cat "$folder/log" >&2; exit 1; }

export TEST_DATABASE_URL="postgresql+psycopg://crowdsafe:$password@127.0.0.1:$port/postgres"
cd "$OLDPWD"
if [ $# -gt 0 ]; then
  "$@"
else
  echo "$TEST_DATABASE_URL"
  # The shell ends a wait at a signal, which it would not while a command runs.
  sleep infinity &
  trap 'kill $!; finish' EXIT
  wait
fi
