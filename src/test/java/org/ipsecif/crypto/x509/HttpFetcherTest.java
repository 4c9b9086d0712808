package org.ipsecif.crypto.x509;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpFetcherTest {
    private static final int MOST = 10_000;

    private final HttpFetcher fetcher = new HttpFetcher(Duration.ofSeconds(20), MOST);
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String refusal(HttpFetcher by, String path) {
        return assertThrows(IOException.class, () -> by.get(URI.create(server.uri(path))))
                .getMessage();
    }

    @Test
    void getsAndPosts() throws IOException {
        server.answer("/echo", body -> body);
        server.answer("/most", body -> new byte[MOST]);
        assertArrayEquals(new byte[0], fetcher.get(URI.create(server.uri("/echo"))));
        byte[] body = {1, 2, 3};
        assertArrayEquals(body, fetcher.post(URI.create(server.uri("/echo")), "application/ocsp-request", body));
        assertEquals(MOST, fetcher.get(URI.create(server.uri("/most"))).length);
    }

    @Test
    void refusesLongAnswers() {
        server.answer("/long", body -> new byte[MOST + 1]);
        assertEquals("an answer of more than 10000 bytes", refusal(fetcher, "/long"));
    }

    /** The header has come, which is where the JDK's own limit ends. */
    @Test
    void givesUpOnAnAnswerThatDoesNotEnd() {
        server.stall("/stall");
        HttpFetcher impatient = new HttpFetcher(Duration.ofMillis(300), MOST);
        assertEquals("no complete answer within 300 ms", refusal(impatient, "/stall"));
    }

    @Test
    void followsNoRedirection() {
        server.answer("/real", body -> new byte[1]);
        server.redirect("/moved", server.uri("/real"));
        assertEquals("HTTP status 302", refusal(fetcher, "/moved"));
        assertEquals(1, server.requests());
        assertEquals("HTTP status 404", refusal(fetcher, "/nothing"));
    }

    @Test
    void saysThatNobodyListens() {
        String uri = server.uri("/");
        server.close();
        String message = assertThrows(IOException.class, () -> fetcher.get(URI.create(uri)))
                .getMessage();
        assertEquals("cannot connect", message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://127.0.0.1/", "ldap://127.0.0.1/cn=root", "file:///etc/passwd", "/path", "http:///"})
    void fetchesOnlyHttp(String uri) {
        String message = assertThrows(IOException.class, () -> fetcher.get(URI.create(uri)))
                .getMessage();
        assertTrue(message.contains("only http"), message);
    }
}
