package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Fetches over HTTP without TLS, as RFC 5280 section 8 advises for CRLs and OCSP: both are signed, and a certificate to fetch a
 * certificate's status would need a status itself. Follows no redirections. One object serves the process; it has a
 * thread of the JDK's, so none is made where nothing is to be fetched.
 */
public final class HttpFetcher implements Fetcher {
    private static final int OK = 200;

    private final Duration limit;
    private final int mostBytes;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /**
     * @param limit for all of one fetch
     * @param mostBytes of an answer's body
     */
    public HttpFetcher(Duration limit, int mostBytes) {
        this.limit = limit;
        this.mostBytes = mostBytes;
    }

    @Override
    public byte[] get(URI uri) throws IOException {
        return fetch(request(uri).GET().build());
    }

    @Override
    public byte[] post(URI uri, String contentType, byte[] body) throws IOException {
        return fetch(request(uri)
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    private static HttpRequest.Builder request(URI uri) throws IOException {
        if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
            throw new IOException("only http is fetched");
        }
        return HttpRequest.newBuilder(uri);
    }

    /** The client's own time limit ends with the header; this one covers the body too. */
    private byte[] fetch(HttpRequest request) throws IOException {
        CompletableFuture<HttpResponse<byte[]>> coming = client.sendAsync(request, info -> new LimitedBody(mostBytes));
        try {
            HttpResponse<byte[]> response = coming.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != OK) {
                throw new IOException("HTTP status " + response.statusCode());
            }
            return response.body();
        } catch (TimeoutException e) {
            throw new IOException("no complete answer within " + limit.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(reason(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            coming.cancel(true);
        }
    }

    private static String reason(@Nullable Throwable cause) {
        if (cause instanceof ConnectException) {
            return "cannot connect";
        }
        return cause == null || cause.getMessage() == null ? "no answer" : cause.getMessage();
    }
}
