package org.ipsecif.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TunnelEndpoints;
import org.junit.jupiter.params.provider.MethodSource;

/** Any template gives policies that a kernel can tell apart and other programs' words for them, or a {@link ConfigException}. */
class TemplateFuzzTest {
    static final Path SHIPPED = Path.of("templates");

    static final InterfaceFacts FACTS = new InterfaceFacts(
            "ipsec0",
            new TunnelEndpoints(IpAddress.parse("203.0.113.1"), IpAddress.parse("203.0.113.2")),
            List.of(
                    new InnerAddress(IpAddress.parse("10.0.0.1"), 30, IpAddress.parse("10.0.0.2")),
                    new InnerAddress(IpAddress.parse("2001:db8::1"), 64, null)),
            100,
            200,
            TemplateSettings.DEFAULT
                    .withKeys(15, 16)
                    .withRemoteNetworks(List.of(IpPrefix.parse("10.2.0.0/16"), IpPrefix.parse("2001:db8:2::/48"))),
            "linux");

    static Stream<byte[]> inputs() {
        return SpdTemplate.names(SHIPPED).stream().map(name -> {
            try {
                return Files.readAllBytes(SHIPPED.resolve(name + ".conf"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @MethodSource("inputs")
    @FuzzTest(maxDuration = "2m")
    void anyTemplate(byte[] input) {
        List<SecurityPolicy> policies;
        try {
            policies = SpdTemplate.check("t.conf", new String(input, StandardCharsets.UTF_8), SHIPPED)
                    .render(FACTS);
        } catch (ConfigException e) {
            assertTrue(e.getMessage() != null && !e.getMessage().isBlank());
            return;
        }
        Set<PolicyKey> keys = new HashSet<>();
        policies.forEach(policy -> assertTrue(keys.add(PolicyKey.of(policy)), policy::toString));
        for (SpdDialect dialect : SpdDialect.values()) {
            String script = dialect.script(policies);
            long statements = script.lines()
                    .filter(line -> line.contains("spdadd ") || line.contains("ip xfrm policy add "))
                    .count();
            assertEquals(policies.size(), statements, script);
        }
    }
}
