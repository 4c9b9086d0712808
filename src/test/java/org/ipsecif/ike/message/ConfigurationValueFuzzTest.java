package org.ipsecif.ike.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.ipsecif.ike.message.ConfigurationPayload.Attribute;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.wire.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Addresses and networks in configuration attributes, against bytes written by hand (RFC 7296 section 3.15.1), and any bytes. */
class ConfigurationValueFuzzTest {
    private static Attribute attribute(ConfigurationAttributeType type, String hex) {
        return new Attribute(type, Octets.of(HexFormat.of().parseHex(hex)));
    }

    @ParameterizedTest
    @CsvSource({
        "INTERNAL_IP4_ADDRESS, 0a090007, 10.9.0.7",
        "INTERNAL_IP4_DNS, 0a000035, 10.0.0.53",
        "INTERNAL_IP6_ADDRESS, 20010db800090000000000000000000780, 2001:db8:9::7",
        "INTERNAL_IP6_DNS, 20010db8000000000000000000000035, 2001:db8::35",
    })
    void addresses(ConfigurationAttributeType type, String hex, String address) {
        Attribute attribute = attribute(type, hex);
        assertEquals(IpAddress.parse(address), ConfigurationValue.address(attribute));
        assertEquals(attribute, ConfigurationValue.of(type, IpAddress.parse(address)));
    }

    @ParameterizedTest
    @CsvSource({
        "INTERNAL_IP4_SUBNET, 0a140000ffff0000, 10.20.0.0/16",
        "INTERNAL_IP4_SUBNET, 0000000000000000, 0.0.0.0/0",
        "INTERNAL_IP4_SUBNET, 0a140001ffffffff, 10.20.0.1/32",
        "INTERNAL_IP6_SUBNET, 20010db800200000000000000000000030, 2001:db8:20::/48",
        "INTERNAL_IP6_SUBNET, 0000000000000000000000000000000000, ::/0",
    })
    void networks(ConfigurationAttributeType type, String hex, String network) {
        Attribute attribute = attribute(type, hex);
        assertEquals(IpPrefix.parse(network), ConfigurationValue.network(attribute));
        assertEquals(attribute, ConfigurationValue.of(IpPrefix.parse(network)));
    }

    @ParameterizedTest
    @CsvSource({
        "INTERNAL_IP4_ADDRESS, ''",
        "INTERNAL_IP4_ADDRESS, 0a0900",
        "INTERNAL_IP4_ADDRESS, 0a09000700",
        "INTERNAL_IP6_ADDRESS, 20010db8000900000000000000000007",
        "INTERNAL_IP6_ADDRESS, 20010db800090000000000000000000781",
        "INTERNAL_IP4_SUBNET, 0a140000",
        "INTERNAL_IP4_SUBNET, 0a140000ff00ff00",
        "INTERNAL_IP6_SUBNET, 20010db8002000000000000000000000ff",
        "INTERNAL_IP6_SUBNET, ''",
        "APPLICATION_VERSION, 0a090007",
    })
    void othersHaveNone(ConfigurationAttributeType type, String hex) {
        assertNull(ConfigurationValue.address(attribute(type, hex)));
        assertNull(ConfigurationValue.network(attribute(type, hex)));
    }

    @Test
    void networkBeginsWithItsFirstAddress() {
        Attribute attribute = attribute(ConfigurationAttributeType.INTERNAL_IP4_SUBNET, "0a14000fffff0000");
        assertEquals(IpPrefix.parse("10.20.0.0/16"), ConfigurationValue.network(attribute));
    }

    static Stream<byte[]> attributes() {
        return Stream.of(
                        "00010a090007",
                        "000820010db800090000000000000000000780",
                        "000d0a140000ffff0000",
                        "000f00",
                        "0007")
                .map(HexFormat.of()::parseHex);
    }

    /** Input: an attribute's type and value. */
    @MethodSource("attributes")
    @FuzzTest(maxDuration = "1m")
    void anyValue(byte[] input) {
        if (input.length < 2) {
            return;
        }
        int type = Bytes.u16(input, 0) & 0x7fff;
        Attribute attribute = new Attribute(type, Octets.of(Arrays.copyOfRange(input, 2, input.length)));
        IpAddress address = ConfigurationValue.address(attribute);
        IpPrefix network = ConfigurationValue.network(attribute);
        if (address != null) {
            ConfigurationAttributeType known =
                    ConfigurationAttributeType.of(type).orElseThrow();
            assertEquals(address, ConfigurationValue.address(ConfigurationValue.of(known, address)));
        }
        if (network != null) {
            assertEquals(network, ConfigurationValue.network(ConfigurationValue.of(network)));
        }
    }
}
