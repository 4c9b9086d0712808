package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in a file, reading it gives a configuration or a {@link ConfigException}, nothing else. */
class RandomInputTest {
    private static final int ROUNDS = 4_000;
    private static final String ALPHABET = " \t\n\"'\\$`{}()[]=:;#/.,-+0123456789abcxfX\u0000\u00e9ipsec";

    @TempDir
    Path directory;

    private interface Reading {
        Object read(String text) throws Exception;
    }

    @TestFactory
    Stream<DynamicTest> damagedFilesGiveAConfigException() throws Exception {
        Path file = directory.resolve("rc.conf");
        Stream<DynamicTest> files = Stream.of(
                test("rc.conf", """
                        ipsecif_enable="YES" # on
                        a='b'; create_args_ipsec0="reqid ${x:-100}"
                        ifconfig_ipsec0="inet tunnel 203.0.113.1 203.0.113.2 mtu 1400 \\
                          up"
                        ifconfig_ipsec0_alias0="inet 10.0.0.1 netmask 255.255.255.0"
                        ifconfig_ipsec0_ipv6="inet6 2001:db8::1/64"
                        """, text -> ConfigurationReader.read(List.of(Files.writeString(file, text)), null)),
                test("ike", """
                        ifconfig_ipsec0="tunnel 203.0.113.1 203.0.113.2"
                        ipsecif_ipsec0_local_id="C=DE, CN=x"; ipsecif_ipsec0_remote_id="@#0aff"
                        ipsecif_ipsec0_cert="a.pem, b.pem"; ipsecif_ipsec0_key="a.key"; ipsecif_ipsec0_cacert="c.pem"
                        ipsecif_ipsec0_ike="aes128gcm16-aes256-sha256-x25519-ke1_mlkem768,default"
                        ipsecif_ipsec0_esp="aes256-sha512-noesn"; ipsecif_ipsec0_rekey_time="12h"
                        """, text -> ConfigurationReader.read(List.of(Files.writeString(file, text)), null)),
                test("psk", """
                        # comment
                        branch7.example.org 203.0.113.1 : PSK "a text in quotes"
                        "C=DE, CN=x" : PSK 0x000102030405060708090a0b0c0d0e0f
                        : PSK 0sAAECAwQFBgcICQoLDA0O/w==
                        """, text -> PskFile.parse("psk", text.getBytes(StandardCharsets.UTF_8))),
                test("setkey", """
                        flush; # x
                        add -4 203.0.113.1 203.0.113.2 esp 0x2001 -m tunnel -u 100 -r 128
                          -E aes-cbc "sixteen bytes ok" -A hmac-sha1 0x000102030405060708090a0b0c0d0e0f10111213;
                        delete 203.0.113.1 203.0.113.2 esp 300; dump;
                        """, text -> SetkeyScript.parse("sa", text, AllowedAlgorithms.ANY)));
        return Stream.concat(
                files, SpdTemplate.names(TemplateFuzzTest.SHIPPED).stream().map(RandomInputTest::template));
    }

    private static DynamicTest template(String name) {
        try {
            return test(
                    name,
                    Files.readString(TemplateFuzzTest.SHIPPED.resolve(name + ".conf")),
                    text -> SpdTemplate.check("t", text, TemplateFuzzTest.SHIPPED)
                            .render(TemplateFuzzTest.FACTS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DynamicTest test(String name, String good, Reading reading) {
        return DynamicTest.dynamicTest(name, () -> {
            Random random = new Random(4303);
            int refused = 0;
            for (int round = 0; round < ROUNDS; round++) {
                String text = damage(good, random);
                try {
                    reading.read(text);
                } catch (ConfigException e) {
                    refused++;
                } catch (RuntimeException | Error e) {
                    throw new AssertionError("round " + round + ":\n" + text, e);
                }
            }
            assertTrue(refused > ROUNDS / 10 && refused < ROUNDS, refused + " refused");
        });
    }

    /** One to four places changed: characters replaced, inserted, a stretch removed or doubled. */
    private static String damage(String good, Random random) {
        StringBuilder text = new StringBuilder(good);
        for (int places = 1 + random.nextInt(4); places > 0 && text.length() > 0; places--) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + 1 + random.nextInt(12));
            char c = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
            switch (random.nextInt(4)) {
                case 0 -> text.setCharAt(at, c);
                case 1 -> text.insert(at, c);
                case 2 -> text.delete(at, end);
                default -> text.insert(at, text.substring(at, end));
            }
        }
        return text.toString();
    }
}
