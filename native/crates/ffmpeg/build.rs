//! Tells the crate which FFmpeg it is built with, as far as the C interface differs.

fn main() {
    println!("cargo:rustc-check-cfg=cfg(ffmpeg_7)");
    // Set by the bindings' own build script, which reads the installed headers.
    if std::env::var("DEP_FFMPEG_FFMPEG_7_0").is_ok_and(|v| v == "true") {
        println!("cargo:rustc-cfg=ffmpeg_7");
    }
}
