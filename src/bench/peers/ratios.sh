#!/usr/bin/env bash
# ratios.sh FILE...: of all.sh's lines the medians, and what ours are to each peer's, as a table in Markdown.
cd "$(dirname "$0")" || exit
cat "$@" | ./summary.sh | awk -F'\t' '
  { value[$1, $2] = $3; bad[$1, $2] = $8; if (!($1 in seen)) { seen[$1] = 1; peer[++n] = $1 } }
  function cell(p, m) { return (p, m) in value ? value[p, m] : "-" }
  function ratio(p, m, better,   a, b) {
    a = cell("ipsecif", m); b = cell(p, m)
    return a ~ /^[0-9.]+$/ && b ~ /^[0-9.]+$/ && a * b > 0 ? sprintf(" (%.2f)", better == "less" ? b / a : a / b) : ""
  }
  function failures(p, m) { return bad[p, m] > 0 && cell(p, m) != "failed" ? sprintf(", %d failed", bad[p, m]) : "" }
  END {
    names = "up tcp1 tcp1_reverse tcp4 tcp1.retransmits tcp1.per_cpu_s tcp4.per_cpu_s udp1300.paced_rate udp64.paced"
    names = names " ping.median ping.p99 ping_tcp.p99 ping_udp.median ping_udp.p99 rss_a rss_b rss_peak_a rss_peak_b"
    k = split(names, metric, " ")
    line = "| |"; rule = "|---|"
    for (i = 1; i <= n; i++) { line = line " " peer[i] " |"; rule = rule "---|" }
    print line; print rule
    for (j = 1; j <= k; j++) {
      better = metric[j] ~ /ping|rss/ ? "less" : "more"
      line = "| " metric[j] " |"
      for (i = 1; i <= n; i++)
        line = line " " cell(peer[i], metric[j]) failures(peer[i], metric[j]) (peer[i] == "ipsecif" || metric[j] ~ /retrans|^up/ ? "" : ratio(peer[i], metric[j], better)) " |"
      print line
    }
    print ""
    print "In brackets: how many times better ours (ipsecif) is, of latency and memory how many times less."
  }'
