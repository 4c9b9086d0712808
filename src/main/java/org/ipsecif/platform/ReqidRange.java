package org.ipsecif.platform;

/**
 * The reqids of a system's kernel, unsigned.
 *
 * @param firstAutomatic the lowest that interfaces get that are given none
 * @param lastAutomatic the highest
 * @param lastFixed the highest that may be given
 */
public record ReqidRange(int firstAutomatic, int lastAutomatic, int lastFixed) {
    /** Of kernels that give out those over IPSEC_MANUAL_REQID_MAX of netipsec/ipsec.h, 0x3fff, themselves; automatic ones are the upper half. */
    public static final ReqidRange PF_KEY = new ReqidRange(0x2000, 0x3fff, 0x3fff);

    /** Whether an interface may be given this one; 0 is none. */
    public boolean allows(int reqid) {
        return Integer.compareUnsigned(reqid, lastFixed) <= 0;
    }
}
