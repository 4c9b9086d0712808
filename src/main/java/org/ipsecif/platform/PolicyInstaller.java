package org.ipsecif.platform;

import java.util.List;
import org.ipsecif.sa.SecurityPolicy;

/** The kernel's SPD: a copy of ours. Control thread only. */
public interface PolicyInstaller extends AutoCloseable {
    /**
     * Adds one entry; never replaces one.
     *
     * @throws ErrnoException as the kernel says; EEXIST when the same selector, direction and scope is there already
     */
    void install(SecurityPolicy policy) throws ErrnoException;

    /**
     * Removes the entry with this selector, direction and scope.
     *
     * @return false if there was none
     */
    boolean remove(SecurityPolicy policy) throws ErrnoException;

    /** All entries of the kernel's SPD, ours and others', that this project's records can express. */
    List<SecurityPolicy> dump() throws ErrnoException;

    @Override
    void close();
}
