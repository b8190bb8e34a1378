#!/bin/sh
# Streams, records and annotates a tab of a browser that has the extension, with nothing but curl and the usual tools.
#
#   sh examples/control-api.sh [TEXT]   TEXT: the tab is one whose address or title holds it; without: the first one
#
# The host is found by its control file (`flybrowser doctor` prints its place). FLYBROWSER_CONTROL_FILE names another one,
# SECONDS_LIVE how long it streams.
set -eu

fail() {
  echo "$*" >&2
  exit 1
}

# --- the host: port and token, from the newest control file whose process runs ---------------------------------------------
hosts="${FLYBROWSER_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/flybrowser-stream}/hosts"
[ "$(uname)" = Darwin ] && [ -z "${FLYBROWSER_STATE_DIR:-}" ] && hosts="$HOME/Library/Application Support/flybrowser-stream/hosts"

# The value of the first field of that name in JSON: a text or a number. Good for names, numbers and addresses; with texts of
# any kind a real reader of JSON (jq, Python) is the better choice.
field() { grep -oE "\"$1\":(\"[^\"]*\"|[^,}]*)" | head -n 1 | sed -e 's/^"[^"]*"://' -e 's/^"//' -e 's/"$//'; }

control="${FLYBROWSER_CONTROL_FILE:-}"
if [ -z "$control" ]; then
  for file in "$hosts"/*.json; do
    [ -f "$file" ] && kill -0 "$(basename "$file" .json)" 2>/dev/null || continue
    if [ -z "$control" ] || [ "$file" -nt "$control" ]; then control=$file; fi
  done
fi
[ -n "$control" ] || fail "No FlyBrowser Stream host is running. Open a browser that has the extension."
base="http://127.0.0.1:$(field port <"$control")"

work=$(mktemp -d)
listener=
stream=
# Whatever happens: nothing goes on, nothing stays.
finish() {
  [ -z "$stream" ] || api DELETE "/api/streams/$stream" >/dev/null 2>&1 || true
  [ -z "$listener" ] || kill "$listener" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

# The token stands in a file, not among curl's arguments, which other users could list.
(umask 077 && printf 'header = "Authorization: Bearer %s"\n' "$(field token <"$control")" >"$work/curlrc")

# api METHOD PATH [JSON]: prints the answer; an error is printed and ends the script.
api() {
  status=$(curl -sS -K "$work/curlrc" -X "$1" -o "$work/answer" -w '%{http_code}' \
    ${3:+-H 'Content-Type: application/json' -d "$3"} "$base$2") || fail "The host does not answer."
  case $status in
  2*) cat "$work/answer" ;;
  *) fail "$1 $2: $(field title <"$work/answer") $(field fix <"$work/answer")" ;;
  esac
}

# --- events, as they come, beside the rest ---------------------------------------------------------------------------------
curl -sSN -K "$work/curlrc" "$base/api/events" >"$work/events" 2>/dev/null &
listener=$!

# --- a tab that may be captured --------------------------------------------------------------------------------------------
# One object a line; the address and the title, which may hold anything, are between the fields that are looked at.
api GET /api/tabs | sed 's/{"tab_id"/\
{"tab_id"/g' | grep '"not_capturable":null' >"$work/tabs" || fail "There is no tab that can be captured."
echo "Tabs that can be captured:"
sed 's/.*"tab_id":\([0-9]*\).*"url":"\([^"]*\)".*/  \1  \2/' "$work/tabs"
tab=$(grep -F -- "${1:-}" "$work/tabs" | field tab_id)
[ -n "$tab" ] || fail "No tab that can be captured has $1 in its address."

# --- start, a task, a recording, the status --------------------------------------------------------------------------------
started=$(api POST /api/streams "{\"tab\":{\"tab_id\":$tab},\"options\":{\"quality\":\"medium\"}}")
stream=$(echo "$started" | field stream_id)
echo "Watch: $(echo "$started" | field player_url)"

recording=$(api POST "/api/streams/$stream/recording" '{}')
echo "Recording: $(echo "$recording" | field file_path)"
task=$(api POST "/api/streams/$stream/tasks" '{"name":"Look around","detail":"from a shell script"}')

sleep "${SECONDS_LIVE:-3}"
status=$(api GET "/api/streams/$stream")
echo "Status: $(echo "$status" | field state), $(echo "$status" | field health), $(echo "$status" | field frames_sent) frames"

# --- and all of it back ----------------------------------------------------------------------------------------------------
api PATCH "/api/streams/$stream/tasks/$(echo "$task" | field task_id)" '{"state":"done"}' >/dev/null
id=$(echo "$recording" | field recording_id)
file=$(api DELETE "/api/streams/$stream/recording")
while [ "$(echo "$file" | field status)" = finishing ]; do # a long one takes a moment
  sleep 1
  file=$(api GET "/api/recordings/$id")
done
echo "Recorded: $(echo "$file" | field duration_seconds) s, $(echo "$file" | field size_bytes) bytes"
api DELETE "/api/streams/$stream" >/dev/null
ended=$stream
stream=

for _ in 1 2 3 4 5 6 7 8 9 10; do
  grep -q '"state":"stopped"' "$work/events" && break
  sleep 1
done
echo "Events: $(sed -n 's/^event: //p' "$work/events" | tr '\n' ' ')"
echo "Stopped: $ended"
