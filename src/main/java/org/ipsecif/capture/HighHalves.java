package org.ipsecif.capture;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.config.ConfigException;
import org.ipsecif.sa.SaParameters;

/** {@code --esn-hi SPI=N}: the high halves of sequence numbers, by SPI. */
final class HighHalves {
    private HighHalves() {}

    /** @throws IllegalArgumentException if a text is not of that form, or there are two for an SPI */
    static Map<Integer, Integer> parse(List<String> texts) {
        Map<Integer, Integer> halves = new HashMap<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            int spi;
            int half;
            try {
                spi = unsigned(text.substring(0, Math.max(0, equals)));
                half = unsigned(text.substring(equals + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "--esn-hi: \"" + text + "\" is not SPI=N, two numbers of 32 bits", e);
            }
            if (halves.put(spi, half) != null) {
                throw new IllegalArgumentException("--esn-hi: SPI " + SaParameters.formatSpi(spi) + " is given twice");
            }
        }
        return halves;
    }

    private static int unsigned(String text) {
        long value = Long.decode(text);
        if (value < 0 || value > 0xffff_ffffL) {
            throw new NumberFormatException();
        }
        return (int) value;
    }

    /** Each must be of an SA that has a high half. */
    static void check(Map<Integer, Integer> halves, List<SaParameters> associations) throws ConfigException {
        for (int spi : halves.keySet()) {
            List<SaParameters> found =
                    associations.stream().filter(each -> each.spi() == spi).toList();
            if (found.stream().noneMatch(SaParameters::esn)) {
                throw new ConfigException("--esn-hi: "
                        + (found.isEmpty()
                                ? "no SA has the SPI " + SaParameters.formatSpi(spi)
                                : "the SA " + found.get(0) + " has no extended sequence numbers (-f esn)"));
            }
        }
    }
}
