# Sourced by tests/run: what must be on the machine, and a PostgreSQL of our own for the run.
# Nothing is skipped silently: what is missing and cannot be installed ends the run with its name.

needed_packages() {
  cat <<'LIST'
pkg-config pkg-config
libssl-dev /usr/include/openssl/ssl.h
openssl openssl
postgresql /usr/lib/postgresql
chromium chromium
chromium-driver chromedriver
swaks swaks
poppler-utils pdfsig
libnss3-tools certutil
LIST
}

present() { case "$1" in /*) [ -e "$1" ] ;; *) command -v "$1" >/dev/null 2>&1 ;; esac; }

prepare() { # prepare yes|no : install what is missing, or only name it
  local missing=() package probe
  while read -r package probe; do present "$probe" || missing+=("$package"); done < <(needed_packages)
  command -v cargo >/dev/null 2>&1 || { echo "missing: a Rust toolchain (cargo)" >&2; exit 3; }
  if [ ${#missing[@]} -gt 0 ]; then
    if [ "$1" = no ]; then echo "missing: ${missing[*]}" >&2; exit 3; fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
    while read -r package probe; do present "$probe" || { echo "still missing after installation: $package" >&2; exit 3; }; done < <(needed_packages)
  fi
}

start_postgres() { # a private server in a temporary directory; stopped at exit
  [ -n "${TEST_POSTGRES_URL:-}" ] && return 0
  local bin; bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  [ -x "$bin/initdb" ] || { echo "missing: postgresql (initdb)" >&2; exit 3; }
  PGHOME=$(mktemp -d /tmp/antin-pg.XXXXXX)
  local as=() port=54731
  if [ "$(id -u)" = 0 ]; then chown postgres "$PGHOME"; as=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi
  while (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do port=$((port + 1)); done
  "${as[@]}" "$bin/initdb" -D "$PGHOME/data" -A trust -U postgres >/dev/null
  "${as[@]}" "$bin/pg_ctl" -D "$PGHOME/data" -w -l "$PGHOME/log" -o "-p $port -k $PGHOME -c max_connections=400" start >/dev/null
  trap '"${as[@]:-env}" "'"$bin"'/pg_ctl" -D "'"$PGHOME"'/data" -m immediate stop >/dev/null 2>&1; rm -rf "'"$PGHOME"'"' EXIT
  export TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres"
}
