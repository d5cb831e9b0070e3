//! A tree in a lower layer of an overlay, as in dev containers: published file by file, under a journal.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::calls::{has_strace, strace};
use crate::case::{Case, snapshot};
use crate::driver::{drive, driver_command, publish};
use crate::is_full;
use crate::mounts::{in_own_mounts, mount, mounts, unmount};

#[test]
fn folders_of_a_lower_overlay_layer() {
    in_own_mounts("overlay::inner_folders_of_a_lower_overlay_layer");
}

/// A tree from an image's layer, as in a dev container: its folders can be neither exchanged nor renamed.
#[test]
#[ignore = "run by the test above, with mounts of its own"]
fn inner_folders_of_a_lower_overlay_layer() {
    let Some(base) = mounts() else { return };
    mount(&["-t", "tmpfs", "none"], &base);
    let lower = base.join("lower");
    fs::create_dir(&lower).unwrap();
    let mut expected = Case::new(&lower);
    expected.old.clear();
    let merged = base.join("merged");
    let fresh = |number: usize| {
        let (upper, work) = (base.join(format!("upper{number}")), base.join(format!("work{number}")));
        fs::create_dir(&upper).unwrap();
        fs::create_dir(&work).unwrap();
        let options = format!("lowerdir={},upperdir={},workdir={}", lower.display(), upper.display(), work.display());
        mount(&["-t", "overlay", "overlay", "-o", &options], &merged);
        let old = snapshot(&merged.join("rendered/prod"));
        Case { root: merged.clone(), old, new: expected.new.clone() }
    };
    // It is refused here, or this test shows nothing.
    let case = fresh(0);
    let refused = fs::rename(case.tree(), case.root.join("rendered/x")).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::CrossesDevices);
    let published = publish(&case.root, 2, false).unwrap();
    assert_eq!((published.warnings.len(), published.changes.removed.len()), (0, 2));
    case.assert_next_run_cleans_up("overlay");
    unmount(&merged);
    if has_strace() {
        let total = files_way_faults(&fresh, &merged);
        eprintln!("ladder of {total} faults on an overlay");
    }
    let kills = if is_full() { 300 } else { 15 };
    let mut mixed = 0;
    for number in 0..kills {
        let case = fresh(100_000 + number);
        let mut child = driver_command();
        child.env("PLATC_DRIVER", "once 2 2").env("PLATC_DRIVER_ROOT", &case.root);
        child.args(["driver::driver", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        let mut child = child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(2000 + number as u64 * 97 % 8000));
        let _ = child.kill();
        child.wait().unwrap();
        // Between two files the tree is neither old nor new, which the journal then says.
        let whole = case.is_whole_but_for_inodes().is_ok();
        assert!(whole || case.left().contains(".prod.platc-journal"));
        mixed += usize::from(!whole);
        case.assert_next_run_cleans_up("killed on an overlay");
        unmount(&merged);
    }
    eprintln!("ladder of {kills} kills on an overlay, {mixed} of them left a mixed tree");
}

/// Renames of files are refused one after the other: each is taken back.
fn files_way_faults(fresh: &dyn Fn(usize) -> Case, merged: &Path) -> usize {
    let step = if is_full() { 1 } else { 6 };
    let mut total = 0;
    for name in ["renameat2", "renameat", "mkdirat", "unlinkat"] {
        for number in (1..60).step_by(step) {
            for fault in [format!("{name}:error=EIO:when={number}"), format!("{name}:signal=KILL:when={number}")] {
                total += 1;
                let case = fresh(total);
                let trace = case.root.join("trace");
                let mut command = strace(std::slice::from_ref(&fault), &trace);
                let output = drive(command.arg(std::env::current_exe().unwrap()), &case.root, "once 2 2");
                let said = String::from_utf8_lossy(&output.stderr);
                let whole = case.is_whole_but_for_inodes();
                match output.status.code() {
                    Some(0) => assert_eq!(whole, Ok(true), "{fault}: {said}"),
                    Some(2) => assert_eq!(whole, Ok(false), "{fault}: {said}"),
                    _ => assert!(whole.is_ok() || case.left().contains(".prod.platc-journal"), "{fault}: {whole:?}"),
                }
                case.assert_next_run_cleans_up(&fault);
                unmount(merged);
            }
        }
    }
    total
}
