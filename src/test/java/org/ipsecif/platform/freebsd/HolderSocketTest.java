package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.freebsd.HolderMessage.Kind;
import org.ipsecif.platform.posix.LibC;
import org.junit.jupiter.api.Test;

/** The bytes of each structure as FreeBSD has them, on a C library that writes down what it is given. */
class HolderSocketTest {
    private static final String KEEP = "74756e48 01 01 0000 00000007 00000000 697073656330 00*10";
    private static final String TAKEN = "74756e48 01 83 0000 00000007 00001267 697073656330 00*10";

    private final ScriptedLibC kernel = new ScriptedLibC();

    private HolderSocket socket() {
        return new HolderSocket(kernel.posix(), 5);
    }

    private static Pointer at(Object header, int offset) {
        return Pointer.wrap(LibC.RUNTIME, ((Pointer) header).getLong(offset));
    }

    private static String hex(Pointer pointer, int length) {
        return ScriptedLibC.hex(ScriptedLibC.bytes(pointer, length));
    }

    @Test
    void descriptorGoesAsControlData() throws Exception {
        List<String> sent = new ArrayList<>();
        kernel.on("sendmsg", arguments -> {
            byte[] header = ScriptedLibC.bytes(arguments[1], 48);
            sent.add(ScriptedLibC.hex(header).substring(0, 32)); // no name
            sent.add(ScriptedLibC.hex(header).substring(48, 64)); // one part
            sent.add(ScriptedLibC.hex(header).substring(80, 96)); // 24 bytes of control data, no flags
            Pointer vector = at(arguments[1], 16);
            sent.add(hex(vector, 16).substring(16));
            sent.add(hex(Pointer.wrap(LibC.RUNTIME, vector.getLong(0)), 32));
            sent.add(hex(at(arguments[1], 32), 24));
            return 32L;
        });
        socket().send(new HolderMessage(Kind.KEEP, 7, 0, "ipsec0"), 0x0c0b0a);
        assertEquals(
                List.of(
                        "00".repeat(16),
                        "01" + "00".repeat(7),
                        "18" + "00".repeat(7),
                        "20" + "00".repeat(7),
                        ScriptedLibC.digits(KEEP),
                        // cmsg_len 20, SOL_SOCKET, SCM_RIGHTS, data at 16, space of 24
                        ScriptedLibC.digits("14000000 ffff0000 01000000 00*4 0a0b0c00 00*4")),
                sent);
        // MSG_NOSIGNAL | MSG_DONTWAIT | MSG_EOR
        assertEquals(List.of("sendmsg 5 * " + 0x20088), kernel.calls("sendmsg"));
    }

    @Test
    void withoutADescriptorThereIsNoControlData() throws Exception {
        List<String> sent = new ArrayList<>();
        kernel.on("sendmsg", arguments -> {
            sent.add(hex((Pointer) arguments[1], 48).substring(64));
            return 32L;
        });
        HolderSocket socket = socket();
        socket.send(new HolderMessage(Kind.KEEP, 7, 0, "ipsec0"), 9);
        socket.send(HolderMessage.request(Kind.TAKE, "ipsec0"), HolderSocket.NONE);
        assertEquals("00".repeat(16), sent.get(1));
    }

    /** @param control as the kernel writes it */
    private void receiving(String message, String control, int flags) {
        kernel.on("recvmsg", arguments -> {
            Pointer header = (Pointer) arguments[1];
            byte[] data = ScriptedLibC.unhex(message);
            byte[] rights = ScriptedLibC.unhex(control);
            Pointer vector = at(header, 16);
            ScriptedLibC.put(vector.getLong(0), 0, data);
            ScriptedLibC.put(header.getLong(32), 0, rights);
            header.putInt(40, rights.length);
            header.putInt(44, flags);
            return (long) data.length;
        });
    }

    @Test
    void descriptorComesAsControlData() throws Exception {
        receiving(TAKEN, "14000000 ffff0000 01000000 00*4 2a000000 00*4", 0);
        HolderSocket.Received received = socket().receive();
        assertNotNull(received);
        assertEquals(new HolderMessage(Kind.TAKEN, 7, 4711, "ipsec0"), received.message());
        assertEquals(42, received.fd());
        // MSG_CMSG_CLOEXEC
        assertEquals(List.of("recvmsg 5 * " + 0x40000), kernel.calls("recvmsg"));
        assertEquals(List.of(), kernel.calls("close"));
    }

    /** Whatever comes with what should have none, or one, would stay open for ever. */
    @Test
    void descriptorsThatDoNotBelongThereAreClosed() throws Exception {
        receiving("74756e48 01 03 0000 00*8 697073656330 00*10", "14000000 ffff0000 01000000 00*4 2a000000 00*4", 0);
        assertRefused("close 42");
        receiving(KEEP, "18000000 ffff0000 01000000 00*4 2a000000 2b000000", 0);
        assertRefused("close 42", "close 43");
        receiving(
                KEEP, "14000000 ffff0000 01000000 00*4 2a000000 00*4 14000000 ffff0000 01000000 00*4 2b000000 00*4", 0);
        assertRefused("close 42", "close 43");
        receiving("ffff", "14000000 ffff0000 01000000 00*4 2a000000 00*4", 0);
        assertRefused("close 42");
        receiving(KEEP, "14000000 ffff0000 01000000 00*4 2a000000 00*4", 0x20);
        assertRefused("close 42");
        receiving(KEEP, "", 0);
        assertRefused();
        receiving(KEEP + " 00", "14000000 ffff0000 01000000 00*4 2a000000 00*4", 0);
        assertRefused("close 42");
    }

    private void assertRefused(String... closed) throws ErrnoException {
        kernel.calls().clear();
        HolderSocket.Received received = socket().receive();
        assertEquals(new HolderSocket.Received(null, HolderSocket.NONE), received);
        assertEquals(List.of(closed), kernel.calls("close"));
    }

    /** Lengths that lead out of what the kernel gave, of other types, and none at all. */
    @Test
    void controlDataThatAreNoneAreNotRead() throws Exception {
        for (String control : List.of(
                "ffffff7f ffff0000 01000000 00*4 2a000000 00*4",
                "00000080 ffff0000 01000000 00*4 2a000000 00*4",
                "00000000 ffff0000 01000000 00*4 2a000000 00*4",
                "0f000000 ffff0000 01000000 00*4 2a000000 00*4",
                "14000000 ffff0000 02000000 00*4 2a000000 00*4",
                "14000000 29000000 01000000 00*4 2a000000 00*4",
                "14000000 ffff0000 01000000",
                "14")) {
            receiving(KEEP, control, 0);
            assertRefused();
        }
    }

    @Test
    void interruptedReceiveGoesOnAndAnEndIsTold() throws Exception {
        List<Object> results = new ArrayList<>(List.of(4, 0, 54, 35));
        kernel.on("recvmsg", arguments -> {
            int result = (int) results.remove(0);
            return result == 0 ? 0L : (long) ScriptedLibC.fail(result);
        });
        assertNull(socket().receive());
        assertNull(socket().receive(), "ECONNRESET");
        assertEquals(
                Abi.EAGAIN,
                assertThrows(ErrnoException.class, socket()::receive).errno());
    }

    @Test
    void addressHasItsLengthFamilyAndPath() throws Exception {
        List<String> addresses = new ArrayList<>();
        kernel.on("connect", arguments -> {
            addresses.add(hex((Pointer) arguments[1], (int) arguments[2]));
            return 0;
        });
        HolderSocket.connect(kernel.posix(), "/a/b");
        assertEquals(List.of(ScriptedLibC.digits("6a 01 2f612f62 00*100")), addresses);
        // SOCK_SEQPACKET | SOCK_CLOEXEC
        assertEquals(List.of("socket 1 " + 0x10000005 + " 0"), kernel.calls("socket"));
    }

    @Test
    void pathThatIsTooLongIsRefusedAndNothingIsOpen() {
        ErrnoException e =
                assertThrows(ErrnoException.class, () -> HolderSocket.listen(kernel.posix(), "/" + "x".repeat(103)));
        assertEquals(Abi.ENAMETOOLONG, e.errno());
        assertEquals(List.of(), kernel.calls());
    }

    @Test
    void failedConnectIsClosed() {
        kernel.on("connect", arguments -> ScriptedLibC.fail(61));
        assertEquals(
                Abi.ECONNREFUSED,
                assertThrows(ErrnoException.class, () -> HolderSocket.connect(kernel.posix(), "/a"))
                        .errno());
        assertEquals(List.of("close 10"), kernel.calls("close"));
    }

    /** struct xucred: version, then the user; the process in the last 8 of 88 bytes. */
    @Test
    void peerIsTheUserAndTheProcessOfItsCredentials() {
        kernel.on("getsockopt", arguments -> {
            ScriptedLibC.put(
                    arguments[3],
                    0,
                    ScriptedLibC.unhex("00000000 e9030000 0100 0000 e9030000 00*64 67120000 00000000"));
            ((Pointer) arguments[4]).putInt(0, 88);
            return 0;
        });
        assertEquals(new HolderSocket.Peer(1001, 4711), socket().peer());
        assertEquals(List.of("getsockopt 5 0 1 * *"), kernel.calls("getsockopt"));
    }

    /** Nobody is root because nothing was written. */
    @Test
    void peerWithoutCredentialsIsNobody() {
        kernel.on("getsockopt", arguments -> ScriptedLibC.fail(57));
        assertEquals(new HolderSocket.Peer(-1, 0), socket().peer());
        kernel.on("getsockopt", arguments -> {
            ((Pointer) arguments[4]).putInt(0, 4);
            return 0;
        });
        assertEquals(new HolderSocket.Peer(-1, 0), socket().peer());
        kernel.on("getsockopt", arguments -> {
            ((Pointer) arguments[3]).putInt(0, 1);
            ((Pointer) arguments[4]).putInt(0, 88);
            return 0;
        });
        assertEquals(new HolderSocket.Peer(-1, 0), socket().peer());
    }
}
