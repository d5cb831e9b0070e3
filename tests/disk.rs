//! What the door to the disk lets through, on real folders and in real git repositories.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]
#![allow(clippy::disallowed_methods, reason = "builds the folders that are read")]

mod support;

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use camino::Utf8Path;
use platc::disk::{Disk, EntryKind, Git, GitError, ReadError, Real, Surroundings};
use support::Project;

const LIMIT: u64 = 1000;

fn root(project: &Project) -> &Utf8Path {
    Utf8Path::from_path(&project.root).unwrap()
}

fn real(project: &Project) -> Real {
    Real::open(root(project)).unwrap()
}

fn read(disk: &impl Disk, path: &str) -> Result<String, ReadError> {
    disk.read(path.into(), LIMIT).map(|bytes| String::from_utf8(bytes).unwrap())
}

fn names(disk: &impl Disk, path: &str) -> Vec<String> {
    disk.list(path.into()).unwrap().into_iter().map(|entry| entry.name).collect()
}

/// Makes a pipe (`p`) or a character device (`c`), which only root can.
fn special(project: &Project, path: &str, kind: &[&str]) -> bool {
    let made = Command::new("mknod").arg(project.root.join(path)).args(kind).stderr(Stdio::null()).status();
    made.is_ok_and(|status| status.success())
}

#[test]
fn a_folder_lists_sorted_with_what_each_entry_is() {
    let project = Project::empty().file("b.yaml", "").file("a/x", "").file("a-b", "").file("Z", "");
    symlink("b.yaml", project.root.join("link")).unwrap();
    assert!(special(&project, "pipe", &["p"]));
    let entries = real(&project).list("".into()).unwrap();
    let entries: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.kind)).collect();
    assert_eq!(
        entries,
        [
            ("Z", EntryKind::File),
            ("a", EntryKind::Folder),
            ("a-b", EntryKind::File),
            ("b.yaml", EntryKind::File),
            ("link", EntryKind::Link),
            ("pipe", EntryKind::Special),
        ]
    );
    assert!(matches!(real(&project).list("b.yaml".into()), Err(ReadError::WrongKind(EntryKind::File))));
    assert!(matches!(real(&project).list("nothing".into()), Err(ReadError::Missing)));
}

#[test]
fn reading_is_bounded_by_the_limit() {
    let project = Project::empty().file("full", [b'x'; 1000]).file("over", [b'x'; 1001]).file("empty", "");
    let disk = real(&project);
    assert_eq!(read(&disk, "full").unwrap().len(), 1000);
    assert_eq!(read(&disk, "empty").unwrap(), "");
    assert!(matches!(read(&disk, "over"), Err(ReadError::TooLarge { limit: 1000 })));
    // A file of the kernel claims to be empty and is not; one of a gigabyte costs nothing to refuse.
    if cfg!(target_os = "linux") {
        let proc = Real::open("/proc/self".into()).unwrap();
        assert!(!proc.read("status".into(), 1 << 20).unwrap().is_empty());
        assert!(matches!(proc.read("status".into(), 10), Err(ReadError::TooLarge { limit: 10 })));
    }
    std::fs::File::create(project.root.join("huge")).unwrap().set_len(1 << 30).unwrap();
    assert!(matches!(read(&disk, "huge"), Err(ReadError::TooLarge { .. })));
}

#[test]
fn links_inside_the_project_are_followed_and_links_out_of_it_refused() {
    let project = Project::empty().file("base/a.yaml", "inside").file("x/y", "");
    let inside = project.root.join("base/a.yaml");
    for (name, target) in [
        ("good", Path::new("base/a.yaml")),
        ("x/folder", Path::new("../base")),
        ("out", Path::new("../../../../../../../etc/passwd")),
        ("x/up", Path::new("../..")),
        ("absolute", Path::new("/etc/passwd")),
        ("absolute-inside", inside.as_path()),
        ("circle", Path::new("circle")),
        ("dangling", Path::new("nothing")),
    ] {
        symlink(target, project.root.join(name)).unwrap();
    }
    let disk = real(&project);
    assert_eq!(read(&disk, "good").unwrap(), "inside");
    assert_eq!(read(&disk, "x/folder/a.yaml").unwrap(), "inside");
    assert_eq!(names(&disk, "x/folder"), ["a.yaml"]);
    for path in ["out", "x/up", "absolute", "absolute-inside", "circle", "../x", "/etc/passwd", "x/up/tmp"] {
        assert!(matches!(read(&disk, path), Err(ReadError::Escapes)), "{path}: {:?}", read(&disk, path));
    }
    assert!(matches!(disk.list("x/up".into()), Err(ReadError::Escapes)));
    assert!(matches!(read(&disk, "dangling"), Err(ReadError::Missing)));
}

#[test]
fn pipes_sockets_and_devices_are_refused_and_never_wait() {
    let project = Project::empty().file("file", "x");
    let _socket = std::os::unix::net::UnixListener::bind(project.root.join("socket")).unwrap();
    symlink("pipe", project.root.join("link")).unwrap();
    let mut paths = vec!["socket", "link"];
    assert!(special(&project, "pipe", &["p"]));
    if special(&project, "zero", &["c", "1", "5"]) {
        paths.push("zero");
    } else {
        eprintln!("SKIPPED a part: only root can make devices");
    }
    let disk = real(&project);
    for path in paths {
        assert!(matches!(read(&disk, path), Err(ReadError::Special)), "{path}: {:?}", read(&disk, path));
        assert!(matches!(disk.list(path.into()), Err(ReadError::Special)), "{path}");
    }
}

#[test]
fn names_may_be_long_but_must_be_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let longest = "n".repeat(255);
    let project = Project::empty().file(&longest, "x").file("line\nend", "y").file("bad/ok", "");
    let disk = real(&project);
    assert_eq!(read(&disk, &longest).unwrap(), "x");
    assert_eq!(read(&disk, "line\nend").unwrap(), "y");
    let error = read(&disk, &"n".repeat(256)).unwrap_err();
    assert_eq!(error.to_string(), "there is no such file or folder");
    if std::fs::write(project.root.join("bad").join(std::ffi::OsStr::from_bytes(b"caf\xe9")), "").is_err() {
        return eprintln!("SKIPPED a part: this file system has UTF-8 names only");
    }
    match disk.list("bad".into()) {
        Err(ReadError::NameNotUtf8(name)) => assert_eq!(name, "caf\u{fffd}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_may_not_be_read_says_so_in_plain_words() {
    let project = Project::empty().file("secret", "x");
    std::fs::set_permissions(project.root.join("secret"), std::fs::Permissions::from_mode(0o0)).unwrap();
    let disk = real(&project);
    match read(&disk, "secret") {
        Ok(_) => eprintln!("SKIPPED: root reads everything"),
        Err(error) => assert_eq!(error.to_string(), "permission denied"),
    }
    assert_eq!(Real::open("/nonexistent".into()).unwrap_err().to_string(), "there is no such file or folder");
}

#[test]
fn reads_stay_in_the_folder_that_was_opened() {
    let project = Project::empty().file("project/a", "old").file("other/a", "new");
    let disk = Real::open(&root(&project).join("project")).unwrap();
    std::fs::rename(project.root.join("project"), project.root.join("moved")).unwrap();
    std::fs::rename(project.root.join("other"), project.root.join("project")).unwrap();
    assert_eq!(read(&disk, "a").unwrap(), "old");
}

/// A repository whose project is the folder `platform`.
struct Repository {
    project: Project,
}

impl Repository {
    fn new() -> Self {
        let this = Self { project: Project::empty().file("platform/a.yaml", "committed").file("top", "x") };
        this.git(&["init", "-q", "-b", "main"]);
        this.commit();
        this
    }

    fn git(&self, args: &[&str]) -> String {
        let output = git_command(&self.project.root, args).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x"]);
    }

    fn path(&self) -> camino::Utf8PathBuf {
        root(&self.project).join("platform")
    }

    fn index(&self) -> Git {
        Git::index(&self.path(), &surroundings()).unwrap()
    }
}

/// As a run outside of hooks has them.
fn surroundings() -> Surroundings {
    let folder = std::env::current_dir().unwrap();
    Surroundings { folder, path: std::env::var_os("PATH"), ..Surroundings::default() }
}

fn git_command(folder: &Path, args: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(args);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").stdin(Stdio::null());
    git
}

#[test]
fn the_index_is_what_is_staged_not_what_lies_in_the_folder() {
    let repository = Repository::new();
    repository.project.write("platform/a.yaml", "staged");
    repository.project.write("platform/staged.yaml", "new");
    repository.project.write("platform/empty.yaml", "");
    repository.git(&["add", "platform"]);
    repository.project.write("platform/a.yaml", "not staged");
    repository.project.write("platform/untracked.yaml", "untracked");
    repository.project.write("platform/intended.yaml", "intended");
    repository.git(&["add", "--intent-to-add", "platform/intended.yaml"]);
    let index = repository.index();
    assert_eq!(names(&index, ""), ["a.yaml", "empty.yaml", "staged.yaml"]);
    assert_eq!(read(&index, "a.yaml").unwrap(), "staged");
    assert_eq!(read(&index, "empty.yaml").unwrap(), "");
    assert!(matches!(read(&index, "intended.yaml"), Err(ReadError::Missing)));
    assert!(matches!(index.read("a.yaml".into(), 3), Err(ReadError::TooLarge { limit: 3 })));
    // The answer that was too large must not shift those after it.
    assert_eq!(read(&index, "staged.yaml").unwrap(), "new");
    assert!(matches!(read(&index, "../top"), Err(ReadError::Escapes)));
}

#[test]
fn a_commit_is_read_by_branch_tag_or_number() {
    let repository = Repository::new();
    repository.project.write("platform/a.yaml", "second");
    repository.commit();
    let id = repository.git(&["rev-parse", "HEAD~1"]);
    for (name, expected) in [("main", "second"), ("HEAD~1", "committed"), (id.trim(), "committed")] {
        assert_eq!(
            read(&Git::tree(&repository.path(), name, &surroundings()).unwrap(), "a.yaml").unwrap(),
            expected,
            "{name}"
        );
    }
    for name in ["nope", "", "--output=x", "HEAD:platform/a.yaml", "a\nb"] {
        let error = Git::tree(&repository.path(), name, &surroundings()).unwrap_err();
        assert!(matches!(error, GitError::UnknownReference(_)), "{name}: {error}");
    }
}

#[test]
fn links_conflicts_and_submodules_of_the_index() {
    let repository = Repository::new();
    let platform = repository.project.root.join("platform");
    repository.project.write("platform/base/b.yaml", "b");
    symlink("base/b.yaml", platform.join("link")).unwrap();
    symlink("base", platform.join("folder")).unwrap();
    symlink("../top", platform.join("out")).unwrap();
    symlink("circle", platform.join("circle")).unwrap();
    repository.git(&["init", "-q", "platform/module"]);
    git_command(&platform.join("module"), &["commit", "-q", "--allow-empty", "-m", "x"]).output().unwrap();
    repository.commit();
    let index = repository.index();
    assert_eq!(read(&index, "link").unwrap(), "b");
    assert_eq!(read(&index, "folder/b.yaml").unwrap(), "b");
    assert_eq!(names(&index, "folder"), ["b.yaml"]);
    assert!(matches!(read(&index, "out"), Err(ReadError::Escapes)));
    assert!(matches!(read(&index, "circle"), Err(ReadError::Escapes)));
    assert!(matches!(read(&index, "module"), Err(ReadError::Submodule)));
    assert!(matches!(index.list("module".into()), Err(ReadError::Submodule)));

    repository.git(&["checkout", "-q", "-b", "other"]);
    repository.project.write("platform/a.yaml", "theirs");
    repository.commit();
    repository.git(&["checkout", "-q", "main"]);
    repository.project.write("platform/a.yaml", "ours");
    repository.commit();
    let merge = git_command(&repository.project.root, &["merge", "-q", "other"]).output().unwrap();
    assert!(!merge.status.success());
    assert!(matches!(read(&repository.index(), "a.yaml"), Err(ReadError::Unmerged)));
}

#[test]
fn a_name_in_the_index_that_is_not_utf8_is_reported_in_its_folder() {
    use std::os::unix::ffi::OsStrExt as _;
    let repository = Repository::new();
    let bad = std::ffi::OsStr::from_bytes(b"caf\xe9.yaml");
    if std::fs::write(repository.project.root.join("platform").join(bad), "").is_err() {
        return eprintln!("SKIPPED: this file system has UTF-8 names only");
    }
    repository.commit();
    match repository.index().list("".into()) {
        Err(ReadError::NameNotUtf8(name)) => assert_eq!(name, "caf\u{fffd}.yaml"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hook_judges_the_index_of_its_commit() {
    // `git commit <path>` makes a temporary index and tells hooks of it by a variable, relative to the top folder.
    let repository = Repository::new();
    repository.project.write("platform/a.yaml", "only this");
    repository.project.write("platform/b.yaml", "staged, but not part of this commit");
    repository.git(&["add", "platform/b.yaml"]);
    let hook = repository.project.root.join(".git/hooks/pre-commit");
    let probe = std::env::current_exe().unwrap();
    let script = format!("#!/bin/sh\ncd platform && exec {probe:?} --ignored --exact --nocapture print_the_index\n");
    std::fs::write(&hook, script).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output =
        git_command(&repository.project.root, &["commit", "-q", "-m", "y", "platform/a.yaml"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(r#"index: ["a.yaml"] "only this""#), "{said}");
}

#[test]
#[ignore = "run by the hook of the test above, in its folder"]
fn print_the_index() {
    let index_file = std::env::var_os("GIT_INDEX_FILE").map(Into::into);
    let Ok(index) = Git::index("".into(), &Surroundings { index_file, ..surroundings() }) else { return };
    eprintln!("index: {:?} {:?}", names(&index, ""), read(&index, "a.yaml").unwrap_or_default());
}

#[test]
fn no_repository_is_said_in_our_words() {
    // Not below `target/`, which lies in a repository itself.
    let folder = std::env::temp_dir().join(format!("platc-no-repository-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let error = Git::index(Utf8Path::from_path(&folder).unwrap(), &surroundings()).unwrap_err();
    assert_eq!(error.to_string(), "the project is not in a git repository");
    std::fs::remove_dir_all(&folder).unwrap();
}
