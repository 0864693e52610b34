# Sourced by tests/run: what must be on the machine, the foreign judges, and a PostgreSQL of our own for the run.
# Nothing is skipped silently: what is missing and cannot be installed ends the run with its name.

needed_packages() { # Debian package, and the file or command that shows it is there
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
npm npm
python3-venv python3
LIST
}

# Judges from the language registries, kept beside the build output.
AXE_VERSION=4.14.1
PYHANKO_VERSION=0.38.0
PYHANKO_CLI_VERSION=0.6.0
SCHEMATHESIS_VERSION=4.32.5

present() { case "$1" in /*) [ -e "$1" ] ;; *) command -v "$1" >/dev/null 2>&1 ;; esac; }

missing_packages() { local package probe; while read -r package probe; do present "$probe" || echo "$package"; done < <(needed_packages); }

missing_judges() {
  [ -e "$TEST_JUDGES/node_modules/axe-core/axe.min.js" ] || echo axe-core
  [ -x "$TEST_JUDGES/python/bin/pyhanko" ] || echo pyhanko
  [ -x "$TEST_JUDGES/schemathesis/bin/schemathesis" ] || echo schemathesis
}

prepare() { # prepare yes|no : install what is missing, or only name it
  export TEST_JUDGES="$CARGO_TARGET_DIR/judges"
  command -v cargo >/dev/null 2>&1 || { echo "missing: a Rust toolchain (cargo), from https://rustup.rs" >&2; exit 3; }
  local missing; missing=$(missing_packages)
  if [ "$1" = no ]; then
    missing="$missing $(missing_judges)"
    missing=$(echo $missing)
    [ -z "$missing" ] || { echo "missing: $missing (run tests/run without --no-install to install them)" >&2; exit 3; }
    return 0
  fi
  if [ -n "$missing" ]; then
    local as=(); [ "$(id -u)" = 0 ] || as=(sudo)
    "${as[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y -qq $missing >/dev/null
    missing=$(missing_packages)
    [ -z "$missing" ] || { echo "still missing after installation: $missing" >&2; exit 3; }
  fi
  mkdir -p "$TEST_JUDGES"
  case " $(echo $(missing_judges)) " in *" axe-core "*)
    npm install --silent --no-fund --no-audit --prefix "$TEST_JUDGES" "axe-core@$AXE_VERSION" >/dev/null ;;
  esac
  case " $(echo $(missing_judges)) " in *" pyhanko "*)
    python3 -m venv "$TEST_JUDGES/python"
    "$TEST_JUDGES/python/bin/pip" install --quiet --disable-pip-version-check "pyhanko==$PYHANKO_VERSION" "pyhanko-cli==$PYHANKO_CLI_VERSION" ;;
  esac
  case " $(echo $(missing_judges)) " in *" schemathesis "*)
    python3 -m venv "$TEST_JUDGES/schemathesis"
    "$TEST_JUDGES/schemathesis/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$SCHEMATHESIS_VERSION" ;;
  esac
  missing=$(echo $(missing_judges))
  [ -z "$missing" ] || { echo "still missing after installation: $missing" >&2; exit 3; }
}

start_postgres() { # start_postgres yes|no : a private server in a temporary directory, stopped at exit; with "no" one must be given or startable
  if [ -n "${TEST_POSTGRES_URL:-}" ]; then
    psql "$TEST_POSTGRES_URL" -c 'select 1' >/dev/null 2>&1 || { echo "missing: a PostgreSQL that answers at TEST_POSTGRES_URL ($TEST_POSTGRES_URL)" >&2; exit 3; }
    return 0
  fi
  local bin; bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -x "$bin/initdb" ] || { echo "missing: postgresql (initdb)" >&2; exit 3; }
  PGHOME=$(mktemp -d /tmp/antin-pg.XXXXXX)
  local as=(env) port=54731
  if [ "$(id -u)" = 0 ]; then chown postgres "$PGHOME"; as=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi
  while (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do port=$((port + 1)); done
  "${as[@]}" "$bin/initdb" -D "$PGHOME/data" -A trust -U postgres >/dev/null
  "${as[@]}" "$bin/pg_ctl" -D "$PGHOME/data" -w -l "$PGHOME/log" -o "-p $port -k $PGHOME -c max_connections=400" start >/dev/null \
    || { echo "missing: a PostgreSQL that starts (see $PGHOME/log)" >&2; exit 3; }
  PGSTOP=("${as[@]}" "$bin/pg_ctl" -D "$PGHOME/data" -m immediate stop)
  trap '"${PGSTOP[@]}" >/dev/null 2>&1 || true; rm -rf "$PGHOME"' EXIT
  export TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres"
}
