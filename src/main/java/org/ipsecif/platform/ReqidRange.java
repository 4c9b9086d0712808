package org.ipsecif.platform;

/**
 * The reqids of a system's kernel, unsigned.
 *
 * @param firstAutomatic the lowest that interfaces get that are given none
 * @param lastAutomatic the highest
 * @param lastFixed the highest that may be given
 */
public record ReqidRange(int firstAutomatic, int lastAutomatic, int lastFixed) {
    /** Whether an interface may be given this one; 0 is none. */
    public boolean allows(int reqid) {
        return Integer.compareUnsigned(reqid, lastFixed) <= 0;
    }
}
