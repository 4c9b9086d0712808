#!/usr/bin/env bash
# Which Java the programs of sbin take, and how much memory they give it: with homes made up here, whose java writes down how it was
# called. No namespaces and no daemon.
. "$(dirname "$0")/../../../linux/lib.sh"
scratch
mkdir "$work/jvm" "$work/bin" "$work/etc" "$work/libexec"
cp -r "$top/src/main/dist/sbin" "$work/"
cp -r "$top/src/main/dist/libexec" "$work/libexec/ipsecif"
# Where the daemon looks by itself, it looks here
sed -i -E "/^  for each in/s, /(etc|usr/local/etc)/, $work/host/\\1/,g" "$work/libexec/ipsecif/memory.sh"
# IPSECIF_SH and IPSECIF_AWK: the shell and the awk that run them, see src/test/freebsd/launcher.sh
read -ra shell <<<"${IPSECIF_SH:-/bin/sh}"
awk=${IPSECIF_AWK:-$(command -v awk)}
# without ours, which may be where the system's java is
tools=$work/tools
mkdir "$tools"
ln -s "$(command -v readlink)" "$tools/readlink"
ln -s "$awk" "$tools/awk"

# home NAME [VERSION]: below $work/jvm; with a release file if there is a version
home() {
  mkdir -p "$work/jvm/$1/bin"
  printf '#!/bin/sh\nprintf "%%s\\n" "${0%%/bin/java}" "$@" "MALLOC_ARENA_MAX=$MALLOC_ARENA_MAX" >>"%s/called"\n' "$work" >"$work/jvm/$1/bin/java"
  chmod +x "$work/jvm/$1/bin/java"
  [ -z "${2-}" ] || printf 'IMPLEMENTOR="Example"\nJAVA_VERSION="%s"\nMODULES="java.base"\n' "$2" >"$work/jvm/$1/release"
}
# launch PROGRAM ARGUMENT...: with an environment of nothing but $with (an array) and where to look
launch() {
  rm -f "$work/called"
  env -i PATH="$tools" IPSECIF_JVM_DIRS="$work/jvm/*" "${with[@]}" "${shell[@]}" "$work/sbin/$1" "${@:2}" >"$work/launch.out" 2>&1
}
# takes DESCRIPTION HOME: ipsecifctl runs that home's java, once
takes() {
  launch ipsecifctl list
  equal "$1" "$work/jvm/$2 1" "$(head -n 1 "$work/called" 2>/dev/null) $(grep -c "^$work/jvm/" "$work/called" 2>/dev/null)"
}
# refuses DESCRIPTION MESSAGE: status 1, one line, no java
refuses() {
  launch ipsecifctl list
  equal "$1" "1 ipsecifctl: $2 none" "$? $(cat "$work/launch.out") $([ -e "$work/called" ] && echo some || echo none)"
}
only() {
  rm -rf "${work:?}/jvm"
  mkdir "$work/jvm"
  with=()
}

heading "Shell"
if command -v shellcheck >/dev/null; then
  check "shellcheck has no complaint" env -C "$work" shellcheck -x sbin/ipsecifd sbin/ipsecifctl libexec/ipsecif/java.sh libexec/ipsecif/memory.sh
else
  skip "shellcheck: not installed"
fi

heading "Among several"
only
refuses "none is no Java" "no Java found; install one of 17 or later, or set IPSECIF_JAVA_HOME"
home a-8 1.8.0_392
home b-11 11.0.24
refuses "nor are those that are too old" \
  "no Java found but $work/jvm/b-11 is of version 11; install one of 17 or later, or set IPSECIF_JAVA_HOME"
home c-17 17.0.15
takes "17 is enough" c-17
home d-21 21.0.7+6
home e-9 9
takes "the highest, not the last" d-21
home a-27 27
home z-26 26-ea
takes "one that was not tested only if there is no other" d-21
home m-25 25
takes "25 is the highest tested" m-25
with=(JAVA_HOME="$work/jvm/c-17")
takes "also if JAVA_HOME is lower" m-25
home n-25 25.0.3
with=(JAVA_HOME="$work/jvm/n-25")
takes "of two that are equal, that of JAVA_HOME" n-25
ln -s "$work/jvm/n-25/bin/java" "$work/etc/java"
ln -s "$work/etc/java" "$work/bin/java"
with=(PATH="$work/bin:$tools")
takes "or the java on PATH, through links" n-25
with=(JAVA_HOME="$work/nothing")
takes "a JAVA_HOME of nothing is no reason to fail" m-25
only
home z-26 26
home a-27 27.0.1
takes "of those not tested the lowest" z-26
check "it may not know every option" grep -qx -e -XX:+IgnoreUnrecognizedVMOptions "$work/called"
home c-17 17
takes "one that was tested before it" c-17
refute "that knows them" grep -qx -e -XX:+IgnoreUnrecognizedVMOptions "$work/called"

heading "Homes of all kinds"
only
home "with blank 21" 21
home c-17 17
takes "a blank in its name" "with blank 21"
mkdir -p "$work/jvm/x-25/bin/java"
echo 'JAVA_VERSION="25"' >"$work/jvm/x-25/release"
takes "a directory is no java" "with blank 21"
mv "$work/jvm/with blank 21/release" "$work/etc/release"
ln -s "$work/etc/release" "$work/jvm/with blank 21/release"
takes "a release file behind a link" "with blank 21"
only
home none
takes "one that does not tell its version, when there is no other" none
for each in "" '$(touch x)' 99999999999999999999 -25 '"'; do
  printf 'JAVA_VERSION="%s"\n' "$each" >"$work/jvm/none/release"
  takes "nor that of version '$each'" none
done
home c-17 17
takes "when there is another, that" c-17
only
printf '#!/bin/sh\necho "%s/wrapper" >"%s/called"\n' "$work/jvm" "$work" >"$work/etc/wrapper"
chmod +x "$work/etc/wrapper"
ln -sf "$work/etc/wrapper" "$work/bin/java"
with=(PATH="$work/bin:$tools")
takes "a script on PATH that belongs to no home" wrapper

heading "IPSECIF_JAVA_HOME"
only
home c-17 17
home b-11 11
home m-25 25
with=(IPSECIF_JAVA_HOME="$work/jvm/c-17")
takes "is taken, though there is a higher" c-17
with=(IPSECIF_JAVA_HOME="$work/jvm/b-11" JAVA_HOME="$work/jvm/m-25")
refuses "is an error if it is too old" "IPSECIF_JAVA_HOME: $work/jvm/b-11 is of version 11; 17 or later is needed"
with=(IPSECIF_JAVA_HOME="$work/nothing" JAVA_HOME="$work/jvm/m-25")
refuses "and if nothing is there" "IPSECIF_JAVA_HOME: $work/nothing has no bin/java"

heading "Heap by interfaces"
# heap DESCRIPTION MEBIBYTES ARGUMENT...: what ipsecifd gives with these
heap() {
  launch ipsecifd "${@:3}"
  equal "$1: $2 MiB" "-Xmx${2}m" "$(grep -e '^-Xmx' "$work/called")"
}
only
home c-17 17
: >"$work/etc/none"
heap "without any" 64 --rc-conf "$work/etc/none"
cat >"$work/etc/eight" <<'END'
ipsecif_interfaces="ipsec0 ipsec1 other5" # ipsec7 is none
cloned_interfaces='ipsec6'
create_args_ipsec0="reqid 100"
  ifconfig_ipsec0="inet tunnel 203.0.113.1 203.0.113.2 up"
ifconfig_ipsec0_alias0="inet 10.0.0.1/30 10.0.0.2"
ifconfig_ipsec0_ipv6="inet6 2001:db8::1/64"
ifconfig_ipsec2="up"
ifconfig_ipsec3="up"
create_args_ipsec4="reqid 4"
# ifconfig_ipsec5="up"
END
cp "$work/etc/eight" "$work/etc/seven"
echo 'ifconfig_ipsec8="up"' >>"$work/etc/eight"
heap "seven" 65 --rc-conf "$work/etc/seven"
heap "eight, each once" 65 --rc-conf="$work/etc/eight" --rc-conf "$work/etc/seven"
for ((i = 0; i < 1000; i++)); do printf 'ifconfig_ipsec%d="up"\n' "$i"; done >"$work/etc/thousand"
heap "a thousand" 189 --foreground --rc-conf "$work/etc/thousand" --socket x
mkdir "$work/etc/conf.d"
printf 'include = conf.d/*.conf\n[defaults]\n[interface ipsec0]\n' >"$work/etc/conf"
for ((i = 0; i < 79; i++)); do printf '[interface b%d]\n' "$i"; done >"$work/etc/conf.d/branches.conf"
heap "eighty of ipsecif.conf and what it includes" 74 --rc-conf "$work/etc/none" --conf "$work/etc/conf"
for each in etc usr/local/etc; do
  mkdir -p "$work/host/$each/ipsecif"
  cp "$work/etc/conf.d/branches.conf" "$work/host/$each/ipsecif/ipsecif.conf"
  echo '[interface b79]' >>"$work/host/$each/ipsecif/ipsecif.conf"
  heap "eighty of the ipsecif.conf below $each that no option names" 74 --foreground
  heap "which is not read if one does" 64 --conf "$work/etc/none"
  heap "nor if one names rc.conf" 64 --rc-conf "$work/etc/none"
  rm "$work/host/$each/ipsecif/ipsecif.conf"
done
printf 'ipsecif_dynamic="branch%%d"\n' >"$work/etc/dynamic"
heap "those that come and go" 189 --rc-conf "$work/etc/dynamic"
printf 'ipsecif_dynamic_max="80"\n' >>"$work/etc/dynamic"
heap "and no more of them than there may be" 74 --rc-conf "$work/etc/dynamic"
printf 'ipsecif_dynamic_max="999999999999"\n' >>"$work/etc/dynamic"
heap "which has an end" 2064 --rc-conf "$work/etc/dynamic"
heap "a file that is not there" 64 --rc-conf "$work/etc/nothing"
heap "a directory" 64 --rc-conf "$work/etc"
mkfifo "$work/etc/pipe"
heap "nobody but the daemon reads from a pipe" 64 --rc-conf "$work/etc/pipe"
with=(IPSECIF_JAVA_OPTIONS="-Xmx300m -Dexample=1")
launch ipsecifd --rc-conf "$work/etc/none"
equal "IPSECIF_JAVA_OPTIONS comes last" "-Xmx64m -Xmx300m -Dexample=1" "$(grep -e '^-Xmx' -e '^-Dex' "$work/called" | xargs)"
equal "the environment is ours to give" "MALLOC_ARENA_MAX=1" "$(tail -n 1 "$work/called")"
with=(MALLOC_ARENA_MAX=4)
launch ipsecifd --rc-conf "$work/etc/none"
equal "and anybody's" "MALLOC_ARENA_MAX=4" "$(tail -n 1 "$work/called")"
with=()
launch ipsecifd --rc-conf "a  b" '*' ''
equal "arguments arrive as they are" "--rc-conf|a  b|*||" "$(tail -n 5 "$work/called" | head -n 4 | tr '\n' '|')"

heading "Time"
only
for ((i = 17; i < 27; i++)); do home "jdk-$i" "$i.0.1"; done
# What it costs a processor, in user and system time, beside a shell that does nothing: twenty of each, in turn, ms.
TIMEFORMAT='%3U %3S'
cost() { # COMMAND...
  local user system
  read -r user system < <({ time "$@" >/dev/null 2>&1; } 2>&1)
  echo $((10#${user/./} + 10#${system/./}))
}
nothing() { env -i PATH="$tools" "${shell[@]}" -c : >"$work/launch.out" 2>&1; }
choices=0
shells=0
for ((i = 0; i < 20; i++)); do
  choices=$((choices + $(cost launch ipsecifctl list)))
  shells=$((shells + $(cost nothing)))
done
check "ipsecifctl's choice of ten costs less than eight shells: 20 of them $choices ms, 20 shells $shells ms" [ "$choices" -lt $((8 * shells)) ]
summary launcher
