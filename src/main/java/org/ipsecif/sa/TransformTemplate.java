package org.ipsecif.sa;

/**
 * What a PROTECT policy asks of an SA; the kernels' {@code xfrm_user_tmpl} and {@code sadb_x_ipsecrequest}. Always ESP.
 *
 * @param mode tunnel or transport
 * @param source outer source of the packets that the policy selects
 * @param destination outer destination
 * @param level see {@link Level}
 * @param reqid 32 bits, unsigned; 0 when the level is not unique
 */
public record TransformTemplate(IpsecMode mode, IpAddress source, IpAddress destination, Level level, int reqid) {}
