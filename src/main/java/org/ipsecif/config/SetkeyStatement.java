package org.ipsecif.config;

import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;

/** One statement of a setkey(8) script. {@code line} counts from 1. */
public sealed interface SetkeyStatement {
    int line();

    record Add(int line, SaParameters parameters) implements SetkeyStatement {}

    record Delete(int line, IpAddress source, IpAddress destination, int spi) implements SetkeyStatement {}

    record DeleteAll(int line, IpAddress source, IpAddress destination) implements SetkeyStatement {}

    record Get(int line, IpAddress source, IpAddress destination, int spi) implements SetkeyStatement {}

    record Flush(int line) implements SetkeyStatement {}

    record Dump(int line) implements SetkeyStatement {}

    record SpdDump(int line) implements SetkeyStatement {}
}
