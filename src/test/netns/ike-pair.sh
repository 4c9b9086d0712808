#!/usr/bin/env bash
# IKEv2 between two of ours: secrets, certificates, ML-KEM, rekeying from both ends, a crash, a NAT that changes its ports, a bad link, a
# dead peer; over a path of 1,280 bytes that no IP fragment passes.
#
#   namespace a                    namespace n (router)                  namespace b
#   +-------------------------+    +-------------------------------+     +-------------------------+
#   | ipsecN 10.0.N.1         |    |       MTU 1500 | MTU 1280     |     |         ipsecN 10.0.N.2 |
#   |        va 198.51.100.2  +----+ 198.51.100.1   | 203.0.113.1  +-----+ vb 203.0.113.2          |
#   | NAT:      198.51.100.3  |    |          NAT for 198.51.100.3 |     |    203.0.113.3 (dies)   |
#   +-------------------------+    +-------------------------------+     +-------------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/../interop/pki.bash"
. "$(dirname "$0")/../interop/weather.bash"
as_root_or_userns "$@"
need ip iproute2 jq jq ping iputils-ping perl perl-base openssl openssl nft nftables conntrack conntrack sysctl procps iperf3 iperf3
scratch
umask 077
for each in a n b; do netns $each; done
for each in "$ns_a" "$ns_b"; do within "$each" sysctl -qw net.ipv6.conf.default.disable_ipv6=1; done
veth "$ns_a" va "$ns_n" na
veth "$ns_b" vb "$ns_n" nb
address "$ns_a" va 198.51.100.2/24 198.51.100.3/24
address "$ns_n" na 198.51.100.1/24
address "$ns_n" nb 203.0.113.1/24
address "$ns_b" vb 203.0.113.2/24 203.0.113.3/24
ip -n "$ns_n" link set nb mtu 1280
ip -n "$ns_b" link set vb mtu 1280
within "$ns_n" sysctl -qw net.ipv4.ip_forward=1
ip -n "$ns_a" route add default via 198.51.100.1
ip -n "$ns_b" route add default via 203.0.113.1
within "$ns_n" nft -f - <<'END'
table ip fragments {
  counter fragments { }
  chain before_conntrack { type filter hook prerouting priority -450; ip frag-off & 0x3fff != 0 counter name fragments drop; }
}
END
echo "a secret of the two ends, long enough" >"$work/psk"

# both N [END:]WORD=VALUE...: adds ipsecN to rc.conf of both ends, or with a: or b: before a word to that end's. here and there are
# the outer addresses.
both() {
  local n=$1 end word here there other
  shift
  for end in a b; do
    if [ $end = a ]; then here=198.51.100.2 there=203.0.113.2 other=b; else here=203.0.113.2 there=198.51.100.2 other=a; fi
    words="local_id=$end$n.example.org remote_id=$other$n.example.org"
    for word in "$@"; do
      case $word in
        "$end":*) word=${word#?:} ;;
        ?:*) continue ;;
      esac
      case $word in
        here=*) here=${word#*=} ;;
        there=*) there=${word#*=} ;;
        *) words+=" $word" ;;
      esac
    done
    {
      printf 'create_args_ipsec%d="reqid %d"\n' "$n" $((100 + n))
      printf 'ifconfig_ipsec%d="inet tunnel %s %s ' "$n" "$here" "$there"
      if [ $end = a ]; then printf '10.0.%d.1/30 10.0.%d.2 up"\n' "$n" "$n"; else printf '10.0.%d.2/30 10.0.%d.1 up"\n' "$n" "$n"; fi
      for word in $words; do printf 'ipsecif_ipsec%d_%s="%s"\n' "$n" "${word%%=*}" "${word#*=}"; done
    } >>"$work/$end.rc"
  done
}
secret() { both "$1" "psk_file=$work/psk" b:start=add "${@:2}"; }
certified() { # N [WORD=VALUE]...
  both "$1" "a:cert=$work/pki/a$1.crt,$work/pki/inter.crt" "a:key=$work/pki/a$1.key" "b:cert=$work/pki/b$1.crt,$work/pki/inter.crt" \
    "b:key=$work/pki/b$1.key" "cacert=$work/pki/root.crt" revocation=off b:start=add "${@:2}"
}
start() { daemon "$1" "${2}" --rc-conf "$work/$1.rc"; }
# active NAME N; count_active NAME NUMBER
active() { [ "$(rpc "$1" interface.list "{\"name\":\"ipsec$2\"}" | jq -r '.result[0].status')" = active ]; }
count_active() { [ "$(rpc "$1" interface.list | jq '[.result[] | select(.status == "active")] | length')" = "$2" ]; }
spis() { rpc a interface.list "{\"name\":\"ipsec$1\"}" | jq -c '[.result[0].securityAssociations[].spi] | sort'; }
logged() { grep -Eq "$2" "$work/$1.log"; } # NAME PATTERN
answers() { within "$1" ping -q -c 1 -W 0.5 "$2"; }
# back MILLISECONDS COMMAND...: it is true within that time; says after how long
back() {
  local began=$(($(date +%s%N) / 1000000)) limit=$1 now
  shift
  until_true $((limit / 1000 + 1)) "$@"
  now=$(($(date +%s%N) / 1000000))
  took=$((now - began))
  echo "after $took ms"
  [ $took -le "$limit" ]
}

heading "Secrets and certificates"
certificates() {
  local kind n=1
  authority root P-384 && authority inter rsa4096 root || return
  for kind in rsa2048 P-256 P-384 P-521 ed25519 ed448 rsa3072; do
    certificate a$n inter $kind "DNS:a$n.example.org" && certificate b$n inter $kind "DNS:b$n.example.org" || return
    n=$((n + 1))
  done
  for n in 8 9; do certificate a$n inter P-256 "DNS:a$n.example.org" && certificate b$n inter P-256 "DNS:b$n.example.org" || return; done
}
check "certificates" certificates
check "a chain of 2,000 bytes and more" [ "$(cat "$work/pki/a7.der" "$work/pki/inter.der" | wc -c)" -ge 2000 ]
secret 0 ike=aes256gcm16-prfsha384-x25519-ke1_mlkem768 esp=aes256gcm16-x25519
for ((n = 1; n <= 7; n++)); do certified $n; done
both_lie() { certified 8 a:local_id=lie.example.org b:remote_id=lie.example.org && certified 9 b:local_id=lie.example.org a:remote_id=lie.example.org; }
both_lie
secret 12 b:here=203.0.113.3 a:there=203.0.113.3 dpd_delay=1
check "b starts" start b "$ns_b"
check "a starts" start a "$ns_a"
check "all come up" until_true 20 count_active a 9
check "at b too" until_true 10 count_active b 9
for n in 0 1 2 3 4 5 6 7; do check "$n: traffic passes" pings "$ns_a" 10.0.$n.2; done
check "0: with ML-KEM-768 beside X25519" until_true 5 logged a 'ipsec0: IKE_SA .* established .*ML_KEM_768'
for each in "1 RSA_PKCS1_SHA2_256" "2 ECDSA_SHA2_256" "3 ECDSA_SHA2_384" "4 ECDSA_SHA2_512" "5 ED25519" "6 ED448"; do
  for end in a b; do check "$end: $each" until_true 5 logged $end "ipsec${each% *}: peer has the certificate of .* and signed with ${each#* }"; done
done
equal "no IP fragment was sent" 0 "$(within "$ns_n" nft -j list counter ip fragments fragments | jq '.nftables[] | .counter? // empty | .packets')"
check "8: who has another's name is refused" until_true 10 logged b 'ipsec8: IKE_SA .* failed: the certificate of .*CN=a8.* is not one of lie.example.org'
check "8: and is told" until_true 10 logged a 'ipsec8: IKE_SA .* failed: peer refused IKE_AUTH with AUTHENTICATION_FAILED'
check "9: so is a responder" until_true 10 logged a 'ipsec9: IKE_SA .* failed: the certificate of .*CN=b9.* is not one of lie.example.org'
check "9: and is told" until_true 10 logged b 'ipsec9: IKE_SA .* failed: peer .*AUTHENTICATION_FAILED'
check "12: traffic passes" pings "$ns_a" 10.0.12.2
ip -n "$ns_b" address del 203.0.113.3/24 dev vb # and its end dies; that this is found out is asked last
died=$SECONDS

heading "A crash"
crash() { kill -9 "$pid_b" && wait "$pid_b" 2>/dev/null; until_true 5 process_gone "$pid_b"; }
check "b is killed" crash
check "and starts again" start b "$ns_b"
check "is back within 5 s" back 5000 answers "$ns_a" 10.0.0.2
say "$(cat "$work/check.out")"
check "with certificates too" until_true 10 answers "$ns_a" 10.0.7.2

heading "A NAT"
check "198.51.100.3 is behind one" masquerade "$ns_n" nb 198.51.100.3 20000-20999
secret 10 a:here=198.51.100.3 b:there=203.0.113.1
reload_both() { rpc b reload && rpc a reload; }
check "both know of it" reload_both
check "the tunnel comes up" until_true 10 active a 10
check "traffic passes" pings "$ns_a" 10.0.10.2
check "both know of the NAT" until_true 5 logged b 'ipsec10: IKE_SA .* established .*NAT'
check "its ports change" masquerade "$ns_n" nb 198.51.100.3 30000-30999
check "traffic passes again within 5 s" back 5000 answers "$ns_a" 10.0.10.2
say "$(cat "$work/check.out")"
check "from the other end too" pings "$ns_b" 10.0.10.1
check "its ports change again" masquerade "$ns_n" nb 198.51.100.3 40000-40999
check "and it passes again" back 5000 answers "$ns_a" 10.0.10.2

heading "A bad link"
check "bad weather" bad_weather "$ns_n" nb
check "both ways" bad_weather "$ns_n" na
secret 11 rekey_time=4
secret 13 child_rekey_time=4
check "both know of two more tunnels" reload_both
for each in 11 13; do check "$each: it comes up in spite of $weather" until_true 60 active a $each; done
first=$(spis 13)
rekeyed() { [ "$(spis 13)" != "$first" ]; }
check "13: and replaces its CHILD_SA" until_true 60 rekeyed
check "11: and its IKE_SA" until_true 60 logged a 'ipsec11: IKE_SA .* replaces'
good_weather "$ns_n" nb
good_weather "$ns_n" na
for each in 11 13; do check "$each: traffic passes" until_true 10 pings "$ns_a" 10.0.$each.2; done
check "as it did before, elsewhere" pings "$ns_a" 10.0.0.2

heading "A dead peer"
check "is found out" until_true 75 logged a 'ipsec12: IKE_SA .* failed: peer does not answer'
say "after $((SECONDS - died)) s at most"
inactive() { ! active a 12; }
check "there are no SAs with it" until_true 5 inactive
check "a stops" stop a
check "b stops" stop b
[ "$failed" = 0 ] || tail -n 120 "$work/a.log" "$work/b.log"
summary ike-pair
