/** The control protocol, its server and client, and the commands of ipsecifctl. */
@NullMarked
package org.ipsecif.control;

import org.jspecify.annotations.NullMarked;
