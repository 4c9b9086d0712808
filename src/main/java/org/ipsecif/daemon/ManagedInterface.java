package org.ipsecif.daemon;

import java.util.List;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.sa.PathMtu;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.tunnel.TunnelInterface;
import org.jspecify.annotations.Nullable;

/** One interface as it stands on the host. Control thread only. */
final class ManagedInterface {
    private final TunnelInterface tunnel;

    /** What has been applied, with the reqid it got. */
    private InterfaceConfig config;

    /** Whether a configuration file made it; a reload removes it when the file no longer does. */
    private boolean fromConfiguration;

    /** As set on the device, bytes; 0 before the first time. */
    private int mtu;

    private @Nullable PathMtu pathMtu;
    private @Nullable EspTransport transport;
    private AutoCloseable dummies = () -> {};
    private int dummiesPerSecond;
    private SecurityPolicyDatabase policies = SecurityPolicyDatabase.EMPTY;
    private List<SecurityAssociation> fromSaFile = List.of();

    ManagedInterface(TunnelInterface tunnel, InterfaceConfig config) {
        this.tunnel = tunnel;
        this.config = config;
    }

    TunnelInterface tunnel() {
        return tunnel;
    }

    String name() {
        return config.name();
    }

    InterfaceConfig config() {
        return config;
    }

    void setConfig(InterfaceConfig next) {
        config = next;
    }

    /** The id of the kernel policies' scope: the reqid, so that both are unique together. */
    int ifId() {
        return config.reqid();
    }

    boolean isFromConfiguration() {
        return fromConfiguration;
    }

    void setFromConfiguration(boolean value) {
        fromConfiguration = value;
    }

    int mtu() {
        return mtu;
    }

    void setMtu(int bytes) {
        mtu = bytes;
    }

    /** Of the path between the endpoints; null while none are set. */
    @Nullable
    PathMtu pathMtu() {
        return pathMtu;
    }

    void setPathMtu(@Nullable PathMtu next) {
        pathMtu = next;
    }

    /** Ends what sends its dummy packets. */
    AutoCloseable dummies() {
        return dummies;
    }

    int dummiesPerSecond() {
        return dummiesPerSecond;
    }

    void setDummies(int perSecond, AutoCloseable next) {
        dummiesPerSecond = perSecond;
        dummies = next;
    }

    @Nullable
    EspTransport transport() {
        return transport;
    }

    void setTransport(@Nullable EspTransport next) {
        transport = next;
    }

    /** In-process SPD; the kernel holds a copy of each entry. */
    SecurityPolicyDatabase policies() {
        return policies;
    }

    void setPolicies(SecurityPolicyDatabase next) {
        policies = next;
    }

    /** The SAs that its {@code ipsecif_IF_sa_file} gave. */
    List<SecurityAssociation> fromSaFile() {
        return fromSaFile;
    }

    void setFromSaFile(List<SecurityAssociation> next) {
        fromSaFile = List.copyOf(next);
    }
}
