package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyBytes.*;
import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeyKernel.Release;
import org.junit.jupiter.api.Test;

/** What key.c answers, to whom, byte by byte. */
class SimulatedKeyReplyTest {
    private static final String HEADER = "0000 44332211 d2040000 |";
    private static final String SA = "0200 0100 | 00001234 04 01 05 0c 00000000";
    private static final String SA2 = "0200 1300 | 02 000000 00000000 64000000";
    private static final String KEY = "0300 0900 8000 0000 | 000102030405060708090a0b0c0d0e0f";
    private static final String HASH_KEY =
            "0500 0800 0001 0000 | 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final String HARD = "0400 0300 00000000 | 0000000000000000 6400000000000000 0000000000000000";
    private static final String SOFT = "0400 0400 00000000 | 0000000000000000 3200000000000000 0000000000000000";

    private long now = 1000;
    private final SimulatedKeyKernel kernel = new SimulatedKeyKernel(Release.FREEBSD_14, () -> now, new Random(1));
    private final SimulatedKeySocket asker = kernel.open(1);
    private final SimulatedKeySocket other = kernel.open(2);

    private void toAll(String expected) {
        assertBytes(expected, read(asker));
        assertBytes(expected, read(other));
        toNobody();
    }

    private void toAsker(String expected) {
        assertBytes(expected, read(asker));
        toNobody();
    }

    private void toNobody() {
        assertNull(asker.poll());
        assertNull(other.poll());
    }

    private void write(byte[] message) {
        assertEquals(0, asker.write(message));
    }

    private void quietly(byte[] message) {
        write(message);
        assertEquals(0, read(asker)[2]);
        assertEquals(0, read(other)[2]);
    }

    @Test
    void theAnswerToSpdaddIsTheRequestsPolicyWithANumberAndAReqid() { // key_spdadd
        write(message(SPDADD, 0, SOURCE, DESTINATION, policy(2, 3, "0040").replaceFirst("02 00 0000", "02 02 0000")));
        toAll("02 0e 00 00 0f00" + HEADER + policy(2, 3, "0140").replaceFirst("02 00 00000000", "02 02 01000000")
                + SOURCE + DESTINATION);
        write(message(SPDUPDATE, 0, HARD, policy(2, 3, "6400"), SOURCE, DESTINATION));
        toAll("02 0d 00 00 1300" + HEADER + policy(2, 3, "6400").replaceFirst("00000000", "02000000") + HARD + SOURCE
                + DESTINATION);
        write(message(SPDSETIDX, 0, SOURCE, DESTINATION, policy(1, 3, "0000")));
        toAll("02 14 00 00 0f00" + HEADER + policy(1, 3, "0240").replaceFirst("00000000", "03000000") + SOURCE
                + DESTINATION);
    }

    @Test
    void aDumpHasWhatIsStoredInTheOrderOfTheLists() { // key_spddump, key_setdumpsp, key_sp2msg
        quietly(message(SPDADD, 0, SOURCE, DESTINATION, policy(2, 1, "6400")));
        quietly(message(SPDADD, 0, SOURCE, DESTINATION, policy(1, 3, "6400")));
        quietly(message(
                SPDADD,
                0,
                SOURCE,
                DESTINATION.replace("ff 0f", "ff 0e"),
                bare(1, 2).replace("e803", "e703"),
                HARD));
        write(message(SPDDUMP, 0));
        String dumped = "1000 0100 %s d2040000 |";
        String in = policy(1, 3, "6400").replaceFirst("01 00 00000000", "01 01 02000000");
        String none = bare(1, 2).replace("e803", "e703").replaceFirst("02 00 00000000", "02 01 03000000");
        String out = policy(2, 1, "0000").replaceFirst("02 00 00000000", "02 01 01000000"); // no reqid at level use
        String lives = "0400 0200 00000000 0000000000000000 e803000000000000 e803000000000000" + HARD;
        assertBytes(
                "02 12 00 00 0f00" + dumped.substring(5).formatted("02000000") + SOURCE + DESTINATION + in,
                read(asker));
        assertBytes(
                "02 12 00 00 1200" + dumped.substring(5).formatted("01000000") + SOURCE
                        + DESTINATION.replace("ff 0f", "ff 0e") + none + lives,
                read(asker));
        toAsker("02 12 00 00 0f00" + dumped.substring(5).formatted("00000000") + SOURCE + DESTINATION + out);
        write(message(SPDGET, 0, "0200 1200 0000 00 00 01000000 00000000"));
        toAsker("02 10 00 00 0f00 0200 44332211 d2040000" + SOURCE + DESTINATION + out);
    }

    @Test
    void equalPrioritiesStandInTheOrderOfTheirComing() { // key_insertsp
        for (int i = 1; i < 6; i++) {
            String priority = "%02x000000".formatted(i % 3);
            quietly(message(
                    SPDADD,
                    0,
                    SOURCE,
                    DESTINATION.replace("ff 0f", "ff 0" + i),
                    bare(0, 2).replace("e8030000", priority)));
        }
        quietly(message(SPDADD, 0, SOURCE, DESTINATION, bare(0, 2).replace("e8030000", "ffffffff")));
        write(message(SPDDUMP, SCOPE_GLOBAL));
        List<Integer> ids = new ArrayList<>();
        for (byte[] each = asker.poll(); each != null; each = asker.poll()) {
            ids.add(word(each, 16 + 24 + 24 + 8));
        }
        assertEquals(List.of(3, 1, 4, 2, 5, 6), ids);
    }

    @Test
    void deletionsAreToldToAll() { // key_spddelete, key_spddelete2, key_spdflush
        quietly(message(SPDADD, 0, SOURCE, DESTINATION, policy(2, 1, "0000")));
        write(message(SPDDELETE, 0, SOURCE, DESTINATION, bare(0, 2)));
        toAll("02 0f 00 00 0a00" + HEADER + bare(0, 2).replaceFirst("00000000", "01000000") + SOURCE + DESTINATION);
        quietly(message(SPDADD, 0, SOURCE, DESTINATION, policy(2, 1, "0000")));
        write(message(SPDDELETE2, 0, "0200 1200 0000 07 00 02000000 00000000"));
        toAll("02 16 00 00 0400" + HEADER + "0200 1200 0000 07 00 02000000 00000000");
        quietly(message(SPDADD, 0, SOURCE, DESTINATION, policy(2, 1, "0000")));
        write(message(SPDFLUSH, 0));
        toAll("02 13 00 00 0200" + HEADER);
        assertEquals(List.of(), kernel.policies());
    }

    @Test
    void anInterfacesPoliciesAreItsOwn() throws Exception { // key_register_ifnet, key_unlink
        kernel.addInterfacePolicies(
                7, 100, InetAddress.getByName("203.0.113.1"), InetAddress.getByName("198.51.100.2"));
        String any = "0300 0%d00 ff 00 0000 | 10 02 0000 00000000 0000000000000000";
        String in =
                "0700 1200 0200 01 02 01000000 07000000 | 2800 3200 02 03 6400 | 10 02 0000 c6336402 0000000000000000"
                        + "| 10 02 0000 cb007101 0000000000000000";
        byte[] first = read(asker);
        assertBytes("02 0e 00 00 0f00 0100 00000000 00000000" + any.formatted(5) + any.formatted(6) + in, first);
        assertArrayEquals(first, read(other));
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(read(asker), read(other));
        }
        write(message(SPDDELETE2, 0, "0200 1200 0000 00 00 01000000 00000000"));
        assertEquals(EACCES, read(asker)[2]);
        write(message(SPDDELETE, 0, any.formatted(5), any.formatted(6), bare(2, 1)));
        assertEquals(EINVAL, read(asker)[2]);
        write(message(SPDDUMP, SCOPE_GLOBAL));
        assertEquals(ENOENT, read(asker)[2]);
        write(message(SPDFLUSH, 0));
        read(asker);
        read(other);
        write(message(SPDDUMP, SCOPE_IFNET));
        assertEquals(3, word(read(asker), 8));
        for (int i = 0; i < 3; i++) {
            read(asker);
        }
        kernel.removeInterfacePolicies(7);
        assertEquals(SPDDELETE, read(other)[1]);
        assertEquals(List.of(), kernel.policies());
    }

    @Test
    void policiesExpire() { // key_flush_spd, key_spdexpire
        quietly(message(REGISTER, SATYPE_ESP, ""), false);
        quietly(message(SPDADD, 0, SOURCE, DESTINATION, policy(2, 1, "0000"), HARD));
        now += 100;
        kernel.tick();
        toNobody();
        now++;
        kernel.tick();
        String policy = policy(2, 1, "0000").replaceFirst("02 00 00000000", "02 01 01000000");
        String lives = "0400 0200 00000000 0000000000000000 e803000000000000 e803000000000000" + HARD;
        toAsker("02 15 00 00 1700 0000 00000000 00000000" + lives + SOURCE + DESTINATION + policy);
        assertEquals(List.of(), kernel.policies());
    }

    private void quietly(byte[] message, boolean all) {
        write(message);
        assertEquals(0, read(asker)[2]);
        assertEquals(all, other.poll() != null);
    }

    @Test
    void keysAreInNoBroadcast() { // key_getmsgbuf_x1, key_setdumpsa
        write(message(ADD, SATYPE_ESP, KEY, HASH_KEY, SA, SA2, SOURCE, DESTINATION, HARD, SOFT));
        toAll("02 03 00 03 1400" + HEADER + SA + SA2 + SOURCE + DESTINATION + HARD + SOFT);
        String current = "0400 0200 00000000 0000000000000000 e803000000000000 0000000000000000";
        String from = "0300 0500 ff 20 0000 | 10 02 0000 0a010000 0000000000000000";
        String to = "0300 0600 ff 20 0000 | 10 02 0000 0a020000 0000000000000000";
        String all = SA + SA2 + HARD + SOFT + current + from + to + HASH_KEY + KEY;
        write(message(GET, SATYPE_ESP, SA, SOURCE, DESTINATION));
        toAsker("02 05 00 03 2000 0200 44332211 d2040000" + all);
        write(message(DUMP, SATYPE_ESP));
        toAsker("02 0a 00 03 2000 0100 00000000 d2040000" + all);
        write(message(UPDATE, SATYPE_ESP, SA, SA2, SOURCE, DESTINATION));
        toAll("02 02 00 03 0c00" + HEADER + SA + SA2 + SOURCE + DESTINATION);
        write(message(DELETE, SATYPE_ESP, SA, SOURCE, DESTINATION));
        toAll("02 04 00 03 0a00" + HEADER + SA + SOURCE + DESTINATION);
    }

    @Test
    void aNumberIsLarvalUntilItIsUpdatedOrHalfAMinuteOld() { // key_getspi, key_update, key_flush_sad
        write(message(GETSPI, SATYPE_ESP, SA2, SOURCE, DESTINATION, "0200 1000 00100000 ff1f0000 00000000"));
        byte[] reply = read(asker);
        toNobody();
        String spi = HexFormat.of().formatHex(reply, 20, 24);
        assertTrue(Integer.parseInt(spi, 16) >= 0x1000 && Integer.parseInt(spi, 16) <= 0x1fff);
        assertBytes("02 01 00 03 0a00" + HEADER + "0200 0100" + spi + "0000000000000000" + SOURCE + DESTINATION, reply);
        String sa = SA.replace("00001234", spi);
        quietly(message(UPDATE, SATYPE_ESP, sa, SA2, SOURCE, DESTINATION, KEY, HASH_KEY));
        write(message(GETSPI, SATYPE_ESP, SA2, SOURCE, DESTINATION));
        read(asker);
        write(message(DUMP, 0));
        assertEquals(LARVAL, read(asker)[25]);
        assertEquals(MATURE, read(asker)[25]);
        now += 30;
        kernel.tick();
        write(message(DUMP, 0));
        assertEquals(MATURE, read(asker)[25]);
        toNobody();
    }

    @Test
    void associationsExpireSoftlyThenHard() { // key_expire: to the registered, with the sequence of the SADB_ADD
        quietly(message(REGISTER, SATYPE_ESP), false);
        quietly(message(ADD, SATYPE_ESP, KEY, HASH_KEY, SA, SA2, SOURCE, DESTINATION, HARD, SOFT));
        now += 51;
        kernel.tick();
        String current = "0400 0200 00000000 0000000000000000 e803000000000000 0000000000000000";
        String from = "0300 0500 ff 20 0000 | 10 02 0000 0a010000 0000000000000000";
        String to = "0300 0600 ff 20 0000 | 10 02 0000 0a020000 0000000000000000";
        toAsker("02 08 00 03 1400 0200 44332211 00000000" + SA.replace("04 01", "04 02") + SA2 + current + SOFT + from
                + to);
        now += 50;
        kernel.tick();
        toAsker("02 08 00 03 1400 0200 44332211 00000000" + SA.replace("04 01", "04 03") + SA2 + current + HARD + from
                + to);
        kernel.tick();
        toNobody();
    }

    @Test
    void withoutANumberAllAssociationsBetweenTheTwoGo() { // key_delete_all
        quietly(message(ADD, SATYPE_ESP, SA, SOURCE, DESTINATION, KEY, HASH_KEY));
        quietly(message(ADD, SATYPE_ESP, SA.replace("1234", "1235"), SA2, SOURCE, DESTINATION, KEY, HASH_KEY));
        quietly(message(
                ADD,
                SATYPE_ESP,
                SA.replace("1234", "1236"),
                SOURCE,
                DESTINATION.replace("0a02", "0a03"),
                KEY,
                HASH_KEY));
        write(message(DELETE, SATYPE_ESP, SOURCE, DESTINATION));
        toAll("02 04 00 03 0800" + HEADER + SOURCE + DESTINATION);
        write(message(DUMP, 0));
        assertEquals(0x36120000, word(read(asker), 20));
        toNobody();
        write(message(FLUSH, SATYPE_AH));
        toAll("02 09 00 02 0200" + HEADER);
        quietly(message(FLUSH, 0));
        write(message(DUMP, 0));
        assertEquals(ENOENT, read(asker)[2]);
    }

    @Test
    void registrationIsToldToTheRegisteredWithTheAlgorithms() { // key_register
        String hashes = "0900 0e00 00000000 | 0300a000a0000000 0500000100010000 0600800180010000 0700000200020000"
                + "0b00800080000000 0c00800080000000 0d00800080000000 fb00080000080000";
        String ciphers = "0600 0f00 00000000 | 0b00000000080000 0c10800000010000 0d10800000010000 140c800000010000"
                + "170c800000010000";
        write(message(REGISTER, SATYPE_ESP));
        toAsker("02 07 00 03 1100" + HEADER + hashes + ciphers);
        assertEquals(0, other.write(message(REGISTER, SATYPE_AH)));
        toAll("02 07 00 02 1100" + HEADER + hashes + ciphers);
        write(message(REGISTER, SATYPE_UNSPEC));
        toAll("02 07 00 00 1100" + HEADER + hashes + ciphers);
    }

    @Test
    void wantedAssociationsAreToldToTheRegisteredAndNotForEveryPacket() { // key_acquire, key_getacq
        quietly(message(SPDADD, 0, SOURCE, DESTINATION, policy(2, 3, "6400")));
        assertTrue(kernel.acquire(1));
        toNobody();
        now += 21;
        kernel.tick();
        quietly(message(REGISTER, SATYPE_ESP), false);
        assertTrue(kernel.acquire(1));
        byte[] acquire = read(asker);
        toNobody();
        String from = "0300 0500 ff 20 0000 | 10 02 0000 cb007101 0000000000000000";
        String to = "0300 0600 ff 20 0000 | 10 02 0000 c6336402 0000000000000000";
        String comb = "00 %s 0000 0000 0000 0001 %s 00000000 01000000 01000000" + "00".repeat(16) + "00".repeat(8)
                + "8051010000000000 8070000000000000 0000000000000000";
        assertBytes(
                "02 06 00 03 3a00 0000 02000000 00000000" + from + to + "0200 1200 0200 02 00 01000000 e8030000"
                        + "0200 1300 02 000000 00000000 64000000" + "2e00 0d00 20000000" + comb.formatted("0b", "0008")
                        + comb.formatted("0c", "0001") + comb.formatted("0d", "0001") + comb.formatted("14", "0001")
                        + comb.formatted("17", "0001"),
                acquire);
        for (int i = 0; i < 11; i++) {
            kernel.acquire(1);
            toNobody();
        }
        kernel.acquire(1);
        assertEquals(2, word(read(asker), 8));
        assertFalse(kernel.acquire(2));
    }

    @Test
    void whoIsPromiscuousHearsAll() { // key_promisc, key_sendup_mbuf
        assertEquals(0, other.write(message(PROMISC, 1)));
        assertEquals(PROMISC, read(other)[1]);
        assertEquals(PROMISC, read(other)[1]);
        read(asker);
        write(message(SPDDUMP, 0));
        String error = "02 12 02 00 0200" + HEADER;
        assertBytes(error, read(asker));
        assertBytes("02 0b 00 00 0400 0000 00000000 00000000" + error, read(other));
        toNobody();
    }

    @Test
    void whatDoesNotFitIsLost() { // key_sendup0, key_spddump: the write of a dump succeeds all the same
        for (int i = 0; i < 100; i++) {
            quietly(message(
                    SPDADD, 0, SOURCE, DESTINATION.replace("0a02", "0a%02x".formatted(i)), policy(2, 1, "0000")));
        }
        write(message(SPDDUMP, 0));
        int count = 0;
        for (byte[] each = asker.poll(); each != null; each = asker.poll()) {
            assertEquals(99 - count, word(each, 8));
            count++;
        }
        assertEquals(8192 / (120 + 2), count);
        assertEquals(100 - count, asker.lost());
        assertEquals(0, asker.takeError()); // it did not ask
        assertEquals(ENOBUFS, asker.setOption(0x1002, 1864136));
        assertEquals(0, asker.setOption(0x1002, 1864135));
        write(message(SPDDUMP, 0));
        for (int i = 99; i >= 0; i--) {
            assertEquals(i, word(read(asker), 8));
        }
    }

    @Test
    void whoAsksForItIsToldOfLossBehindWhatIsQueued() { // soroverflow
        assertEquals(0, other.setOption(0x20000, 1));
        int told = 0;
        while (other.lost() == 0) {
            write(message(SPDFLUSH, 0));
            read(asker);
            told++;
        }
        assertEquals(0, other.takeError());
        for (int i = 1; i < told; i++) {
            read(other);
        }
        assertTrue(other.isReadable());
        assertEquals(ENOBUFS, other.takeError());
        assertEquals(0, other.takeError());
        assertFalse(other.isReadable());
        SimulatedKeySocket older = new SimulatedKeyKernel(Release.FREEBSD_13, () -> now, new Random(1)).open(1);
        assertEquals(ENOPROTOOPT, older.setOption(0x20000, 1));
    }

    @Test
    void anAnswerWithoutRoomFailsTheWriteAfterTheChange() { // key_sendup_mbuf
        int errno = 0;
        int written = 0;
        while (errno == 0) {
            errno = asker.write(
                    message(SPDADD, 0, SOURCE, DESTINATION.replace("0a02", "0a%02x".formatted(written)), bare(1, 2)));
            written++;
        }
        assertEquals(ENOBUFS, errno);
        assertEquals(written, kernel.policies().size());
    }
}
