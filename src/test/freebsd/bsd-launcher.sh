#!/usr/bin/env bash
# Which Java the programs of sbin take, by the shell and the awk that are nearest to FreeBSD's: an Almquist shell other than dash, and Brian
# Kernighan's awk, which is FreeBSD's own.
. "$(dirname "$0")/../../../linux/lib.sh"
need busybox busybox-static original-awk original-awk
IPSECIF_SH="$(command -v busybox) sh"
export IPSECIF_SH
IPSECIF_AWK=$(command -v original-awk)
export IPSECIF_AWK
exec "$top/src/test/netns/launcher.sh"
