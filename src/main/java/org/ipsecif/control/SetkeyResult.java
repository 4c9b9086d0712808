package org.ipsecif.control;

import java.util.List;

/** What a setkey(8) script printed, in its order: one list an output statement. */
public record SetkeyResult(List<SaStatus> securityAssociations, List<PolicyStatus> policies) {}
