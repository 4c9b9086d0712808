package org.ipsecif.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/** A file of addresses that are somebody's: lines {@code IDENTITY : ADDRESS [ADDRESS]}, comments after {@code #}, empty lines. */
final class PoolFile {
    private static final int MAX_LENGTH = 16 << 20;
    private static final Pattern LINE = Pattern.compile("(\\S|\\S.*\\S)\\s+:\\s+(\\S.*)");

    private final String origin;
    private final List<IkeAddresses.Reserved> reserved = new ArrayList<>();
    private final Map<IpAddress, Integer> lineOf = new HashMap<>();
    private final Map<String, Integer> identities = new HashMap<>();
    private int line;

    private PoolFile(String origin) {
        this.origin = origin;
    }

    /** @throws ConfigException with file and line */
    static List<IkeAddresses.Reserved> read(String file) throws ConfigException {
        byte[] content;
        try {
            content = InputFile.read(Path.of(file), MAX_LENGTH);
        } catch (IOException e) {
            throw new ConfigException(file, 0, null, InputFile.reason(e));
        }
        return parse(file, new String(content, StandardCharsets.UTF_8));
    }

    static List<IkeAddresses.Reserved> parse(String origin, String text) throws ConfigException {
        PoolFile file = new PoolFile(origin);
        for (String each : text.split("\n", -1)) {
            file.line++;
            String stripped =
                    each.replaceFirst("(^|\\s)#([^0-9a-fA-F].*)?$", "").strip();
            if (!stripped.isEmpty()) {
                file.add(stripped);
            }
        }
        return file.reserved;
    }

    private void add(String text) throws ConfigException {
        Matcher form = LINE.matcher(text);
        if (!form.matches()) {
            throw error(ConfigException.shown(text) + " is not IDENTITY : ADDRESS");
        }
        String identity = form.group(1);
        try {
            IdentityForm.check(identity);
        } catch (ConfigException e) {
            throw error(String.valueOf(e.getMessage()));
        }
        Integer other = identities.put(identity, line);
        if (other != null) {
            throw error(identity + " has addresses in line " + other + " already");
        }
        List<IpAddress> addresses = new ArrayList<>();
        Set<Family> families = EnumSet.noneOf(Family.class);
        for (String word : RcConfInterfaces.words(form.group(2).replace(',', ' '))) {
            IpAddress address = address(word);
            if (!families.add(address.family())) {
                throw error(identity + " has two addresses of one family");
            }
            addresses.add(address);
        }
        reserved.add(new IkeAddresses.Reserved(identity, addresses));
    }

    private IpAddress address(String word) throws ConfigException {
        IpAddress address;
        try {
            address = IpAddress.parse(word);
        } catch (IllegalArgumentException e) {
            throw error(ConfigException.shown(word) + " is no address");
        }
        if (address.isUnspecified() || address.isMulticast() || address.isLinkLocal()) {
            throw error(word + " is no address that an interface can have");
        }
        Integer other = lineOf.put(address, line);
        if (other != null) {
            throw error(word + " is in line " + other + " already");
        }
        return address;
    }

    private ConfigException error(String problem) {
        return new ConfigException(origin, line, null, problem);
    }
}
