package org.ipsecif.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.ipsecif.control.DialectException.Kind;
import org.ipsecif.control.DialectWords.Request;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The words of ip(8) in the words of ifconfig(8). */
class DialectWordsTest {
    private static final String KNOWN = " KIND, local A, remote A, key K, ikey K, okey K, if_id N, mtu N, up, down,"
            + " encap no|udp, template NAME, and the words for IKE";

    /** The first two words choose the parser, as they choose the command. */
    private static Request parse(String text) throws DialectException {
        List<String> all = List.of(text.strip().split(" +"));
        List<String> words = all.subList(2, all.size());
        return switch (all.get(0) + " " + all.get(1)) {
            case "link add" -> DialectWords.linkAdd(words);
            case "link set" -> DialectWords.linkSet(words);
            case "tunnel add" -> DialectWords.tunnelAdd(words);
            case "tunnel change" -> DialectWords.tunnelChange(words);
            case "addr add" -> DialectWords.address(true, words);
            case "addr del" -> DialectWords.address(false, words);
            default -> throw new IllegalArgumentException(text);
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "link add v type vti key 15 remote B local A | v | reqid 15 tunnel A B",
                "link add name v type vti6 local A remote B | v | tunnel A B",
                "link add v type xfrm if_id 0x10 local A remote B | v | reqid 16 tunnel A B",
                "link add v type ipsec ikey 7 okey 7 local A remote B | v | reqid 7 tunnel A B",
                "link add v type vti okey 0.0.1.2 local A remote B | v | reqid 258 tunnel A B",
                "link add v type vti key 255.255.255.255 local A remote B | v | reqid 4294967295 tunnel A B",
                "link add v type vti local A remote B mtu 1300 up encap udp template t"
                        + " | v | tunnel A B mtu 1300 up encap udp template t",
                "tunnel add v mode vti remote B local A ikey 15 | v | reqid 15 tunnel A B",
                "tunnel add name v mode esp local A remote B key 1 ikey 2 okey 2 | v | reqid 2 tunnel A B",
                "tunnel change v remote B local A | v | tunnel A B",
                "tunnel change v mode vti key 9 | v | reqid 9",
                "tunnel change v psk_file /a dpd_delay 5s key 9 | v | reqid 9 psk_file /a dpd_delay 5s",
                "link add v type xfrm local A remote B esp default | v | tunnel A B esp default",
                "link set v up mtu 1300 | v | up mtu 1300",
                "link set dev v down | v | down",
                "link set up v alias branch | v | up description branch",
                "addr add 10.0.0.1/30 dev v | v | 10.0.0.1/30 alias",
                "addr add 10.0.0.1 dev v | v | 10.0.0.1/32 alias",
                "addr add local 2001:db8::1 dev v | v | 2001:db8::1/128 alias",
                "addr add 10.0.0.1 peer 10.0.0.2/30 dev v | v | 10.0.0.1/30 10.0.0.2 alias",
                "addr add 10.0.0.1/24 peer 10.0.0.2 dev v | v | 10.0.0.1/32 10.0.0.2 alias",
                "addr add dev v 2001:db8::1 remote 2001:db8::2 | v | 2001:db8::1/128 2001:db8::2 alias",
                "addr del 10.0.0.1/30 dev v | v | 10.0.0.1 -alias",
            })
    void wordsOfIpBecomeWordsOfIfconfig(String text, String name, String words) throws DialectException {
        assertEquals(new Request(name, List.of(words.split(" "))), parse(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "link add v type gre | link add: type gre: expected type vti ~ vti6 ~ xfrm ~ ipsec",
                "link add v mode vti | link add: mode vti: expected type vti ~ vti6 ~ xfrm ~ ipsec",
                "tunnel add v mode gre | tunnel add: mode gre: expected mode vti ~ vti6 ~ ipsec ~ esp",
                "link add v local | link add: expected a value after local",
                "link add type vti local A remote B | link add: expected the interface's name",
                "link add v type vti local A | link add: expected both local A and remote A",
                "link add v type vti | link add: expected both local A and remote A",
                "tunnel change v remote B | tunnel change: expected both local A and remote A",
                "link add v key 0 | link add: key 0 is not 1 to 4294967295",
                "link add v key 4294967296 | link add: key 4294967296 is not 1 to 4294967295",
                "link add v key 0.0.0.256 | link add: key 0.0.0.256 is not 1 to 4294967295",
                "link add v key 1.2.3 | link add: key 1.2.3 is not 1 to 4294967295",
                "link add v key 0x5ec4e75ec4e75ec4 | link add: key a word of 18 characters is not 1 to 4294967295",
                "link add v key abc | link add: key abc is not 1 to 4294967295",
                "link set up | link set: expected the interface's name",
                "link set v | link set: expected up, down, mtu N or alias TEXT",
                "link set v colour blue | link set: unknown word \"colour\"; known are up, down, mtu N, alias TEXT",
                "addr add dev v | addr add: expected ADDRESS/LENGTH dev NAME",
                "addr del 10.0.0.1/30 | addr del: expected the interface's name",
                "addr add 10.0.0.1/30 scope link dev v | addr add: unknown word \"scope\";"
                        + " expected ADDRESS/LENGTH [peer ADDRESS/LENGTH] dev NAME",
            })
    void wrongWordsAreWrongUsageAndTheMessageSaysWhatWasExpected(String text, String message) {
        DialectException wrong = assertThrows(DialectException.class, () -> parse(text));
        assertEquals(message.replace('~', '|'), wrong.getMessage());
        assertEquals(Kind.USAGE, wrong.kind());
    }

    @ParameterizedTest
    @CsvSource({"link add, type", "tunnel add, mode", "tunnel change, mode"})
    void unknownWordGetsTheListOfTheKnown(String command, String kind) {
        DialectException wrong = assertThrows(DialectException.class, () -> parse(command + " v colour blue"));
        assertEquals(command + ": unknown word \"colour\"; known are NAME, " + kind + KNOWN, wrong.getMessage());
        assertEquals(Kind.USAGE, wrong.kind());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "link add v type vti ikey 1 okey 2 local A remote B | link add: ikey 1 and okey 2 differ;"
                        + " one reqid serves both directions, give one key",
                "link add v type vti key 1 okey 2 local A remote B | link add: ikey 1 and okey 2 differ;"
                        + " one reqid serves both directions, give one key",
                "tunnel add v mode vti ttl 64 | tunnel add: ttl is not supported",
                "link add v fwmark 1 | link add: fwmark is not supported",
            })
    void wordsThatIpTakesAndWeCannotAreRefused(String text, String message) {
        DialectException refused = assertThrows(DialectException.class, () -> parse(text));
        assertEquals(message, refused.getMessage());
        assertEquals(Kind.REFUSED, refused.kind());
    }
}
