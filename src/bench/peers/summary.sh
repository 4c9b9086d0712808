#!/usr/bin/env bash
# summary.sh [FILE...]: per peer and metric, over bench.sh's lines: median, min, max, number of values, unit, number of failures.
cat "$@" | awk -F'\t' -v OFS='\t' '
  $1 ~ /^#/ || NF < 4 { next }
  { k = $1 OFS $2; if (!(k in n)) order[++m] = k; v[k, ++n[k]] = $3
    if ($3 == "failed") bad[k]++
    if (!(k in unit) || $3 != "failed") unit[k] = $4 }
  END {
    for (i = 1; i <= m; i++) {
      k = order[i]; c = 0
      for (j = 1; j <= n[k]; j++) if (v[k, j] ~ /^[0-9.]+$/) a[++c] = v[k, j] + 0
      for (x = 2; x <= c; x++) { t = a[x]; for (y = x - 1; y > 0 && a[y] > t; y--) a[y + 1] = a[y]; a[y + 1] = t }
      if (c == 0) { print k, "failed", "-", "-", 0, unit[k], bad[k] + 0; continue }
      med = c % 2 ? a[(c + 1) / 2] : (a[c / 2] + a[c / 2 + 1]) / 2
      print k, med, a[1], a[c], c, unit[k], bad[k] + 0
    }
  }'
