package org.ipsecif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ipsecif.daemon.Ipsecifd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody asks which system this is but the one place that chooses the platform; platforms know without asking. */
class SystemChoiceTest {
    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final String CHOICE = "org.ipsecif.daemon.OperatingSystem";

    /** The command, which makes the daemon on the platform of its choice. */
    private static final String ROOT = "org.ipsecif.daemon.Ipsecifd";

    /** What a template's {@code platform} may say. */
    private static final Path TEMPLATE_WORDS = SOURCES.resolve("org/ipsecif/config/TemplateCondition.java");

    private static final List<Path> PLATFORMS =
            List.of(SOURCES.resolve("org/ipsecif/platform/linux"), SOURCES.resolve("org/ipsecif/platform/freebsd"));

    /** Ways to find out, or to tell one from the other. */
    private static final Pattern ASKING = Pattern.compile(
            "\"os\\.(name|version)\"|System\\.getProperties|SystemUtils|\\.getOS\\(\\)|Platform\\.OS\\b|\\buname\\b|/proc/version|/etc/os-release"
                    + "|kern\\.ostype|\"[^\" ]*(?i:linux|freebsd)[^\" ]*\"");

    private static final JavaClasses MAIN = new ClassFileImporter()
            .importUrl(Ipsecifd.class.getProtectionDomain().getCodeSource().getLocation());

    private static List<String> asking(String source) {
        List<String> found = new ArrayList<>();
        for (String line : source.split("\n", -1)) {
            String code = line.strip();
            if (!code.startsWith("*")
                    && !code.startsWith("/")
                    && ASKING.matcher(code).find()) {
                found.add(code);
            }
        }
        return found;
    }

    @Test
    void sourcesAskNowhereElse() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                boolean known = PLATFORMS.stream().anyMatch(file::startsWith)
                        || file.equals(TEMPLATE_WORDS)
                        || file.endsWith("daemon/OperatingSystem.java");
                if (!known) {
                    asking(Files.readString(file)).forEach(line -> found.add(file + ": " + line));
                }
            }
        }
        assertEquals(List.of(), found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "if (System.getProperty(\"os.name\").equals(x)) {",
                "return word.equals(\"freebsd\");",
                "case \"Linux\" -> 1;",
                "boolean kqueue = name.startsWith(\"FreeBSD\");",
                "Files.exists(Path.of(\"/proc/version\"))",
                "Platform.getNativePlatform().getOS()"
            })
    void eachWayOfAskingIsSeen(String line) {
        assertEquals(List.of(line), asking("    " + line + "\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"LOG.info(\"as Linux vti has it\");", "// \"linux\"", " * {@code \"freebsd\"}", "int linux = 1;"
            })
    void whatIsNoQuestionIsNotTakenForOne(String line) {
        assertEquals(List.of(), asking(line));
    }

    @Test
    void theChoiceIsMadeByTheCommandAlone() {
        Set<String> users = new TreeSet<>();
        for (JavaClass each : MAIN) {
            boolean uses = each.getDirectDependenciesFromSelf().stream()
                    .anyMatch(
                            dependency -> dependency.getTargetClass().getName().equals(CHOICE));
            if (uses && !each.getName().startsWith(CHOICE)) {
                users.add(each.getName());
            }
        }
        assertEquals(Set.of(ROOT), users);
    }

    @Test
    void platformsAreMadeByTheChoiceAlone() {
        for (String each : List.of("org.ipsecif.platform.linux", "org.ipsecif.platform.freebsd")) {
            Set<String> users = new TreeSet<>();
            for (JavaClass user : MAIN) {
                boolean uses = user.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency ->
                                dependency.getTargetClass().getPackageName().equals(each));
                if (uses && !user.getPackageName().equals(each)) {
                    users.add(user.getName().replaceAll("\\$.*", ""));
                }
            }
            assertTrue(Set.of(CHOICE).containsAll(users), each + " is used by " + users);
        }
    }

    @Test
    void jnrsOwnWordForTheSystemIsNotAskedFor() {
        for (JavaClass each : MAIN) {
            each.getDirectDependenciesFromSelf().forEach(dependency -> {
                String target = dependency.getTargetClass().getName();
                assertTrue(!target.startsWith("jnr.ffi.Platform$OS"), each.getName() + " uses " + target);
            });
        }
    }
}
