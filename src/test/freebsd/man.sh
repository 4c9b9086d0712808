#!/usr/bin/env bash
# The manual pages by mandoc(1), which FreeBSD shows them with: no warning, and no remark but those about pages that this system does not have.
. "$(dirname "$0")/../../../linux/lib.sh"
need mandoc mandoc
scratch
cd "$top/docs/man" || die "no manual pages"
# remarks FILE: what mandoc has to say, but that a page of another system's is not here
remarks() {
  mandoc -T lint "$1" 2>&1 | while IFS= read -r line; do
    page=$(sed -nE 's/.*referenced manual not found: Xr ([^ ]+) ([0-9]).*/\1.\2/p; s/.*mandoc\.db lacks ([^(]+)\(([0-9])\).*/\1.\2/p' <<<"$line")
    [ -n "$page" ] && { [ -e "$page" ] || is_elsewhere "$page"; } || printf '%s\n' "$line"
  done
}
# FreeBSD's and Linux's own, so that a misspelt name is a remark
elsewhere=" openssl.1 setfib.1 sh.1 bpf.4 gif.4 gre.4 if_ipsec.4 ipsec.4 pf.4 tun.4 periodic.conf.5 rc.conf.5 daemon.8 devd.8 ifconfig.8 ip-link.8 \
ip-route.8 ip-tunnel.8 ip-xfrm.8 newsyslog.8 rc.8 rc.subr.8 setkey.8 "
is_elsewhere() { [[ $elsewhere = *" $1 "* ]]; }
no_remark() { remarks "$1" >"$work/remarks" && ! grep . "$work/remarks"; }
printf '.Dd November 29, 2026\n.Dt X 5\n.Os\n.Sh NAME\n.Nm x\n.Nd y\n.Sh DESCRIPTION\n.Nx\n.Xr nowhere 8\n.Bd\n' >"$work/bad"
refute "mandoc complains of a page that is wrong" no_remark "$work/bad"
equal "of a page that nobody has, too" 1 "$(grep -c 'Xr nowhere 8' "$work/check.out")"
for each in *; do
  check "$each" no_remark "$each"
  check "$each is of its section" test ".${each##*.}" = ".$(sed -n 's/^\.Dt .* //p' "$each")"
  check "$each has text" test "$(mandoc -T ascii "$each" | wc -l)" -gt 100
done
equal "there are four" "ipsecif-templates.5 ipsecif.conf.5 ipsecifctl.8 ipsecifd.8" "$(LC_ALL=C && echo *)"
for each in *; do check "$each is in target/dist" cmp "$each" "$dist/share/man/man${each##*.}/$each"; done
summary man
