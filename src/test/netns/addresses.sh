#!/usr/bin/env bash
# The hook on a live interface: another program gives it addresses and takes them away at random, a third changes policies of its
# own all the while. IPSECIF_CHANGES is how many changes of addresses (default 300).
#
#   namespace l
#   +-----------------------------------------------------------------+
#   | ipsec0, template point-to-point   <-- ip address add, delete    |
#   | ipsecifd  --> kernel SPD          <-- ip xfrm policy (foreign)  |
#   | l0 203.0.113.1 (dummy peer 203.0.113.2)                         |
#   +-----------------------------------------------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 jq jq
scratch
netns l
address "$ns_l" lo 203.0.113.1/32
changes=${IPSECIF_CHANGES:-300}
RANDOM=${IPSECIF_SEED:-4301}
: >"$work/rc.conf"

# sorted: entries one a line in an order of their own; see templates.sh
sorted() { sed -e 's/ ptype main *$//' -e 's/ *$//' | awk '/^src/ && NR > 1 {print ""} {printf "%s|", $0} END {if (NR) print ""}' | LC_ALL=C sort; }
entry() { # SOURCE DESTINATION DIRECTION OUTER-SOURCE OUTER-DESTINATION
  printf 'src %s dst %s \n\tdir %s priority 1000 \n\ttmpl src %s dst %s\n\t\tproto esp reqid 100 mode tunnel\n\tif_id 0x64\n' "$@"
}
spd() { ip -n "$ns_l" xfrm policy | sorted; }
ours() { spd | grep 'if_id 0x64|$'; }
foreign() { spd | grep -v 'if_id 0x64|$'; }

# The addresses: those that the interface has are in "has", by number. Number 0 is the configured one.
count=24
# pair NUMBER: sets local, remote and bits
pair() {
  if [ $(($1 % 3)) = 2 ]; then local=2001:db8:1::$1 remote=2001:db8:2::$1 bits=128; else local=10.1.$1.1 remote=10.1.$1.2 bits=32; fi
}
declare -A has=()
toggle() { # NUMBER
  local what=add
  [ -z "${has[$1]:-}" ] || what=delete
  pair "$1"
  ip -n "$ns_l" address $what "$local" peer "$remote/$bits" dev ipsec0 || return
  if [ $what = add ]; then has[$1]=1; else unset "has[$1]"; fi
}
rendered() { # what the template point-to-point says for the addresses there are
  local each
  for each in "${!has[@]}"; do
    pair "$each"
    entry "$local/$bits" "$remote/$bits" out 203.0.113.1 203.0.113.2
    entry "$remote/$bits" "$local/$bits" in 203.0.113.2 203.0.113.1
  done | sorted
}
agree() { [ "$(ours)" = "$(rendered)" ]; }

# The third program: until there is a file "stop"; it rests, and writes down what it has, while there is a file "rest".
interfere() {
  local number action words
  declare -A there=()
  RANDOM=77
  until [ -e "$work/stop" ]; do
    if [ -e "$work/rest" ]; then
      for number in "${!there[@]}"; do echo "src 10.9.$number.0/24 dst 10.8.0.0/16|	dir out action block priority ${there[$number]}|	if_id 0x7|"; done |
        LC_ALL=C sort >"$work/foreign"
      : >"$work/resting"
      until_true 60 test ! -e "$work/rest"
      rm "$work/resting"
    fi
    number=$((RANDOM % 20)) action=$((1 + RANDOM % 100))
    words="src 10.9.$number.0/24 dst 10.8.0.0/16 dir out if_id 7"
    if [ -n "${there[$number]:-}" ] && [ $((action % 3)) = 0 ]; then
      # shellcheck disable=SC2086
      ip -n "$ns_l" xfrm policy delete $words && unset "there[$number]"
    else
      # shellcheck disable=SC2086
      ip -n "$ns_l" xfrm policy update $words action block priority $action && there[$number]=$action
    fi
    echo >>"$work/foreign-changes"
  done
}

heading "$changes changes of addresses, and another program's policies"
daemon l "$ns_l" --rc-conf "$work/rc.conf" || die "ipsecifd"
has[0]=1
check "an interface" ctl l create ipsec0 reqid 100 inet tunnel 203.0.113.1 203.0.113.2 template point-to-point \
  10.1.0.1/32 10.1.0.2 up
check "has the policies of its address" agree
interfere &
interfering=$!
daemons+=("$interfering")
wrong=0 theirs=0 rests=0 resent=0
for ((i = 1; i <= changes; i++)); do
  toggle $((RANDOM % count)) || resent=$((resent + 1))
  [ $((i % 50)) = 0 ] || continue
  rests=$((rests + 1))
  until_true 5 agree || { wrong=$((wrong + 1)); diff <(rendered) <(ours) | head -n 10; }
  : >"$work/rest"
  until_true 5 test -e "$work/resting" || die "the third program does not rest"
  agree || wrong=$((wrong + 1))
  [ "$(foreign)" = "$(cat "$work/foreign")" ] || { theirs=$((theirs + 1)); diff "$work/foreign" <(foreign) | head -n 10; }
  rm "$work/rest"
  until_true 5 test ! -e "$work/resting" || die "the third program does not go on"
done
: >"$work/stop"
wait "$interfering"
say "$rests rests; $(wc -l <"$work/foreign-changes") changes of foreign policies meanwhile"
equal "no change of an address was refused" 0 "$resent"
equal "at each rest our entries were what the template says" 0 "$wrong"
equal "and others' entries what they had made them" 0 "$theirs"
check "the third program was busy" test "$(wc -l <"$work/foreign-changes")" -gt "$((changes / 2))"
equal "the daemon's own SPD has as many" "$((2 * ${#has[@]}))" "$(ctl l setkey -DP --json | jq length)"
equal "so does its list of addresses" "$(for i in "${!has[@]}"; do pair "$i"; echo "$local"; done | sort | xargs)" \
  "$(ctl l show ipsec0 --json | jq -r '.[0].addresses[].local' | sort | xargs)"
refute "no fault was logged" grep -qE 'ERROR|fault' "$work/l.log"

heading "The configured address"
[ -n "${has[0]:-}" ] || toggle 0
check "is there" until_true 5 agree
check "another program removes it" toggle 0
check "its policies go" until_true 5 agree
check "a change of something else" ctl l ipsec0 template_priority 1000 description other
has[0]=1
check "puts it back" until_true 5 agree

heading "An interface that goes"
for number in "${!has[@]}"; do toggle "$number" || die "toggle"; done
check "without addresses it has no policies" until_true 5 agree
check "one again" toggle 3
check "has its own" until_true 5 agree
theirs=$(foreign)
ip -n "$ns_l" link delete ipsec0
unset "has[3]"
check "deleted by others it takes its policies along" until_true 5 agree
equal "and nobody else's" "$theirs" "$(foreign)"
check "SIGTERM ends l" stop l
summary addresses
