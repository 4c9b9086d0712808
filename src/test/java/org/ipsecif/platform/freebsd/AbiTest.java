package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds every number of {@link Abi} and its like to the tables in {@code freebsd-abi.md}, or to a header that is named here. */
class AbiTest {
    private static final List<Class<?>> OURS =
            List.of(Abi.class, LinkAbi.class, RouteAbi.class, BpfAbi.class, WireAbi.class, HolderAbi.class);
    private static final Pattern CONSTANT = Pattern.compile("\\| `(\\w+)` \\| (\\d+) \\| 0x([0-9a-f]+) \\|");
    private static final Pattern FIELD = Pattern.compile("\\| `(\\w+)` \\| `(\\w+)` \\| (\\d+) \\| \\d+ \\|");
    private static final Pattern SIZE =
            Pattern.compile("\\| \\*\\*`(\\w+)`\\*\\* \\| \\*size\\* \\| \\| \\*\\*(\\d+)\\*\\* \\|");

    /**
     * What the tables lack: a header of FreeBSD, then names and values as they stand there. {@code W('i',42,32)} is the _IOWR of sys/ioccom.h
     * with the size of its argument; {@code r} and {@code w} are _IOR and _IOW, {@code v} is _IO.
     */
    private static final String MORE = """
            sys/errno.h
              ESRCH 3  ENXIO 6  ENOMEM 12  EAGAIN 35  EMSGSIZE 40  ENOPROTOOPT 42
              EPROTONOSUPPORT 43  EAFNOSUPPORT 47  EADDRINUSE 48  EADDRNOTAVAIL 49  ENETUNREACH 51  ECONNRESET 54
              ENOBUFS 55  ECONNREFUSED 61  ENAMETOOLONG 63  EHOSTDOWN 64  ENOMSG 83
            sys/fcntl.h
              O_RDONLY 0x0000  O_RDWR 0x0002  O_NONBLOCK 0x0004  O_CLOEXEC 0x00100000  F_SETFD 2  FD_CLOEXEC 1
              F_DUPFD_CLOEXEC 17
            sys/socket.h
              AF_UNSPEC 0  AF_UNIX 1  SOCK_SEQPACKET 5  SO_RCVTIMEO 0x1006  SO_RERROR 0x00020000
              SCM_RIGHTS 0x01  MSG_PEEK 0x00000002  MSG_TRUNC 0x00000010  MSG_CTRUNC 0x00000020  MSG_DONTWAIT 0x00000080
              MSG_NOSIGNAL 0x00020000  MSG_CMSG_CLOEXEC 0x00040000  NET_RT_IFLIST 3
            sys/socket.h, struct msghdr: void *, socklen_t, struct iovec *, int, void *, socklen_t, int
              MSGHDR_MSG_NAME 0  MSGHDR_MSG_NAMELEN 8  MSGHDR_MSG_IOV 16  MSGHDR_MSG_IOVLEN 24  MSGHDR_MSG_CONTROL 32
              MSGHDR_MSG_CONTROLLEN 40  MSGHDR_MSG_FLAGS 44
            sys/socket.h, struct mmsghdr: struct msghdr, ssize_t
              MMSGHDR_MSG_LEN 48  SIZEOF_MMSGHDR 56
            sys/socket.h, struct cmsghdr: socklen_t, int, int
              CMSGHDR_CMSG_LEN 0  CMSGHDR_CMSG_LEVEL 4  CMSGHDR_CMSG_TYPE 8  SIZEOF_CMSGHDR 12
            machine/_types.h, LP64
              SIZEOF_LONG 8
            sys/_timeval.h: time_t, suseconds_t (long)
              SIZEOF_TIMEVAL 16
            sys/_iovec.h
              IOVEC_IOV_BASE 0  IOVEC_IOV_LEN 8
            sys/un.h: unsigned char, sa_family_t (unsigned char), char [104]
              SOCKADDR_UN_SUN_LEN 0  SOCKADDR_UN_SUN_FAMILY 1  SOCKADDR_UN_SUN_PATH 2  SIZEOF_SOCKADDR_UN 106
              SUN_PATH_SIZE 104  SOL_LOCAL 0  LOCAL_PEERCRED 1
            sys/socket.h
              MSG_EOR 0x00000008
            sys/ucred.h, struct xucred: u_int, uid_t, short, gid_t [16], a union of void * and pid_t
              XUCRED_VERSION 0  XUCRED_CR_VERSION 0  XUCRED_CR_UID 4  XUCRED_CR_PID 80  SIZEOF_XUCRED 88
            sys/poll.h, struct pollfd: int, short, short
              POLLIN 0x0001  POLLFD_FD 0  POLLFD_EVENTS 4  POLLFD_REVENTS 6  SIZEOF_POLLFD 8
            netinet/in.h
              IPPROTO_IP 0  IPPROTO_ICMP 1  IPPROTO_IPV6 41  IPPROTO_ICMPV6 58  IPPROTO_RAW 255  IP_BINDANY 24  IP_RECVTTL 65
              IP_RECVTOS 68
            netinet6/in6.h
              IPV6_USE_MIN_MTU 42  IPV6_V6ONLY 27  IPV6_RECVPKTINFO 36  IPV6_RECVHOPLIMIT 37  IPV6_PKTINFO 46
              IPV6_HOPLIMIT 47  IPV6_RECVTCLASS 57  IPV6_TCLASS 61  IPV6_DONTFRAG 62  IPV6_BINDANY 64  ICMP6_FILTER 18
            sys/event.h
              EVFILT_READ -1  EVFILT_USER -11  EV_ADD 0x0001  EV_CLEAR 0x0020  NOTE_TRIGGER 0x01000000
            sys/event.h, struct kevent: uintptr_t, short, unsigned short, unsigned int, int64_t, void *, uint64_t [4]
              KEVENT_IDENT 0  KEVENT_FILTER 8  KEVENT_FLAGS 10  KEVENT_FFLAGS 12  SIZEOF_KEVENT 64
            net/if.h
              IFF_LOOPBACK 0x8  IFCAP_LINKSTATE 0x80000  LINK_STATE_DOWN 1  LINK_STATE_UP 2
            net/if.h, struct ifreq: a union of short [2], int, unsigned int, caddr_t, int [2], and struct ifreq_buffer: size_t, void *
              IFREQ_IFR_FLAGS 16  IFREQ_IFR_FLAGSHIGH 18  IFREQ_IFR_MTU 16  IFREQ_IFR_DATA 16  IFREQ_IFR_REQCAP 16
              IFREQ_IFR_BUFFER_LENGTH 16  IFREQ_IFR_BUFFER_BUFFER 24
            net/if.h, struct if_data: uint8_t [6], uint16_t, uint32_t [2], uint64_t [14], time_t, struct timeval
              IF_DATA_IFI_LINK_STATE 4  IF_DATA_IFI_MTU 8  IF_DATA_IFI_OERRORS 48
              IF_DATA_IFI_OQDROPS 104
            netinet6/in6_var.h, struct in6_addrlifetime: time_t [2], u_int32_t [2]
              IN6_ADDRLIFETIME_IA6T_VLTIME 16  IN6_ADDRLIFETIME_IA6T_PLTIME 20
            netinet6/in6_var.h, struct in6_ifreq: char [16], a union of which struct sockaddr_in6 is one
              IN6_IFREQ_IFR_ADDR 16
            netinet6/nd6.h, of u_int32_t
              ND6_INFINITE_LIFETIME -1
            sys/sockio.h
              SIOCGIFDESCR W('i',42,32)  SIOCGIFCAP W('i',31,32)
            net/route.h
              RTM_GET 0x4  RTAX_MAX 8  RTF_UP 0x1  RTF_HOST 0x4  RTF_REJECT 0x8  RTF_BLACKHOLE 0x1000
            net/route.h, struct rt_msghdr: rtm_errno at 24, int, u_long, then struct rt_metrics: u_long, and this u_long
              RT_MSGHDR_RMX_MTU 48
            sys/sysctl.h
              CTL_KERN 1  CTL_NET 4  CTL_HW 6  HW_PAGESIZE 7  KERN_PROC 14  KERN_PROC_PID 1
            net/if_mib.h
              NETLINK_GENERIC 0  IFMIB_IFDATA 2  IFDATA_DRIVERNAME 3
            sys/user.h, KINFO_PROC_SIZE of amd64 and arm64; offsets as gdb's fbsd-tdep.c has them for 64 bits
              SIZEOF_KINFO_PROC 1088  KINFO_PROC_KI_STRUCTSIZE 0  KINFO_PROC_KI_PID 0x48  KINFO_PROC_KI_RSSIZE 0x108
            net/bpf.h
              BIOCGBLEN r('B',102,4)  BIOCGSTATS r('B',111,8)  BPF_MAXBUFSIZE 0x80000
              BPF_LD 0x00  BPF_JMP 0x05  BPF_RET 0x06  BPF_W 0x00  BPF_H 0x08  BPF_B 0x10  BPF_ABS 0x20
              BPF_JEQ 0x10  BPF_JGE 0x30  BPF_K 0x00
            net/bpf.h, struct bpf_stat: u_int [2]; bpf_program: u_int, struct bpf_insn *; bpf_insn: u_short, u_char [2], bpf_u_int32
              SIZEOF_BPF_STAT 8  BPF_STAT_BS_DROP 4  BPF_PROGRAM_BF_LEN 0  BPF_PROGRAM_BF_INSNS 8  BPF_INSN_JT 2
              BPF_INSN_JF 3
            net/dlt.h
              DLT_NULL 0  DLT_EN10MB 1  DLT_RAW 12  DLT_LOOP 108
            """;

    private static final Pattern PAIR = Pattern.compile("([A-Z]\\w+) (-?\\d\\w*|[rwvW]\\('.',\\d+,\\d+\\))(?=\\s)");
    private static final Pattern IOC = Pattern.compile("([rwvW])\\('(.)',(\\d+),(\\d+)\\)");

    /** Name and value of all that the tables have; fields as STRUCT_FIELD, sizes as SIZEOF_STRUCT. */
    private static Map<String, Long> tables() throws IOException {
        Map<String, Long> found = new HashMap<>();
        for (String line : resource().split("\n")) {
            Matcher constant = CONSTANT.matcher(line);
            Matcher field = FIELD.matcher(line);
            Matcher size = SIZE.matcher(line);
            if (constant.matches()) {
                long value = Long.parseLong(constant.group(2));
                assertEquals(value, Long.parseLong(constant.group(3), 16), line);
                found.put(constant.group(1), value);
            } else if (field.matches()) {
                found.put(upper(field.group(1) + "_" + field.group(2)), Long.parseLong(field.group(3)));
            } else if (size.matches()) {
                found.put(upper("SIZEOF_" + size.group(1)), Long.parseLong(size.group(2)));
            }
        }
        return found;
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    private static String resource() throws IOException {
        try (InputStream in = AbiTest.class.getResourceAsStream("/freebsd-abi.md")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Map<String, Long> more() {
        Map<String, Long> found = new HashMap<>();
        for (String line : MORE.split("\n")) {
            Matcher pair = PAIR.matcher(line + "\n");
            while (line.startsWith("  ") && pair.find()) {
                found.put(pair.group(1), value(pair.group(2)));
            }
        }
        return found;
    }

    private static long value(String text) {
        Matcher request = IOC.matcher(text);
        if (!request.matches()) {
            return Long.decode(text);
        }
        long direction = switch (request.group(1)) {
            case "r" -> 0x40000000L;
            case "w" -> 0x80000000L;
            case "W" -> 0xc0000000L;
            default -> 0x20000000L;
        };
        long size = Long.parseLong(request.group(4));
        return direction | size << 16 | (long) request.group(2).charAt(0) << 8 | Long.parseLong(request.group(3));
    }

    private static List<Field> constants() {
        List<Field> found = new ArrayList<>();
        for (Class<?> each : OURS) {
            for (Field field : each.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
                    found.add(field);
                }
            }
        }
        return found;
    }

    @Test
    void everyNumberIsTheHeaders() throws Exception {
        Map<String, Long> tables = tables();
        Map<String, Long> more = more();
        assertTrue(tables.size() > 250, "tables read: " + tables.size());
        List<String> wrong = new ArrayList<>();
        int held = 0;
        for (Field field : constants()) {
            Long expected = tables.getOrDefault(field.getName(), more.get(field.getName()));
            long actual = ((Number) field.get(null)).longValue();
            if (expected == null || expected != actual) {
                wrong.add(field.getName() + " is " + actual + ", expected " + expected);
            }
            held += tables.containsKey(field.getName()) ? 1 : 0;
        }
        assertEquals(List.of(), wrong);
        assertTrue(held >= 110, "held to the tables: " + held);
    }

    /** What stands here too would be held to nothing but itself. */
    @Test
    void listOfSourcesHasNothingThatTheTablesHaveAndNothingUnused() throws Exception {
        Set<String> both = new TreeSet<>(more().keySet());
        both.retainAll(tables().keySet());
        assertEquals(Set.of(), both);
        Set<String> unused = new TreeSet<>(more().keySet());
        constants().forEach(each -> unused.remove(each.getName()));
        assertEquals(Set.of(), unused);
    }

    /** sys/ioccom.h: direction, 13 bits of size, group, number. So a size in a number is the struct's that goes with it. */
    @Test
    void requestNumbersHaveTheSizesOfTheirStructs() {
        assertSize(
                LinkAbi.SIZEOF_IFREQ,
                LinkAbi.SIOCIFCREATE2,
                LinkAbi.SIOCIFDESTROY,
                LinkAbi.SIOCSIFNAME,
                LinkAbi.SIOCDIFADDR);
        assertSize(LinkAbi.SIZEOF_IFREQ, LinkAbi.SIOCSIFMTU, LinkAbi.SIOCSIFFLAGS, LinkAbi.SIOCGIFFLAGS);
        assertSize(LinkAbi.SIZEOF_IFREQ, LinkAbi.SIOCSIFFIB, LinkAbi.SIOCGIFFIB);
        assertSize(
                LinkAbi.SIZEOF_IFREQ, LinkAbi.SIOCSIFDESCR, LinkAbi.SIOCGIFDESCR, LinkAbi.TUNGIFNAME, BpfAbi.BIOCSETIF);
        assertSize(LinkAbi.SIZEOF_IN_ALIASREQ, LinkAbi.SIOCAIFADDR);
        assertSize(LinkAbi.SIZEOF_IN6_ALIASREQ, LinkAbi.SIOCAIFADDR_IN6);
        assertSize(LinkAbi.SIZEOF_IN6_IFREQ, LinkAbi.SIOCDIFADDR_IN6);
        assertSize(BpfAbi.SIZEOF_BPF_PROGRAM, BpfAbi.BIOCSETF);
        assertSize(4, LinkAbi.TUNSIFMODE, LinkAbi.TUNSIFHEAD);
        assertSize(0, LinkAbi.TUNSIFPID);
    }

    private static void assertSize(int bytes, long... requests) {
        for (long request : requests) {
            assertEquals(bytes, request >> 16 & 0x1fff, Long.toHexString(request));
        }
    }

    @Test
    void alignmentIsToWholeLongs() {
        assertEquals(
                List.of(0, 8, 8, 16, 16),
                Stream.of(0, 1, 8, 9, 16).map(Abi::align).toList());
    }

    @Test
    void everyClassOfNumbersIsHeld() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/main/java/org/ipsecif/platform/freebsd"))) {
            Set<String> written = files.map(each -> each.getFileName().toString())
                    .filter(each -> each.endsWith("Abi.java"))
                    .map(each -> each.replace(".java", ""))
                    .collect(Collectors.toSet());
            assertEquals(written, OURS.stream().map(Class::getSimpleName).collect(Collectors.toSet()));
        }
    }

    @Test
    void noConstantCanBeChanged() {
        for (Field field : constants()) {
            assertTrue(Modifier.isFinal(field.getModifiers()), field.getName());
        }
        assertFalse(constants().isEmpty());
    }
}
