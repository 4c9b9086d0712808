package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyBytes.*;
import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What key.c refuses, by the function that refuses it. */
class SimulatedKeyRefusalTest {
    private static final String SIX =
            "0500 0500 ff 00 0000 | 1c 1c 0000 00000000 20010db8 00000000 00000000 00000001 00000000 00000000";
    private static final String SIX_TO =
            "0500 0600 ff 00 0000 | 1c 1c 0000 00000000 20010db8 00000000 00000000 00000002 00000000 00000000";
    private static final String SA = "0200 0100 | 00001234 04 01 05 0c 00000000";
    private static final String KEY = "0300 0900 8000 0000 | 000102030405060708090a0b0c0d0e0f";
    private static final String HASH_KEY =
            "0500 0800 0001 0000 | 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private final SimulatedKeyKernel kernel = new SimulatedKeyKernel();
    private final SimulatedKeySocket socket = kernel.open(1);
    private final SimulatedKeySocket other = kernel.open(2);

    /** The write fails, and nobody is told anything. */
    private void writeFails(int errno, byte[] message) {
        assertEquals(errno, socket.write(message));
        assertNull(socket.poll());
        assertNull(other.poll());
        assertEquals(0, kernel.policies().size());
    }

    /** The asker, alone, gets its message back with a number in it. */
    private void refused(int errno, byte[] message) {
        assertEquals(0, socket.write(message));
        byte[] expected = message.clone();
        expected[2] = (byte) errno;
        assertArrayEquals(expected, read(socket));
        assertNull(socket.poll());
        assertNull(other.poll());
    }

    private void done(byte[] message) {
        assertEquals(0, socket.write(message));
        assertEquals(0, read(socket)[2]);
        while (other.poll() != null) {}
    }

    private static byte[] with(byte[] message, int at, int value) {
        byte[] changed = message.clone();
        changed[at] = (byte) value;
        return changed;
    }

    private static byte[] add(String... extensions) {
        return message(SPDADD, 0, extensions);
    }

    @Test
    void aWriteThatIsNoMessageFails() { // keysock.c: key_output
        writeFails(EINVAL, new byte[0]);
        writeFails(EINVAL, Arrays.copyOf(message(SPDDUMP, 0), 15));
        writeFails(EINVAL, with(message(SPDDUMP, 0), 4, 3));
        writeFails(EINVAL, Arrays.copyOf(message(SPDDUMP, 0), 20));
        writeFails(EMSGSIZE, new byte[8193]); // sosend_generic
    }

    @Test
    void aWriteOfMoreThanOneClusterFailsUnlessItsHeaderIsWrong() { // key_parse
        byte[] large = message(SPDADD, 0, "0201 1200", "00".repeat(2060));
        assertEquals(2080, large.length);
        writeFails(ENOBUFS, large);
        refused(EINVAL, with(large, 0, 1));
    }

    @Test
    void extensionsThatAreNoneFailTheWrite() { // key_align
        writeFails(EINVAL, add(SOURCE, DESTINATION, "0200 1100 0000 0000 0000 0000 0000 0000")); // KMPRIVATE
        writeFails(EINVAL, add("0100 0000 0000 0000"));
        writeFails(EINVAL, add("0100 1d00 0000 0000"));
        writeFails(EINVAL, add(SOURCE, SOURCE, DESTINATION, policy(2, 1, "0000")));
        writeFails(EINVAL, add("0000 0500 0000 0000"));
        writeFails(ENOBUFS, add(SOURCE, DESTINATION, "0300 1200 0100 02 00 00000000 00000000")); // m_pulldown
    }

    @ParameterizedTest
    @CsvSource({
        "1, 2, 2", "2, 4, 4", "3, 4, 4", "4, 4, 4", "8, 1, 0", "9, 1, 0", "12, 2, 0", "13, 1, 0", "14, 1, 0",
                "15, 1, 0",
        "16, 2, 2", "18, 2, 0", "19, 2, 2", "20, 1, 1", "21, 1, 1", "22, 1, 1", "25, 1, 1", "26, 1, 1", "10, 2, 0",
                "11, 2, 0"
    })
    void extensionsHaveLeastAndMostLengths(int type, int least, int most) { // key_validate_ext
        for (int units = 1; units < 6; units++) {
            byte[] message = message(FLUSH, 0, "0%d00 %02x00".formatted(units, type), "00".repeat(8 * units - 4));
            boolean fits = units >= least && (most == 0 || units <= most);
            assertEquals(fits ? 0 : EINVAL, socket.write(message), units + " units of type " + type);
            assertEquals(fits, socket.poll() != null);
        }
    }

    @ParameterizedTest
    @CsvSource({"05", "06", "07", "17", "18", "1b", "1c"})
    void anAddressIsAsLongAsItsSockaddr(String type) { // key_validate_ext
        writeFails(EINVAL, message(FLUSH, 0, "0300", type, "00 ff 10 0000 | 11 02 0000 0a010000 0000000000000000"));
        writeFails(EINVAL, message(FLUSH, 0, "0300", type, "00 ff 10 0000 | 08 02 0000 0a010000 0000000000000000"));
        writeFails(EINVAL, message(FLUSH, 0, "0100", type, "00 ff 10 0000"));
        assertEquals(
                0,
                socket.write(message(FLUSH, 0, "0300", type, "00 ff 10 0000 | 0f 02 0000 0a010000 0000000000000000")));
    }

    @Test
    void anIdentityThatIsAnAddressIsAsLongAsItsSockaddr() { // key_validate_ext
        String identity = "0400 0a00 0400 0000 0000000000000000 |";
        writeFails(EINVAL, message(FLUSH, 0, identity, "08 02 0000 0a010000 0000000000000000"));
        assertEquals(0, socket.write(message(FLUSH, 0, identity, "10 02 0000 0a010000 0000000000000000")));
    }

    @Test
    void headersAreRefused() { // key_parse
        refused(EINVAL, with(message(SPDDUMP, 0), 0, 3));
        refused(EINVAL, message(23, 0));
        for (int type : new int[] {0, EXPIRE, 12, 17, SPDEXPIRE}) { // key_typesw
            refused(EINVAL, message(type, type == EXPIRE ? SATYPE_ESP : 0));
        }
        for (int type = GETSPI; type <= ACQUIRE; type++) {
            refused(EINVAL, message(type, SATYPE_UNSPEC));
        }
        for (int type : new int[] {SPDADD, SPDUPDATE, SPDDELETE, SPDDELETE2, SPDGET, SPDFLUSH, SPDSETIDX}) {
            refused(EINVAL, message(type, SATYPE_ESP));
            refused(EINVAL, message(type, SATYPE_AH));
        }
        refused(EOPNOTSUPP, message(DUMP, SATYPE_MIP));
        refused(EOPNOTSUPP, message(DUMP, SATYPE_RSVP));
        refused(EINVAL, message(DUMP, 1));
        refused(EINVAL, message(DUMP, 4));
        refused(EINVAL, message(SPDDUMP, 3));
        refused(EINVAL, message(SPDDUMP, 5));
    }

    @Test
    void addressesThatDoNotGoTogetherAreRefused() { // key_parse
        String policy = policy(2, 1, "0000");
        refused(EINVAL, add(SOURCE, DESTINATION.replace("ff 0f", "11 0f"), policy));
        refused(EINVAL, add(SOURCE, SIX_TO, policy));
        refused(EINVAL, add(SOURCE.replace("10 02", "0f 02"), DESTINATION, policy));
        refused(EINVAL, add(SOURCE.replace("10 02", "0f 02"), DESTINATION.replace("10 02", "0f 02"), policy));
        refused(EAFNOSUPPORT, add(SOURCE.replace("10 02", "10 12"), DESTINATION.replace("10 02", "10 12"), policy));
        refused(EINVAL, add(SOURCE.replace("ff 10", "ff 21"), DESTINATION, policy));
        refused(EINVAL, add(SIX, SIX_TO.replace("ff 00", "ff 81"), policy));
        done(add(SOURCE.replace("ff 10", "ff 20"), DESTINATION, policy));
        done(add(SIX, SIX_TO.replace("ff 00", "ff 80"), policy));
    }

    @Test
    void policiesThatSayTooLittleAreRefused() { // key_spdadd
        String policy = policy(2, 1, "0000");
        refused(EINVAL, add(DESTINATION, policy));
        refused(EINVAL, add(SOURCE, policy));
        refused(EINVAL, add(SOURCE, DESTINATION));
        refused(EINVAL, add(SOURCE, DESTINATION, policy(0, 1, "0000")));
        refused(EINVAL, add(SOURCE, DESTINATION, policy(3, 1, "0000")));
        refused(EINVAL, add(SOURCE, DESTINATION, bare(POLICY_ENTRUST, 2)));
        refused(EINVAL, add(SOURCE, DESTINATION, bare(POLICY_BYPASS, 2)));
        refused(EINVAL, add(SOURCE, DESTINATION, bare(POLICY_IPSEC, 2)));
        assertEquals(0, kernel.policies().size());
    }

    @Test
    void requestsAreRefused() { // key_msg2sp
        String head = "0700 1200 0200 02 00 00000000 e8030000 |";
        String short12 = "0400 1200 0200 02 00 00000000 e8030000 |";
        refused(EINVAL, add(SOURCE, DESTINATION, head, "0700 3200 02 01 0000 |" + ENDS));
        refused(EINVAL, add(SOURCE, DESTINATION, head, "3000 3200 02 01 0000 |" + ENDS));
        refused(EPROTONOSUPPORT, add(SOURCE, DESTINATION, head, "2800 0600 02 01 0000 |" + ENDS));
        refused(EINVAL, add(SOURCE, DESTINATION, head, "2800 3200 00 01 0000 |" + ENDS));
        refused(EINVAL, add(SOURCE, DESTINATION, head, "2800 3200 03 01 0000 |" + ENDS));
        refused(EINVAL, add(SOURCE, DESTINATION, head, "2800 3200 02 04 0000 |" + ENDS));
        refused(EINVAL, add(SOURCE, DESTINATION, head, "2800 3200 02 01 0000 |" + ENDS.replaceFirst("10", "1d")));
        refused(EINVAL, add(SOURCE, DESTINATION, head, "2800 3200 02 01 0000 |" + ENDS.replaceFirst("10", "11")));
        refused(EINVAL, add(SOURCE, DESTINATION, head, "2000 3200 02 01 0000 |" + ENDS));
        refused(EINVAL, add(SOURCE, DESTINATION, head, "2800 3200 02 01 0000 |" + ENDS.replace("| 10 02", "| 10 1c")));
        refused(EINVAL, add(SOURCE, DESTINATION, head, "2800 3200 02 01 0000 |" + ENDS.replace("| 10 02", "| 0f 02")));
        refused(EINVAL, add(SOURCE, DESTINATION, short12, "0800 3200 02 01 0000 0800 3200 01 01 0000"));
        refused(
                EINVAL,
                add(SOURCE, DESTINATION, "0700 1200 0200 02 00 00000000 00000000", "0800 3200 01 01 0000".repeat(5)));
        assertEquals(0, kernel.policies().size());
        done(add(SOURCE, DESTINATION, "0600 1200 0200 02 00 00000000 00000000", "0800 3200 01 01 0000".repeat(4)));
    }

    @Test
    void entriesThatThereAreOrAreNotAreRefused() {
        done(add(SOURCE, DESTINATION, policy(2, 1, "0000")));
        refused(EEXIST, add(SOURCE, DESTINATION, policy(2, 2, "0000"))); // key_spdadd
        refused(EEXIST, message(SPDSETIDX, 0, SOURCE, DESTINATION, policy(2, 2, "0000")));
        refused(EINVAL, message(SPDDELETE, 0, SOURCE, DESTINATION, bare(1, 1))); // key_spddelete
        refused(EINVAL, message(SPDDELETE, 0, SOURCE.replace("ff 10", "ff 11"), DESTINATION, bare(1, 2)));
        refused(EINVAL, message(SPDDELETE, 0, SOURCE.replace("0a010000", "0a010001"), DESTINATION, bare(1, 2)));
        refused(EINVAL, message(SPDDELETE, 0, SOURCE.replace("02 0000", "02 0001"), DESTINATION, bare(1, 2)));
        refused(EINVAL, message(SPDDELETE, 0, SOURCE, DESTINATION, bare(3, 2)));
        refused(EINVAL, message(SPDDELETE, 0, SOURCE, DESTINATION));
        refused(EINVAL, message(SPDDELETE2, 0, "0200 1200 0000 00 00 63000000 00000000")); // key_spddelete2
        refused(EINVAL, message(SPDDELETE2, 0));
        refused(ENOENT, message(SPDGET, 0, "0200 1200 0000 00 00 63000000 00000000")); // key_spdget
        refused(EINVAL, message(SPDGET, 0));
        refused(EINVAL, message(SPDFLUSH, 0, bare(1, 2))); // key_spdflush
        assertEquals(1, kernel.policies().size());
        done(message(SPDFLUSH, 0));
        refused(ENOENT, message(SPDDUMP, 0)); // key_spddump
    }

    @Test
    void aRefusedUpdateHasDeletedTheOldPolicy() { // key_spdadd unlinks before key_msg2sp looks
        done(add(SOURCE, DESTINATION, policy(2, 1, "0000")));
        refused(EINVAL, message(SPDUPDATE, 0, SOURCE, DESTINATION, policy(2, 9, "0000")));
        assertEquals(0, kernel.policies().size());
    }

    @Test
    void associationsThatSayTooLittleOrAreThereAreRefused() { // key_add, key_newsav, key_setsaval
        refused(EINVAL, message(ADD, SATYPE_ESP, SOURCE, DESTINATION, KEY, HASH_KEY));
        refused(EINVAL, message(ADD, SATYPE_ESP, SA, DESTINATION, KEY, HASH_KEY));
        refused(EINVAL, message(ADD, SATYPE_ESP, SA, SOURCE, DESTINATION, HASH_KEY));
        refused(EINVAL, message(ADD, SATYPE_AH, SA.replace("05 0c", "05 00"), SOURCE, DESTINATION));
        refused(
                EINVAL,
                message(ADD, SATYPE_ESP, SA.replace("00001234", "000000ff"), SOURCE, DESTINATION, KEY, HASH_KEY));
        refused(
                EINVAL,
                message(ADD, SATYPE_ESP, SA.replace("05 0c 0000", "05 0c 0010"), SOURCE, DESTINATION, KEY, HASH_KEY));
        refused(EINVAL, message(ADD, SATYPE_ESP, SA, SOURCE, DESTINATION, KEY)); // ah_init0: no key for its hash
        refused(EINVAL, message(ADD, SATYPE_ESP, SA, SOURCE, DESTINATION, KEY.replace("8000", "7000"), HASH_KEY));
        refused(
                EINVAL,
                message(ADD, SATYPE_ESP, SA.replace("05 0c", "05 02"), SOURCE, DESTINATION, KEY, HASH_KEY)); // DES
        refused(
                EINVAL,
                message(ADD, SATYPE_ESP, SA.replace("05 0c", "00 14"), SOURCE, DESTINATION, KEY)); // no room for salt
        refused(EINVAL, message(ADD, SATYPE_ESP, SA, SOURCE, DESTINATION, KEY, HASH_KEY, "0400 0300", "00".repeat(28)));
        refused(
                EINVAL,
                message(
                        ADD,
                        SATYPE_ESP,
                        SA,
                        SOURCE,
                        DESTINATION,
                        KEY,
                        HASH_KEY,
                        "0200 0a00 0100 0000 0000000000000000"));
        done(message(ADD, SATYPE_ESP, SA, SOURCE, DESTINATION, KEY, HASH_KEY));
        refused(EEXIST, message(ADD, SATYPE_ESP, SA, SOURCE, DESTINATION, KEY, HASH_KEY));
    }

    @Test
    void associationsThatAreNotThereAreRefused() {
        refused(ENOENT, message(DUMP, 0)); // key_dump
        done(message(ADD, SATYPE_ESP, SA, SOURCE, DESTINATION, KEY, HASH_KEY));
        String unknown = SA.replace("00001234", "00001235");
        refused(ESRCH, message(GET, SATYPE_ESP, unknown, SOURCE, DESTINATION)); // key_get
        refused(ESRCH, message(GET, SATYPE_AH, SA, SOURCE, DESTINATION));
        refused(ESRCH, message(GET, SATYPE_ESP, SA, SOURCE, DESTINATION.replace("0a02", "0a03")));
        refused(EINVAL, message(GET, SATYPE_ESP, SOURCE, DESTINATION));
        refused(ESRCH, message(DELETE, SATYPE_ESP, unknown, SOURCE, DESTINATION)); // key_delete
        refused(EINVAL, message(DELETE, SATYPE_ESP, SA, SOURCE));
        refused(EINVAL, message(UPDATE, SATYPE_ESP, unknown, SOURCE, DESTINATION)); // key_update
        refused(EINVAL, with(message(UPDATE, SATYPE_ESP, SA, SOURCE, DESTINATION), 12, 0xd3)); // another's
        refused(ESRCH, message(UPDATE, SATYPE_ESP, SA, SOURCE, DESTINATION.replace("0a02", "0a03")));
        refused(EINVAL, message(UPDATE, SATYPE_ESP, SA, SOURCE, DESTINATION, KEY)); // it has keys already
        refused(ENOENT, message(DUMP, SATYPE_AH));
    }

    @Test
    void numbersThatCannotBeGivenAreRefused() { // key_getspi, key_do_getnewspi, key_newsav
        refused(EINVAL, message(GETSPI, SATYPE_ESP, SOURCE));
        refused(EEXIST, message(GETSPI, SATYPE_ESP, SOURCE, DESTINATION, "0200 1000 00100000 00100000 00000000"));
        refused(EINVAL, message(GETSPI, SATYPE_ESP, SOURCE, DESTINATION, "0200 1000 10000000 20000000 00000000"));
    }

    @Test
    void registeringTwiceAndWrongModesAreRefused() {
        done(message(REGISTER, SATYPE_ESP));
        refused(EEXIST, message(REGISTER, SATYPE_ESP)); // key_register
        refused(EINVAL, message(PROMISC, 2)); // key_promisc, by key_parse
        refused(EINVAL, message(ACQUIRE, SATYPE_ESP, SOURCE, DESTINATION)); // key_acquire2
        done(message(ADD, SATYPE_ESP, SA, SOURCE, DESTINATION, KEY, HASH_KEY));
        refused(EEXIST, message(ACQUIRE, SATYPE_ESP, SOURCE, DESTINATION, "0100 0d00 20000000"));
    }
}
