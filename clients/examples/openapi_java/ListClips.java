import clipshot.rest.api.ClipsApi;
import clipshot.rest.model.ClipOrigin;
import java.util.List;

/** Print all replays in the library, newest first. */
class ListClips {
    public static void main(String[] arguments) throws Exception {
        var clips = new ClipsApi(Server.connect());
        String token = "";
        do {
            var page = clips.listClips(
                    null, token, List.of(ClipOrigin.REPLAY), null, null, null, null, null, null, null, null, null, null);
            for (var clip : page.getClips()) {
                System.out.println(clip.getClipId() + " " + clip.getDuration() + " " + clip.getTitle());
            }
            token = page.getNextPageToken();
        } while (!token.isEmpty());
    }
}
