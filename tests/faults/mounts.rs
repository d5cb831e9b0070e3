//! File systems of a test's own, in a namespace that nobody else sees.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Project;

/// Runs an ignored test of this file where it may mount file systems without anybody else seeing them.
pub(crate) fn in_own_mounts(test: &str) {
    let project = Project::empty();
    let own: &[&str] =
        if fs::metadata("/proc/self").unwrap().uid() == 0 { &["--mount"] } else { &["--mount", "--map-root-user"] };
    let probe = Command::new("unshare").args(own).args(["mount", "-t", "tmpfs", "none"]).arg(&project.root).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED {test}: neither root nor a user who may mount in a namespace of his own");
        return;
    }
    let mut command = Command::new("unshare");
    command.args(own).arg(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    let output = command.env("PLATC_MOUNTS", &project.root).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    for line in said.lines().filter(|line| line.contains("ladder") || line.contains("SKIPPED")) {
        eprintln!("{line}");
    }
}

pub(crate) fn mounts() -> Option<PathBuf> {
    std::env::var_os("PLATC_MOUNTS").map(PathBuf::from)
}

pub(crate) fn mount(args: &[&str], at: &Path) {
    fs::create_dir_all(at).unwrap();
    let output = Command::new("mount").args(args).arg(at).output().unwrap();
    assert!(output.status.success(), "mount {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn unmount(at: &Path) {
    assert!(Command::new("umount").arg(at).status().unwrap().success());
}
