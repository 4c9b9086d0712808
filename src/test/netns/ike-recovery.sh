#!/usr/bin/env bash
# IKEv2 with obstacles, two of ours: port 500 in use at the start; a template that refuses all that is not the tunnel's; a peer that
# is killed, comes back and waits to be connected; a local address that changes.
#
#   namespace l (connects, fail-closed)              namespace r (waits)
#   +-------------------------+        ESP         +-------------------------+
#   | ipsec0 10.0.0.1         |                    | ipsec0 10.0.0.2         |
#   | ipsecifd l0 203.0.113.1 +--------------------+ r0 203.0.113.2 ipsecifd |
#   |             203.0.113.9 |                    +-------------------------+
#   +-------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq perl perl-base
scratch
netns l
netns r
veth "$ns_l" l0 "$ns_r" r0
address "$ns_l" l0 203.0.113.1/24 203.0.113.9/24
address "$ns_r" r0 203.0.113.2/24
umask 077
echo 'l.example.org r.example.org : PSK "a secret of the two ends"' >"$work/psk"
configure() { # FILE LOCAL REMOTE INNER-LOCAL INNER-REMOTE ID REMOTE-ID WORD=VALUE...
  {
    echo "ifconfig_ipsec0=\"inet tunnel $2 $3 $4/30 $5 up\""
    printf 'ipsecif_ipsec0_%s\n' "psk_file=\"$work/psk\"" "local_id=\"$6\"" "remote_id=\"$7\"" "${@:8}"
  } >"$work/$1"
}
left() { # LOCAL
  configure l.conf "$1" 203.0.113.2 10.0.0.1 10.0.0.2 l.example.org r.example.org \
    start=start template=fail-closed 'remote_networks="0.0.0.0/0"'
}
left 203.0.113.1
configure r.conf 203.0.113.2 203.0.113.1 10.0.0.2 10.0.0.1 r.example.org l.example.org start=add
start() { daemon "$1" "$2" --rc-conf "$work/$1.conf" || die "ipsecifd: $(cat "$work/$1.log")"; }
reaches() { within "$ns_l" ping -q -c 1 -W 1 10.0.0.2; }
says() { grep -q "$2" "$work/$1.log"; }

heading "A port in use, and a template that lets nothing else out"
"${in_l[@]}" perl -MIO::Socket::INET -e '
  my $taken = IO::Socket::INET->new(Proto => "udp", LocalAddr => "203.0.113.1", LocalPort => 500) or die "$!";
  open(my $f, ">", $ARGV[0]); close $f; sleep 600' "$work/taken" &
taken=$!
daemons+=("$taken")
until_true 10 test -e "$work/taken" || die "port 500 cannot be taken"
start r "$ns_r"
start l "$ns_l"
check "the port is in use, which is said" until_true 10 says l "no IKE: .*tried again"
equal "once" 1 "$(grep -c 'no IKE: ' "$work/l.log")"
kill "$taken"
wait "$taken" 2>/dev/null
check "when it is free IKE goes on" until_true 15 says l "IKE goes on"
check "the tunnel comes up" until_true 10 reaches
check "though all else is refused" bash -c "ip -n $ns_l xfrm policy | grep -q 'action block'"
refute "as a packet beside the tunnel" within "$ns_l" ping -q -c 1 -W 1 203.0.113.2

heading "A peer that is killed, and comes back"
kill -9 "$pid_r"
wait "$pid_r" 2>/dev/null
start r "$ns_r"
back=$EPOCHREALTIME
check "it is connected again" until_true 10 reaches
took=$(awk -v from="$back" -v to="$EPOCHREALTIME" 'BEGIN {printf "%d", (to - from) * 1000}')
check "after $took ms, which is less than 5 s" test "$took" -lt 5000

heading "Another secret in the file of that name"
before=$(grep -c 'IKE_SA .* established' "$work/r.log")
authenticated_again() { [ "$(grep -c 'IKE_SA .* established' "$work/r.log")" -gt "$before" ]; }
echo 'l.example.org r.example.org : PSK "a later secret of the two"' >"$work/psk"
check "one end reads its files again" ctl r reload
check "and the other" ctl l reload
check "they authenticate again" until_true 20 authenticated_again
check "traffic passes" until_true 5 reaches

heading "Another local address"
before=$(grep -c 'IKE_SA .* established' "$work/r.log")
left 203.0.113.9
check "the configuration is read again" ctl l reload
check "traffic passes" until_true 5 reaches
equal "by the IKE SA that there was" "$before" "$(grep -c 'IKE_SA .* established' "$work/r.log")"
check "which the peer has followed" until_true 10 says r "peer is at .*203.0.113.9"
check "the other end may speak first" within "$ns_r" ping -q -c 1 -W 1 10.0.0.1
check "ipsecifd stops" stop l
check "ipsecifd stops" stop r
summary
