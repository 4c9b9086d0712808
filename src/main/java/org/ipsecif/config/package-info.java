/** rc.conf, ipsecif.conf, setkey files and SPD templates to immutable records. */
@NullMarked
package org.ipsecif.config;

import org.jspecify.annotations.NullMarked;
