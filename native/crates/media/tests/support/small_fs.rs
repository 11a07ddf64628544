//! Runs a test on a file system of a few hundred kilobytes.

use std::env;
use std::path::PathBuf;
use std::process::Command;

const VARIABLE: &str = "CLIPSHOT_TEST_SMALL_FS";

/// In the test that was started: starts itself again in a mount namespace of its own with a tmpfs of `kilobytes`, and
/// fails as that fails; gives None. In the one so started: the folder of the tmpfs.
pub fn small_fs(test: &str, kilobytes: u32) -> Option<PathBuf> {
    if let Some(folder) = env::var_os(VARIABLE) {
        return Some(folder.into());
    }
    let folder = tempfile::tempdir().unwrap();
    let unshare = ["--user", "--map-root-user", "--mount"];
    if !Command::new("unshare").args(unshare).arg("true").status().is_ok_and(|s| s.success()) {
        eprintln!("skipped: no mount namespaces here");
        return None;
    }
    let script = r#"mount -t tmpfs -o size="$1"k small "$2" && shift 2 && exec "$@""#;
    let status = Command::new("unshare")
        .args(unshare)
        .args(["sh", "-c", script, "sh", &kilobytes.to_string()])
        .arg(folder.path())
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(VARIABLE, folder.path())
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed on the small file system");
    None
}
