package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.ipsecif.config.SetkeyStatement;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityAssociationDatabase;

/**
 * Changes of the SAD that can be taken back. SAs that were removed are closed by {@link #closeRemoved()}, after a change
 * is final and the workers no longer see them. Control thread only.
 */
final class SaRegistry {
    private final SecurityAssociationDatabase database;
    private final LongSupplier nanoClock;
    private final List<SecurityAssociation> removed = new ArrayList<>();

    SaRegistry(SecurityAssociationDatabase database, LongSupplier nanoClock) {
        this.database = database;
        this.nanoClock = nanoClock;
    }

    boolean contains(SecurityAssociation sa) {
        return database.find(sa.parameters().destination(), sa.parameters().spi()) == sa;
    }

    SecurityAssociation add(SaParameters parameters, Undo undo) throws RefusedException {
        SecurityAssociation sa = new SecurityAssociation(parameters, nanoClock.getAsLong());
        if (!database.add(sa)) {
            throw new RefusedException("SA " + parameters + ": an SA with this destination and SPI exists already");
        }
        undo.push("remove SA " + parameters, () -> database.remove(sa));
        return sa;
    }

    void remove(SecurityAssociation sa, Undo undo) {
        if (database.remove(sa)) {
            removed.add(sa);
            undo.push("put back SA " + sa.parameters(), () -> {
                removed.remove(sa);
                database.add(sa);
            });
        }
    }

    /** Removes what a statement of setkey(8) names. */
    void delete(SetkeyStatement.Delete delete, Undo undo) throws RefusedException {
        remove(find(delete.source(), delete.destination(), delete.spi()), undo);
    }

    /** The SA that a statement of setkey(8) names. */
    SecurityAssociation find(IpAddress source, IpAddress destination, int spi) throws RefusedException {
        SecurityAssociation sa = database.find(destination, spi);
        if (sa == null || !sa.parameters().source().equals(source)) {
            throw new RefusedException("no SA " + source + " " + destination + " esp " + SaParameters.formatSpi(spi));
        }
        return sa;
    }

    /** Wipes the keys of SAs that are gone for good. */
    void closeRemoved() {
        removed.forEach(SecurityAssociation::close);
        removed.clear();
    }

    /** Tells keys apart where they must not be kept, or have been wiped. */
    static int keyCheck(SaParameters sa) {
        return 31 * sa.encryptionKey().checkValue() + sa.integrityKey().checkValue();
    }

    /** Whether two descriptions make the same SA, but for the keys. */
    static boolean sameButKeys(SaParameters a, SaParameters b) {
        return a.source().equals(b.source())
                && a.destination().equals(b.destination())
                && a.spi() == b.spi()
                && a.reqid() == b.reqid()
                && a.mode() == b.mode()
                && a.encryption() == b.encryption()
                && a.integrity() == b.integrity()
                && a.replayWindow() == b.replayWindow()
                && a.esn() == b.esn()
                && a.sequence() == b.sequence()
                && a.lifetimes().equals(b.lifetimes());
    }
}
