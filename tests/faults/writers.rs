//! Several writers of one tree.

use std::fs;
use std::process::Stdio;

use crate::case::{bytes, snapshot};
use crate::driver::{driver_command, publish};
use crate::is_full;
use crate::support::Project;

#[test]
fn eight_writers_at_once() {
    let project = Project::empty();
    let root = &project.root;
    let rounds = if is_full() { 40 } else { 5 };
    // What each version looks like when nobody disturbs.
    let mut versions = Vec::new();
    for number in 1..=8 {
        let alone = root.join(format!("alone{number}"));
        fs::create_dir(&alone).unwrap();
        publish(&alone, number, false).unwrap();
        versions.push(snapshot(&alone.join("rendered/prod")));
    }
    for _ in 0..rounds {
        let writers: Vec<_> = (1..=8)
            .map(|number| {
                let mut command = driver_command();
                command.env("PLATC_DRIVER", format!("once {number} {number}")).env("PLATC_DRIVER_ROOT", root);
                command.args(["driver::driver", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        for writer in writers {
            let output = writer.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let now = snapshot(&root.join("rendered/prod"));
        assert!(versions.iter().any(|version| bytes(version) == bytes(&now)), "a mixture");
        let names: Vec<_> =
            fs::read_dir(root.join("rendered")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["prod"]);
    }
}
