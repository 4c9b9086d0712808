package org.ipsecif.platform;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Opens what a kernel may not have. */
public interface Opening<T> {
    T open() throws ErrnoException;

    /**
     * What is opened, or null where the kernel says that it has no such thing.
     *
     * @param saysAbsent whether a failure means that; others are thrown
     */
    static <T> @Nullable T ifThere(Opening<T> opening, Predicate<ErrnoException> saysAbsent) throws ErrnoException {
        try {
            return opening.open();
        } catch (ErrnoException e) {
            if (saysAbsent.test(e)) {
                return null;
            }
            throw e;
        }
    }
}
