import clipshot.rest.api.CaptureApi;
import clipshot.rest.model.SessionMode;
import clipshot.rest.model.StartSessionRequest;
import java.util.UUID;

/** Record the screen, and keep its last 30 seconds for replays. */
class Start {
    public static void main(String[] arguments) throws Exception {
        var session = new CaptureApi(Server.connect())
                .startSession(new StartSessionRequest()
                        .mode(SessionMode.BOTH)
                        .replayDuration("30s")
                        .title("An example")
                        .requestId(UUID.randomUUID()));
        System.out.println(session.getSessionId() + " captures " + session.getSourceId());
    }
}
