#!/usr/bin/env bash
# The interface outlives the daemon: a crash and a new start under a TCP transfer, with replay windows at both ends.
#
#   namespace l                                      namespace r
#   +-------------------------+        ESP         +--------------------------------+
#   | ipsec0 10.0.0.1         |                    | ipsec0 10.0.0.2, lo 10.5.0.1   |
#   | ipsecifd l0 203.0.113.1 +--------------------+ r0 203.0.113.2 ipsecifd        |
#   +-------------------------+                    +--------------------------------+
#   route, by hand: 10.5.0.0/16 dev ipsec0. l is killed and started again; r goes on.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq perl perl-base
scratch
netns l
netns r
veth "$ns_l" l0 "$ns_r" r0
address "$ns_l" l0 203.0.113.1/24
address "$ns_r" r0 203.0.113.2/24
address "$ns_r" lo 10.5.0.1/32

sa() { # FROM TO SPI
  printf 'add 203.0.113.%s 203.0.113.%s esp %s -m tunnel -u 100 -r 128 -E aes-cbc 0x%032d -A hmac-sha2-256 0x%064d;\n' \
    "$1" "$2" "$3" "$3" "$3"
}
{ sa 1 2 3001; sa 2 1 3002; } >"$work/sa"
chmod 600 "$work/sa"
configure() { # FILE LOCAL REMOTE WORDS...
  printf 'create_args_ipsec0="reqid 100"\nifconfig_ipsec0="inet tunnel 203.0.113.%s 203.0.113.%s %s up"\n' "$2" "$3" "${*:4}" >"$1"
  printf 'ifconfig_ipsec0_ipv6="inet6 2001:db8::%s/64"\nipsecif_ipsec0_sa_file="%s"\n' "$2" "$work/sa" >>"$1"
}
configure "$work/l.conf" 1 2 10.0.0.1/30 10.0.0.2
configure "$work/r.conf" 2 1 10.0.0.2/30 10.0.0.1
start() { daemon "$1" "$2" --rc-conf "$work/$1.conf" || die "ipsecifd: $(cat "$work/$1.log")"; }
crash() {
  kill -9 "$pid_l"
  wait "$pid_l" 2>/dev/null
}
link() { ip -n "$ns_l" -j link show ipsec0 2>/dev/null | jq -r ".[0]$1"; } # PATH
no_carrier() { ip -n "$ns_l" link show ipsec0 | grep -q NO-CARRIER; }
inner() { ip -n "$ns_l" -o address show dev ipsec0 scope global | awk '{$1 = ""; print}' | sort; }
routes() { ip -n "$ns_l" route show dev ipsec0 | sed 's/ linkdown//; s/ *$//'; }
spd() { ip -n "$ns_l" xfrm policy | sort; }
replayed() { counter r ipsec0 inbound_replayed; }

heading "kill -9 under a TCP transfer"
start l "$ns_l"
start r "$ns_r"
ip -n "$ns_l" route add 10.5.0.0/16 dev ipsec0
check "the tunnel works" pings "$ns_l" 10.5.0.1
refute "the link is up" no_carrier
index=$(link .ifindex) addresses=$(inner) routes=$(routes) policies=$(spd)
"${in_r[@]}" perl -MIO::Socket::INET -e '
  my $listener = IO::Socket::INET->new(LocalAddr => "10.5.0.1", LocalPort => 5001, Listen => 1) or die "$!";
  open(my $f, ">", "$ARGV[0].listens"); close $f;
  my $from = $listener->accept; close $listener;
  open(my $out, ">", $ARGV[0]) or die "$!";
  while (sysread($from, my $chunk, 65536)) { syswrite $out, $chunk }' "$work/received" &
receiver=$!
daemons+=("$receiver")
until_true 10 test -e "$work/received.listens" || die "no receiver"
"${in_l[@]}" perl -MIO::Socket::INET -e '
  my $to = IO::Socket::INET->new(PeerAddr => "10.5.0.1", PeerPort => 5001) or die "$!";
  my $n = 0;
  until (-e "$ARGV[0].stop") {
    my $chunk = join "", map { sprintf "%09d\n", ++$n } 1 .. 800;
    for (my $at = 0; $at < length $chunk;) { $at += syswrite($to, $chunk, length($chunk) - $at, $at) // die "$!" }
    select(undef, undef, undef, 0.002);
  }
  close $to; print "$n\n"' "$work/received" >"$work/sent" &
sender=$!
daemons+=("$sender")
bytes() { stat -c %s "$work/received"; }
more_than() { [ "$(bytes)" -gt "$1" ]; }
check "bytes arrive" until_true 10 more_than 1000000
crash
check "without the daemon the link is down" until_true 5 no_carrier
equal "the interface is the same" "$index" "$(link .ifindex)"
equal "so are its addresses" "$addresses" "$(inner)"
equal "its routes, which the daemon knows nothing of" "$routes" "$(routes)"
equal "and the kernel's SPD" "$policies" "$(spd)"
had=$(bytes)
start l "$ns_l"
equal "after the next start the interface is the same" "$index" "$(link .ifindex)"
equal "with its addresses" "$addresses" "$(inner)"
equal "its routes" "$routes" "$(routes)"
equal "and the kernel's SPD" "$policies" "$(spd)"
check "taken over, as the log says" grep -q 'ipsec0: taken over, reqid 100' "$work/l.log"
check "bytes arrive again" until_true 30 more_than $((had + 1000000))
: >"$work/received.stop"
check "the connection ends in order" wait "$sender"
wait "$receiver"
check "and nothing was lost" cmp "$work/received" <(seq -f %09.0f 1 "$(cat "$work/sent")")
equal "the peer took nothing for a replay" 0 "$(replayed)"

heading "SIGUSR2, for an upgrade"
kill -USR2 "$pid_l"
check "ends it with status 0" wait "$pid_l"
equal "the interface stays" "$index" "$(link .ifindex)"
equal "with its addresses" "$addresses" "$(inner)"
equal "and the kernel's SPD" "$policies" "$(spd)"
check "the link is down" no_carrier
start l "$ns_l"
equal "the next one takes it over" "$index" "$(link .ifindex)"
check "packets pass" pings "$ns_l" 10.5.0.1
equal "the peer took nothing for a replay" 0 "$(replayed)"

heading "A stop and a start"
check "SIGTERM ends l" stop l
equal "and removes the interface" "" "$(link .ifindex)"
equal "and its policies" "" "$(spd)"
start l "$ns_l"
check "packets pass" pings "$ns_l" 10.0.0.2
equal "the peer took nothing for a replay" 0 "$(replayed)"
crash
rm "$work/l.state/sequences.json"
start l "$ns_l"
refute "without the record of sequence numbers they do not" pings "$ns_l" 10.0.0.2
check "because the peer takes them for replays" test "$(replayed)" -gt 0

heading "What changed meanwhile"
index=$(link .ifindex)
ip -n "$ns_l" address add 10.0.7.1/32 dev ipsec0
crash
configure "$work/l.conf" 1 2 10.0.9.1/30 10.0.9.2 mtu 1300
echo 'ifconfig_ipsec0_descr="to r"' >>"$work/l.conf"
start l "$ns_l"
equal "is changed in place" "$index" "$(link .ifindex)"
equal "the MTU" 1300 "$(link .mtu)"
equal "the description" "to r" "$(link .ifalias)"
equal "addresses, others' untouched" "10.0.7.1/32 10.0.9.1 2001:db8::1/64" \
  "$(inner | awk '{print $3}' | sort | xargs)"
equal "policies are as many" 6 "$(ip -n "$ns_l" xfrm policy | grep -c 'if_id 0x64')"
ip -n "$ns_l" tuntap add dev ipsec9 mode tun
crash
: >"$work/l.conf"
start l "$ns_l"
equal "an interface that is configured no longer is removed" "" "$(link .ifindex)"
equal "with its policies" "" "$(spd)"
check "somebody else's is not" ip -n "$ns_l" link show ipsec9
check "SIGTERM ends l" stop l
equal "and leaves no record of interfaces" "" "$(ls "$work/l.state" | grep interfaces)"
check "SIGTERM ends r" stop r

heading "A start that fails after a crash"
configure "$work/l.conf" 1 2 10.0.0.1/30 10.0.0.2
start l "$ns_l"
index=$(link .ifindex) addresses=$(inner) policies=$(spd)
crash
ip -n "$ns_l" link add ipsec8 type veth peer name peer8
printf 'create_args_ipsec8="reqid 8"\nifconfig_ipsec8="inet tunnel 203.0.113.1 203.0.113.2 up"\n' >>"$work/l.conf"
refute "somebody else's ipsec8, no TUN device, is in the way" daemon l "$ns_l" --rc-conf "$work/l.conf"
equal "the interface is as it was" "$index $addresses" "$(link .ifindex) $(inner)"
equal "so is the kernel's SPD" "$policies" "$(spd)"
configure "$work/l.conf" 1 2 10.0.0.1/30 10.0.0.2
start l "$ns_l"
equal "the next start takes it over" "$index" "$(link .ifindex)"
check "SIGTERM ends l" stop l
summary restart
