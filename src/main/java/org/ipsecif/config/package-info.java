/** rc.conf, ipsecif.conf, setkey files, files of secrets and SPD templates to immutable records. */
@NullMarked
package org.ipsecif.config;

import org.jspecify.annotations.NullMarked;
