# shellcheck shell=sh
# Sourced by sbin/ipsecifd: the memory of its Java.
#   in:  $options; the daemon's arguments, for the files that describe its interfaces
#   out: $options with the limits

# Mebibytes of heap, enough for some hundred interfaces; kibibytes more for each that is configured, of which so many count.
heap_base=64
heap_each=128
most_counted=16000

# Prints how many interfaces the files name, and before that each include, as a pattern. rc.conf's variables and ipsecif.conf's
# sections look so different that one program reads both. Names that are no interfaces of ours count too: a little more room.
# shellcheck disable=SC2016
count_program='
  function count(name) { if (name != "" && !(name in seen)) { seen[name]; n++ } }
  function value(text) { sub(/^[^=]*=[ \t]*/, "", text); sub(/#.*/, "", text); gsub(/["\047]/, " ", text); return text }
  { sub(/^[ \t]+/, "") }
  /^(ifconfig|create_args)_[^=]*=/ {
    name = $0; sub(/=.*/, "", name); sub(/^(ifconfig|create_args)_/, "", name); sub(/_(alias[0-9]*|ipv6|descr)$/, "", name)
    count(name)
  }
  /^(ipsecif_interfaces|cloned_interfaces)=/ { words = split(value($0), word); for (i = 1; i <= words; i++) count(word[i]) }
  /^\[interface[ \t]/ { name = $0; sub(/^\[interface[ \t]+/, "", name); sub(/[ \t]*\].*/, "", name); count(name) }
  /^\[dynamic[ \t]/ { dynamic = 1 }
  /^ipsecif_dynamic=/ { if (value($0) ~ /[^ \t]/) dynamic = 1 }
  /^(ipsecif_)?dynamic_max[ \t]*=/ { max = value($0) + 0 }
  /^include[ \t]*=/ {
    pattern = value($0); gsub(/^[ \t]+|[ \t]+$/, "", pattern)
    directory = FILENAME; sub(/[^\/]*$/, "", directory)
    print (pattern ~ /^\// ? "" : directory) pattern
  }
  END { if (dynamic) n += max > 0 ? max : 1000; print n < most ? n + 0 : most }'
newline='
'

# add_file FILE: to $files, if it is a regular one: a pipe can be read but once
add_file() {
  if [ -f "$1" ] && [ -r "$1" ]; then files=$files$newline$1; fi
}

# add_files ARGUMENT...: those of --rc-conf and --conf, and those that the daemon reads without the former, or without both
add_files() {
  option='' given='' conf=''
  for argument in "$@"; do
    case $option$argument in
      --rc-conf | --conf)
        option=$argument=
        continue
        ;;
      --rc-conf=*) given=yes ;;
      --conf=*) conf=yes ;;
      *) continue ;;
    esac
    argument=$option$argument
    add_file "${argument#--*=}"
    option=
  done
  [ -z "$given" ] || return 0
  for each in /etc/ipsecif/rc.conf /etc/rc.conf /etc/rc.conf.local /etc/rc.conf.d/ipsecif; do add_file "$each"; done
  [ -z "$conf" ] || return 0
  for each in /etc/ipsecif/ipsecif.conf /usr/local/etc/ipsecif/ipsecif.conf; do add_file "$each"; done
}

# count_interfaces: those of $files, in $count, after lines with their includes if they have any
count_interfaces() {
  IFS=$newline
  set -f
  # shellcheck disable=SC2086
  set -- $files
  set +f
  unset IFS
  count=0
  [ $# = 0 ] || count=$(awk -v most="$most_counted" "$count_program" "$@" 2>/dev/null)
}

# add_includes: what $count has of them, to $files
add_includes() {
  IFS=$newline
  # shellcheck disable=SC2086
  set -- ${count%"$newline"*}
  unset IFS
  for each in "$@"; do add_file "$each"; done
}

files=
add_files "$@"
count_interfaces
case $count in *"$newline"*) add_includes && count_interfaces ;; esac
count=${count##*"$newline"}
case $count in '' | *[!0-9]*) count=0 ;; esac
heap=$((heap_base + (count * heap_each + 1023) / 1024))

# A small young generation: what packets leave behind is dead at once. The old one grows up to the limit before it is collected, which
# the daemon has done once when it is ready; then it shrinks to what lives.
options="$options -Xmx${heap}m -Xms12m -Xmn5m -XX:SurvivorRatio=3 -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=30 -XX:-ShrinkHeapInSteps -Xss512k -XX:-UsePerfData"
# What runs at the start only is not worth code and profiles that stay: five times as often as else before the first compiler has it.
options="$options -XX:Tier3InvocationThreshold=1000 -XX:Tier3MinInvocationThreshold=500 -XX:Tier3CompileThreshold=5000"
# To compile this method, which runs at the start only, takes 30 MiB.
options="$options -XX:CompileCommand=quiet -XX:CompileCommand=exclude,jnr.x86asm.Assembler::_emitX86"
# The JDK's own classes where they were put when it was built, as Java 17 has them: moved, each page of them is a private copy.
options="$options -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0"
# The compilers take and give back memory in pieces of 32 KiB: with these, glibc gives it back to the system.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}" MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-32000}"
