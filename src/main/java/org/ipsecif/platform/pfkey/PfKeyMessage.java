package org.ipsecif.platform.pfkey;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One message, as its extensions stand in it. */
record PfKeyMessage(PfKeyHeader header, List<Extension> extensions) {
    PfKeyMessage {
        extensions = List.copyOf(extensions);
    }

    /** The only extension of a kind that has one number. */
    <T extends Extension> @Nullable T find(Class<T> kind) {
        for (Extension each : extensions) {
            if (kind.isInstance(each)) {
                return kind.cast(each);
            }
        }
        return null;
    }

    /** @param type SADB_EXT_* */
    <T extends Extension> @Nullable T find(Class<T> kind, int type) {
        for (Extension each : extensions) {
            if (each.type() == type && kind.isInstance(each)) {
                return kind.cast(each);
            }
        }
        return null;
    }

    boolean has(int type) {
        return extensions.stream().anyMatch(each -> each.type() == type);
    }

    /** Overwrites the keys in it. */
    void wipe() {
        for (Extension each : extensions) {
            if (each instanceof Extension.Key key) {
                key.key().close();
            }
        }
    }
}
