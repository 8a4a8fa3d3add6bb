#!/usr/bin/env bash
# Builds the image of pipectl and looks at what is in it and how it behaves. Needs a Docker engine and Compose.
# Where no image can be pulled, the base is a stand-in with this machine's Node, and dist/ and the jar are this machine's:
# STANDIN_BASE names an image of a Debian for it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
image=pipectl-test:image
passed=0 failed=0

if ! docker info >/dev/null 2>&1 || ! docker compose version >/dev/null 2>&1; then
  echo 'skipped: the test of the image needs a Docker engine and Compose v2'
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check WHAT COMMAND...: counts it; shows what a failed one has said.
check() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then
    passed=$((passed + 1)) && echo "  pass  $what"
  else
    failed=$((failed + 1)) && printf '  FAIL  %s\n%s\n' "$what" "$said"
  fi
}
# Compose brings BuildKit with it, which the engine's own `docker build` may lack.
# build TAG CONTEXT DOCKERFILE [ARG...]
build() {
  local tag=$1 context=$2 dockerfile=$3 arg
  shift 3
  {
    printf 'name: pipectl-test\nservices:\n  it:\n    image: %s\n' "$tag"
    printf '    build:\n      context: %s\n      dockerfile: %s\n      args:\n        NONE: ""\n' "$context" "$dockerfile"
    for arg in "$@"; do printf '        %s: %s\n' "${arg%%=*}" "${arg#*=}"; done
  } >"$work/compose.yml"
  docker compose -f "$work/compose.yml" build --quiet it
}
run() { docker run --rm --network none --cap-drop ALL --security-opt no-new-privileges "$@"; }
inside() { run --entrypoint /bin/sh "$image" -c "$1"; }

base=$(sed -n 's/^ARG NODE=//p' Dockerfile)
if docker image inspect "$base" >/dev/null 2>&1 || docker pull --quiet "$base" >/dev/null 2>&1; then
  args=()
elif [ -z "${STANDIN_BASE:-}" ]; then
  echo "skipped: the test of the image cannot pull $base, and STANDIN_BASE names no other"
  exit 0
else
  base=pipectl-test:node
  args=("NODE=$base" BUILT=host)
  # A Debian with this machine's Node, and the folders that the Dockerfile is to leave out.
  mkdir -p "$work/node"
  cp -L "$(command -v node)" "$work/node/node"
  cat >"$work/node/Dockerfile" <<END
FROM $STANDIN_BASE
RUN rm -rf /usr/lib/jvm /etc/java* /etc/ssl/certs/java /usr/bin/java /etc/alternatives /usr/share/gdb /var/lib/dpkg \\
      /usr/share/doc /usr/share/man /usr/share/locale /var/cache/* /var/log/* \\
 && mkdir -p /usr/local/lib/node_modules/npm /root/.npm && touch /usr/local/bin/npm
COPY node /usr/local/bin/node
END
  build "$base" "$work/node" Dockerfile || exit 1
  [ -f dist/cli.js ] || npm run --silent build || exit 1
  ls flink/cluster/target/pipectl-cluster-*.jar >/dev/null 2>&1 ||
    mvn -q -B -ntp -Dmaven.test.skip=true -f flink/pom.xml -pl cluster package || exit 1
fi
echo "image on $base"
check 'it builds' build "$image" "$PWD" Dockerfile ${args[@]+"${args[@]}"}

echo 'user'
check 'it is not root, and has no name that an image must know' \
  test "$(docker image inspect -f '{{.Config.User}}' "$image")" = 10001:0
check 'nothing in it runs as root by itself (setuid)' inside \
  '[ "$(id -u)" = 10001 ] && [ -z "$(find /opt /usr/local -perm -4000)" ]'
check 'it cannot write to its own program' inside '! touch /opt/pipectl/dist/x /opt/pipectl/x 2>/dev/null'

echo 'commands'
version=$(node -p 'require("./package.json").version')
check '--version' test "$(run "$image" --version)" = "$version"
check '--help' run "$image" --help
remote=(-e MODE=batch -e KAFKA_BOOTSTRAP_SERVERS=kafka.example:9092 -e FLINK_URL=http://flink.example:8081
  -e GATEWAY_URL=http://gateway.example:8083 -e CATALOG_URL=http://catalog.example:8181)
# settings OPTION...: `config --json` has the image's own settings, and those that it is given.
settings() {
  run "$@" "${remote[@]}" "$image" config --json >"$work/config.json" || { cat "$work/config.json"; return 1; }
  local value
  for value in remote gateway /var/lib/pipectl http://gateway.example:8083; do
    grep -qF "\"$value\"" "$work/config.json" || { echo "$value is missing"; return 1; }
  done
}
readonly_root=(--read-only --tmpfs /var/lib/pipectl:mode=0770,uid=10001,gid=0)
check 'config --json, by its defaults' settings
check 'config --json, as a user that a platform made up' settings --user 12345
check 'config --json, on a read-only root' settings "${readonly_root[@]}"
check 'config --json, as that user on a read-only root' settings --user 12345 "${readonly_root[@]}"
check 'rendered SQL has a place' run "${remote[@]}" "$image" build-sql
check 'rendered SQL has a place, as a user that a platform made up' run --user 12345 "${remote[@]}" "$image" build-sql
check 'rendered SQL has a place, on a read-only root' run "${readonly_root[@]}" "${remote[@]}" "$image" build-sql
check 'rendered SQL has a place, as that user on a read-only root' \
  run --user 12345 "${readonly_root[@]}" "${remote[@]}" "$image" build-sql
wrong() { run -e MODE=wrong "$image" config && return 1 || [ $? -eq 2 ]; }
check 'a wrong setting is told as one, with exit code 2' wrong

echo 'content'
check 'no Java' inside '! command -v java && ! find / -xdev \( -name "libjvm*" -o -name java \) ! -type d 2>/dev/null | grep .'
check 'no npm, and nothing that npm has kept' inside \
  '! command -v npm && ! find / -xdev \( -name node_modules -o -name .npm -o -name _cacache \) 2>/dev/null | grep .'
check 'no sources and no tests' inside \
  '[ -z "$(find /opt/pipectl -name "*.ts" -o -name "*.test.*" -o -name ".env*" -o -name ".git*")" ]'
check 'our own Flink jobs' inside '[ "$(ls /opt/pipectl/jars)" = pipectl-cluster-'"$version"'.jar ]'
check 'only root may write to what it runs' inside \
  '! find /opt/pipectl /usr/local/bin ! -type l \( ! -user 0 -o -perm -0020 -o -perm -0002 \) | grep .'
secret='(PASSWORD|SECRET|TOKEN|CREDENTIAL|ACCESS_KEY)[A-Z_]*=[^ ]'
check 'no secret in its history or its environment' bash -c \
  "! { docker history --no-trunc --format '{{.CreatedBy}}' $image; docker image inspect -f '{{json .Config}}' $image; } |
     grep -E '$secret'"

# A folder like this one, with what must stay outside.
mkdir -p "$work/context"/{src,dist/cache,node_modules/x,.pipectl/data,.git,flink/cluster/src/main,flink/target,test}
cp .dockerignore "$work/context/"
(cd "$work/context" && touch package.json src/cli.ts dist/cli.js .env .env.example deploy.key .npmrc dist/cache/x \
  node_modules/x/x .pipectl/data/x .git/config flink/pom.xml flink/cluster/src/main/A.java flink/target/x test/x)
printf 'FROM scratch\nCOPY . /context\n' >"$work/context.Dockerfile"
context() {
  build pipectl-test:context "$work/context" "$work/context.Dockerfile" || return 1
  local id
  id=$(docker create pipectl-test:context none)
  docker export "$id" | tar -t | grep '^context/.*[^/]$' | sort >"$work/found"
  docker rm "$id" >/dev/null
  printf 'context/%s\n' dist/cli.js flink/cluster/src/main/A.java flink/pom.xml package.json src/cli.ts |
    diff - "$work/found"
}
check 'nothing else of the folder reaches the build: no .env, no data, no history' context

ours=$(docker history --format '{{.CreatedBy}} {{.Size}}' --human=false "$image" |
  awk '/\/opt\/pipectl/ { n += $NF } END { printf "%.1f", n / 1e6 }')
all=$(docker image inspect -f '{{.Size}}' "$image" | awk '{ printf "%.0f", $1 / 1e6 }')
echo "size: $all MB on $base, of which pipectl is $ours MB"
docker image rm -f "$image" pipectl-test:context >/dev/null 2>&1
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
