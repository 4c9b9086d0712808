package org.ipsecif.control;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.IfconfigWords;
import org.ipsecif.control.DialectException.Kind;

/**
 * What ip-link(8), ip-tunnel(8) and ip-address(8) say, in the words of ifconfig(8) that the daemon understands. Pure: knows
 * syntax, leaves values to the daemon.
 */
final class DialectWords {
    /**
     * A request to the daemon.
     *
     * @param name the interface
     * @param words ifconfig(8) words
     */
    record Request(String name, List<String> words) {}

    private static final long MAX_KEY = 0xffff_ffffL;

    private final String dialect;
    private final List<String> input;
    private int at;
    private String name = "";
    private String local = "";
    private String remote = "";
    private String key = "";
    private String inKey = "";
    private String outKey = "";
    private final List<String> other = new ArrayList<>();

    private DialectWords(String dialect, List<String> input) {
        this.dialect = dialect;
        this.input = input;
    }

    /** {@code [name] NAME type vti|xfrm|ipsec [key K | ikey K okey K] [if_id N] remote A local B [mtu N]}. */
    static Request linkAdd(List<String> input) throws DialectException {
        DialectWords parser = new DialectWords("link add", input);
        parser.readAdd("type", List.of("vti", "vti6", "xfrm", "ipsec"));
        return parser.request(true);
    }

    /** {@code NAME mode vti remote A local B [ikey K] [okey K] [key K]}. */
    static Request tunnelAdd(List<String> input) throws DialectException {
        DialectWords parser = new DialectWords("tunnel add", input);
        parser.readAdd("mode", List.of("vti", "vti6", "ipsec", "esp"));
        return parser.request(true);
    }

    /** {@code NAME [remote A local B] [key K]}. */
    static Request tunnelChange(List<String> input) throws DialectException {
        DialectWords parser = new DialectWords("tunnel change", input);
        parser.readAdd("mode", List.of("vti", "vti6", "ipsec", "esp"));
        return parser.request(false);
    }

    private void readAdd(String kindWord, List<String> kinds) throws DialectException {
        while (at < input.size()) {
            String word = input.get(at++);
            switch (word) {
                case "name" -> name = argument(word);
                case "type", "mode" -> readKind(word, kindWord, kinds);
                case "remote" -> remote = argument(word);
                case "local" -> local = argument(word);
                case "key" -> key = key(argument(word));
                case "ikey" -> inKey = key(argument(word));
                case "okey" -> outKey = key(argument(word));
                case "if_id" -> key = key(argument(word));
                case "mtu" -> other.addAll(List.of("mtu", argument(word)));
                case "up", "down" -> other.add(word);
                case "encap" -> other.addAll(List.of("encap", argument(word)));
                case "template" -> other.addAll(List.of("template", argument(word)));
                case "ttl", "hoplimit", "tos", "pmtudisc", "nopmtudisc", "dev", "link", "fwmark" ->
                    throw new DialectException(Kind.REFUSED, dialect + ": " + word + " is not supported");
                default -> {
                    if (IfconfigWords.isIkeWord(word)) {
                        other.addAll(List.of(word, argument(word)));
                    } else {
                        readName(word, kindWord);
                    }
                }
            }
        }
    }

    private void readKind(String word, String kindWord, List<String> kinds) throws DialectException {
        String kind = argument(word);
        if (!word.equals(kindWord) || !kinds.contains(kind)) {
            throw new DialectException(
                    Kind.USAGE,
                    dialect + ": " + word + " " + kind + ": expected " + kindWord + " " + String.join(" | ", kinds));
        }
    }

    private void readName(String word, String kindWord) throws DialectException {
        if (!name.isEmpty()) {
            throw new DialectException(
                    Kind.USAGE,
                    dialect + ": unknown word \"" + word + "\"; known are NAME, " + kindWord
                            + " KIND, local A, remote A, key K, ikey K, okey K, if_id N, mtu N, up, down, encap no|udp,"
                            + " template NAME, and the words for IKE");
        }
        name = word;
    }

    private String argument(String word) throws DialectException {
        if (at == input.size()) {
            throw new DialectException(Kind.USAGE, dialect + ": expected a value after " + word);
        }
        return input.get(at++);
    }

    /** A number, or the dotted quad that ip(8) prints. */
    private String key(String text) throws DialectException {
        try {
            long value = 0;
            if (text.matches("\\d+(\\.\\d+){3}")) {
                for (String part : text.split("\\.", -1)) {
                    int octet = Integer.parseInt(part);
                    if (octet > 0xff) {
                        throw new NumberFormatException(part);
                    }
                    value = (value << 8) + octet;
                }
            } else {
                value = Long.decode(text);
            }
            if (value > 0 && value <= MAX_KEY) {
                return Long.toString(value);
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new DialectException(
                Kind.USAGE, dialect + ": key " + ConfigException.shownNumber(text) + " is not 1 to " + MAX_KEY);
    }

    private Request request(boolean create) throws DialectException {
        if (name.isEmpty()) {
            throw new DialectException(Kind.USAGE, dialect + ": expected the interface's name");
        }
        if (local.isEmpty() != remote.isEmpty() || (create && local.isEmpty())) {
            throw new DialectException(Kind.USAGE, dialect + ": expected both local A and remote A");
        }
        List<String> words = new ArrayList<>();
        String reqid = reqid();
        if (!reqid.isEmpty()) {
            words.addAll(List.of("reqid", reqid));
        }
        if (!local.isEmpty()) {
            words.addAll(List.of("tunnel", local, remote));
        }
        words.addAll(other);
        return new Request(name, words);
    }

    /** vti's keys pick policies by mark; ours are picked by reqid, one for both directions. */
    private String reqid() throws DialectException {
        String in = inKey.isEmpty() ? key : inKey;
        String out = outKey.isEmpty() ? key : outKey;
        if (!in.isEmpty() && !out.isEmpty() && !in.equals(out)) {
            throw new DialectException(
                    Kind.REFUSED,
                    dialect + ": ikey " + in + " and okey " + out
                            + " differ; one reqid serves both directions, give one key");
        }
        return in.isEmpty() ? out : in;
    }

    /** {@code [dev] NAME up|down|mtu N|alias TEXT}. */
    static Request linkSet(List<String> input) throws DialectException {
        DialectWords parser = new DialectWords("link set", input);
        while (parser.at < input.size()) {
            String word = input.get(parser.at++);
            switch (word) {
                case "dev" -> parser.name = parser.argument(word);
                case "up", "down" -> parser.other.add(word);
                case "mtu" -> parser.other.addAll(List.of("mtu", parser.argument(word)));
                case "alias" -> parser.other.addAll(List.of("description", parser.argument(word)));
                default -> {
                    if (!parser.name.isEmpty()) {
                        throw new DialectException(
                                Kind.USAGE,
                                "link set: unknown word \"" + word + "\"; known are up, down, mtu N, alias TEXT");
                    }
                    parser.name = word;
                }
            }
        }
        if (parser.other.isEmpty()) {
            throw new DialectException(Kind.USAGE, "link set: expected up, down, mtu N or alias TEXT");
        }
        return parser.request(false);
    }

    /** {@code ADDRESS/LENGTH [peer ADDRESS[/LENGTH]] dev NAME}, to add or to delete. */
    static Request address(boolean add, List<String> input) throws DialectException {
        DialectWords parser = new DialectWords(add ? "addr add" : "addr del", input);
        String address = "";
        String peer = "";
        while (parser.at < input.size()) {
            String word = input.get(parser.at++);
            switch (word) {
                case "dev" -> parser.name = parser.argument(word);
                case "peer", "remote" -> peer = parser.argument(word);
                case "local" -> address = parser.argument(word);
                default -> {
                    if (!address.isEmpty()) {
                        throw new DialectException(
                                Kind.USAGE,
                                parser.dialect + ": unknown word \"" + word
                                        + "\"; expected ADDRESS/LENGTH [peer ADDRESS/LENGTH] dev NAME");
                    }
                    address = word;
                }
            }
        }
        if (address.isEmpty()) {
            throw new DialectException(Kind.USAGE, parser.dialect + ": expected ADDRESS/LENGTH dev NAME");
        }
        parser.other.addAll(addressWords(add, address, peer));
        return parser.request(false);
    }

    /** With a peer, the length belongs to the peer; without any, it is the address's own (ip-address(8)). */
    private static List<String> addressWords(boolean add, String address, String peer) {
        String bare = address.replaceFirst("/.*", "");
        if (!add) {
            return List.of(bare, "-alias");
        }
        String full = bits(bare);
        if (peer.isEmpty()) {
            return List.of(address.contains("/") ? address : address + "/" + full, "alias");
        }
        String length = peer.contains("/") ? peer.replaceFirst(".*/", "") : full;
        return List.of(bare + "/" + length, peer.replaceFirst("/.*", ""), "alias");
    }

    private static String bits(String address) {
        return address.indexOf(':') >= 0 ? "128" : "32";
    }
}
