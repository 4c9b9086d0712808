#!/usr/bin/env bash
# The port below freebsd/: what it lists is what it installs, its samples are what ipsecifd reads, and its files are what the system's own
# programs take, as far as that can be told without them.
. "$(dirname "$0")/../../../linux/lib.sh"
need shellcheck shellcheck busybox busybox-static original-awk original-awk
scratch
[ -d "$dist/lib/ipsecif" ] || die "no $dist: mvn package makes it"

heading "Shell"
scripts=("$top/freebsd/stage" "$top/freebsd/make-port" "$top/freebsd/examples/static-routes" "$top/freebsd/periodic/daily/490.status-ipsecif")
for each in "${scripts[@]}"; do
  check "${each##*/}: sh -n" sh -n "$each"
  check "${each##*/}: shellcheck" shellcheck -s sh -e SC1091 "$each"
done

heading "Port"
version=$(sed -n '0,/<version>/s/.*<version>\(.*\)<\/version>.*/\1/p' "$top/pom.xml")
equal "its version is the project's" "$version" "$(sed -n 's/^DISTVERSION=[[:space:]]*//p' "$top/freebsd/security/ipsecif/Makefile")"
check "make-port" "$top/freebsd/make-port" "$work/out"
port=$work/out/security/ipsecif
distfile=$work/out/distfiles/ipsecif-$version.tar.gz
check "there is a distribution file" test -s "$distfile"
refute "and no distinfo, which only make makesum can make" test -e "$port/distinfo"
equal "one script of rc.d, its prefix left to the port" "prefix=\"%%PREFIX%%\"" "$(grep '^prefix=' "$port/files/ipsecif.in")"
refute "and no other place is fixed" grep -q /usr/local "$port/files/ipsecif.in"
again() { "$top/freebsd/make-port" "$work/again" && cmp "$distfile" "$work/again/distfiles/${distfile##*/}"; }
check "it comes out the same twice" again
for each in COMMENT LICENSE USES JAVA_VERSION USE_RC_SUBR MAINTAINER CATEGORIES; do
  check "Makefile: $each" grep -qE "^$each=[[:space:]]+[^[:space:]]" "$port/Makefile"
done
equal "bsd.port.mk is its last line" ".include <bsd.port.mk>" "$(tail -n 1 "$port/Makefile")"
check "COMMENT is short and has no period" grep -qE '^COMMENT=	.{1,66}[^.]$' "$port/Makefile"
check "pkg-descr is no wider than a terminal" awk 'length > 80 { exit 1 }' "$port/pkg-descr"
# The native code that the Makefile says there is
for each in aarch64 amd64; do
  unzip_name=$(echo "$each" | sed 's/amd64/x86_64/')
  check "jffi has FreeBSD's $each" grep -q "jni/$unzip_name-FreeBSD/libjffi" "$dist"/lib/ipsecif/jffi-*-native.jar
done

heading "Packing list"
mkdir "$work/tree"
tar -xzf "$distfile" -C "$work/tree"
check "stage, by an Almquist shell" busybox sh "$work/tree/ipsecif-$version/freebsd/stage" "$work/stage" /usr/local port
# what the ports tree does to manual pages
find "$work/stage" -path '*/share/man/*' -type f -exec gzip {} +
(cd "$work/stage/usr/local" && find . ! -type d | sed 's,^\./,,' | LC_ALL=C sort) >"$work/installed"
# listed: the files of pkg-plist, with its variables replaced and its keywords away
sed -nE "s,%%ETCDIR%%,etc/ipsecif,; s,%%EXAMPLESDIR%%,share/examples/ipsecif,; s,%%DATADIR%%,share/ipsecif,; s,%%DISTVERSION%%,$version,;
  /^@dir/d; s/^@sample(\([^)]*\))? //; s/^@\([^)]*\) //; p" "$port/pkg-plist" | LC_ALL=C sort >"$work/listed"
check "lists what is installed, and nothing else" diff "$work/listed" "$work/installed"
refute "no variable and no keyword is left over" grep -qE '%%|^@' "$work/listed"
check "directories that are not removed with a file are listed" grep -qx '@dir %%ETCDIR%%/hooks.d' "$port/pkg-plist"
check "and made" test -d "$work/stage/usr/local/etc/ipsecif/hooks.d"
equal "what is to run can be run" "etc/periodic/daily/490.status-ipsecif sbin/ipsecifctl sbin/ipsecifd share/examples/ipsecif/static-routes" \
  "$(cd "$work/stage/usr/local" && find . -type f -perm /111 | sed 's,^\./,,' | LC_ALL=C sort | xargs)"
equal "nobody but root reads the sample of a file that may name secrets" 600 "$(stat -c %a "$work/stage/usr/local/etc/ipsecif/ipsecif.conf.sample")"
check "without a ports tree: stage alone" sh "$work/tree/ipsecif-$version/freebsd/stage" "$work/other" /opt
check "installs rc.d/ipsecif too, for that prefix" grep -qx 'prefix="/opt"' "$work/other/opt/etc/rc.d/ipsecif"
check "and the programs run from there" "$work/other/opt/sbin/ipsecifd" --version
check "with their templates" grep -q description "$work/other/opt/share/ipsecif/templates/route-based.conf"

heading "Samples"
cp "$top"/freebsd/examples/{rc,ipsecif}.conf "$work/"
umask 077
sed -i "s,/usr/local/etc/ipsecif,$work," "$work/rc.conf"
for each in ipsec0 ipsec7 mobile branches; do echo "a secret that nobody else has: $each" >"$work/$each.psk"; done
checked() { "$dist/sbin/ipsecifd" --check --rc-conf "$work/rc.conf" --conf "$work/ipsecif.conf"; }
check "rc.conf and ipsecif.conf as they are" checked
equal "one interface" "1 interfaces" "$(checked | tail -n 1)"
# What is commented out is right as well: but for what stands instead of something else, in one section
sed -i -E '/_ipsec0_(cert|key|cacert|local_id|remote_id|template|local_networks|remote_networks)=|flags|java_home/!s/^#(ips|ifc)/\1/' "$work/rc.conf"
sed -i -E '/^#(include|adopt)/d; s/^#([a-z[])/\1/' "$work/ipsecif.conf"
check "and with what is commented out" checked
equal "another" "2 interfaces" "$(checked | tail -n 1)"
sed -i -E 's/^#(ipsecif_ipsec0_(template|local|remote_n))/\1/' "$work/rc.conf"
check "a template with networks" checked
equal "has policies for them" 3 "$(checked | grep -c 'policy.*10.9.0.0/16')"

heading "newsyslog(8), devd(8)"
log=$(grep -v '^#' "$top/freebsd/newsyslog.conf.d/ipsecif.conf")
in_rc() { grep -q "^$1=\"$2\"$" "$top/rc.d/ipsecif"; }
equal "one line of nine words, but for the signal: SIGHUP" 8 "$(wc -w <<<"$log")"
check "the log that daemon(8) writes" in_rc logfile "$(awk '{ print $1 }' <<<"$log")"
check "and the process that is told" in_rc pidfile "$(awk '{ print $8 }' <<<"$log")"
check "which opens it anew" grep -q -e '-H -o \$logfile' "$top/rc.d/ipsecif"
action=$(sed -n 's/.*action "\(.*\)";/\1/p' "$top/freebsd/devd/ipsecif.conf")
equal "devd(8) calls a command that the script has" "/usr/sbin/service ipsecif oneattach \$subsystem" "$action"
check "which it is" grep -q '^attach_cmd=' "$top/rc.d/ipsecif"
pattern=$(sed -nE 's/.*"subsystem"[[:space:]]+"(.*)";/\1/p' "$top/freebsd/devd/ipsecif.conf")
for each in ipsec0 ipsec12; do check "for $each" grep -qxE "$pattern" <<<"$each"; done
for each in tun0 ipsec xipsec0 ipsec0a; do refute "not for $each" grep -qxE "$pattern" <<<"$each"; done

heading "periodic(8)"
mkdir "$work/bin"
ln -s "$(command -v original-awk)" "$work/bin/awk"
sed "s,/usr/local/sbin/ipsecifctl,$work/ipsecifctl,; s,/etc/defaults,$work/defaults," "$top/freebsd/periodic/daily/490.status-ipsecif" >"$work/periodic"
mkdir "$work/defaults"
printf 'daily_status_ipsecif_enable="NO"\nsource_periodic_confs() { . "%s/periodic.conf"; }\n' "$work" >"$work/defaults/periodic.conf"
: >"$work/periodic.conf"
daily() { PATH=$work/bin:$PATH busybox sh "$work/periodic" >"$work/said" 2>&1; }
# answers STATUS TEXT: what ipsecifctl list would print
answers() {
  printf '#!/bin/sh\n[ "$*" = list ] || exit 9\ncat <<"END"\n%s\nEND\nexit %s\n' "$2" "$1" >"$work/ipsecifctl"
  chmod +x "$work/ipsecifctl"
}
status() {
  daily
  echo $?
}
head="NAME            STATUS           REQID    TUNNEL"
answers 0 "$head"
equal "off unless periodic.conf says so" "0 " "$(status) $(cat "$work/said")"
echo 'daily_status_ipsecif_enable="YES"' >"$work/periodic.conf"
answers 0 "$head
ipsec0          active           100      203.0.113.1 --> 198.51.100.2"
equal "all active: nothing of note" "0 none" "$(status) $(tail -n 1 "$work/said")"
answers 0 "$head
ipsec0          active           100      203.0.113.1 --> 198.51.100.2
ipsec1          no active sa     101      203.0.113.1 --> 198.51.100.3
ipsec2          policies do not follow the addresses: active 102 x"
equal "some are not: worth a look" 1 "$(status)"
equal "which" "ipsec1 ipsec2" "$(sed -n 's/^\(ipsec[0-9]\).*/\1/p' "$work/said" | xargs)"
answers 1 "ipsecifctl: no daemon answers"
equal "no daemon: important" 3 "$(status)"
check "and why" grep -q "no daemon answers" "$work/said"

heading "static-routes"
mkdir "$work/service"
sed "s,/usr/sbin/service,$work/service/service," "$top/freebsd/examples/static-routes" >"$work/static-routes"
printf '#!/bin/sh\necho "$*" >>"%s/routes"\nexit 1\n' "$work" >"$work/service/service"
chmod +x "$work/service/service"
for event in created changed destroyed; do
  check "$event is no failure" env IPSECIF_EVENT="$event" IPSECIF_INTERFACE=ipsec0 busybox sh "$work/static-routes"
done
equal "routes when it is there" "routing quietstatic any ipsec0 routing quietstatic any ipsec0" "$(xargs <"$work/routes")"
summary port
