#!/usr/bin/env bash
# rc.d/ipsecif under dash and busybox's shell, with stand-ins for rc.subr(8) and daemon(8) and, instead of ipsecifd and ipsecifctl, programs
# that write down how they were called; and then once with the real ones, which make an interface in a network namespace.
. "$(dirname "$0")/../../../linux/lib.sh"
as_root_or_userns "$@"
need ip iproute2 shellcheck shellcheck busybox busybox-static dash dash
scratch
here=$top/src/test/freebsd
hosts=0

# install ROOT: a host's files below a directory, and the script as it would be there
install_root() {
  root=$1
  called=$root/called
  mkdir -p "$root"/{etc/rc.d,etc/rc.conf.d,bin,sbin,var/log,var/run/ipsecif,interfaces} "$root"/usr/{sbin,local/sbin,local/etc/rc.d,local/etc/ipsecif,local/libexec/ipsecif}
  cp "$here/rc.subr" "$root/etc/rc.subr"
  cp "$here/daemon" "$root/usr/sbin/daemon"
  cp "$top/src/main/dist/libexec/enabled.conf" "$root/usr/local/libexec/ipsecif/"
  sed -E "/^#/!s,([[:space:]\"=-])(/(etc|sbin|usr/local|usr/sbin|var)[/ \"]),\\1$root\\2,g" "$top/rc.d/ipsecif" >"$root/usr/local/etc/rc.d/ipsecif"
  printf 'ipsecif_enable="YES"\nifconfig_em0="DHCP"\nifconfig_ipsec0="inet tunnel 203.0.113.1 198.51.100.2 up"\n' >"$root/etc/rc.conf"
  : >"$called"
  fake_at "$root/sbin/ifconfig" '[ "$1 $2" != "-g ipsec" ] || cat "$root/kernel" 2>/dev/null'
  fake kldstat '[ ! -e "$root/no-tun" ]'
  fake kldload 'say kldload "$@"'
  fake limits 'say limits "$1" "$2"; shift 2; exec "$@"'
  fake setfib 'say setfib "$1" "$2"; shift 2; exec "$@"'
  fake_at "$root/etc/pccard_ether" 'say pccard_ether "$@"'
}
# fake NAME BODY: a program that says how it was called
fake() { fake_at "$root/bin/$1" "$2"; }
fake_at() {
  printf '#!/usr/bin/env bash\nroot=%s\nsay() { echo "$*" >>"$root/called"; }\n%s\n' "$root" "$2" >"$1"
  chmod +x "$1"
}
# ipsecifd that is ready at once, unless a file of that name says otherwise, and ends by signals; and ipsecifctl
fake_programs() {
  fake_at "$root/usr/local/sbin/ipsecifd" '
    say "ipsecifd $*"
    if [ "$1" = --check ]; then
      [ ! -e "$root/bad" ] || { echo "ipsecifd: rc.conf:3: no" >&2; exit 1; }
      echo "1 interfaces"
      exit
    fi
    say "java home ${IPSECIF_JAVA_HOME:-none}, ${IPSECIF_JAVA_OPTIONS:-none}, FROM_ENV=${FROM_ENV:-}"
    [ ! -e "$root/broken" ] || { echo "WHY IT ENDED"; exit 1; }
    echo "a line of the log"
    for signal in TERM USR2; do trap "say ipsecifd got $signal; rm -f $root/var/run/ipsecif/ipsecif.sock; sleep 0.3; say ipsecifd ended; exit 0" $signal; done
    trap "echo another line" HUP
    [ -e "$root/slow" ] || : >"$root/var/run/ipsecif/ipsecif.sock"
    exec {silence}<> <(:)
    while [ -d "$root" ]; do read -rt 0.1 -u "$silence"; done'
  fake_at "$root/usr/local/sbin/ipsecifctl" '
    shift 2
    say "ipsecifctl $*"
    [ -e "$root/var/run/ipsecif/ipsecif.sock" ] || exit 1
    case $1 in
      list) echo "ipsec0 active" ;;
      show) [ -e "$root/interfaces/$2" ] && echo "$2: flags=" ;;
      reload) : >"$root/interfaces/ipsec0" && echo "ipsec0: created" ;;
      destroy) [ -e "$root/interfaces/$2" ] && rm "$root/interfaces/$2" ;;
      up) [ -e "$root/interfaces/$2" ] ;;
    esac'
}
# rc WORD...: service ipsecif WORD...; what it prints is in $work/out, what it called in $called
rc() {
  : >"$called"
  env -i PATH="$root/bin:/sbin:/bin:/usr/sbin:/usr/bin" RC_ROOT="$root" "${shell[@]}" "$root/usr/local/etc/rc.d/ipsecif" "$@" >"$work/out" 2>&1
}
said() { grep -qF -e "$1" "$work/out"; }
was_called() { grep -qxF -e "$1" "$called"; }
conf() { printf '%s\n' "$@" >>"$root/etc/rc.conf"; }
pid_of() { cat "$root/var/run/$1.pid" 2>/dev/null; }
is_gone() { process_gone "$1"; }
# the process ids of a daemon that is started, for the end of this script
remember() { daemons+=("$(pid_of ipsecif)" "$(pid_of ipsecifd)"); }

options_of() { sed -n 's/^ipsecifd --foreground //p' "$called"; }
supervised() { [ -n "$(pid_of ipsecif)" ] && kill -0 "$(pid_of ipsecif)" && kill -0 "$(pid_of ipsecifd)"; }
another_child() { [ -n "$(pid_of ipsecifd)" ] && [ "$(pid_of ipsecifd)" != "$1" ] && kill -0 "$(pid_of ipsecifd)"; }

suite() { # SHELL...
  shell=("$@")
  install_root "$work/host$((hosts += 1))"
  fake_programs

  heading "$*: start"
  refute "status before it" rc status
  equal "says so" "ipsecif is not running." "$(cat "$work/out")"
  check "start" rc start
  remember
  check "daemon(8) watches over ipsecifd" supervised
  equal "which got the files of rc.conf(5)" "--rc-conf $root/etc/rc.conf" "$(options_of)"
  check "limits(1) came first" grep -qx "limits -C daemon" "$called"
  equal "the files were checked before anything started" "ipsecifd --check --rc-conf $root/etc/rc.conf" "$(grep -m 1 ipsecifd "$called")"
  check "when start returned, the daemon answered" was_called "ipsecifctl list"
  check "its log has the time" grep -q "java home none, .*showDateTime=true .*dateTimeFormat=yyyy-MM-dd'T'HH:mm:ssXXX, " "$called"
  equal "and is daemon(8)'s file" "a line of the log" "$(cat "$root/var/log/ipsecifd.log")"
  equal "which nobody else reads" 600 "$(stat -c %a "$root/var/log/ipsecifd.log")"
  refute "no module was loaded, it was there" grep -q kldload "$called"
  refute "a second start" rc start
  check "says that it runs" said "already running?"
  check "status" rc status
  check "names the process" said "ipsecif is running as pid $(pid_of ipsecif)."
  check "and the interfaces" said "ipsec0 active"

  heading "$*: log, reload, configtest"
  mv "$root/var/log/ipsecifd.log" "$root/var/log/ipsecifd.log.0"
  kill -HUP "$(pid_of ipsecif)" # as newsyslog(8) does
  check "newsyslog(8)'s signal has the log opened anew" until_true 10 test -e "$root/var/log/ipsecifd.log"
  kill -HUP "$(pid_of ipsecifd)"
  check "and written there" until_true 10 grep -qx "another line" "$root/var/log/ipsecifd.log"
  check "reload" rc reload
  equal "asks the daemon" "ipsecifctl reload" "$(cat "$called")"
  equal "and shows its answer" "ipsec0: created" "$(cat "$work/out")"
  check "configtest" rc configtest
  equal "reads what start reads" "ipsecifd --check --rc-conf $root/etc/rc.conf" "$(cat "$called")"
  check "and shows it" said "1 interfaces"

  heading "$*: one interface"
  check "start ipsec0, which is there" rc start ipsec0
  equal "brings it up" "ipsecifctl show ipsec0/ipsecifctl up ipsec0/" "$(tr '\n' / <"$called")"
  check "stop ipsec0" rc stop ipsec0
  equal "destroys it" "ipsecifctl destroy ipsec0" "$(cat "$called")"
  check "and leaves the daemon" supervised
  refute "stop ipsec0, which is gone" rc stop ipsec0
  refute "status ipsec0" rc status ipsec0
  check "start ipsec0, which is not there" rc start ipsec0
  check "has the files read" was_called "ipsecifctl reload"
  check "and brings it up" was_called "ipsecifctl up ipsec0"
  check "status ipsec0" rc status ipsec0
  check "shows it" said "ipsec0: flags="
  check "restart ipsec0" rc restart ipsec0
  equal "is all of this" "ipsecifctl destroy ipsec0/ipsecifctl show ipsec0/ipsecifctl reload/ipsecifctl up ipsec0/" "$(tr '\n' / <"$called")"
  refute "start ipsec0 ipsec9: one that no file has" rc start ipsec0 ipsec9
  check "does not keep the other from starting" was_called "ipsecifctl up ipsec0"

  heading "$*: restart, crash, stop"
  before=$(pid_of ipsecifd)
  check "restart" rc restart
  remember
  check "has the daemon leave its interfaces" was_called "ipsecifd got USR2"
  refute "and never told it to remove them" was_called "ipsecifd got TERM"
  check "another daemon is there" another_child "$before"
  equal "that began when the first had ended" 1 "$(sed -n '/ipsecifd ended/,$p' "$called" | grep -c 'ipsecifd --foreground')"
  equal "the files were checked once" 1 "$(grep -c 'ipsecifd --check' "$called")"
  : >"$root/bad"
  before=$(pid_of ipsecifd)
  refute "restart with a mistake in rc.conf" rc restart
  check "says where" said "ipsecifd: rc.conf:3: no"
  equal "and does not touch what runs" "$before" "$(pid_of ipsecifd)"
  rm "$root/bad"
  kill -KILL "$before"
  check "after a crash there is another" until_true 20 another_child "$before"
  remember
  child=$(pid_of ipsecifd)
  supervisor=$(pid_of ipsecif)
  check "stop" rc stop
  check "ends the daemon" was_called "ipsecifd got TERM"
  check "which is gone when stop returns" is_gone "$child"
  check "and so is daemon(8)" is_gone "$supervisor"
  refute "stop when nothing runs" rc stop
  check "says so" said "not running?"
  refute "reload when nothing runs" rc reload
  refute "start ipsec0 then" rc start ipsec0
  refute "never starts the daemon" grep -q ipsecifd "$called"

  heading "$*: starts that fail"
  : >"$root/bad"
  refute "a mistake in rc.conf" rc start
  check "is shown" said "ipsecifd: rc.conf:3: no"
  refute "and nothing started" grep -q -e --foreground "$called"
  rm "$root/bad"
  : >"$root/broken"
  refute "a daemon that ends at once" rc start
  check "the end of its log is shown" said "WHY IT ENDED"
  equal "nobody starts it again" "" "$(pid_of ipsecif)"
  rm "$root/broken"
  : >"$root/slow"
  sed -i 's/^start_seconds=.*/start_seconds=2/' "$root/usr/local/etc/rc.d/ipsecif"
  refute "a daemon that is not ready in time" rc start
  remember
  check "is told" said "is not ready after 2 s, and goes on in the background"
  check "goes on" supervised
  check "faststop, as at shutdown" rc faststop
  rm "$root/slow"
  : >"$root/no-tun"
  check "a kernel without tun(4)" rc start
  remember
  check "loads it" was_called "kldload if_tuntap"
  check "stop" rc stop
  rm "$root/no-tun"

  heading "$*: the kernel's ipsecN"
  echo ipsec0 >"$root/kernel"
  refute "it has ipsec0" rc start
  check "which is refused" said "ipsec0 is the kernel's, if_ipsec(4)"
  check "with the ways out" said "run 'ifconfig ipsec0 destroy', or leave it out of ipsecif_interfaces"
  refute "and nothing started" grep -q -e --foreground "$called"
  echo ipsec7 >"$root/kernel"
  check "it has another" rc start
  remember
  check "stop" rc stop
  rm "$root/kernel"
  conf 'cloned_interfaces="vlan3 ipsec0"'
  check "cloned_interfaces names ours" rc start
  remember
  check "which is warned of" said "cloned_interfaces has ipsec0"
  check "stop" rc stop
  echo ipsec0 >"$root/kernel"
  conf 'ipsecif_interfaces=""'
  check "ipsec0 is the kernel's, and none of rc.conf is ours" rc start
  remember
  check "stop" rc stop
  conf "ipsecif_rcconf=\"$root/ours\""
  echo 'ifconfig_ipsec5="inet tunnel 203.0.113.1 198.51.100.5 up"' >"$root/ours"
  check "ipsec0 is the kernel's, and ours are in another file" rc start
  remember
  check "stop" rc stop
  conf 'ipsecif_rcconf=""'
  conf 'ipsecif_interfaces="ipsec5"' 'ifconfig_ipsec5="inet tunnel 203.0.113.1 198.51.100.5 up"'
  echo ipsec0 >"$root/kernel"
  check "ipsec0 is the kernel's, and ours are others" rc start
  remember
  refute "nothing to warn of" said WARNING
  check "stop" rc stop
  check "devd(8): ipsec0 came into being" rc oneattach ipsec0
  equal "and is the system's to configure" "pccard_ether ipsec0 start" "$(cat "$called")"
  echo ipsec5 >"$root/kernel"
  check "ipsec5 came into being" rc oneattach ipsec5
  check "which is not, and is warned of" said "ipsec5 was made by the kernel's if_ipsec(4)"
  equal "nobody touches it" "" "$(cat "$called")"
  rm "$root/kernel"
  check "ipsec5 came into being, as tun(4)'s" rc oneattach ipsec5
  equal "that is the daemon's own matter" "" "$(cat "$called" "$work/out")"

  heading "$*: rc.conf"
  conf 'ipsecif_enable="NO"'
  check "NO: start" rc start
  check "says how" said "Cannot 'start' ipsecif. Set ipsecif_enable to YES"
  equal "and does nothing" "" "$(cat "$called")"
  check "NO: configtest" rc configtest
  equal "does nothing either, as rc.subr(8) has it" "" "$(cat "$called")"
  check "oneconfigtest" rc oneconfigtest
  check "does" was_called "ipsecifd --check --rc-conf $root/etc/rc.conf --rc-conf $root/usr/local/libexec/ipsecif/enabled.conf"
  check "devd(8) with NO" rc oneattach ipsec5
  equal "is the system's business" "pccard_ether ipsec5 start" "$(cat "$called")"
  check "onestart" rc onestart
  remember
  equal "has the daemon take it for YES" "--rc-conf $root/etc/rc.conf --rc-conf $root/usr/local/libexec/ipsecif/enabled.conf" "$(options_of)"
  check "onestop" rc onestop
  conf 'ipsecif_enable="YES"' 'ipsecif_java_home="/usr/local/openjdk21"' 'ipsecif_fib="1"' 'ipsecif_env="FROM_ENV=1"' \
    'ipsecif_flags="--legacy-algorithms --others-changes leave"' "local_startup=\"$root/usr/local/etc/rc.d\""
  mkdir "$root/usr/local/etc/rc.conf.d" "$root/etc/rc.conf.d/netif"
  for each in "$root/etc/rc.conf.local" "$root/etc/rc.conf.d/network" "$root/etc/rc.conf.d/netif/tunnels" \
    "$root/usr/local/etc/rc.conf.d/ipsecif" "$root/usr/local/etc/ipsecif/ipsecif.conf"; do : >"$each"; done
  check "start with all of it" rc start
  remember
  equal "each file, in rc.conf(5)'s order, ipsecif.conf and the flags" \
    "--rc-conf $root/etc/rc.conf --rc-conf $root/etc/rc.conf.local --rc-conf $root/etc/rc.conf.d/network --rc-conf $root/etc/rc.conf.d/netif/tunnels\
 --rc-conf $root/usr/local/etc/rc.conf.d/ipsecif --conf $root/usr/local/etc/ipsecif/ipsecif.conf --legacy-algorithms --others-changes leave" "$(options_of)"
  check "ipsecif_java_home" grep -q "^java home $root/usr/local/openjdk21, \|^java home /usr/local/openjdk21, " "$called"
  check "ipsecif_env" grep -q "FROM_ENV=1$" "$called"
  check "ipsecif_fib" was_called "setfib -F 1"
  check "stop" rc stop
  conf 'ipsecif_rcconf="/x/one /x/two"' 'ipsecif_flags="--conf /x/three --socket=/x/socket"'
  check "configtest" rc configtest
  equal "ipsecif_rcconf instead, and the flags' own --conf" "ipsecifd --check --rc-conf /x/one --rc-conf /x/two --conf /x/three --socket=/x/socket" "$(cat "$called")"
  sed -i 's,^    shift 2,    say "socket $2"; shift 2,' "$root/usr/local/sbin/ipsecifctl"
  refute "reload, with --socket among the flags" rc reload
  check "asks there" was_called "socket /x/socket"
  refute "an unknown word" rc nonsense
}

heading "Shell"
check "sh -n" sh -n "$top/rc.d/ipsecif"
check "shellcheck" shellcheck -s sh -e SC1091,SC2034,SC2154,SC3043 "$top/rc.d/ipsecif"

heading "Order"
# pairs: "before after" for each requirement of the table and of the script
pairs() {
  local script provides requires each
  while IFS=: read -r script provides requires; do
    case $script in '#'* | '') continue ;; esac
    for each in $provides; do echo "$script: $each"; done
    for each in $requires; do echo "$each $script:"; done
  done <"$here/rcorder"
  echo "ipsecif: ipsecif"
  for each in $(sed -n 's/^# REQUIRE: //p' "$top/rc.d/ipsecif"); do echo "$each ipsecif:"; done
  for each in $(sed -n 's/^# BEFORE: //p' "$top/rc.d/ipsecif"); do
    # Whoever provides it comes after
    awk -F: -v each="$each" '!/^#/ && (" " $2 " ") ~ " " each " " { print "ipsecif " $1 ":" }' "$here/rcorder"
  done
}
check "no circle" eval 'pairs | tsort >"$work/order"'
precedes() { awk -v a="$1:" -v b="$2:" '$0 == a { first = NR } $0 == b { second = NR } END { exit !(first && second && first < second) }' "$work/order"; }
# must A B: also in every other order that the requirements allow: B needs A
must() { ! (pairs && echo "$2: $1:") | tsort >/dev/null 2>&1 && precedes "$1" "$2"; }
for each in FILESYSTEMS netif devd ldconfig; do check "after $each" must "$each" ipsecif; done
for each in routing pf netwait NETWORKING mountcritremote frr bird openbgpd strongswan; do check "before $each" must ipsecif "$each"; done
refute "nothing says whether before or after ppp" must ipsecif ppp
equal "the four lines that rcorder(8) reads are together" "PROVIDE REQUIRE BEFORE KEYWORD" \
  "$(sed -n '/^# PROVIDE/,/^$/s/^# \([A-Z]*\):.*/\1/p' "$top/rc.d/ipsecif" | xargs)"
equal "and have its keywords" "nojailvnet shutdown" "$(sed -n 's/^# KEYWORD: //p' "$top/rc.d/ipsecif")"

suite dash
suite busybox sh

heading "The real programs"
netns r
shell=(dash)
install_root "$work/real"
for each in sbin lib libexec share; do
  rm -rf "$root/usr/local/$each"
  ln -s "$dist/$each" "$root/usr/local/$each"
done
umask 077
echo "a secret that nobody else has, of some length" >"$root/psk"
cat >"$root/etc/rc.conf" <<END
hostname="gate.example.org"
ipsecif_enable="YES"
ipsecif_flags="--socket $root/var/run/ipsecif/ipsecif.sock --state-dir $root/var/run/ipsecif --hooks $root/hooks.d"
ipsecif_fib="0"
ifconfig_lo0="inet 127.0.0.1"
ifconfig_ipsec0="NOAUTO inet tunnel 203.0.113.1 198.51.100.2 mtu 1400 up"
ifconfig_ipsec0_alias0="inet 10.0.0.1/30 10.0.0.2"
ipsecif_ipsec0_psk_file="$root/psk"
END
fake setfib 'shift 2; exec "$@"'
within_rc() { # service ipsecif WORD..., in the namespace
  env -i PATH="$root/bin:$PATH" RC_ROOT="$root" nsenter --net="/run/netns/$ns_r" dash "$root/usr/local/etc/rc.d/ipsecif" "$@"
}
index() { ip -n "$ns_r" -o link show ipsec0 | cut -d: -f1; }
check "configtest" within_rc configtest
check "start" within_rc start
remember
check "ipsec0 is there when it returns" ip -n "$ns_r" link show ipsec0
check "status" within_rc status
equal "shows it" 1 "$(within_rc status | grep -c '^ipsec0 ')"
before=$(index)
check "restart" within_rc restart
remember
equal "it is the same interface" "$before" "$(index)"
check "stop ipsec0" within_rc stop ipsec0
refute "it is gone" ip -n "$ns_r" link show ipsec0
check "start ipsec0" within_rc start ipsec0
check "it is back" ip -n "$ns_r" link show ipsec0
echo 'ifconfig_ipsec1="nonsense"' >>"$root/etc/rc.conf"
refute "configtest with a mistake" within_rc configtest
equal "names the place" 1 "$(within_rc configtest 2>&1 | grep -c "rc.conf:9: ifconfig_ipsec1")"
refute "reload too" within_rc reload
check "ipsec0 is still there" ip -n "$ns_r" link show ipsec0
check "stop" within_rc stop
refute "it is gone" ip -n "$ns_r" link show ipsec0
summary rcd
