package org.ipsecif.platform.pfkey;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;

/**
 * The kernel's SAD over PF_KEY. What its messages cannot say is an IllegalArgumentException with the reason. One thread.
 */
public final class SadbClient implements AutoCloseable {
    private final PfKeySocket socket;
    private final AssociationMessages messages;

    /**
     * What a kernel can do (SADB_EXT_SUPPORTED_*).
     *
     * @param authentication numbers of algorithms, see {@link SadbAlgorithms}
     */
    public record Supported(List<Integer> authentication, List<Integer> encryption) {
        public Supported {
            authentication = List.copyOf(authentication);
            encryption = List.copyOf(encryption);
        }
    }

    /** @throws ErrnoException where the kernel has no PF_KEY, see {@link Dialect#saysAbsent}; EPERM without the privilege */
    public SadbClient(Posix posix, Dialect dialect) throws ErrnoException {
        socket = new PfKeySocket(posix, dialect);
        messages = new AssociationMessages(dialect);
    }

    /** Registers for ESP. Linux may load many modules for it. @throws ErrnoException EEXIST the second time */
    public Supported register() throws ErrnoException {
        PfKeyMessage answer = socket.ask(Request.REGISTER, Sadb.SADB_SATYPE_ESP, List.of(), "ESP");
        return new Supported(
                numbers(answer, Sadb.SADB_EXT_SUPPORTED_AUTH), numbers(answer, Sadb.SADB_EXT_SUPPORTED_ENCRYPT));
    }

    private static List<Integer> numbers(PfKeyMessage message, int type) {
        Extension.Supported supported = message.find(Extension.Supported.class, type);
        return supported == null
                ? List.of()
                : supported.algorithms().stream().map(Extension.Algorithm::id).toList();
    }

    /**
     * Has the kernel make a larval SA.
     *
     * @param protocol IANA number
     * @param min the lowest SPI, in host order; 256 at least
     * @param max the highest
     * @return its SPI
     * @throws ErrnoException EEXIST or ENOENT if there is none left
     */
    public int getSpi(
            int protocol, IpAddress source, IpAddress destination, IpsecMode mode, int reqid, int min, int max)
            throws ErrnoException {
        List<Extension> extensions = messages.spi(source, destination, mode, reqid, min, max);
        PfKeyMessage answer =
                socket.ask(Request.GETSPI, AssociationMessages.satype(protocol), extensions, "for " + destination);
        Extension.Association sa = answer.find(Extension.Association.class);
        answer.wipe();
        if (sa == null) {
            throw new ErrnoException("SADB_GETSPI", ErrnoException.EINVAL, "the kernel's answer has no SPI");
        }
        return sa.spi();
    }

    /** @throws ErrnoException EEXIST if there is one with its SPI */
    public void add(SadbAssociation association) throws ErrnoException {
        send(Request.ADD, association, messages.add(association));
    }

    /**
     * Gives a larval SA its keys, or another lifetimes. FreeBSD takes it from the process alone that made the SA.
     *
     * @throws ErrnoException EINVAL or ESRCH if there is none
     */
    public void update(SadbAssociation association) throws ErrnoException {
        send(Request.UPDATE, association, messages.update(association));
    }

    private void send(Request request, SadbAssociation association, List<Extension> extensions) throws ErrnoException {
        SadbAssociation.Id id = association.id();
        socket.ask(request, AssociationMessages.satype(id.protocol()), extensions, words(id))
                .wipe();
    }

    /** @throws ErrnoException ESRCH if there is none */
    public void delete(SadbAssociation.Id id) throws ErrnoException {
        socket.ask(Request.DELETE, AssociationMessages.satype(id.protocol()), messages.name(id), words(id))
                .wipe();
    }

    /** One, keys included. @throws ErrnoException ESRCH if there is none */
    public SadbAssociation get(SadbAssociation.Id id) throws ErrnoException {
        PfKeyMessage answer =
                socket.ask(Request.GET, AssociationMessages.satype(id.protocol()), messages.name(id), words(id));
        SadbAssociation association = messages.read(answer);
        if (association == null) {
            answer.wipe();
            throw new ErrnoException(
                    Request.GET.words() + " " + words(id),
                    ErrnoException.EINVAL,
                    "the SA is of a kind that is not known");
        }
        return association;
    }

    /** All, keys included, but for those that our record cannot say. The caller closes them. */
    public List<SadbAssociation> dump() throws ErrnoException {
        List<SadbAssociation> associations = new ArrayList<>();
        for (PfKeyMessage message : socket.dump(Request.DUMP, Sadb.SADB_SATYPE_UNSPEC)) {
            SadbAssociation association = messages.read(message);
            if (association == null) {
                message.wipe();
            } else {
                associations.add(association);
            }
        }
        return associations;
    }

    private static String words(SadbAssociation.Id id) {
        return String.format("protocol %d SPI 0x%08x for %s", id.protocol(), id.spi(), id.destination());
    }

    @Override
    public void close() {
        socket.close();
    }
}
