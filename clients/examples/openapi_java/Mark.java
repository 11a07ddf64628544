import clipshot.rest.api.CaptureApi;
import clipshot.rest.model.CreateMarkerRequest;
import java.util.UUID;

/** Mark this moment of the running session. Argument: the marker's label. */
class Mark {
    public static void main(String[] arguments) throws Exception {
        var label = arguments.length > 0 ? String.join(" ", arguments) : "A good moment";
        var marker = new CaptureApi(Server.connect())
                .createMarker("current", new CreateMarkerRequest().label(label).requestId(UUID.randomUUID()));
        System.out.println(marker.getMarkerId() + " at " + marker.getAt() + ": " + marker.getLabel());
    }
}
