#!/usr/bin/env bash
# The life of SAs: soft and hard lifetimes in bytes and seconds, and a change of keys under traffic.
#
#   namespace l                                      namespace p
#   +-------------------------+        ESP         +-------------------------+
#   | ipsec0 10.0.0.1         |                    | ipsec0 10.0.0.2         |
#   | ipsecifd l0 203.0.113.1 +--------------------+ p0 203.0.113.2 ipsecifd |
#   +-------------------------+                    +-------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq
scratch
netns l
netns p
veth "$ns_l" l0 "$ns_p" p0
address "$ns_l" l0 203.0.113.1/24
address "$ns_p" p0 203.0.113.2/24
: >"$work/rc.conf"
for each in "l $ns_l 1 2" "p $ns_p 2 1"; do
  read -r name namespace local remote <<<"$each"
  daemon "$name" "$namespace" --rc-conf "$work/rc.conf" || die "ipsecifd: $(cat "$work/$name.log")"
  ctl "$name" create ipsec0 reqid 100 inet tunnel "203.0.113.$local" "203.0.113.$remote" \
    "10.0.0.$local/30" "10.0.0.$remote" up || die "create"
done

sa() { # FROM TO SPI OPTIONS...: a statement for both daemons
  printf 'add 203.0.113.%s 203.0.113.%s esp %s -m tunnel -u 100 -r 128 %s -E aes-cbc 0x%032d -A hmac-sha2-256 0x%064d;\n' \
    "$1" "$2" "$3" "${*:4}" "$(($3))" "$(($3))"
}
without() { printf 'delete 203.0.113.%s 203.0.113.%s esp %s;\n' "$@"; } # FROM TO SPI
setkey() { ctl "$1" setkey -c; }                                       # DAEMON
state() { ctl "$1" sa --json | jq -r --argjson spi "$(($2))" '.[] | select(.spi == $spi) | .state'; } # DAEMON SPI
sent() { ctl "$1" sa --json | jq -r --argjson spi "$(($2))" '.[] | select(.spi == $spi) | .packets'; } # DAEMON SPI
is() { [ "$("${@:2}")" = "$1" ]; }                                     # VALUE COMMAND...
ping_once() { within "$ns_l" ping -q -c 1 -W 2 -s 472 10.0.0.2; }      # an inner packet of 500 bytes
no_carrier() { ip -n "$ns_l" link show ipsec0 | grep -q NO-CARRIER; }
logged() { grep -c "SA .* esp $(printf 0x%08x "$2"): $3" "$work/$1.log"; } # DAEMON SPI WORDS

heading "Lifetimes in bytes"
check "l: an outbound SA that ends after 5,000 bytes" setkey l < <(sa 1 2 0x1001 -bs 2000 -bh 5000; sa 2 1 0x2001)
check "p: an inbound SA that ends after 4,000 bytes" setkey p < <(sa 1 2 0x1001 -bs 3000 -bh 4000; sa 2 1 0x2001)
check "three packets pass" eval 'ping_once && ping_once && ping_once'
equal "1,500 bytes: mature" "mature" "$(state l 0x1001)"
check "a fourth" ping_once
check "2,000 bytes: dying" until_true 5 is dying state l 0x1001
check "it is said" until_true 5 is 1 logged l 0x1001 'soft lifetime'
check "and still carries packets" eval 'ping_once && ping_once && ping_once && ping_once'
equal "it is said once" 1 "$(logged l 0x1001 'soft lifetime')"
refute "4,000 bytes: the receiver takes no more" ping_once
check "and has removed its SA" until_true 5 is "" state p 0x1001
check "saying so" is 1 logged p 0x1001 'hard lifetime'
ping_once >/dev/null
refute "5,000 bytes: the sender sends no more" ping_once
check "and has removed its SA" until_true 5 is "" state l 0x1001
check "without an SA to send with the link is down" until_true 5 no_carrier
equal "the interface says so" "no outbound SA" "$(ctl l show ipsec0 --json | jq -r '.[0].status')"

heading "Lifetimes in seconds"
refute "soft behind hard is refused" setkey l < <(sa 1 2 0x1002 -ls 9 -lh 3)
check "l: an SA to be replaced after 1 second" setkey l < <(sa 1 2 0x1002 -ls 1 -lh 600)
check "p" setkey p < <(sa 1 2 0x1002)
refute "the link is up again" no_carrier
check "it is dying after a second" until_true 10 is dying state l 0x1002
check "and carries packets" eval 'before=$(sent l 0x1002); ping_once; [ "$(sent l 0x1002)" -gt "$before" ]'
check "l: an SA that ends after 3" setkey l < <(without 1 2 0x1002; sa 1 2 0x1003 -ls 1 -lh 3)
check "it is removed" until_true 20 is 1 logged l 0x1003 'hard lifetime'
equal "from the database too" "" "$(state l 0x1003)"
equal "after its replacement was asked for" 1 "$(logged l 0x1003 'soft lifetime')"
check "p: flush" ctl p setkey -F
check "l: flush" ctl l setkey -F

heading "New keys under traffic"
old=0x100
for each in l p; do { sa 1 2 0x1100; sa 2 1 0x2100; } | setkey "$each" || die "setkey"; done
"${in_l[@]}" ping -i 0.005 -W 5 10.0.0.2 >"$work/ping" 2>&1 &
pinging=$!
daemons+=("$pinging")
rekey() { # NEW OLD: who receives has the new SA before anybody sends with it, and the old one until nobody does
  sa 2 1 "0x2$1" | setkey l && { sa 1 2 "0x1$1"; sa 2 1 "0x2$1"; } | setkey p && sa 1 2 "0x1$1" | setkey l &&
    { without 1 2 "0x1$2"; without 2 1 "0x2$2"; } | tee "$work/without" | setkey l && setkey p <"$work/without"
}
for ((i = 1; i <= 8; i++)); do
  new=$(printf %03x $((0x100 + i)))
  check "rekey $i" rekey "$new" "${old#0x}"
  old=$new
done
kill -INT "$pinging"
wait "$pinging"
say "$(grep transmitted "$work/ping")"
check "hundreds of packets passed meanwhile" test "$(sed -nE 's/^([0-9]+) packets transmitted.*/\1/p' "$work/ping")" -gt 300
check "none was lost" no_gap "$work/ping"
equal "the last keys are the only ones" "$((0x1108)) $((0x2108))" "$(ctl l sa --json | jq -r '[.[].spi] | sort | join(" ")')"
equal "no drop was counted" 0 "$(ctl l show ipsec0 --json | jq '[.[0].counters[] | select(.name | test("^inbound_(replayed|bad|unknown|no_int)")) | .value] | add')"

heading "SAs of a file"
filed() { (umask 077 && sa "$@" | sed 's/-u 100/-u 101/' >"$work/sa"); }
filed 1 2 0x1101
cat >"$work/rc.conf" <<END
create_args_ipsec1="reqid 101"
ifconfig_ipsec1="inet tunnel 203.0.113.1 203.0.113.2 10.0.1.1/30 10.0.1.2 up"
ipsecif_ipsec1_sa_file="$work/sa"
END
check "an interface with an SA of a file" ctl l reload
equal "it is there" mature "$(state l 0x1101)"
check "it is deleted" setkey l < <(without 1 2 0x1101)
check "a change of the interface" ctl l ipsec1 mtu 1300
equal "does not bring it back" "" "$(state l 0x1101)"
check "a reload" ctl l reload
equal "does not either" "" "$(state l 0x1101)"
filed 1 2 0x1101 -ls 900
check "a reload with another line" ctl l reload
equal "does" mature "$(state l 0x1101)"

check "SIGTERM ends l" stop l
check "SIGTERM ends p" stop p
summary lifetimes
