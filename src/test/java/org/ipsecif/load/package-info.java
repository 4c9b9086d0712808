/** Many IKEv2 initiators in one process, or a responder for them with nothing around it: for measurements and tests in namespaces. */
@NullMarked
package org.ipsecif.load;

import org.jspecify.annotations.NullMarked;
