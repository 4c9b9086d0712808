package org.ipsecif.config;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ipsecif.sa.OuterHeaderSettings;
import org.ipsecif.sa.OuterHeaderSettings.Df;
import org.ipsecif.sa.OuterHeaderSettings.Ecn;
import org.ipsecif.sa.PacketSettings;

/** The words for outer headers, segment sizes and traffic flow confidentiality, each with one value. */
final class PacketWords {
    private static final String COPY = "copy";

    private static final Map<String, String> EXPECTED = new TreeMap<>(Map.of(
            "dscp", "copy, 0 to 63, or a name such as ef, af41, cs6",
            "dscp_in", "keep or copy",
            "ecn", "normal or compatibility",
            "df", "copy, set or clear",
            "ttl", "copy or 1 to 255",
            "flowlabel", "copy or 0 to 0xfffff",
            "mss", "auto, off, or " + PacketSettings.MIN_MSS + " to " + PacketSettings.MAX_MSS,
            "tfc", "off or pad-to-mtu, and then perhaps dummy N"));

    /** All of them. */
    static final Set<String> KNOWN = EXPECTED.keySet();

    private PacketWords() {}

    /** What may stand after a word. */
    static String expected(String word) {
        return EXPECTED.getOrDefault(word, "a value");
    }

    /** Settings with one of them changed. @throws ConfigException naming the word and what was expected */
    static PacketSettings apply(PacketSettings settings, String word, String value) throws ConfigException {
        OuterHeaderSettings header = settings.header();
        String text = value.toLowerCase(Locale.ROOT);
        return switch (word) {
            case "dscp" -> settings.withHeader(header.withDscp(dscp(text)));
            case "dscp_in" -> settings.withHeader(header.withCopyDscpInbound(isSecond(word, text, "keep", COPY)));
            case "ecn" -> settings.withHeader(header.withEcn(constant(Ecn.class, word, text)));
            case "df" -> settings.withHeader(header.withDf(constant(Df.class, word, text)));
            case "ttl" -> settings.withHeader(header.withHopLimit(copyOrNumber(word, text, 1, 255)));
            case "flowlabel" -> settings.withHeader(header.withFlowLabel(copyOrNumber(word, text, 0, 0xf_ffff)));
            case "mss" -> settings.withMss(mss(text));
            case "tfc" -> settings.withTfc(isSecond(word, text, "off", "pad-to-mtu"), 0);
            default -> throw new IllegalArgumentException(word);
        };
    }

    private static boolean isSecond(String word, String text, String first, String second) throws ConfigException {
        if (!text.equals(first) && !text.equals(second)) {
            throw wrong(word, text);
        }
        return text.equals(second);
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String word, String text) throws ConfigException {
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(text)) {
                return constant;
            }
        }
        throw wrong(word, text);
    }

    private static ConfigException wrong(String word, String text) {
        return new ConfigException(word + ": " + ConfigException.shown(text) + " is not " + expected(word));
    }

    private static int copyOrNumber(String word, String text, int least, int most) throws ConfigException {
        return text.equals(COPY) ? OuterHeaderSettings.COPY : number(word, text, least, most);
    }

    private static int number(String word, String text, int least, int most) throws ConfigException {
        try {
            return (int) IfconfigWords.number(word, text, least, most);
        } catch (ConfigException e) {
            throw wrong(word, text);
        }
    }

    private static int mss(String text) throws ConfigException {
        return switch (text) {
            case "auto" -> PacketSettings.MSS_AUTO;
            case "off", "0" -> PacketSettings.MSS_OFF;
            default -> number("mss", text, PacketSettings.MIN_MSS, PacketSettings.MAX_MSS);
        };
    }

    /** A number, or a name: RFC 2474 (CS), RFC 2597 (AF), RFC 3246 (EF), RFC 5865 (VA), RFC 8622 (LE). */
    private static int dscp(String text) throws ConfigException {
        if (text.matches("cs[0-7]")) {
            return (text.charAt(2) - '0') << 3;
        }
        if (text.matches("af[1-4][1-3]")) {
            return (text.charAt(2) - '0') << 3 | (text.charAt(3) - '0') << 1;
        }
        return switch (text) {
            case "ef" -> 46;
            case "va" -> 44;
            case "le" -> 1;
            case "be", "df" -> 0;
            default -> copyOrNumber("dscp", text, 0, 63);
        };
    }

    /** In the words that {@link #apply} takes, for show; settings at their default are left out. */
    static String describe(PacketSettings settings) {
        PacketSettings usual = PacketSettings.DEFAULT;
        OuterHeaderSettings header = settings.header();
        StringBuilder text = new StringBuilder();
        add(text, "dscp", header.dscp() != usual.header().dscp(), copyOr(header.dscp()));
        add(text, "dscp_in", header.copyDscpInbound(), COPY);
        add(text, "ecn", header.ecn() != usual.header().ecn(), word(header.ecn()));
        add(text, "df", header.df() != usual.header().df(), word(header.df()));
        add(text, "ttl", header.hopLimit() != usual.header().hopLimit(), copyOr(header.hopLimit()));
        add(text, "flowlabel", header.flowLabel() != usual.header().flowLabel(), copyOr(header.flowLabel()));
        add(
                text,
                "mss",
                settings.mss() != PacketSettings.MSS_OFF,
                settings.mss() == PacketSettings.MSS_AUTO ? "auto" : Integer.toString(settings.mss()));
        add(
                text,
                "tfc",
                settings.padToMtu() || settings.dummiesPerSecond() > 0,
                (settings.padToMtu() ? "pad-to-mtu" : "off")
                        + (settings.dummiesPerSecond() > 0 ? " dummy " + settings.dummiesPerSecond() : ""));
        return text.toString().strip();
    }

    private static String copyOr(int value) {
        return value == OuterHeaderSettings.COPY ? COPY : Integer.toString(value);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static void add(StringBuilder text, String word, boolean said, String value) {
        if (said) {
            text.append(word).append(' ').append(value).append(' ');
        }
    }
}
