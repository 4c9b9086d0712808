#!/usr/bin/env bash
# ratios.sh FILE...: of all.sh's lines the medians, and what ours are to each peer's, as a table in Markdown.
cd "$(dirname "$0")" || exit
cat "$@" | ./summary.sh | awk -F'\t' '
  { value[$1, $2] = $3; if (!($1 in seen)) { seen[$1] = 1; peer[++n] = $1 } }
  function cell(p, m) { return (p, m) in value ? value[p, m] : "-" }
  function ratio(p, m, better,   a, b) {
    a = cell("ipsecif", m); b = cell(p, m)
    return a ~ /^[0-9.]+$/ && b ~ /^[0-9.]+$/ && a * b > 0 ? sprintf(" (%.2f)", better == "less" ? b / a : a / b) : ""
  }
  END {
    names = "tcp1 tcp1_reverse tcp4 tcp1.retransmits tcp1.per_cpu_s udp1300.paced_rate udp64.paced ping.median ping.p99 rss_a rss_b"
    k = split(names, metric, " ")
    line = "| |"; rule = "|---|"
    for (i = 1; i <= n; i++) { line = line " " peer[i] " |"; rule = rule "---|" }
    print line; print rule
    for (j = 1; j <= k; j++) {
      better = metric[j] ~ /ping|rss/ ? "less" : "more"
      line = "| " metric[j] " |"
      for (i = 1; i <= n; i++)
        line = line " " cell(peer[i], metric[j]) (peer[i] == "ipsecif" || metric[j] ~ /retrans/ ? "" : ratio(peer[i], metric[j], better)) " |"
      print line
    }
    print ""
    print "In brackets: how many times better ours (ipsecif) is, of latency and memory how many times less."
  }'
