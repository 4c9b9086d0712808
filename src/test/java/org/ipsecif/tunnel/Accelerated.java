package org.ipsecif.tunnel;

import org.ipsecif.crypto.Accelerators;
import org.ipsecif.crypto.JdkAccelerator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The process has an accelerator while a class's tests run. */
final class Accelerated implements BeforeAllCallback, AfterAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        Accelerators.use(new JdkAccelerator());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Accelerators.use(null);
    }
}
