package org.ipsecif.platform.pfkey;

import java.util.Arrays;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.pfkey.SadbAssociation.Amounts;
import org.ipsecif.platform.pfkey.SadbAssociation.State;
import org.ipsecif.platform.pfkey.SadbAssociation.UdpPorts;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;

/**
 * SAs to a real kernel and back, for {@link InKernel}: a line for each step, with what the kernel said. With the argument {@code leave}
 * one SA stays, of which others may tell.
 */
public final class SadbRoundTrips {
    private static final IpAddress LOCAL = IpAddress.parse("203.0.113.1");
    private static final IpAddress REMOTE = IpAddress.parse("203.0.113.2");
    private static final SadbAssociation.Id ID = new SadbAssociation.Id(50, LOCAL, REMOTE, 0x2001);
    private static final SadbAssociation.Id ID6 =
            new SadbAssociation.Id(50, IpAddress.parse("2001:db8::1"), IpAddress.parse("2001:db8::2"), 0x2002);

    private SadbRoundTrips() {}

    public static void main(String[] args) throws ErrnoException {
        try (SadbClient client = new SadbClient(Posix.POLLING, Dialect.LINUX)) {
            say("empty", client.dump().isEmpty());
            client.add(association(ID, new Amounts(0, 0, 900, 0)));
            say("add", "done");
            say("add again", errno(() -> client.add(association(ID, Amounts.NONE))));
            client.add(association(ID6, Amounts.NONE));
            say("get is what was added", isSame(client.get(ID), association(ID, new Amounts(0, 0, 900, 0))));
            List<SadbAssociation> all = client.dump();
            say(
                    "dump",
                    all.stream()
                            .map(each -> Integer.toHexString(each.id().spi()))
                            .sorted()
                            .toList());
            say("no text has a key", isWithoutKeys(all.toString()));
            all.forEach(SadbAssociation::close);
            client.update(association(ID, new Amounts(0, 0, 800, 0)));
            say("updated", client.get(ID).soft().addTime());
            int spi = client.getSpi(50, REMOTE, LOCAL, IpsecMode.TUNNEL, 100, 0x4000, 0x4fff);
            SadbAssociation.Id larval = new SadbAssociation.Id(50, REMOTE, LOCAL, spi);
            say("getspi", spi >= 0x4000 && spi <= 0x4fff);
            say("state", client.get(larval).state());
            client.delete(larval);
            client.delete(ID6);
            if (!Arrays.asList(args).contains("leave")) {
                client.delete(ID);
                say("get of a deleted one", errno(() -> client.get(ID)));
            }
        }
    }

    /** Neither in hexadecimal digits nor as an array's elements. */
    private static boolean isWithoutKeys(String text) {
        return !text.contains("1717") && !text.contains("23, 23") && text.contains("128 bits");
    }

    private static SadbAssociation association(SadbAssociation.Id id, Amounts soft) {
        return new SadbAssociation(
                id,
                IpsecMode.TUNNEL,
                100,
                32,
                State.MATURE,
                new SadbAssociation.Keys(
                        SadbAlgorithms.Authentication.HMAC_SHA2_256.number(Dialect.LINUX),
                        key(32),
                        SadbAlgorithms.Encryption.AES_CBC.number(Dialect.LINUX),
                        key(16),
                        0),
                id.equals(ID) ? new UdpPorts(4500, 4500) : null,
                soft.equals(Amounts.NONE) ? soft : new Amounts(0, 0, 3600, 0),
                soft,
                Amounts.NONE);
    }

    private static KeyBytes key(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 0x17);
        return KeyBytes.of(bytes);
    }

    private static boolean isSame(SadbAssociation found, SadbAssociation added) {
        return found.id().equals(added.id())
                && found.keys().equals(added.keys())
                && found.mode() == added.mode()
                && found.reqid() == added.reqid()
                && found.replayWindow() == added.replayWindow()
                && found.state() == added.state()
                && added.udp() != null
                && added.udp().equals(found.udp())
                && found.hard().equals(added.hard())
                && found.soft().equals(added.soft());
    }

    private interface Step {
        void run() throws ErrnoException;
    }

    private static int errno(Step step) {
        try {
            step.run();
            return 0;
        } catch (ErrnoException e) {
            return e.errno();
        }
    }

    private static void say(String what, Object value) {
        System.out.println(what + ": " + value);
    }
}
