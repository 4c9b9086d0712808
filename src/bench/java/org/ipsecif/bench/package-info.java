/** JMH benchmarks of ESP beside the bare ciphers. Compiled by {@code -Pbench} only; docs/performance.md has the results. */
@NullMarked
package org.ipsecif.bench;

import org.jspecify.annotations.NullMarked;
