//! What publishing does to a folder: what it writes, links, removes, leaves alone and refuses.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]
#![allow(clippy::disallowed_methods, reason = "looks at real folders")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use camino::Utf8Path;
use platc::artifact::File;
use platc::finding::render::text::{Look, draw};
use platc::limits::Limits;
use platc::source::{Sources, Span};
use platc::tree::{self, Changes, Options, Place, PublishError, Published};
use support::Project;

/// A project with a template's text, and its tree at `rendered/prod`.
struct Case {
    project: Project,
    sources: Sources,
    place: Span,
}

impl Case {
    fn new() -> Self {
        let sources = Sources::default();
        let text = "{#- platc\noutput: x.yaml\n-#}\n";
        let place = Span::new(sources.add("templates/x.j2", text), 10, 24);
        Self { project: Project::empty(), sources, place }
    }

    fn files(&self, files: &[(&str, &str)]) -> Vec<File> {
        let file = |&(path, text): &(&str, &str)| File {
            path: path.into(),
            template: "templates/x.j2".into(),
            place: self.place,
            bytes: text.as_bytes().to_vec().into(),
        };
        files.iter().map(file).collect()
    }

    fn publish_with(&self, files: &[(&str, &str)], options: &Options<'_>) -> Result<Published, PublishError> {
        let root = Utf8Path::from_path(&self.project.root).unwrap();
        let place = Place { root, path: "rendered/prod".into(), shown: "rendered/prod".into() };
        tree::publish(place, &self.files(files), options, &Limits::default(), &self.sources)
    }

    fn publish(&self, files: &[(&str, &str)]) -> Changes {
        let published = self.publish_with(files, &Options::default()).unwrap();
        assert_eq!(published.warnings, []);
        self.assert_nothing_left();
        published.changes
    }

    fn check(&self, files: &[(&str, &str)]) -> Changes {
        let root = Utf8Path::from_path(&self.project.root).unwrap();
        let place = Place { root, path: "rendered/prod".into(), shown: "rendered/prod".into() };
        tree::check(place, &self.files(files), &Options::default(), &Limits::default(), &self.sources).unwrap()
    }

    /// The findings that it is refused with, as a person reads them.
    fn refused(&self, files: &[(&str, &str)]) -> String {
        let before = self.snapshot();
        let Err(PublishError::Refused(findings)) = self.publish_with(files, &Options::default()) else {
            panic!("published");
        };
        assert_eq!(self.snapshot(), before);
        self.assert_nothing_left();
        let look = Look { colour: false, width: 120, acknowledges: false };
        findings.sorted(&self.sources).iter().map(|finding| draw(finding, &self.sources, look)).collect()
    }

    fn failed(&self, files: &[(&str, &str)]) -> String {
        let before = self.snapshot();
        let Err(PublishError::Failed(failure)) = self.publish_with(files, &Options::default()) else {
            panic!("published");
        };
        assert_eq!(self.snapshot(), before);
        failure.to_string()
    }

    fn tree(&self) -> String {
        self.project.root.join("rendered/prod").to_str().unwrap().to_owned()
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.project.root.join("rendered/prod").join(path)
    }

    fn write(&self, path: &str, text: &str) {
        self.project.write(&format!("rendered/prod/{path}"), text);
    }

    fn inode(&self, path: &str) -> u64 {
        fs::symlink_metadata(self.path(path)).unwrap().ino()
    }

    /// All below `rendered/prod`: bytes or link target, inode, permissions, time of the last change.
    fn snapshot(&self) -> BTreeMap<String, String> {
        let mut entries = BTreeMap::new();
        collect(Path::new(&self.tree()), &mut entries);
        entries
    }

    /// The text of each file by path, without the manifest.
    fn contents(&self) -> Vec<(String, String)> {
        let tree = self.tree();
        let files = self.snapshot().into_keys().filter(|path| Path::new(path).is_file());
        let files = files.map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&tree).unwrap()[1..].to_owned(), text)
        });
        files.filter(|(path, _)| path != ".platc/manifest").collect()
    }

    fn assert_nothing_left(&self) {
        for entry in fs::read_dir(self.project.root.join("rendered")).into_iter().flatten() {
            let name = entry.unwrap().file_name();
            assert!(!name.to_string_lossy().starts_with('.'), "left behind: {}", name.display());
        }
    }
}

fn collect(path: &Path, entries: &mut BTreeMap<String, String>) {
    let Ok(meta) = fs::symlink_metadata(path) else { return };
    let content = if meta.is_symlink() {
        format!("{}", fs::read_link(path).unwrap().display())
    } else if meta.is_file() {
        format!("{:?}", fs::read(path).unwrap_or_default())
    } else {
        String::new()
    };
    let what = format!("{} {:o} {}.{} {content}", meta.ino(), meta.mode(), meta.mtime(), meta.mtime_nsec());
    entries.insert(path.to_str().unwrap().to_owned(), what);
    if meta.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), entries);
        }
    }
}

fn owned(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

const FILES: &[(&str, &str)] = &[("a.yaml", "a: 1\n"), ("b/c.yaml", "c: 1\n"), ("b/d/e.yaml", "e: 1\n")];

#[test]
fn a_tree_is_written_with_its_manifest() {
    let case = Case::new();
    let changes = case.publish(FILES);
    assert_eq!(changes.added, ["a.yaml", "b/c.yaml", "b/d/e.yaml"]);
    assert_eq!(case.contents(), owned(FILES));
    insta::assert_snapshot!(case.project.read("rendered/prod/.platc/manifest").replace('\t', "  "));
    let options = Options { inputs: Some("0123"), ..Options::default() };
    let published = case.publish_with(FILES, &options).unwrap();
    assert!(published.changes.manifest && published.changes.unchanged == 3);
    assert!(case.project.read("rendered/prod/.platc/manifest").contains("\ninputs 0123\n"));
}

#[test]
fn an_unchanged_tree_is_not_touched_at_all() {
    let case = Case::new();
    case.publish(FILES);
    let (tree, parent) = (case.snapshot(), fs::metadata(case.project.root.join("rendered")).unwrap());
    let changes = case.publish(FILES);
    assert_eq!(changes, Changes { unchanged: 3, ..Changes::default() });
    assert_eq!(case.snapshot(), tree);
    let after = fs::metadata(case.project.root.join("rendered")).unwrap();
    assert_eq!((after.mtime(), after.mtime_nsec()), (parent.mtime(), parent.mtime_nsec()));
}

#[test]
fn unchanged_files_keep_inode_and_time_and_stale_ones_go() {
    let case = Case::new();
    case.publish(FILES);
    let (a, c) = (case.inode("a.yaml"), case.inode("b/c.yaml"));
    let modified = fs::metadata(case.path("a.yaml")).unwrap().modified().unwrap();
    let files = [("a.yaml", "a: 1\n"), ("b/c.yaml", "c: 2\n"), ("new/f.yaml", "")];
    assert!(!case.check(&files).is_empty());
    let changes = case.publish(&files);
    assert_eq!((changes.added, changes.changed), (vec!["new/f.yaml".into()], vec!["b/c.yaml".into()]));
    assert_eq!((changes.removed, changes.unchanged), (vec!["b/d/e.yaml".into()], 1));
    assert_eq!(case.contents(), owned(&files));
    assert!(!case.path("b/d").exists());
    assert_eq!(case.inode("a.yaml"), a);
    assert_ne!(case.inode("b/c.yaml"), c);
    assert_eq!(fs::metadata(case.path("a.yaml")).unwrap().modified().unwrap(), modified);
}

#[test]
fn files_and_folders_may_change_places() {
    let case = Case::new();
    case.publish(&[("a", "file"), ("b/c", "in folder")]);
    case.publish(&[("a/x", "in folder"), ("b", "file")]);
    assert_eq!(case.contents(), owned(&[("a/x", "in folder"), ("b", "file")]));
}

#[test]
fn what_others_put_there_stays_as_it_is() {
    let case = Case::new();
    case.publish(FILES);
    case.write("NOTES.md", "mine");
    case.write("b/d/mine.yaml", "mine");
    case.write("own/deep/x", "mine");
    case.write(".platc/other", "mine");
    fs::create_dir(case.path("empty")).unwrap();
    symlink("/nonexistent", case.path("link")).unwrap();
    symlink("b", case.path("b/d/to-folder")).unwrap();
    fs::set_permissions(case.path("own"), fs::Permissions::from_mode(0o700)).unwrap();
    let own = case.snapshot();
    let keep = ["NOTES.md", "b/d/mine.yaml", "own/deep/x", ".platc/other", "link", "b/d/to-folder"];
    // Everything that platc wrote goes, in two steps; what is not platc's stays, with inode, permissions and times.
    case.publish(&[("b/c.yaml", "c: 2\n")]);
    case.publish(&[]);
    let after = case.snapshot();
    for path in keep {
        let path = case.path(path).to_str().unwrap().to_owned();
        assert_eq!(after.get(&path), own.get(&path), "{path}");
    }
    assert!(case.path("empty").is_dir());
    assert_eq!(fs::metadata(case.path("own")).unwrap().mode() & 0o7777, 0o700);
    assert!(!case.path("b/c.yaml").exists() && !case.path("a.yaml").exists());
    assert_eq!(after.len(), keep.len() + 8, "{after:#?}"); // the tree, seven folders and files of platc's own
}

#[test]
fn a_name_that_is_not_utf8_is_carried_along() {
    use std::os::unix::ffi::OsStrExt as _;
    let case = Case::new();
    case.publish(FILES);
    let odd = Path::new(&case.tree()).join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    if fs::write(&odd, "mine").is_err() {
        return eprintln!("SKIPPED: this file system has UTF-8 names only");
    }
    case.publish(&FILES[..1]);
    assert_eq!(fs::read(&odd).unwrap(), b"mine");
}

#[test]
fn a_file_edited_by_hand_is_shown_and_kept() {
    let case = Case::new();
    case.publish(&[("a.yaml", "one: 1\ntwo: 2\nthree: 3\n"), ("b.yaml", "b")]);
    case.write("a.yaml", "one: 1\ntwo: 22\nthree: 3\n");
    let files = [("a.yaml", "one: 1\ntwo: 2\nthree: 3\n"), ("b.yaml", "changed")];
    insta::assert_snapshot!(case.refused(&files));
    let options = Options { overwrite_edits: true, ..Options::default() };
    case.publish_with(&files, &options).unwrap();
    assert_eq!(case.contents(), owned(&files));
}

#[test]
fn an_edit_that_matches_what_is_rendered_now_is_no_edit() {
    let case = Case::new();
    case.publish(&[("a.yaml", "1")]);
    case.write("a.yaml", "2");
    let changes = case.publish(&[("a.yaml", "2")]);
    assert_eq!((changes.unchanged, changes.manifest), (1, true));
    // The manifest has caught up: the next change is no edit either.
    case.publish(&[("a.yaml", "3")]);
}

#[test]
fn a_file_deleted_by_hand_is_written_again() {
    let case = Case::new();
    case.publish(FILES);
    fs::remove_file(case.path("b/c.yaml")).unwrap();
    assert_eq!(case.publish(FILES).added, ["b/c.yaml"]);
    fs::remove_dir_all(case.path("b")).unwrap();
    case.publish(FILES);
    assert_eq!(case.contents(), owned(FILES));
    // And one that was deleted and is not wanted any more is no matter.
    fs::remove_file(case.path("b/c.yaml")).unwrap();
    assert_eq!(case.publish(&FILES[..1]).removed, ["b/d/e.yaml"]);
}

#[test]
fn a_stale_file_with_an_edit_is_kept() {
    let case = Case::new();
    case.publish(FILES);
    case.write("a.yaml", "a: mine\n");
    insta::assert_snapshot!(case.refused(&FILES[1..]));
    let options = Options { overwrite_edits: true, ..Options::default() };
    assert_eq!(case.publish_with(&FILES[1..], &options).unwrap().changes.removed, ["a.yaml"]);
}

#[test]
fn a_file_replaced_by_a_link_is_an_edit() {
    let case = Case::new();
    case.publish(FILES);
    fs::rename(case.path("a.yaml"), case.path("elsewhere.yaml")).unwrap();
    symlink("elsewhere.yaml", case.path("a.yaml")).unwrap();
    insta::assert_snapshot!(case.refused(FILES));
    let options = Options { overwrite_edits: true, ..Options::default() };
    case.publish_with(FILES, &options).unwrap();
    assert!(fs::symlink_metadata(case.path("a.yaml")).unwrap().is_file());
    assert_eq!(fs::read(case.path("elsewhere.yaml")).unwrap(), b"a: 1\n");
}

#[test]
fn what_others_put_in_an_artifacts_place_is_never_overwritten() {
    let case = Case::new();
    case.write("a.yaml", "mine\n");
    case.write("file", "mine\n");
    case.write("folder/x", "mine\n");
    insta::assert_snapshot!(case.refused(&[("a.yaml", "a: 1\n"), ("file/y.yaml", ""), ("folder", "")]));
    let options = Options { overwrite_edits: true, ..Options::default() };
    assert!(matches!(case.publish_with(&[("a.yaml", "a: 1\n")], &options), Err(PublishError::Refused(_))));
    // The same bytes are adopted.
    case.publish(&[("a.yaml", "mine\n")]);
    case.publish(&[("a.yaml", "changed\n")]);
    assert_eq!(case.contents(), owned(&[("a.yaml", "changed\n"), ("file", "mine\n"), ("folder/x", "mine\n")]));
}

#[test]
fn a_damaged_manifest_is_not_believed() {
    let case = Case::new();
    case.publish(FILES);
    let manifest = case.project.read("rendered/prod/.platc/manifest");
    case.write(".platc/manifest", &manifest.replacen("b/c.yaml", "<<<<<<< HEAD\nb/c.yaml", 1));
    case.write("foreign.yaml", "mine");
    insta::assert_snapshot!(case.refused(&[("a.yaml", "a: 2\n")]));
    let options = Options { overwrite_edits: true, ..Options::default() };
    case.publish_with(&[("a.yaml", "a: 2\n")], &options).unwrap();
    // What it listed is not known any more, so that nothing is removed.
    let left = [("a.yaml", "a: 2\n"), ("b/c.yaml", "c: 1\n"), ("b/d/e.yaml", "e: 1\n"), ("foreign.yaml", "mine")];
    assert_eq!(case.contents(), owned(&left));
}

#[test]
fn paths_that_collide_or_lead_out_are_found_before_anything_is_written() {
    let case = Case::new();
    insta::assert_snapshot!(case.refused(&[
        ("../evil", ""),
        ("/etc/passwd", ""),
        (".platc/manifest", ""),
        ("a.yaml", ""),
        ("a.yaml", ""),
        ("b", ""),
        ("b/c", ""),
        ("nul.yaml", ""),
        ("x/Y", ""),
        ("x/y", ""),
    ]));
    assert!(!case.project.root.join("rendered").exists());
}

#[test]
fn a_check_says_what_would_change_and_changes_nothing() {
    let case = Case::new();
    assert_eq!(case.check(FILES).added.len(), 3);
    assert!(!case.project.root.join("rendered").exists());
    case.publish(FILES);
    assert!(case.check(FILES).is_empty());
    case.write("a.yaml", "edited");
    case.write("foreign", "mine");
    let before = case.snapshot();
    let changes = case.check(&[("a.yaml", "a: 1\n"), ("n", "")]);
    assert_eq!((changes.added, changes.changed), (vec!["n".into()], vec!["a.yaml".into()]));
    assert_eq!(changes.removed, ["b/c.yaml", "b/d/e.yaml"]);
    assert_eq!(case.snapshot(), before);
    case.assert_nothing_left();
}

#[test]
fn a_place_that_is_no_folder_is_refused() {
    let case = Case::new();
    case.project.write("rendered/prod", "a file");
    assert_eq!(case.failed(FILES), "`rendered/prod` cannot be replaced: it is not a folder");
    fs::remove_file(case.path("").parent().unwrap().join("prod")).unwrap();

    case.project.write("elsewhere/a.yaml", "mine");
    symlink("../elsewhere", case.project.root.join("rendered/prod")).unwrap();
    assert_eq!(case.failed(FILES), "`rendered/prod` cannot be replaced: it is a symbolic link");
    assert_eq!(case.project.read("elsewhere/a.yaml"), "mine");

    fs::remove_dir_all(case.project.root.join("rendered")).unwrap();
    symlink("/tmp", case.project.root.join("rendered")).unwrap();
    assert_eq!(case.failed(FILES), "`rendered` cannot hold a tree: it is a symbolic link");
    assert!(!Path::new("/tmp/prod").exists());

    // One that stays within the project, too: what lies there is not what `rendered` says.
    fs::remove_file(case.project.root.join("rendered")).unwrap();
    symlink("elsewhere", case.project.root.join("rendered")).unwrap();
    assert_eq!(case.failed(FILES), "`rendered` cannot hold a tree: it is a symbolic link");
    assert!(!case.project.exists("elsewhere/prod"));
}

#[test]
fn a_place_never_leads_out_of_its_root() {
    let case = Case::new();
    let root = Utf8Path::from_path(&case.project.root).unwrap();
    for path in ["", "..", "../x", "/tmp/x", "a/../../x", ".", ".git/hooks", "x/.GIT./prod", "git~1"] {
        let place = Place { root, path: path.into(), shown: path.into() };
        let result = tree::publish(place, &[], &Options::default(), &Limits::default(), &case.sources);
        assert!(matches!(result, Err(PublishError::Failed(_))), "{path}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_left_alone() {
    let case = Case::new();
    case.publish(FILES);
    let parent = case.project.root.join("rendered");
    fs::set_permissions(&parent, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(parent.join("probe"), "").is_ok() {
        fs::remove_file(parent.join("probe")).unwrap();
        eprintln!("SKIPPED: root may write everywhere; tests/faults.rs has the read-only mount");
    } else {
        assert_eq!(case.failed(&[]), "`rendered/.prod.platc-lock` cannot be locked: permission denied");
        case.publish(FILES);
    }
    fs::set_permissions(&parent, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn permissions_follow_the_umask_and_folders_keep_theirs() {
    let case = Case::new();
    case.publish(FILES);
    let mode = |path: &str| fs::metadata(case.path(path)).unwrap().mode() & 0o7777;
    assert_eq!(mode("a.yaml") & 0o600, 0o600);
    assert_eq!(mode("a.yaml") & 0o111, 0);
    fs::set_permissions(case.path(""), fs::Permissions::from_mode(0o2775)).unwrap();
    fs::set_permissions(case.path("b"), fs::Permissions::from_mode(0o500)).unwrap();
    let changes = case.publish_with(&[("a.yaml", "new"), ("b/c.yaml", "new")], &Options::default()).unwrap();
    assert_eq!((mode(""), mode("b")), (0o2775, 0o500));
    assert_eq!(changes.warnings, []);
    fs::set_permissions(case.path("b"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_keeps_owner_group_and_attributes() {
    use std::os::unix::fs::chown;
    let case = Case::new();
    case.publish(FILES);
    let name = "user.platc-test";
    let marked = rustix::fs::setxattr(case.path("b"), name, b"kept", rustix::fs::XattrFlags::empty()).is_ok();
    // Only root may give something away.
    let given = chown(case.path("b"), Some(12345), Some(54321)).is_ok();
    fs::set_permissions(case.path("b"), fs::Permissions::from_mode(0o2775)).unwrap();
    case.publish(&[("a.yaml", "new"), ("b/c.yaml", "new"), ("b/new.yaml", "")]);
    let stat = fs::metadata(case.path("b")).unwrap();
    assert_eq!(stat.mode() & 0o7777, 0o2775);
    if given {
        assert_eq!((stat.uid(), stat.gid()), (12345, 54321));
        assert_eq!(fs::metadata(case.path("b/new.yaml")).unwrap().gid(), 54321, "the folder's group, by its bit");
    }
    if marked {
        let mut value = [0_u8; 16];
        let length = rustix::fs::getxattr(case.path("b"), name, &mut value[..]).unwrap();
        assert_eq!(&value[..length], b"kept");
    }
    if !given || !marked {
        eprintln!("SKIPPED in part: owner {given}, attributes {marked}");
    }
}

#[test]
fn what_a_killed_run_left_is_cleared_away() {
    let case = Case::new();
    case.publish(FILES);
    case.project.write("rendered/.prod.platc-lock", "999999\n");
    case.project.write("rendered/.prod.platc-stage/half/x", "x");
    case.project.write("rendered/.prod.platc-journal", "platc journal 2\n");
    let tree = case.snapshot();
    assert_eq!(case.publish(FILES).unchanged, 3);
    case.project.write("rendered/.prod.platc-lock", "");
    case.project.write("rendered/.prod.platc-old/y", "y");
    assert_eq!(case.publish(FILES).unchanged, 3);
    assert_eq!(case.snapshot(), tree);
}

#[test]
fn a_run_begins_again_after_every_step_of_one_that_was_killed() {
    // What stands where after each step of the two renames: tree, stage, old.
    for (tree, stage, old) in [
        (Some("old"), Some("new"), None),
        (None, Some("new"), Some("old")),
        (Some("new"), None, Some("old")),
        (Some("new"), None, None),
    ] {
        let case = Case::new();
        let rendered = case.project.root.join("rendered");
        case.publish(&[("a.yaml", "old")]);
        case.write("mine", "mine");
        fs::rename(rendered.join("prod"), rendered.join("old")).unwrap();
        case.publish(&[("a.yaml", "new")]);
        fs::hard_link(rendered.join("old/mine"), rendered.join("prod/mine")).unwrap(); // As a stage gets it.
        fs::rename(rendered.join("prod"), rendered.join("new")).unwrap();
        for (from, to) in [(tree, "prod"), (stage, ".prod.platc-stage"), (old, ".prod.platc-old")] {
            if let Some(from) = from {
                fs::rename(rendered.join(from), rendered.join(to)).unwrap();
            }
        }
        case.project.write("rendered/.prod.platc-lock", "");
        let changes = case.publish(&[("a.yaml", "newest")]);
        assert_eq!(changes.changed, ["a.yaml"], "{tree:?} {stage:?} {old:?}");
        assert_eq!(case.contents(), owned(&[("a.yaml", "newest"), ("mine", "mine")]));
    }
}

/// A pull request commits what a run that was killed between two renames would leave.
#[test]
fn what_somebody_puts_in_the_place_of_an_old_tree_does_not_become_the_tree() {
    let old = "rendered/.prod.platc-old";
    let add = |case: &Case, kind: &str| {
        let beside = case.project.root.join(old);
        match kind {
            "file" => case.project.write(&format!("{old}/x/theirs.yaml"), "theirs"),
            "link" => symlink("/etc/passwd", beside.join("theirs.yaml")).unwrap(),
            "edit" => case.project.write(&format!("{old}/b/c.yaml"), "theirs"),
            "list" => case.project.write(&format!("{old}/.platc/manifest"), "theirs"),
            // A stage whose files are those of the folder, by a link on the way.
            _ => {
                case.project.write(&format!("{old}/x/theirs.yaml"), "theirs");
                fs::create_dir(case.project.root.join("rendered/.prod.platc-stage")).unwrap();
                let link = case.project.root.join("rendered/.prod.platc-stage/x");
                symlink("../.prod.platc-old/x", link).unwrap();
            }
        }
    };
    for kind in ["file", "link", "edit", "list", "stage"] {
        let case = Case::new();
        case.publish(FILES);
        fs::rename(case.project.root.join("rendered/prod"), case.project.root.join(old)).unwrap();
        add(&case, kind);
        for _ in 0..2 {
            let said = case.failed(FILES);
            assert!(said.starts_with(&format!("`{old}` cannot be taken for the old tree: `")), "{kind}: {said}");
            assert!(case.project.exists(old) && !case.project.exists("rendered/prod"), "{kind}");
        }
        fs::remove_dir_all(case.project.root.join(old)).unwrap();
        case.publish(FILES);
        assert_eq!(case.contents(), owned(FILES), "{kind}");
    }
}

/// A run that moves file by file was killed half-way: its journal says which files of the tree may be new ones.
#[test]
fn half_moved_files_are_known_by_the_journal() {
    let case = Case::new();
    case.publish(FILES);
    let manifest = case.project.read("rendered/prod/.platc/manifest");
    case.publish(&[("a.yaml", "a: 2\n"), ("new/f.yaml", "f: 2\n")]);
    let lines = case.project.read("rendered/prod/.platc/manifest");
    let entry = |line: &str| line.rsplit_once('\t').unwrap().0.to_owned() + "\n";
    let journal: String = lines.lines().skip(1).map(entry).collect();
    case.write(".platc/manifest", &manifest);
    case.write("b/c.yaml", "c: 1\n"); // Had not left yet.
    assert!(case.refused(FILES).contains("was edited by hand"));
    case.project.write("rendered/.prod.platc-journal", format!("platc journal 2\n{journal}"));
    case.project.write("rendered/.prod.platc-lock", "");
    case.publish(FILES);
    assert_eq!(case.contents(), owned(FILES));
    // What has other bytes than the journal says is an edit all the same.
    case.write("a.yaml", "a: mine\n");
    case.project.write("rendered/.prod.platc-journal", format!("platc journal 2\n{journal}"));
    let Err(PublishError::Refused(_)) = case.publish_with(&[("a.yaml", "")], &Options::default()) else {
        panic!("published");
    };
    assert!(case.project.exists("rendered/.prod.platc-journal"), "it holds until a run has made the tree whole");
}

#[test]
fn a_journal_that_platc_did_not_write_is_not_followed() {
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for text in [
        "rm -rf /\n".to_owned(),
        "platc journal 1 folders\n".to_owned(),
        format!("platc journal 2\n../outside/x\t{digest}\t0\n"),
        format!("platc journal 2\n/etc/passwd\t{digest}\t0\n"),
        format!("platc journal 2\n.git/hooks/x\t{digest}\t0\n"),
        "platc journal 2\na.yaml".to_owned(),
        "\0".repeat(4096),
    ] {
        let case = Case::new();
        case.publish(FILES);
        case.project.write("rendered/.prod.platc-journal", &text);
        let message = "`rendered/.prod.platc-journal` cannot be followed: this version of platc did not write it";
        assert_eq!(case.failed(&[]), message, "{text:?}");
    }
    let case = Case::new();
    case.publish(FILES);
    case.project.write("rendered/.prod.platc-stage/a", "");
    case.project.write("rendered/.prod.platc-old/a", "");
    assert!(case.failed(&[]).contains("somebody has made it anew since"));
}

/// A pull request commits what a killed run would leave, and a link out of the project in the tree.
#[test]
fn what_a_pull_request_puts_beside_a_tree_moves_nothing_through_a_link() {
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let journals = [
        String::new(),
        "platc journal 1 folders\n".to_owned(),
        format!("platc journal 1 files {digest}\n"),
        format!("platc journal 2\nx/post-checkout\t{digest}\t0\n"),
    ];
    // Where the link is, and where it leads from there.
    let links = [
        ("prod/x", "../../../outside/hooks"),
        ("prod/b", "../../../outside/hooks"),
        ("prod/.platc", "../../../outside/hooks"),
        ("prod", "../../outside/hooks"),
        (".prod.platc-stage", "../../outside/hooks"),
        (".prod.platc-stage/x", "../../../outside/hooks"),
        (".prod.platc-old", "../../outside/hooks"),
        (".prod.platc-journal", "../../outside/hooks/journal"),
        (".prod.platc-lock", "../../outside/hooks/lock"),
        ("", "../outside/hooks"),
    ];
    for journal in &journals {
        for (link, target) in links {
            for published in [false, true] {
                attack(journal, link, target, published);
            }
        }
    }
}

fn attack(journal: &str, link: &str, target: &str, published: bool) {
    let what = format!("{journal:?} {link} {published}");
    let base = Project::empty();
    fs::create_dir_all(base.root.join("outside/hooks")).unwrap();
    let case = Case { project: Project { root: base.root.join("project") }, ..Case::new() };
    fs::create_dir_all(case.project.root.join("rendered")).unwrap();
    if published {
        case.publish(FILES);
    }
    let rendered = case.project.root.join("rendered");
    for staged in ["x/post-checkout", "b/post-checkout", "b/c.yaml", ".platc/manifest"] {
        case.project.write(&format!("rendered/.prod.platc-stage/{staged}"), "#!/bin/sh\n");
        fs::set_permissions(rendered.join(".prod.platc-stage").join(staged), fs::Permissions::from_mode(0o755))
            .unwrap();
    }
    case.project.write("rendered/.prod.platc-journal", journal);
    case.project.write("rendered/prod/mine", "mine");
    let at = rendered.join(link);
    let at = if link.is_empty() { rendered.clone() } else { at };
    let _ = fs::remove_file(&at);
    let _ = fs::remove_dir_all(&at);
    symlink(target, &at).unwrap();
    let files = [("b/c.yaml", "c: 2\n"), ("x/post-checkout", "x: 2\n")];
    for overwrite_edits in [false, true] {
        let options = Options { overwrite_edits, ..Options::default() };
        let result = case.publish_with(&files, &options);
        let outside: Vec<_> = fs::read_dir(base.root.join("outside/hooks")).unwrap().collect();
        assert!(outside.is_empty(), "{what}: {outside:?}");
        match result {
            Ok(_) => {
                // Nothing stood in the way: the tree is what was rendered, and nothing of the stage.
                let text = fs::read_to_string(rendered.join("prod/x/post-checkout")).unwrap();
                assert_eq!(text, "x: 2\n", "{what}");
                assert_eq!(fs::metadata(rendered.join("prod/x/post-checkout")).unwrap().mode() & 0o111, 0, "{what}");
                case.assert_nothing_left();
            }
            Err(PublishError::Refused(findings)) => assert!(findings.has_errors(), "{what}"),
            Err(PublishError::Failed(failure)) => assert!(!failure.reason.is_empty(), "{what}"),
        }
    }
    drop(case);
}

#[test]
fn a_lock_with_a_second_name_is_not_written_over() {
    let case = Case::new();
    case.publish(FILES);
    case.project.write("outside", "precious\n");
    fs::hard_link(case.project.root.join("outside"), case.project.root.join("rendered/.prod.platc-lock")).unwrap();
    let message =
        "`rendered/.prod.platc-lock` cannot be locked: it has a second name elsewhere, which would be written over";
    assert_eq!(case.failed(&[]), message);
    assert_eq!(case.project.read("outside"), "precious\n");
}

/// Files that were hard-linked into a tree or a stage keep their bytes: what is new is a new file.
#[test]
fn hard_links_are_not_written_through() {
    let case = Case::new();
    case.publish(FILES);
    case.project.write("outside", "a: 1\n");
    fs::remove_file(case.path("a.yaml")).unwrap();
    fs::hard_link(case.project.root.join("outside"), case.path("a.yaml")).unwrap();
    case.project.write("rendered/.prod.platc-stage/x", "");
    fs::hard_link(case.project.root.join("outside"), case.project.root.join("rendered/.prod.platc-stage/a.yaml"))
        .unwrap();
    case.publish(&[("a.yaml", "a: 2\n")]);
    assert_eq!(case.project.read("outside"), "a: 1\n");
}

#[test]
fn siblings_that_platc_did_not_make_are_not_followed() {
    for (name, message) in [
        ("lock", "cannot be locked: it is not a regular file"),
        ("stage", "cannot be removed: "),
        ("old", "cannot be removed: "),
        ("journal", "cannot be read: "),
    ] {
        let case = Case::new();
        case.publish(FILES);
        case.project.write("target/keep", "mine");
        symlink("../target", case.project.root.join(format!("rendered/.prod.platc-{name}"))).unwrap();
        let failed = case.failed(&[]);
        assert!(failed.contains(message), "{name}: {failed}");
        assert_eq!(case.project.read("target/keep"), "mine");
    }
}

#[test]
fn a_second_writer_waits_and_says_for_whom() {
    let case = Case::new();
    case.publish(FILES);
    let lock = fs::File::create(case.project.root.join("rendered/.prod.platc-lock")).unwrap();
    fs::write(case.project.root.join("rendered/.prod.platc-lock"), "4711\n").unwrap();
    lock.lock().unwrap();
    let told = std::sync::Mutex::new(None);
    let waiting = |holder| {
        *told.lock().unwrap() = Some(holder);
        lock.unlock().unwrap();
    };
    let options = Options { waiting: &waiting, ..Options::default() };
    case.publish_with(&FILES[..1], &options).unwrap();
    assert_eq!(*told.lock().unwrap(), Some(Some(4711)));
    assert_eq!(case.contents(), owned(&FILES[..1]));
}

#[test]
fn durable_writes_the_same() {
    let case = Case::new();
    case.publish(FILES);
    let options = Options { durable: true, ..Options::default() };
    case.publish_with(&[("a.yaml", "new"), ("z/z/z", "")], &options).unwrap();
    assert_eq!(case.contents(), owned(&[("a.yaml", "new"), ("z/z/z", "")]));
}

/// Against a loop that only writes, and one that only compares, in time on the processor, which other work on the
/// machine disturbs least. Run with `cargo test --release --test publish -- --ignored --nocapture speed`;
/// `PLATC_BENCH_DIR` chooses the disk.
#[test]
#[ignore = "measures"]
#[cfg(target_os = "linux")]
#[allow(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a measurement needs a clock")]
fn speed() {
    const TREES: usize = 200;
    const ROUNDS: usize = 3;
    let case = Case::new();
    let folder = std::env::var_os("PLATC_BENCH_DIR").map_or_else(|| case.project.root.clone(), Into::into);
    let text = "some_key: a value that is fairly long, for YAML\n".repeat(90);
    let versions = ["one", "two"].map(|version| {
        let paths: Vec<_> = (0..80).map(|file| format!("component{}/part{}.yaml", file % 16, file)).collect();
        let text = format!("{text}version: {version}\n");
        case.files(&paths.iter().map(|path| (path.as_str(), text.as_str())).collect::<Vec<_>>())
    });
    let time = |what: &str, work: &dyn Fn(usize)| {
        let start = (std::time::Instant::now(), processor());
        (0..TREES).for_each(work);
        let micros = |nanos: u128| nanos as f64 / 1e3 / TREES as f64;
        let (wall, each) = (micros(start.0.elapsed().as_nanos()), micros(processor() - start.1));
        eprintln!("{what:<44} {each:8.0} µs a tree ({wall:.0} on the clock)");
        each
    };
    let bytes: usize = versions[0].iter().map(|file| file.bytes.len()).sum();
    eprintln!("{TREES} trees of {} files, {bytes} bytes", versions[0].len());
    for _ in 0..ROUNDS {
        let plain = folder.join("plain");
        let root = Utf8Path::from_path(&folder).unwrap();
        let publish = |files: &[File], tree: usize| {
            let path = format!("rendered/env{tree}");
            let place = Place { root, path: Utf8Path::new(&path), shown: Utf8Path::new(&path) };
            tree::publish(place, files, &Options::default(), &Limits::default(), &case.sources).unwrap()
        };
        let write = time("only writing", &|tree| {
            for file in &versions[0] {
                let path = plain.join(tree.to_string()).join(&file.path);
                if fs::write(&path, &*file.bytes).is_err() {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(&path, &*file.bytes).unwrap();
                }
            }
        });
        let fresh = time("publishing fresh", &|tree| drop(publish(&versions[0], tree)));
        let compare = time("only comparing", &|tree| {
            for file in &versions[0] {
                assert!(fs::read(plain.join(tree.to_string()).join(&file.path)).unwrap() == *file.bytes);
            }
        });
        let unchanged = time("publishing unchanged", &|tree| drop(publish(&versions[0], tree)));
        let rewrite = time("writing over", &|tree| {
            for file in &versions[1] {
                fs::write(plain.join(tree.to_string()).join(&file.path), &*file.bytes).unwrap();
            }
        });
        let changed = time("publishing with every file changed", &|tree| drop(publish(&versions[1], tree)));
        let mut some = versions[1].clone();
        some[7].bytes = [&*some[7].bytes, b"#"].concat().into();
        let one = time("publishing with one file changed", &|tree| drop(publish(&some, tree)));
        eprintln!(
            "fresh/writing {:.2}  unchanged/comparing {:.2}  changed/writing over {:.2}  one changed/writing {:.2}",
            fresh / write,
            unchanged / compare,
            changed / rewrite,
            one / write
        );
        fs::remove_dir_all(plain).unwrap();
        fs::remove_dir_all(folder.join("rendered")).unwrap();
    }
}

/// Nanoseconds that this thread has run.
#[cfg(target_os = "linux")]
fn processor() -> u128 {
    let line = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    line.split(' ').next().unwrap().parse().unwrap()
}
