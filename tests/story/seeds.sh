#!/usr/bin/env bash
# The life of an agent as a script for Anyreach's Agents API tells it, with only the host changed.
#
# HOST            http://host:port
# ANYREACH_TOKEN  a credential that may do everything
# CALL            a command that places one SIP call to the address in its last argument
# Registers +14155551234, +15551234567 and +15559876543 and ends with them empty and no agent left.
set -euo pipefail
export LC_ALL=C

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
step=0

# request STATUS curl-arguments…: asks, and ends the story when another status is answered. The body is in $body.
request() {
  local expected=$1 status
  shift
  step=$((step + 1))
  status=$(curl -sS -o "$answer" -w '%{http_code}' "$@" -H "Authorization: Bearer $ANYREACH_TOKEN")
  body=$(<"$answer")
  if [ "$status" != "$expected" ]; then
    echo "step $step: $status instead of $expected for: $*" >&2
    echo "$body" >&2
    exit 1
  fi
}

# text NAME: the first string member of that name in the last answer.
text() { [[ $body =~ \"$1\":\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}"; }

# contains TEXT…: each is in the last answer as it stands there.
contains() {
  for part in "$@"; do
    if [[ $body != *"$part"* ]]; then
      echo "step $step: the answer does not contain $part" >&2
      echo "$body" >&2
      exit 1
    fi
  done
}

slots() { # slots NUMBER INBOUND OUTBOUND: what the number's slots hold, null or a version's id.
  request 200 "$HOST/core/phone-numbers/$1"
  contains "\"inbound_agent_version_id\":$2," "\"outbound_agent_version_id\":$3,"
}

json=(-H "Content-Type: application/json")

for number in +14155551234 +15551234567 +15559876543; do
  request 200 -X POST "$HOST/core/phone-numbers" "${json[@]}" -d "{\"phone_number\": \"$number\"}"
done
request 200 "$HOST/admin/organizations/me"
ANYREACH_ORG_ID=$(text id)

echo "create: a stub, without a version"
request 200 -X POST "$HOST/core/agents" "${json[@]}" -d '{
  "name": "Riverside Dental Scheduler",
  "description": "Books appointments for Riverside Dental.",
  "active": true
}'
AGENT_ID=$(text agent_id)
request 200 "$HOST/core/agents/$AGENT_ID"
contains '"versions":[]' '"phone_numbers":[]' '"widgets":[]' '"sip_endpoint":null' '"conversation_stats":{'
request 404 -X POST "$HOST/core/agents/$AGENT_ID/versions/latest/publish"

echo "the contract of a config is served, and used to refuse"
request 200 "$HOST/core/agent-config-schema"
contains '"$schema":"https://json-schema.org/draft/2020-12/schema"' '"title":"AgentConfig"'
request 422 -X POST "$HOST/core/agents/$AGENT_ID/versions" "${json[@]}" -d '{ "config": { "instruction": "x" } }'
contains '"loc":["body","config","instruction"]'

echo "not deployable over SIP before anything is published"
request 409 -X POST "$HOST/core/agents/$AGENT_ID/deploy-as-sip"

echo "create a version: a draft"
request 200 -X POST "$HOST/core/agents/$AGENT_ID/versions" "${json[@]}" -d '{ "config": {
  "instructions": "You schedule appointments for Riverside Dental.",
  "starting_message": "Thank you for calling Riverside Dental."
} }'
[[ $body =~ \"version\":([0-9]+) ]]
VERSION=${BASH_REMATCH[1]}
[ "$VERSION" = 1 ]
V1=$(text id)
contains '"published":false'

echo "update the draft"
request 200 -X PUT "$HOST/core/agents/$AGENT_ID/versions/$VERSION" "${json[@]}" -d '{ "config": {
  "instructions": "You schedule and move appointments for Riverside Dental.",
  "starting_message": "Thank you for calling Riverside Dental."
} }'
contains '"version":1' 'You schedule and move'

echo "publish without a body"
request 200 -X POST "$HOST/core/agents/$AGENT_ID/versions/$VERSION/publish"
[ "$body" = '[]' ]

echo "a published version is not updated"
request 400 -X PUT "$HOST/core/agents/$AGENT_ID/versions/$VERSION" "${json[@]}" -d '{ "config": {} }'
request 200 "$HOST/core/agents/$AGENT_ID/versions/$VERSION"
contains '"published":true' 'You schedule and move'

echo "a copy of it is; latest is that draft"
request 200 -X POST "$HOST/core/agents/$AGENT_ID/versions" "${json[@]}" -d '{ "base_version": 1 }'
V2=$(text id)
contains '"version":2' '"published":false' '"base_version":1'
request 200 "$HOST/core/agents/$AGENT_ID/versions/latest"
contains "\"id\":\"$V2\""

echo "publish with numbers, inbound unless said otherwise"
request 200 -X POST "$HOST/core/agents/$AGENT_ID/versions/1/publish" \
  -H "X-Anyreach-Org: $ANYREACH_ORG_ID" "${json[@]}" -d '{
    "phone_numbers": ["+14155551234"],
    "direction": "inbound"
  }'
contains '"phone_number":"+14155551234"' "\"inbound_agent_version_id\":\"$V1\"" '"outbound_agent_version_id":null'
request 200 -X POST "$HOST/core/agents/$AGENT_ID/versions/1/publish" "${json[@]}" \
  -d '{"phone_numbers": ["+15551234567", "+15559876543"]}'
slots +15551234567 "\"$V1\"" null
slots %2B15559876543 "\"$V1\"" null

echo "both directions; publishing is what publishes"
request 200 -X POST "$HOST/core/agents/$AGENT_ID/versions/2/publish" \
  -H "X-Anyreach-Org: $ANYREACH_ORG_ID" "${json[@]}" \
  -d '{"phone_numbers": ["+15551234567"], "direction": "both"}'
slots +15551234567 "\"$V2\"" "\"$V2\""
slots +15559876543 "\"$V1\"" null
request 200 "$HOST/core/agents/$AGENT_ID/versions/2"
contains '"published":true'

echo "unassign one direction: the other stays"
request 200 -X POST "$HOST/core/agents/$AGENT_ID/versions/2/publish" "${json[@]}" -d '{
  "unassign_phone_numbers": ["+15551234567"],
  "direction": "outbound"
}'
contains '"phone_number":"+15551234567"'
slots +15551234567 "\"$V2\"" null

echo "a slot that holds another agent is left alone"
request 200 -X POST "$HOST/core/agents" "${json[@]}" -d '{"name": "Night desk"}'
OTHER_ID=$(text agent_id)
request 200 -X POST "$HOST/core/agents/$OTHER_ID/versions" "${json[@]}" -d '{ "config": {} }'
OTHER_V1=$(text id)
request 200 -X POST "$HOST/core/agents/$OTHER_ID/versions/1/publish" "${json[@]}" \
  -d '{"phone_numbers": ["+15559876543"]}'
request 200 -X POST "$HOST/core/agents/$AGENT_ID/versions/2/publish" "${json[@]}" \
  -d '{"unassign_phone_numbers": ["+15559876543"], "direction": "both"}'
[ "$body" = '[]' ]
slots +15559876543 "\"$OTHER_V1\"" null

echo "assign and unassign in one request"
request 200 -X POST "$HOST/core/agents/$AGENT_ID/versions/2/publish" "${json[@]}" \
  -d '{"phone_numbers": ["+15551234567"], "unassign_phone_numbers": ["+14155551234"], "direction": "inbound"}'
slots +14155551234 null null
slots +15551234567 "\"$V2\"" null

echo "all or nothing: an unknown number"
request 404 -X POST "$HOST/core/agents/$AGENT_ID/versions/1/publish" "${json[@]}" \
  -d '{"phone_numbers": ["+15551234567", "+15550000000"]}'
slots +15551234567 "\"$V2\"" null

echo "deploy as SIP: the address answers"
request 200 -X POST "$HOST/core/agents/$AGENT_ID/deploy-as-sip"
request 200 "$HOST/core/agents/$AGENT_ID"
SIP_URI=$(text uri)
contains '"sip_endpoint":{' '"total":'
[ "${SIP_URI%@*}" = "sip:$AGENT_ID" ]
$CALL "$SIP_URI"
request 204 -X DELETE "$HOST/core/agents/$AGENT_ID/deploy-as-sip"
if $CALL "$SIP_URI"; then
  echo "step $step: the address still answers" >&2
  exit 1
fi

echo "delete: gone, and off its numbers"
request 204 -X DELETE "$HOST/core/agents/$AGENT_ID"
request 404 "$HOST/core/agents/$AGENT_ID"
slots +15551234567 null null
request 204 -X DELETE "$HOST/core/agents/$OTHER_ID"
slots +15559876543 null null
echo "told in $step requests"
