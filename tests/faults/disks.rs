//! Disks that are full, read-only, mounted in the tree's place; files that may not change.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use platc::tree::PublishError;

use crate::case::{Case, snapshot};
use crate::driver::publish;
use crate::is_full;
use crate::mounts::{in_own_mounts, mount, mounts, unmount};
use crate::support::Project;

#[test]
fn short_of_space_or_inodes() {
    in_own_mounts("disks::inner_short_of_space_or_inodes");
}

#[test]
#[ignore = "run by the test above, with mounts of its own"]
fn inner_short_of_space_or_inodes() {
    let Some(base) = mounts() else { return };
    let step = if is_full() { 1 } else { 5 };
    let disk = base.join("disk");
    let ladder = |options: &str, take: &dyn Fn(&Path, usize), rungs: usize| {
        let (mut failed, mut published) = (0, 0);
        for rung in (0..rungs).step_by(step) {
            mount(&["-t", "tmpfs", "-o", options, "none"], &disk);
            let case = Case::new(&disk);
            take(&disk, rung);
            match publish(&disk, 2, false) {
                Ok(_) => {
                    published += 1;
                    assert_eq!(case.is_whole(), Ok(true), "{options}, {rung}");
                }
                Err(PublishError::Failed(failure)) => {
                    failed += 1;
                    assert_eq!(case.is_whole(), Ok(false), "{options}, {rung}: {failure}");
                    assert_eq!(failure.reason, "no space is left on the disk");
                    assert_eq!(case.left(), BTreeSet::new(), "{options}, {rung}");
                }
                Err(PublishError::Refused(findings)) => panic!("{findings:?}"),
            }
            fs::remove_dir_all(disk.join("ballast")).unwrap();
            case.assert_next_run_cleans_up(options);
            unmount(&disk);
        }
        eprintln!("ladder {options}: {failed} rungs too short, {published} long enough");
        assert!(failed > 0 && published > 0, "{options}: {failed} failed, {published} published");
    };
    // All but so many pages, or inodes, are taken by somebody else.
    ladder(
        "size=2m",
        &|disk, rung| {
            fs::create_dir(disk.join("ballast")).unwrap();
            let mut filled = fs::File::create(disk.join("ballast/file")).unwrap();
            while std::io::Write::write(&mut filled, &[0; 4096]).is_ok() {}
            let length = filled.metadata().unwrap().len();
            filled.set_len(length - rung as u64 * 4096).unwrap();
        },
        60,
    );
    ladder(
        "nr_inodes=300",
        &|disk, rung| {
            fs::create_dir(disk.join("ballast")).unwrap();
            let mut made = Vec::new();
            for number in 0.. {
                let path = disk.join(format!("ballast/{number}"));
                if fs::write(&path, "").is_err() {
                    break;
                }
                made.push(path);
            }
            made.iter().take(rung).for_each(|path| fs::remove_file(path).unwrap());
        },
        60,
    );
}

#[test]
fn places_that_cannot_be_replaced() {
    in_own_mounts("disks::inner_places_that_cannot_be_replaced");
}

#[test]
#[ignore = "run by the test above, with mounts of its own"]
fn inner_places_that_cannot_be_replaced() {
    let Some(base) = mounts() else { return };
    mount(&["-t", "tmpfs", "none"], &base);
    let failure = |case: &Case| {
        let Err(PublishError::Failed(failure)) = publish(&case.root, 2, false) else { panic!("published") };
        assert_eq!(case.is_whole(), Ok(false), "{failure}");
        assert_eq!(case.left(), BTreeSet::new(), "{failure}");
        failure.to_string()
    };

    let root = base.join("mount");
    fs::create_dir(&root).unwrap();
    let mut case = Case::new(&root);
    // A mount point on the same file system, then on another.
    let tree = case.tree();
    mount(&["--bind", tree.to_str().unwrap()], &tree);
    assert_eq!(failure(&case), "`rendered/prod` cannot be replaced: it is a mount point");
    unmount(&tree);
    mount(&["-t", "tmpfs", "none"], &tree);
    case.old = snapshot(&tree);
    assert_eq!(failure(&case), "`rendered/prod` cannot be replaced: it is a mount point");
    unmount(&tree);
    // A mount point inside.
    mount(&["-t", "tmpfs", "none"], &tree.join("own/x"));
    case.old = snapshot(&tree);
    assert_eq!(failure(&case), "`rendered/prod/own/x` cannot be carried along: it is a mount point");
    unmount(&tree.join("own/x"));
    case.old = snapshot(&tree);

    // Read-only: an unchanged tree is fine, a changed one an error.
    mount(&["--bind", root.to_str().unwrap()], &root);
    assert!(Command::new("mount").args(["-o", "remount,ro,bind"]).arg(&root).status().unwrap().success());
    assert_eq!(failure(&case), "`rendered/.prod.platc-lock` cannot be locked: the file system is read-only");
    assert!(publish(&case.root, 1, false).unwrap().changes.is_empty());
    unmount(&root);
    case.assert_next_run_cleans_up("read-only");
}

#[test]
fn files_and_folders_that_may_not_change() {
    use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
    let project = Project::empty();
    let set = |path: &Path, immutable: bool| {
        let file = fs::File::open(path).unwrap();
        let Ok(flags) = ioctl_getflags(&file) else { return false };
        let flags = if immutable { flags | IFlags::IMMUTABLE } else { flags - IFlags::IMMUTABLE };
        ioctl_setflags(&file, flags).is_ok()
    };
    let mut case = Case::new(&project.root);
    for (path, message) in [
        ("", "`rendered/prod` cannot be replaced: the operation is not permitted"),
        ("notes.md", "`rendered/prod/notes.md` cannot be carried along: the operation is not permitted"),
        ("..", "`rendered/.prod.platc-lock` cannot be locked: the operation is not permitted"),
    ] {
        case.reset();
        let path = case.tree().join(path);
        if !set(&path, true) {
            eprintln!("SKIPPED: only root on some file systems can make files immutable");
            return;
        }
        let result = publish(&case.root, 2, false);
        let left = case.left();
        assert!(set(&path, false));
        let Err(PublishError::Failed(failure)) = result else { panic!("{}: {result:?}", path.display()) };
        assert_eq!(failure.to_string().replace("permission denied", "the operation is not permitted"), message);
        assert_eq!(case.is_whole(), Ok(false), "{}", path.display());
        assert_eq!(left, BTreeSet::new(), "{}", path.display());
        case.assert_next_run_cleans_up(message);
    }
}
