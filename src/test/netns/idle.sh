#!/usr/bin/env bash
# What a daemon with one interface and nothing to do takes: under 0.1 % of a core. It has carried packets before, as any
# daemon that rests. And what it tells of its Java and memory. IPSECIF_REST is for how many seconds it is watched (default 20).
#
#   namespace a                              namespace b
#   +----------------------------+           +--------------------+
#   | ipsec0 10.0.0.1 > 10.0.0.2 |           |                    |
#   | ipsecifd                   |           |                    |
#   | a0 203.0.113.1 +-----------------------+ b0 203.0.113.2     |
#   +----------------------------+           +--------------------+
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 ping iputils-ping jq jq perl perl-base
scratch
netns a
netns b
veth "$ns_a" a0 "$ns_b" b0
address "$ns_a" a0 203.0.113.1/24
address "$ns_b" b0 203.0.113.2/24
rest=${IPSECIF_REST:-20}

umask 077
cat >"$work/sa" <<'END'
add 203.0.113.1 203.0.113.2 esp 0x2001 -m tunnel -u 100 -r 128 -E aes-cbc 0x000102030405060708090a0b0c0d0e0f
  -A hmac-sha2-256 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f;
END
cat >"$work/rc.conf" <<END
create_args_ipsec0="reqid 100"
ifconfig_ipsec0="inet tunnel 203.0.113.1 203.0.113.2 inet 10.0.0.1/30 10.0.0.2 up"
ipsecif_ipsec0_sa_file="$work/sa"
END

heading "One interface"
check "the daemon starts" daemon a "$ns_a" --rc-conf "$work/rc.conf" || die "$(cat "$work/a.log")"
within "$ns_a" ping -q -i 0.002 -c 1000 -W 1 10.0.0.2 >/dev/null # nobody answers; the interface sends
check "it has sent" [ "$(counter a ipsec0 outbound_packets)" -ge 1000 ]
java_line=$(sed -n 's/.*\(Java [0-9].* in .* collector, at most [0-9]* MiB of heap\)$/\1/p' "$work/a.log")
check "its log names the Java that the launcher took" [ -n "$java_line" ]
say "$java_line"
equal "so does ipsecifctl version" "$java_line" "$(ctl a version | tail -n 1)"
equal "and ipsecifd --version" "$java_line" "$("$dist/sbin/ipsecifd" --version --rc-conf "$work/rc.conf" | tail -n 1)"
ctl a stats >"$work/stats"
check "stats tells of memory and pauses" grep -A 6 '^memory:$' "$work/stats"
resident=$(rpc a memory | jq .result.residentBytes)
kernels=$(awk '/^VmRSS/ {print $2 * 1024}' "/proc/$pid_a/status")
check "the resident memory is about what the kernel says: $resident, $kernels" \
  [ $((resident > kernels ? resident - kernels : kernels - resident)) -lt $((kernels / 10)) ]

heading "At rest"
# threads: a line for each of the daemon's: id, nanoseconds of a processor so far, name
threads() {
  local task name nanos
  for task in "/proc/$pid_a/task"/*; do
    { read -r nanos _ <"$task/schedstat" && read -r name <"$task/comm"; } 2>/dev/null && printf '%s %s %s\n' "${task##*/}" "$nanos" "$name"
  done
}
exec {silence}<> <(:)
# watch: for $rest seconds; in $work/used what each thread took
watch() {
  threads >"$work/before"
  read -rt "$rest" -u "$silence" || :
  threads >"$work/after"
  awk 'NR == FNR {before[$1] = $2; next} {used = $2 - before[$1]; sub(/^[0-9]+ [0-9]+ /, ""); if (used) printf "%10.3f ms %s\n", used / 1e6, $0}' \
    "$work/before" "$work/after" | sort -rn >"$work/used"
}
# While the compilers work, on what ran last, it does not rest yet.
for turn in 1 2 3; do
  watch
  awk '/C[12] Compiler/ {n += $1} END {exit !(n < 1)}' "$work/used" && break
  say "the compilers worked meanwhile, turn $turn"
done
share=$(awk -v rest="$rest" '{n += $1} END {printf "%.4f", n / rest / 10}' "$work/used")
sed 's/^/    | /' "$work/used" | head -n 12
check "it takes less than 0.1 % of a core: $share %" awk -v share="$share" 'BEGIN {exit !(share < 0.1)}'
check "SIGTERM ends it" stop a
summary idle
