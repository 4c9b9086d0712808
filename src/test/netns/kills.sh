#!/usr/bin/env bash
# Killed at random points of start, change and stop, the daemon always comes back to the SPD and the interfaces that the
# configuration says: none twice, none left over, nobody else's touched. IPSECIF_KILLS is how often (default 8).
#
#   namespace k
#   +----------------------------------------------------------------------+
#   | ipsec0 ... ipsec5, now these, now those      tun9, somebody else's   |
#   | ipsecifd  --> kernel SPD, with another program's policy in it        |
#   | lo 203.0.113.1                                                       |
#   +----------------------------------------------------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2
scratch
netns k
address "$ns_k" lo 203.0.113.1/32
kills=${IPSECIF_KILLS:-8}
seed=${IPSECIF_SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$((seed % 32768))
say "seed $seed"

# sorted: entries one a line in an order of their own; see templates.sh
sorted() { sed -e 's/ ptype main *$//' -e 's/ *$//' | awk '/^src/ && NR > 1 {print ""} {printf "%s|", $0} END {if (NR) print ""}' | LC_ALL=C sort; }
entry() { # SOURCE DESTINATION DIRECTION REQID SCOPE
  local from=203.0.113.1 to=203.0.113.2 mark= if_id=
  [ "$3" = out ] || { from=203.0.113.2 to=203.0.113.1; }
  case $5 in
    mark*) mark="	$5"$'\n' ;;
    *) if_id="	$5"$'\n' ;;
  esac
  printf 'src %s dst %s \n\tdir %s priority 1000 \n%s\ttmpl src %s dst %s\n\t\tproto esp reqid %s mode tunnel\n%s' \
    "$1" "$2" "$3" "$mark" "$from" "$to" "$4" "$if_id"
}

# configure: a random configuration, and what it comes to in $work/spd and $work/links
configure() {
  local unit reqid template any address if_id
  : >"$work/rc.conf"
  : >"$work/entries"
  : >"$work/links"
  for unit in 0 1 2 3 4 5; do
    [ $((RANDOM % 3)) != 0 ] || continue
    reqid=$((100 * (1 + RANDOM % 2) + unit))
    if_id="if_id 0x$(printf %x $reqid)"
    address=10.$((RANDOM % 2)).$unit
    {
      printf 'create_args_ipsec%s="reqid %s"\n' "$unit" "$reqid"
      printf 'ifconfig_ipsec%s="inet tunnel 203.0.113.1 203.0.113.2 %s.1/32 %s.2 up"\n' "$unit" "$address" "$address"
    } >>"$work/rc.conf"
    case $((RANDOM % 3)) in
      0)
        template=route-based
        for any in 0.0.0.0/0 ::/0; do
          for direction in out in fwd; do entry $any $any "$direction" "$reqid" "$if_id"; done
        done ;;
      1)
        template=vti
        printf 'ipsecif_ipsec%s_key="%s"\n' "$unit" "$((16 + unit))" >>"$work/rc.conf"
        for any in 0.0.0.0/0 ::/0; do
          for direction in out in fwd; do entry $any $any "$direction" "$reqid" "mark 0x$(printf %x $((16 + unit)))/0xffffffff"; done
        done ;;
      2)
        template=point-to-point
        entry "$address.1/32" "$address.2/32" out "$reqid" "$if_id"
        entry "$address.2/32" "$address.1/32" in "$reqid" "$if_id" ;;
    esac >>"$work/entries"
    printf 'ipsecif_ipsec%s_template="%s"\n' "$unit" "$template" >>"$work/rc.conf"
    echo "ipsec$unit $address.1" >>"$work/links"
  done
  { cat "$work/foreign" "$work/entries"; } | sorted >"$work/spd"
}
spd() { ip -n "$ns_k" xfrm policy | sorted; }
links() { # NAME ADDRESS of each; one without an address, or with two, would not be as configured
  ip -n "$ns_k" -o link show | sed -nE 's/^[0-9]+: (ipsec[0-9]+)[:@].*/\1/p' | sort | while read -r name; do
    echo "$name $(ip -n "$ns_k" -o -4 address show dev "$name" | sed -nE 's/.* inet ([0-9.]+) .*/\1/p' | xargs)"
  done
}
pause() { read -rt "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))" <> <(:) || :; } # MILLISECONDS: for a random point in time
launch() {
  : >"$work/k.log"
  nsenter --net="/run/netns/$ns_k" "$dist/sbin/ipsecifd" --foreground --rc-conf "$work/rc.conf" --socket "$work/k.sock" \
    --state-dir "$work/k.state" >"$work/k.log" 2>&1 &
  pid_k=$!
  daemons+=("$pid_k")
}
end() {
  kill -9 "$pid_k" 2>/dev/null
  wait "$pid_k" 2>/dev/null
}

ip -n "$ns_k" tuntap add dev tun9 mode tun
ip -n "$ns_k" xfrm policy add src 10.8.0.0/16 dst 10.9.0.0/16 dir out if_id 7 priority 7 action block
ip -n "$ns_k" xfrm policy add src 10.8.0.0/16 dst 10.9.0.0/16 dir out mark 16 mask 0xffffffff priority 7 \
  tmpl src 203.0.113.1 dst 203.0.113.2 proto esp reqid 77 mode tunnel
ip -n "$ns_k" xfrm policy >"$work/foreign"

configure
began=$(date +%s%N)
launch
until_true 60 ready k || die "ipsecifd: $(cat "$work/k.log")"
start_millis=$((($(date +%s%N) - began) / 1000000))
equal "a first start: the SPD" "$(cat "$work/spd")" "$(spd)"
equal "and the interfaces" "$(cat "$work/links")" "$(links)"
say "a start takes $start_millis ms"

declare -A done_kinds=([start]=0 [change]=0 [stop]=0)
wrong=0 unready=0 killed_ready=0
for ((i = 1; i <= kills; i++)); do
  case $((RANDOM % 3)) in
    0)
      kind=start
      end
      configure
      launch
      at=$((RANDOM % start_millis))
      pause $at
      ! ready k || killed_ready=$((killed_ready + 1)) ;;
    1)
      kind=change
      configure
      kill -HUP "$pid_k"
      at=$((RANDOM % 120))
      pause $at ;;
    2)
      kind=stop
      kill -TERM "$pid_k"
      at=$((RANDOM % 120))
      pause $at ;;
  esac
  end
  [ $((RANDOM % 2)) = 0 ] || configure
  done_kinds[$kind]=$((done_kinds[$kind] + 1))
  launch
  if ! until_true 60 ready k; then
    unready=$((unready + 1))
    say "kill $i, $kind at $at ms: $(tail -n 3 "$work/k.log")"
    break
  fi
  if [ "$(spd)" != "$(cat "$work/spd")" ] || [ "$(links)" != "$(cat "$work/links")" ]; then
    wrong=$((wrong + 1))
    say "kill $i, $kind at $at ms:"
    diff "$work/spd" <(spd) | head -n 10
    diff "$work/links" <(links) | head -n 10
  fi
done
say "kills: ${done_kinds[start]} in a start ($killed_ready just after it), ${done_kinds[change]} in a change, ${done_kinds[stop]} in a stop"
equal "every start came up" 0 "$unready"
equal "every one with what the configuration says, and nothing else" 0 "$wrong"
kill -TERM "$pid_k"
check "SIGTERM ends it" wait "$pid_k"
equal "nothing of ours is left in the SPD" "$(sorted <"$work/foreign")" "$(spd)"
equal "nor an interface" "" "$(links)"
check "somebody else's is as it was" ip -n "$ns_k" link show tun9
summary kills
