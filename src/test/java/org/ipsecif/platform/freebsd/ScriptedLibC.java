package org.ipsecif.platform.freebsd;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jnr.ffi.LastError;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;

/**
 * A C library that does what a test says, and writes down every call. Descriptors count up from 10; what nobody says anything about is
 * refused with ENOSYS.
 */
final class ScriptedLibC implements InvocationHandler {
    /** @return the call's result, or {@link #fail} */
    interface Answer {
        Object to(Object[] arguments);
    }

    private static final int ENOSYS = 78;
    private static final Pattern REPEATED = Pattern.compile("([0-9a-f]{2})\\*(\\d{1,3})(?!\\d)");

    private final Map<String, Answer> answers = new HashMap<>();
    private final Map<Long, Answer> ioctls = new HashMap<>();
    private final List<String> calls = new ArrayList<>();
    private int nextFd = 10;

    ScriptedLibC() {
        on("socket", arguments -> nextFd++);
        on("close", arguments -> 0);
        on("fcntl", arguments -> 0);
        on("getpid", arguments -> 4711);
        on("setsockopt", arguments -> 0);
        on("strerror", arguments -> "errno " + arguments[0]);
    }

    LibC libc() {
        return (LibC) Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, this);
    }

    /** Whose threads wait by this library's kqueue. */
    Posix posix() {
        return KqueueReadiness.posix(libc());
    }

    ScriptedLibC on(String call, Answer answer) {
        answers.put(call, answer);
        return this;
    }

    ScriptedLibC onIoctl(long request, Answer answer) {
        ioctls.put(request, answer);
        return this;
    }

    /** As {@link #onIoctl}, which succeeds and leaves the argument alone. */
    ScriptedLibC accept(long... requests) {
        for (long each : requests) {
            onIoctl(each, arguments -> 0);
        }
        return this;
    }

    static int fail(int errno) {
        LastError.setLastError(LibC.RUNTIME, errno);
        return -1;
    }

    /** In their order, {@code name number number...}; an ioctl's argument as its bytes. */
    List<String> calls() {
        return calls;
    }

    /** Those of this name. */
    List<String> calls(String name) {
        return calls.stream().filter(each -> each.startsWith(name + " ")).toList();
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) {
        Object[] all = arguments == null ? new Object[0] : arguments;
        if (method.getName().equals("strerror")) {
            return answers.get("strerror").to(all);
        }
        calls.add(text(method.getName(), all));
        Answer answer = method.getName().equals("ioctl") ? ioctls.get((Long) all[1]) : answers.get(method.getName());
        Object result = answer == null ? (Object) fail(ENOSYS) : answer.to(all);
        return method.getReturnType() == long.class ? ((Number) result).longValue() : result;
    }

    private static String text(String name, Object[] arguments) {
        StringBuilder text = new StringBuilder(name);
        for (Object each : arguments) {
            text.append(' ').append(each instanceof Pointer ? "*" : each);
        }
        if (name.equals("ioctl")) {
            long request = (Long) arguments[1];
            text.setLength(0);
            text.append("ioctl ").append(Long.toHexString(request));
            if (arguments[2] instanceof Pointer pointer) {
                text.append(' ').append(hex(bytes(pointer, (int) (request >> 16 & 0x1fff))));
            }
        }
        return text.toString();
    }

    static byte[] bytes(Object pointer, int length) {
        byte[] bytes = new byte[length];
        ((Pointer) pointer).get(0, bytes, 0, length);
        return bytes;
    }

    /** Writes bytes to where a pointer, or an address, points. */
    static void put(Object to, int offset, byte[] bytes) {
        Pointer pointer = to instanceof Pointer known ? known : Pointer.wrap(LibC.RUNTIME, (Long) to);
        pointer.put(offset, bytes, 0, bytes.length);
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Digits without the blanks; {@code 00*8} is eight bytes. */
    static String digits(String written) {
        Matcher repeated = REPEATED.matcher(written);
        return repeated.replaceAll(each -> each.group(1).repeat(Integer.parseInt(each.group(2))))
                .replaceAll("\\s", "");
    }

    static byte[] unhex(String written) {
        return HexFormat.of().parseHex(digits(written));
    }
}
