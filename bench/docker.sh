#!/usr/bin/env bash
# What pipectl costs on Docker, against the same stack driven by hand. Usage: bench/docker.sh [ROUNDS, default 3]
#
#   up        pipectl up                 against  docker compose up -d --wait, same file, images there, stack down
#   process   10,000 records, warm       against  two `docker compose exec … sql-client.sh` of the same SQL, one after the other
#   memory    of all containers, after the runs above, when nothing is asked of them
#
# Every figure is a median; the ways alternate. Uses a project, ports and a state of its own, and removes them. Exit 1 when
# a goal is missed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-3}
export STATE_DIR=$PWD/.pipectl/bench-docker RUNTIME=docker MODE=batch PORT_OFFSET=${PORT_OFFSET:-3000}
export COMPOSE_PROJECT_NAME=pipectl-bench
mkdir -p "$STATE_DIR"
env_file=$STATE_DIR/env
: >>"$env_file"
pipectl() { node dist/cli.js "$@" --env-file "$env_file" -q; }
trap 'pipectl down --volumes >/dev/null' EXIT
seconds() { local from; from=$(date +%s.%N); "$@" >"$STATE_DIR/last.log" 2>&1 || { cat "$STATE_DIR/last.log" >&2; exit 1; }; awk -v a="$(date +%s.%N)" -v b="$from" "BEGIN { print a - b }"; }
median() { tr ' ' '\n' <<<"$*" | grep . | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
row() { awk -v what="$1" -v a="$2" -v b="$3" -v goal="$4" 'BEGIN { printf "%-34s %7.2f s %7.2f s   ratio %.2f   goal %.2f   %s\n", what, a, b, a / b, goal, (a / b <= goal ? "pass" : "FAIL") }'; }

npm run --silent build
pipectl up >/dev/null
pipectl create-topics >/dev/null
set -a; . "$env_file"; set +a
# The variables that pipectl works out, for the plain way.
image=$(docker inspect -f '{{.Config.Image}}' "$COMPOSE_PROJECT_NAME-gateway-1")
export FLINK_IMAGE_TAG=${image#*:}
for key in KAFKA:9092 FLINK:8081 GATEWAY:8083 CATALOG:8181 S3:9000; do export "${key%:*}_PORT_PLAIN=$((${key#*:} + PORT_OFFSET))"; done
compose() { KAFKA_PORT=$KAFKA_PORT_PLAIN FLINK_PORT=$FLINK_PORT_PLAIN GATEWAY_PORT=$GATEWAY_PORT_PLAIN CATALOG_PORT=$CATALOG_PORT_PLAIN S3_PORT=$S3_PORT_PLAIN docker compose "$@"; }

ours='' plain=''
for _ in $(seq "$rounds"); do
  pipectl down >/dev/null; plain+=" $(seconds compose up -d --wait)"
  pipectl down >/dev/null; ours+=" $(seconds pipectl up)"
done
up_ours=$(median $ours) up_plain=$(median $plain) raw_up_ours=$ours raw_up_plain=$plain

# Three runs to warm the cluster up (the second still took half as long again as the fourth); they also make the tables,
# and leave the SQL of a real run in build/sql.
for _ in 1 2 3; do pipectl generate --count 10000 >/dev/null; pipectl process >/dev/null; done
client() { compose exec -T jobmanager bash -c 'cat > /tmp/bench.sql && /opt/flink/bin/sql-client.sh -f /tmp/bench.sql' <"$1"; }
head=$(cat build/sql/00_catalog.sql build/sql/01_source.sql)
by_hand() { # the rendered SQL of the last run, into tables of its own and without a branch
  { printf '%s\n' "$head"; cat "build/sql/$1.sql"; } | sed -E "s#/\*\+ OPTIONS\('(branch|snapshot-id|start-snapshot-id)'[^*]*\*/##; s/\`(raw_trips|raw_trips_dlq|cleaned_trips)\`/\`\1_x\`/" >"$STATE_DIR/$1.sql"
}
{ cat build/sql/00_catalog.sql; for t in bronze.raw_trips bronze.raw_trips_dlq silver.cleaned_trips; do echo "CREATE TABLE IF NOT EXISTS lake.${t}_x LIKE lake.$t;"; done; } >"$STATE_DIR/tables.sql"
client "$STATE_DIR/tables.sql" >/dev/null
by_hand 05_bronze; by_hand 06_silver
two_launches() { client "$STATE_DIR/05_bronze.sql"; client "$STATE_DIR/06_silver.sql"; ! grep -F '[ERROR]' "$STATE_DIR/last.log"; }
two_launches >"$STATE_DIR/last.log" 2>&1
plain='' ours='' gateway=''
for _ in $(seq "$rounds"); do
  plain+=" $(seconds two_launches)"
  pipectl generate --count 10000 >/dev/null; ours+=" $(seconds pipectl process)"
  pipectl generate --count 10000 >/dev/null; gateway+=" $(seconds pipectl process --via gateway)"
done
pipectl validate >/dev/null

printf 'raw: up by hand%s, pipectl%s; two launches%s, process%s, gateway%s\n' "$raw_up_plain" "$raw_up_ours" "$plain" "$ours" "$gateway"
report=$(
  row "up" "$up_ours" "$up_plain" 1.15
  row "process, SQL client" "$(median $ours)" "$(median $plain)" 0.40
  row "process --via gateway" "$(median $gateway)" "$(median $plain)" 0.33
  docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' | grep "^$COMPOSE_PROJECT_NAME-" |
    awk '{ n = $2; sub(/[A-Za-z]+$/, "", n); sum += n * ($2 ~ /GiB/ ? 1024 : 1) } END { printf "memory of all containers, idle: %.0f MiB, goal 2560   %s\n", sum, (sum <= 2560 ? "pass" : "FAIL") }'
)
printf '%s\n' "$report"
! grep -q FAIL <<<"$report"
