package org.ipsecif.daemon;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.SetkeyScript;
import org.ipsecif.config.SetkeyStatement;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociationDatabase;
import org.ipsecif.sa.TunnelEndpoints;

/** {@code ipsecif_IF_sa_file}: the manual SAs of one interface. Several interfaces may name the same file. */
final class SaFile {
    private SaFile() {}

    /**
     * Reads the SAs of the interface with this reqid; those of other reqids are left to other interfaces. An SA without
     * {@code -u} is the interface's if it lies between its endpoints.
     *
     * @throws ConfigException if the file is unreadable or wrong, or holds nothing for the interface
     */
    static List<SaParameters> read(String file, AllowedAlgorithms allowed, int reqid, TunnelEndpoints endpoints)
            throws ConfigException {
        List<SaParameters> mine = new ArrayList<>();
        for (SetkeyStatement statement : SetkeyScript.readFile(Path.of(file), allowed)) {
            if (statement instanceof SetkeyStatement.Add add) {
                addIfMine(mine, file, add, reqid, endpoints);
            } else if (!(statement instanceof SetkeyStatement.Flush)) { // the usual first line of a setkey script
                throw new ConfigException(
                        file, statement.line(), null, "only add and flush statements belong in an sa_file");
            }
        }
        if (mine.isEmpty()) {
            throw new ConfigException(
                    file,
                    0,
                    null,
                    "no SA with reqid " + Integer.toUnsignedString(reqid) + " between " + endpoints.local() + " and "
                            + endpoints.remote());
        }
        return mine;
    }

    private static void addIfMine(
            List<SaParameters> mine, String file, SetkeyStatement.Add add, int reqid, TunnelEndpoints endpoints)
            throws ConfigException {
        SaParameters sa = add.parameters();
        SaParameters adopted = sa.reqid() == 0 ? sa.withReqid(reqid) : sa;
        if (adopted.reqid() != reqid) {
            return;
        }
        if (SecurityAssociationDatabase.isInbound(adopted, reqid, endpoints)
                || SecurityAssociationDatabase.isOutbound(adopted, reqid, endpoints)) {
            mine.add(adopted);
        } else if (sa.reqid() != 0) {
            throw new ConfigException(
                    file,
                    add.line(),
                    "add",
                    "SA " + sa + " is not between the tunnel endpoints " + endpoints + " of the interface with reqid "
                            + Integer.toUnsignedString(reqid));
        }
    }
}
