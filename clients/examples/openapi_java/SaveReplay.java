import clipshot.rest.ApiException;
import clipshot.rest.api.CaptureApi;
import clipshot.rest.model.SaveReplayRequest;
import java.util.UUID;

/** Save the last ten seconds as a clip. */
class SaveReplay {
    public static void main(String[] arguments) throws Exception {
        var request = new SaveReplayRequest().duration("10s").requestId(UUID.randomUUID());
        try {
            var clip = new CaptureApi(Server.connect()).saveReplay("current", request).getSavedClip();
            System.out.println(clip.getClipId() + " is " + clip.getPath());
        } catch (ApiException error) { // e.g. nothing is buffered
            System.err.println("HTTP " + error.getCode() + ": " + error.getResponseBody());
            System.exit(1);
        }
    }
}
