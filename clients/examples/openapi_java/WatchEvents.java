import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Iterator;

/** Print what happens until the server stops or Ctrl-C. An event's id as argument: go on after it. */
class WatchEvents {
    public static void main(String[] arguments) throws Exception {
        var client = Server.connect();
        var after = String.join("", arguments);
        var request = HttpRequest.newBuilder(
                URI.create(client.getBaseUri() + "/api/v1/system/events?after_event_id=" + after));
        client.getRequestInterceptor().accept(request); // the generated call would wait for the stream's end
        try (var frames = client.getHttpClient().send(request.build(), BodyHandlers.ofLines()).body()) {
            String id = "";
            for (Iterator<String> lines = frames.iterator(); lines.hasNext(); ) {
                String line = lines.next();
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    System.out.println(id + " " + line.substring(7));
                } else if (line.isEmpty()) {
                    id = "";
                }
            }
        }
    }
}
