import clipshot.rest.api.ClipsApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Fetch the file of a clip. Arguments: clip id, file. */
class Download {
    public static void main(String[] arguments) throws Exception {
        var clips = new ClipsApi(Server.connect());
        var total = clips.getClip(arguments[0]).getSizeBytes();
        var fetched = clips.getClipMedia(arguments[0], null, null, null, null);
        var target = Files.move(fetched.toPath(), Path.of(arguments[1]), StandardCopyOption.REPLACE_EXISTING);
        System.out.println(Files.size(target) + " of " + total + " bytes");
    }
}
