package org.ipsecif.sa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1",
        "255.255.255.255, 255.255.255.255",
        "0.0.0.0, 0.0.0.0",
        "::, ::",
        "::1, ::1",
        "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
        "2001:db8:0:1:0:0:0:1, 2001:db8:0:1::1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "1:2:3:4:5:6:7:0, 1:2:3:4:5:6:7:0",
        "1:0:0:4:5:6:0:0, 1::4:5:6:0:0",
        "fe80::, fe80::",
        "::ffff:192.0.2.1, ::ffff:c000:201"
    })
    void writesWhatItRead(String text, String canonical) {
        assertEquals(canonical, IpAddress.parse(text).toString());
        assertEquals(
                IpAddress.parse(text), IpAddress.ofBytes(IpAddress.parse(text).toBytes()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "256.0.0.1",
                "01.2.3.4",
                "1.2.3.4 ",
                "0x7f.0.0.1",
                "host.example.org",
                ":",
                ":::",
                "1::2::3",
                "12345::",
                "fe80::1%eth0",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "::1.2.3.256"
            })
    void refusesWhatIsNoAddress(String text) {
        assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
    }

    @Test
    void hasBytesInNetworkOrder() {
        assertArrayEquals(
                new byte[] {(byte) 192, 0, 2, 1}, IpAddress.parse("192.0.2.1").toBytes());
        byte[] inet6 = new byte[16];
        inet6[0] = 0x20;
        inet6[1] = 0x01;
        inet6[15] = 5;
        assertArrayEquals(inet6, IpAddress.parse("2001::5").toBytes());
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "0.0.0.0/0, 203.0.113.7, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "192.0.2.1/32, 192.0.2.1, true",
        "192.0.2.1/32, 192.0.2.0, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "2001:db8:0:0:8000::/65, 2001:db8::8000:0:0:1, true",
        "2001:db8:0:0:8000::/65, 2001:db8::1, false",
        "::/0, ::1, true",
        "2001:db8::1/128, 2001:db8::1, true"
    })
    void prefixContains(String prefix, String address, boolean contained) {
        assertEquals(contained, IpPrefix.parse(prefix).contains(IpAddress.parse(address)));
    }

    @Test
    void prefixClearsHostBits() {
        assertEquals("10.1.0.0/16", IpPrefix.parse("10.1.2.3/16").toString());
        assertEquals("2001:db8::/32", IpPrefix.parse("2001:db8:1::1/32").toString());
        assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse("10.0.0.0/33"));
        assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse("10.0.0.0/x"));
    }

    @Test
    void tunnelEndpointsMustCarryATunnel() {
        IpAddress a = IpAddress.parse("192.0.2.1");
        for (String bad : new String[] {"192.0.2.1", "2001:db8::1", "::", "224.0.0.5"}) {
            assertThrows(IllegalArgumentException.class, () -> new TunnelEndpoints(a, IpAddress.parse(bad)), bad);
        }
        assertTrue(IpAddress.parse("fe80::1").isLinkLocal());
        assertFalse(IpAddress.parse("fec0::1").isLinkLocal());
    }

    @ParameterizedTest
    @CsvSource({
        "223.255.255.255, false",
        "224.0.0.0, true",
        "239.255.255.255, true",
        "240.0.0.0, false",
        "fe00::, false",
        "ff00::, true",
        "ff02::5, true",
        "::ff, false"
    })
    void knowsMulticast(String text, boolean multicast) {
        assertEquals(multicast, IpAddress.parse(text).isMulticast());
    }

    @Test
    void ordersByFamilyThenByUnsignedNumber() {
        List<IpAddress> ordered = Stream.of(
                        "10.0.0.1",
                        "10.0.0.2",
                        "203.0.113.1",
                        "::1",
                        "2001:db8::1",
                        "2001:db8::8000:0:0:0",
                        "fe80::",
                        "fe80::1")
                .map(IpAddress::parse)
                .toList();
        List<IpAddress> shuffled = new ArrayList<>(ordered);
        Collections.reverse(shuffled);
        Collections.sort(shuffled);
        assertEquals(ordered, shuffled);
        assertEquals(0, ordered.get(5).compareTo(IpAddress.parse("2001:db8::8000:0:0:0")));
    }
}
