package org.ipsecif.wire;

/**
 * What the outer IP header of one packet says beside addresses and lengths. A flyweight: one per thread, filled anew for
 * each packet.
 */
public final class OuterHeader {
    private int trafficClass;
    private int hopLimit;
    private int flowLabel;
    private boolean dontFragment;
    private boolean cut;

    /**
     * Fills in all fields.
     *
     * @param trafficClass TOS or traffic class byte: DSCP, then two bits of ECN
     * @param hopLimit TTL or hop limit, 1 to 255
     * @param flowLabel 20 bits; of no meaning for IPv4
     * @param dontFragment DF; for IPv6, whether the sender itself may not fragment
     */
    public void set(int trafficClass, int hopLimit, int flowLabel, boolean dontFragment) {
        this.trafficClass = trafficClass;
        this.hopLimit = hopLimit;
        this.flowLabel = flowLabel;
        this.dontFragment = dontFragment;
        this.cut = false;
    }

    /** Makes it say what another says. */
    public void set(OuterHeader other) {
        trafficClass = other.trafficClass;
        hopLimit = other.hopLimit;
        flowLabel = other.flowLabel;
        dontFragment = other.dontFragment;
        cut = other.cut;
    }

    /** Whether it says what another says. */
    public boolean says(OuterHeader other) {
        return trafficClass == other.trafficClass
                && hopLimit == other.hopLimit
                && flowLabel == other.flowLabel
                && dontFragment == other.dontFragment
                && cut == other.cut;
    }

    public int trafficClass() {
        return trafficClass;
    }

    public void setTrafficClass(int value) {
        trafficClass = value;
    }

    public int hopLimit() {
        return hopLimit;
    }

    public void setHopLimit(int value) {
        hopLimit = value;
    }

    public int flowLabel() {
        return flowLabel;
    }

    public boolean dontFragment() {
        return dontFragment;
    }

    public void setDontFragment(boolean value) {
        dontFragment = value;
    }

    /** Whether the packet is longer than its path: over IPv6, where no router cuts, the sender has to. */
    public boolean cut() {
        return cut;
    }

    public void setCut(boolean value) {
        cut = value;
    }
}
