//! Killed at random instants.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::case::{Case, bytes, snapshot};
use crate::driver::driver_command;
use crate::is_full;
use crate::support::Project;

/// The same numbers each time, so that a failure can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

#[test]
fn killed_at_random_instants() {
    let project = Project::empty();
    let kills = if is_full() { 1000 } else { 40 };
    let (whole, interrupted) = kill_often(&project.root, kills);
    assert_eq!(whole, kills);
    eprintln!("{kills} kills, {interrupted} of them in the middle of publishing, no torn tree");
    assert!(interrupted > 0, "no kill struck while a tree was being published");
}

/// Kills a driver that publishes 1, 2, 1, 2 … and counts the kills after which the tree was whole, and those that left
/// work unfinished.
fn kill_often(root: &Path, kills: usize) -> (usize, usize) {
    let case = Case::new(root);
    let old = case.old.clone();
    let (mut whole, mut interrupted) = (0, 0);
    let mut dice = Dice(42);
    for _ in 0..kills {
        let mut command = driver_command();
        command.env("PLATC_DRIVER", "forever 1 2").env("PLATC_DRIVER_ROOT", root);
        command.args(["driver::driver", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_micros(3000 + dice.roll(9000)));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.signal(), Some(9), "{}", String::from_utf8_lossy(&output.stderr));
        let now = snapshot(&case.tree());
        whole += usize::from(bytes(&now) == bytes(&old) || bytes(&now) == bytes(&case.new));
        interrupted += usize::from(!case.left().is_empty());
    }
    case.assert_next_run_cleans_up("after all kills");
    (whole, interrupted)
}
