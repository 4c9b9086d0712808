package org.ipsecif.platform.freebsd;

/** tun(4) and the ioctls of interfaces, named as in {@link Abi}. */
final class LinkAbi {
    // net/if_tun.h
    static final long TUNSIFMODE = 0x8004745eL;
    static final long TUNSIFPID = 0x2000745fL;
    static final long TUNSIFHEAD = 0x80047460L;
    static final long TUNGIFNAME = 0x4020745dL;

    // net/if.h
    static final int IFNAMSIZ = 16;
    static final int IFF_UP = 0x1;
    static final int IFF_BROADCAST = 0x2;
    static final int IFF_LOOPBACK = 0x8;
    static final int IFF_POINTOPOINT = 0x10;
    static final int IFF_MULTICAST = 0x8000;
    /** Of an interface that says whether its link is up. */
    static final int IFCAP_LINKSTATE = 0x80000;

    static final int LINK_STATE_DOWN = 1;
    static final int LINK_STATE_UP = 2;

    static final int SIZEOF_IFREQ = 32;
    static final int IFREQ_IFR_NAME = 0;
    static final int IFREQ_IFR_IFRU = 16;

    /** Of ifr_ifru: two shorts, of which the second has bits 16 to 31 of the flags. */
    static final int IFREQ_IFR_FLAGS = 16;

    static final int IFREQ_IFR_FLAGSHIGH = 18;
    static final int IFREQ_IFR_MTU = 16;
    static final int IFREQ_IFR_DATA = 16;

    /** What the interface can do; then what of it is on. */
    static final int IFREQ_IFR_REQCAP = 16;

    /** A size_t; then the address. */
    static final int IFREQ_IFR_BUFFER_LENGTH = 16;

    static final int IFREQ_IFR_BUFFER_BUFFER = 24;

    // netinet/in_var.h, netinet6/in6_var.h, netinet6/nd6.h
    static final int SIZEOF_IN_ALIASREQ = 68;
    static final int IN_ALIASREQ_IFRA_ADDR = 16;
    static final int IN_ALIASREQ_IFRA_DSTADDR = 32;
    static final int IN_ALIASREQ_IFRA_MASK = 48;
    static final int SIZEOF_IN6_ALIASREQ = 136;
    static final int IN6_ALIASREQ_IFRA_ADDR = 16;
    static final int IN6_ALIASREQ_IFRA_DSTADDR = 44;
    static final int IN6_ALIASREQ_IFRA_PREFIXMASK = 72;
    static final int IN6_ALIASREQ_IFRA_FLAGS = 100;
    static final int IN6_ALIASREQ_IFRA_LIFETIME = 104;
    static final int IN6_ADDRLIFETIME_IA6T_VLTIME = 16;
    static final int IN6_ADDRLIFETIME_IA6T_PLTIME = 20;
    static final int SIZEOF_IN6_IFREQ = 288;
    static final int IN6_IFREQ_IFR_ADDR = 16;
    static final int IN6_IFF_NODAD = 0x20;

    /** Unsigned: for ever. */
    static final int ND6_INFINITE_LIFETIME = 0xffffffff;

    // sys/sockio.h
    static final long SIOCIFCREATE2 = 0xc020697cL;
    static final long SIOCIFDESTROY = 0x80206979L;
    static final long SIOCSIFNAME = 0x80206928L;
    static final long SIOCAIFADDR = 0x8044692bL;
    static final long SIOCDIFADDR = 0x80206919L;
    static final long SIOCAIFADDR_IN6 = 0x8088691bL;
    static final long SIOCDIFADDR_IN6 = 0x81206919L;
    static final long SIOCSIFMTU = 0x80206934L;
    static final long SIOCSIFFIB = 0x8020695dL;
    static final long SIOCGIFFIB = 0xc020695cL;
    static final long SIOCSIFFLAGS = 0x80206910L;
    static final long SIOCGIFFLAGS = 0xc0206911L;
    static final long SIOCGIFCAP = 0xc020691fL;
    static final long SIOCSIFDESCR = 0x80206929L;
    static final long SIOCGIFDESCR = 0xc020692aL;

    private LinkAbi() {}
}
