//! How far a long run is: on a terminal only, and only if it lasts.

use std::process::{Child, Command};

use crate::project;
use crate::streams::in_terminal;
use crate::support::Project;

/// Holds the lock of `rendered/prod` for a while, as another run would.
fn hold_lock(project: &Project, seconds: &str) -> Child {
    std::fs::create_dir_all(project.root.join("rendered")).unwrap();
    let lock = project.root.join("rendered/.prod.platc-lock");
    let child = Command::new("flock").arg(&lock).args(["sleep", seconds]).spawn().unwrap();
    while !lock.exists() {
        std::thread::yield_now();
    }
    std::thread::sleep(std::time::Duration::from_millis(200));
    child
}

#[test]
fn a_short_run_shows_no_progress() {
    let project = project();
    if let Some(seen) = in_terminal(&project, "platc render") {
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(seen.contains("rendered prod: 2 files") && !seen.contains(" of 2 environments"), "{seen}");
    }
}

#[test]
fn a_run_that_lasts_says_what_it_waits_for_and_how_far_it_is() {
    let project = project();
    let mut other = hold_lock(&project, "3");
    if let Some(seen) = in_terminal(&project, "platc render") {
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(seen.contains("waiting for another run"), "{seen}");
        assert!(seen.contains("1 of 2 environments"), "{seen}");
        // The line is wiped before the result is told.
        let wiped = seen.find("\r\x1b[Krendered dev").expect("the result comes after the progress is wiped");
        assert!(!seen[wiped..].contains("environments"), "{seen}");
    }
    other.wait().unwrap();
}

#[test]
fn without_a_terminal_there_is_no_progress() {
    let project = project();
    let mut other = hold_lock(&project, "2");
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.starts_with("waiting for another run"), "{ran}");
    assert!(!ran.stderr.contains("environments") && !ran.stderr.contains('\r'), "{ran}");
    other.wait().unwrap();
}
