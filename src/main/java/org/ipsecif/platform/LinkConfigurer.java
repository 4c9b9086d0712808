package org.ipsecif.platform;

import org.ipsecif.sa.InnerAddress;

/** What ifconfig(8) or ip(8) do to an interface that exists. Control thread only. */
public interface LinkConfigurer extends AutoCloseable {
    /** @return the index of the interface with this name, or 0 if there is none */
    int indexOf(String name) throws ErrnoException;

    /** Whether the interface is administratively up now, whoever put it there. */
    boolean isUp(int index) throws ErrnoException;

    /** @param mtu bytes */
    void setMtu(int index, int mtu) throws ErrnoException;

    void setUp(int index, boolean up) throws ErrnoException;

    /** @param description free text, empty to remove it; Linux keeps 255 bytes */
    void setDescription(int index, String description) throws ErrnoException;

    /** @throws ErrnoException EEXIST if the interface has it already */
    void addAddress(int index, InnerAddress address) throws ErrnoException;

    /** @return false if the interface does not have it */
    boolean removeAddress(int index, InnerAddress address) throws ErrnoException;

    @Override
    void close();
}
