package org.ipsecif.config;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/**
 * One interface as configured, whatever dialect said it. All defaults are filled in but the reqid.
 *
 * @param name the interface's name
 * @param reqid 32 bits unsigned, 1 or more; 0 asks for an automatic one
 * @param tunnel outer addresses, or null while none are set
 * @param addresses inner addresses in the order given; no local address twice
 * @param mtu bytes, 1280 to 65,535, or {@link #AUTO_MTU}
 * @param up administrative state
 * @param description free text, empty for none
 * @param encap how ESP travels
 * @param saFile path of a setkey file, or null
 * @param policies which policies it has
 * @param packets what is done to packets beside ESP
 * @param ike what IKEv2 is to do, if it is used
 * @param fibs by which of the host's routing tables its packets go
 */
public record InterfaceConfig(
        String name,
        int reqid,
        @Nullable TunnelEndpoints tunnel,
        List<InnerAddress> addresses,
        int mtu,
        boolean up,
        String description,
        Encap encap,
        @Nullable String saFile,
        TemplateSettings policies,
        PacketSettings packets,
        IkeSettings ike,
        FibNumbers fibs) {
    /** Computed from the route to the peer and the SA's algorithm. */
    public static final int AUTO_MTU = 0;

    /** As if_ipsec(4): what an interface has while no route to the peer says more. */
    public static final int DEFAULT_MTU = 1400;

    public static final int MIN_MTU = 1280;
    public static final int MAX_MTU = 65_535;

    /** Bytes of UTF-8: IFALIASZ of Linux less one; FreeBSD keeps more. */
    static final int MAX_DESCRIPTION = 255;

    public InterfaceConfig {
        addresses = List.copyOf(addresses);
    }

    /** An interface of which nothing but the name is known. */
    public static InterfaceConfig named(String name) {
        return new InterfaceConfig(
                name,
                0,
                null,
                List.of(),
                AUTO_MTU,
                false,
                "",
                Encap.NO,
                null,
                TemplateSettings.DEFAULT,
                PacketSettings.DEFAULT,
                IkeSettings.NONE,
                FibNumbers.OF_PROCESS);
    }

    public InterfaceConfig withName(String value) {
        return new InterfaceConfig(
                value, reqid, tunnel, addresses, mtu, up, description, encap, saFile, policies, packets, ike, fibs);
    }

    public InterfaceConfig withReqid(int value) {
        return new InterfaceConfig(
                name, value, tunnel, addresses, mtu, up, description, encap, saFile, policies, packets, ike, fibs);
    }

    public InterfaceConfig withTunnel(@Nullable TunnelEndpoints value) {
        return new InterfaceConfig(
                name, reqid, value, addresses, mtu, up, description, encap, saFile, policies, packets, ike, fibs);
    }

    public InterfaceConfig withAddresses(List<InnerAddress> value) {
        return new InterfaceConfig(
                name, reqid, tunnel, value, mtu, up, description, encap, saFile, policies, packets, ike, fibs);
    }

    public InterfaceConfig withMtu(int value) {
        return new InterfaceConfig(
                name, reqid, tunnel, addresses, value, up, description, encap, saFile, policies, packets, ike, fibs);
    }

    public InterfaceConfig withUp(boolean value) {
        return new InterfaceConfig(
                name, reqid, tunnel, addresses, mtu, value, description, encap, saFile, policies, packets, ike, fibs);
    }

    /** @throws ConfigException if the text is longer than the systems keep */
    public InterfaceConfig withDescription(String value) throws ConfigException {
        int length = value.getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_DESCRIPTION) {
            throw new ConfigException("the description has " + length + " bytes; expected at most " + MAX_DESCRIPTION);
        }
        return new InterfaceConfig(
                name, reqid, tunnel, addresses, mtu, up, value, encap, saFile, policies, packets, ike, fibs);
    }

    public InterfaceConfig withEncap(Encap value) {
        return new InterfaceConfig(
                name, reqid, tunnel, addresses, mtu, up, description, value, saFile, policies, packets, ike, fibs);
    }

    public InterfaceConfig withSaFile(@Nullable String value) {
        return new InterfaceConfig(
                name, reqid, tunnel, addresses, mtu, up, description, encap, value, policies, packets, ike, fibs);
    }

    public InterfaceConfig withPolicies(TemplateSettings value) {
        return new InterfaceConfig(
                name, reqid, tunnel, addresses, mtu, up, description, encap, saFile, value, packets, ike, fibs);
    }

    public InterfaceConfig withPackets(PacketSettings value) {
        return new InterfaceConfig(
                name, reqid, tunnel, addresses, mtu, up, description, encap, saFile, policies, value, ike, fibs);
    }

    public InterfaceConfig withIke(IkeSettings value) {
        return new InterfaceConfig(
                name, reqid, tunnel, addresses, mtu, up, description, encap, saFile, policies, packets, value, fibs);
    }

    public InterfaceConfig withFibs(FibNumbers value) {
        return new InterfaceConfig(
                name, reqid, tunnel, addresses, mtu, up, description, encap, saFile, policies, packets, ike, value);
    }

    /** The SPD template's name. */
    public String template() {
        return policies.name();
    }

    /** The packet settings that are not at their default, in ifconfig's words; empty if all are. */
    public String packetWords() {
        return PacketWords.describe(packets);
    }

    /** What IKE does with it, in ifconfig's words; empty if it is keyed by hand. */
    public String ikeWords() {
        return IkeText.describe(ike);
    }
}
