package org.ipsecif.platform.freebsd;

/** route(4)'s messages, and sysctl(3), whose tables of interfaces have the same form; named as in {@link Abi}. */
final class RouteAbi {
    // net/route.h
    static final int RTM_VERSION = 5;
    static final int RTM_GET = 4;
    static final int RTM_NEWADDR = 12;
    static final int RTM_DELADDR = 13;
    static final int RTM_IFINFO = 14;
    static final int RTM_IFANNOUNCE = 17;
    static final int RTA_DST = 0x1;
    static final int RTA_NETMASK = 0x4;
    static final int RTA_IFP = 0x10;
    static final int RTA_IFA = 0x20;
    static final int RTA_BRD = 0x80;

    /** Addresses there may be in a message, one for each bit of RTA_*, in the order of the bits. */
    static final int RTAX_MAX = 8;

    static final int RTF_UP = 0x1;
    static final int RTF_HOST = 0x4;
    static final int RTF_REJECT = 0x8;
    static final int RTF_BLACKHOLE = 0x1000;

    static final int SIZEOF_RT_MSGHDR = 152;
    static final int RT_MSGHDR_RTM_MSGLEN = 0;
    static final int RT_MSGHDR_RTM_VERSION = 2;
    static final int RT_MSGHDR_RTM_TYPE = 3;
    static final int RT_MSGHDR_RTM_INDEX = 4;
    static final int RT_MSGHDR_RTM_FLAGS = 8;
    static final int RT_MSGHDR_RTM_ADDRS = 12;
    static final int RT_MSGHDR_RTM_PID = 16;
    static final int RT_MSGHDR_RTM_SEQ = 20;
    static final int RT_MSGHDR_RTM_ERRNO = 24;

    /** An unsigned long of rtm_rmx. */
    static final int RT_MSGHDR_RMX_MTU = 48;

    // net/if.h

    static final int SIZEOF_IF_MSGHDR = 168;
    static final int IF_MSGHDR_IFM_ADDRS = 4;
    static final int IF_MSGHDR_IFM_FLAGS = 8;
    static final int IF_MSGHDR_IFM_INDEX = 12;
    static final int IF_MSGHDR_IFM_DATA = 16;
    static final int IF_DATA_IFI_LINK_STATE = 4;
    static final int IF_DATA_IFI_MTU = 8;
    static final int IF_DATA_IFI_OERRORS = 48;
    static final int IF_DATA_IFI_OQDROPS = 104;

    static final int SIZEOF_IFA_MSGHDR = 20;
    static final int IFA_MSGHDR_IFAM_ADDRS = 4;
    static final int IFA_MSGHDR_IFAM_INDEX = 12;

    // sys/sysctl.h, sys/socket.h, net/if_mib.h: names of what sysctl(3) answers
    static final int CTL_KERN = 1;
    static final int CTL_NET = 4;
    static final int CTL_HW = 6;
    static final int HW_PAGESIZE = 7;
    static final int KERN_PROC = 14;
    static final int KERN_PROC_PID = 1;
    static final int NET_RT_IFLIST = 3;
    static final int NETLINK_GENERIC = 0;
    static final int IFMIB_IFDATA = 2;
    static final int IFDATA_DRIVERNAME = 3;

    /** sys/user.h; the kernel fills ki_structsize with its own size. */
    static final int SIZEOF_KINFO_PROC = 1088;

    static final int KINFO_PROC_KI_STRUCTSIZE = 0;
    static final int KINFO_PROC_KI_PID = 72;

    /** Pages. */
    static final int KINFO_PROC_KI_RSSIZE = 264;

    private RouteAbi() {}
}
