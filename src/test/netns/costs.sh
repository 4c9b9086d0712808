#!/usr/bin/env bash
# What a packet costs, in ratios that do not depend on how fast the machine is: system calls for a MB of TCP and for a datagram of UDP, and
# bytes of heap for a packet. It fails if a change makes the fast path do per packet what it did for many.
#
#   The topology is that of flows.bash: two namespaces, two daemons, manual SAs, ESP in UDP.
#
# System calls are counted by perf where the kernel lets us (raw_syscalls:sys_enter), else by strace, which makes calls slow and so runs of
# packets longer. Limits are twice what two busy cores of a Xeon had (for a MB of TCP 105 at the sender and 107 at the
# receiver, for 100 datagrams 29 and 55, 60 bytes), and well below what has to fail: the same with --no-offload (861 and 1552, 163 and
# 238), there the JDK's AES-GCM (1157 bytes). IPSECIF_COUNT_BY=strace has strace count also where perf could.
. "$(dirname "$0")/../../../linux/lib.sh"
. "$(dirname "$0")/flows.bash"
as_root_or_userns "$@"
need_flows
need jq jq iperf3 iperf3 perl perl-base jcmd openjdk-17-jdk-headless
flows_net

# Most system calls of one daemon for a MB of TCP, and for a hundred datagrams in runs of up to 32.
# Fewer MB are what strace can count, of which the beginning of a stream, with short runs, is more: 215 and 204 for each.
tcp_limit=250
udp_limit=120
# Most bytes for a packet, of what no cipher allocates but its MAC's result, 48 bytes; and with the JDK's AES-GCM, which takes 1,150.
heap_limit=150
jdk_limit=2400
datagrams=60000
calls_l=0 calls_r=0 heap_l=none heap_r=none
by=strace
mega=20
if [ "${IPSECIF_COUNT_BY:-perf}" = perf ] && perf stat -x, -e raw_syscalls:sys_enter -o "$work/probe" -- true >/dev/null 2>&1 &&
  grep -q '^[1-9]' "$work/probe"; then
  by=perf
  mega=200
else
  tcp_limit=450
  need strace strace
fi
say "system calls are counted by $by"

# calls COMMAND...: runs it; how many system calls each daemon made meanwhile comes to be in calls_l and calls_r
calls() { "calls_by_$by" "$@"; }
# perf counts for as long as a command of its own runs: one that waits for a line.
calls_by_perf() {
  local until counting event=raw_syscalls:sys_enter
  rm -f "$work/until" "$work/counting"
  mkfifo "$work/until"
  exec {until}<>"$work/until"
  perf stat -x, -e $event -p "$pid_l" -o "$work/calls.l" -- perf stat -x, -e $event -p "$pid_r" -o "$work/calls.r" -- \
    sh -c '>"$0"; read -r line' "$work/counting" <"$work/until" &
  counting=$!
  until_true 10 [ -e "$work/counting" ] && "$@" || return 1
  echo >&"$until"
  exec {until}>&-
  wait "$counting" || return 1
  calls_l=$(counted l) calls_r=$(counted r)
}
counted() { awk -F, '/raw_syscalls/ {print $1}' "$work/calls.$1"; }
calls_by_strace() {
  local each tracers=()
  for each in l r; do
    local pid="pid_$each"
    strace -qq -c -f -p "${!pid}" -o "$work/calls.$each" 2>"$work/strace.$each" &
    tracers+=($!)
    until_true 10 traced "${!pid}" "$!" || return 1
  done
  "$@" || return 1
  kill -INT "${tracers[@]}"
  wait "${tracers[@]}"
  calls_l=$(summed l) calls_r=$(summed r)
}
traced() { awk -v by="$2" '/^TracerPid/ && $2 == by {n++} END {exit !n}' /proc/"$1"/task/*/status; }
summed() { awk '$NF == "total" {print $4}' "$work/calls.$1"; }

tcp() {
  serve_tcp "$ns_r" && within "$ns_l" timeout 60 iperf3 -J -c 10.0.0.2 -n "${mega}M" >"$work/client.json" &&
    [ "$(jq '.end.sum_sent.bytes >= '$mega'000000' "$work/client.json")" = true ]
}
# iperf3 counts 1,048,576 bytes as M.
per_mega() { calls tcp && calls_l=$((calls_l * 1000000 / (mega * 1048576))) calls_r=$((calls_r * 1000000 / (mega * 1048576))); }
udp() { carry 1 "$datagrams" 0; }
per_hundred() { calls udp && calls_l=$((calls_l * 100 / came[datagrams])) calls_r=$((calls_r * 100 / came[datagrams])); }
few_calls() { [ "$calls_l" -gt 0 ] && [ "$calls_r" -gt 0 ] && [ "$calls_l" -le "$1" ] && [ "$calls_r" -le "$1" ]; }

# heap PID: bytes that its threads have allocated, by their own account
heap() {
  jcmd "$1" Thread.print -e | perl -ne '
    next if /^"(Attach Listener|Signal Dispatcher)"/;
    my %unit = (B => 1, K => 1 << 10, M => 1 << 20, G => 1 << 30);
    $sum += $1 * $unit{$2} if /allocated=(\d+)([BKMG])/;
    END { print $sum + 0, "\n" }'
}
# spent COMMAND...: runs it, which carries datagrams; the bytes of heap for each at either end come to be in heap_l and heap_r
spent() {
  local l r
  l=$(heap "$pid_l") && r=$(heap "$pid_r") && "$@" || return 1
  heap_l=$((($(heap "$pid_l") - l) / came[datagrams])) heap_r=$((($(heap "$pid_r") - r) / came[datagrams]))
}
twice() { udp && spent udp; }
little_heap() { [ "$heap_l" -le "$1" ] && [ "$heap_r" -le "$1" ]; }

cipher="-E aes-gcm-16 $(key 20)"
heading "System calls"
check "both start" up udp "$cipher" ""
check "$datagrams datagrams pass, so that the JVM compiles what they run" udp
check "$mega MB of TCP pass" per_mega
say "for a MB of TCP, of about 720 packets: $calls_l at the sender, $calls_r at the receiver"
check "that is no more than $tcp_limit each" few_calls "$tcp_limit"
check "$datagrams datagrams pass in runs" spent per_hundred
say "for 100 datagrams in runs: $calls_l at the sender, $calls_r at the receiver"
check "that is no more than $udp_limit each" few_calls "$udp_limit"
say "bytes of heap for a packet with AES-GCM: $heap_l at the sender, $heap_r at the receiver"
if grep -q 'AES-GCM by the JDK' "$work/l.log"; then
  check "that is no more than $jdk_limit, for the JDK's cipher" little_heap "$jdk_limit"
else
  check "that is no more than $heap_limit" little_heap "$heap_limit"
fi
check "both end" down

heading "Whether that could fail: each packet in a system call of its own, sealed by the JDK"
check "both start" up udp "$cipher" --no-offload
check "$mega MB of TCP pass" per_mega
say "for a MB of TCP: $calls_l at the sender, $calls_r at the receiver"
refute "that is no more than $tcp_limit each" few_calls "$tcp_limit"
check "$datagrams datagrams pass" spent per_hundred
say "for 100 datagrams: $calls_l at the sender, $calls_r at the receiver"
refute "that is no more than $udp_limit each" few_calls "$udp_limit"
say "bytes of heap for a packet with the JDK's AES-GCM: $heap_l at the sender, $heap_r at the receiver"
refute "that is no more than $heap_limit" little_heap "$heap_limit"
check "both end" down

heading "The heap, with AES-CBC"
check "both start" up udp "-E aes-cbc $(key 16) -A hmac-sha2-256 $(key 32)" ""
check "$datagrams datagrams pass twice" twice
say "bytes of heap for a packet with AES-CBC: $heap_l at the sender, $heap_r at the receiver"
check "that is no more than $heap_limit" little_heap "$heap_limit"
check "both end" down
[ "$failed" = 0 ] || tail -n 30 "$work/l.log" "$work/r.log"
summary costs
