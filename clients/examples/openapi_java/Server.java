import clipshot.rest.ApiClient;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A client of the server that runs here. */
final class Server {
    private Server() {}

    static ApiClient connect() throws IOException {
        Path dataDir = Optional.ofNullable(System.getenv("CLIPSHOT_DATA_DIR"))
                .map(Path::of)
                .orElse(Path.of(System.getProperty("user.home"), ".clipshot"));
        String rest = new ObjectMapper().readTree(dataDir.resolve("run.json").toFile()).get("rest").asText();
        String key = Files.readString(dataDir.resolve("api-key")).strip();
        ApiClient client = new ApiClient();
        client.updateBaseUri(rest);
        client.setRequestInterceptor(request -> request.header("X-API-Key", key));
        return client;
    }
}
