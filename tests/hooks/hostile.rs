//! Repositories that want to start programs. Each program leaves its name in a file: none may.

use std::path::{Path, PathBuf};

use crate::support::{Project, Ran};
use crate::{command, git, ran, script, search, with_project};

/// A repository in `work`, whose project is the folder `sub`, and programs that log that they ran.
struct Trap {
    project: Project,
}

impl Trap {
    fn new() -> Self {
        let this = Self { project: with_project(Project::empty(), "work/sub") };
        let work = this.work();
        git(&work, &["init", "-q", "-b", "main"]);
        // An empty file needs a second look at the index.
        this.project.write("work/sub/environments/prod/.gitkeep", "");
        git(&work, &["add", "-A"]);
        git(&work, &["commit", "-qm", "start"]);
        this
    }

    fn work(&self) -> PathBuf {
        self.project.root.join("work")
    }

    /// A program that logs its name.
    fn program(&self, name: &str) -> String {
        let log = self.project.root.join("log");
        let text = format!("#!/bin/sh\necho {name} >> '{}'\nexit 1\n", log.display());
        script(&self.project.root.join("programs").join(name), &text).into_os_string().into_string().unwrap()
    }

    /// The programs that ran since this was last asked.
    fn ran(&self) -> Vec<String> {
        let log = self.project.root.join("log");
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let _ = std::fs::remove_file(log);
        let mut names: Vec<_> = text.lines().map(str::to_owned).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Everything that asks git something, on the project `sub`. Nothing may run meanwhile.
    #[track_caller]
    fn judge(&self, expected: i32) -> Vec<Ran> {
        let lines: [&[&str]; 5] = [
            &["validate", "--staged"],
            &["golden", "--staged"],
            &["validate", "--against", "rev:HEAD"],
            &["diff", "--against", "HEAD"],
            &["affected", "--base", "HEAD"],
        ];
        let run = |line: &&[&str]| {
            let args = [&["--project", "sub"], *line].concat();
            ran(&mut command(&self.work(), "platc", &args))
        };
        let all: Vec<Ran> = lines.iter().map(run).collect();
        assert_eq!(self.ran(), [""; 0], "programs that ran");
        assert_eq!(all[0].code, expected, "{}", all[0]);
        all
    }

    /// Settings of a repository.
    fn set(&self, git_dir: &Path, settings: &[(&str, String)]) {
        for (name, value) in settings {
            let file = git_dir.join("config");
            git(&self.project.root, &["config", "--file", file.to_str().unwrap(), "--add", name, value]);
        }
    }
}

#[test]
fn a_folder_that_looks_like_a_repository_is_none() {
    let trap = Trap::new();
    let sub = trap.work().join("sub");
    // `HEAD`, `config`, `objects`, `refs` and an index that wants to know what has changed, all in the project.
    git(&sub, &["init", "-q", "--bare", "."]);
    let fsmonitor = trap.program("fsmonitor");
    trap.set(&trap.work().join(".git"), &[("core.fsmonitor", fsmonitor.clone())]);
    git(&trap.work(), &["update-index", "--fsmonitor"]);
    std::fs::copy(trap.work().join(".git/index"), sub.join("index")).unwrap();
    git(&trap.work(), &["config", "--unset", "core.fsmonitor"]);
    git(&sub, &["config", "--file", "config", "core.bare", "false"]);
    trap.set(&sub, &[("core.worktree", ".".to_owned()), ("core.fsmonitor", fsmonitor)]);
    trap.ran();
    // Left to itself, git falls for it.
    git(&sub, &["ls-files", "--stage"]);
    assert_eq!(trap.ran(), ["fsmonitor"]);
    trap.judge(0);
}

#[test]
fn settings_of_the_repository_start_nothing() {
    let trap = Trap::new();
    let git_dir = trap.work().join(".git");
    let hooks = trap.project.root.join("hooks");
    for hook in ["pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman", "read-object"] {
        script(&hooks.join(hook), &std::fs::read_to_string(trap.program("hook")).unwrap());
    }
    let filter = trap.program("filter");
    let settings = [
        ("core.hooksPath", hooks.to_str().unwrap().to_owned()),
        ("filter.trap.clean", filter.clone()),
        ("filter.trap.smudge", filter.clone()),
        ("filter.trap.process", filter),
        ("diff.trap.command", trap.program("diff-command")),
        ("diff.trap.textconv", trap.program("textconv")),
        ("hook.trap.event", "post-index-change".to_owned()),
        ("hook.trap.command", trap.program("configured-hook")),
        ("alias.ls-files", format!("!{}", trap.program("alias"))),
        ("alias.rev-parse", format!("!{}", trap.program("alias"))),
        ("credential.helper", format!("!{}", trap.program("credential"))),
        ("core.virtualizeObjects", "true".to_owned()),
    ];
    trap.set(&git_dir, &settings);
    for name in [
        "core.fsmonitor",
        "core.virtualFilesystem",
        "core.pager",
        "pager.ls-files",
        "pager.ls-tree",
        "pager.cat-file",
        "pager.diff-index",
        "pager.rev-parse",
        "core.editor",
        "sequence.editor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "diff.external",
        "interactive.diffFilter",
        "gpg.program",
        "gpg.ssh.program",
        "gpg.ssh.defaultKeyCommand",
        "gc.recentObjectsHook",
        "uploadpack.packObjectsHook",
        "trailer.trap.cmd",
        "merge.trap.driver",
        "mergetool.trap.cmd",
        "difftool.trap.cmd",
        "trace2.eventTarget",
    ] {
        // An included file counts like the settings themselves.
        trap.set(&trap.project.root.join("work"), &[(name, trap.program(name))]);
    }
    trap.set(&git_dir, &[("include.path", "../config".to_owned())]);
    trap.project.write("work/.gitattributes", "* filter=trap diff=trap merge=trap\n");
    let status = ran(&mut command(&trap.work(), "git", &["status", "--short"]));
    ran(&mut command(&trap.work(), "git", &["diff", "--ext-diff"]));
    ran(&mut command(&trap.work(), "git", &["update-index", "--fsmonitor"]));
    ran(&mut command(&trap.work(), "git", &["update-ref", "refs/heads/other", "HEAD"]));
    let ran = trap.ran();
    for name in ["core.fsmonitor", "filter", "hook"] {
        assert!(ran.iter().any(|it| it == name), "the trap `{name}` does not work: {ran:?}, {status}");
    }
    trap.judge(0);
}

/// git reads its settings from the same input as the names of the objects that it is asked for.
#[cfg(target_os = "linux")]
#[test]
fn settings_from_standard_input_keep_nobody_waiting() {
    let trap = Trap::new();
    trap.set(&trap.work().join(".git"), &[("include.path", "/dev/stdin".to_owned())]);
    for line in [&["validate", "--staged"][..], &["diff", "--against", "HEAD"], &["affected", "--base", "HEAD"]] {
        let args = [&["120", "platc", "--project", "sub"], line].concat();
        let said = ran(&mut command(&trap.work(), "timeout", &args));
        assert_eq!(said.code, 2, "{said}");
    }
}

#[test]
fn an_object_that_is_missing_is_not_fetched() {
    let remotes = |trap: &Trap| {
        [
            vec![("remote.origin.url", format!("ext::{} %S", trap.program("ext")))],
            vec![
                ("remote.origin.url", trap.work().join(".git").to_str().unwrap().to_owned()),
                ("remote.origin.uploadpack", trap.program("uploadpack")),
            ],
            vec![("remote.origin.url", "ssh://host/x".to_owned()), ("core.sshCommand", trap.program("ssh"))],
            vec![("remote.origin.url", "git://host/x".to_owned()), ("core.gitProxy", trap.program("proxy"))],
            vec![
                ("remote.origin.url", "x".to_owned()),
                ("remote.origin.vcs", "none".to_owned()),
                ("alias.remote-none", format!("!{}", trap.program("helper"))),
            ],
        ]
    };
    for (number, expected) in ["ext", "uploadpack", "ssh", "proxy", "helper"].iter().enumerate() {
        let trap = Trap::new();
        let git_dir = trap.work().join(".git");
        let id = git(&trap.work(), &["rev-parse", "HEAD:sub/environments/base/base.yaml"]);
        let (folder, file) = id.trim().split_at(2);
        std::fs::remove_file(git_dir.join("objects").join(folder).join(file)).unwrap();
        let protocols = ["ext", "file", "ssh", "git", "none"];
        for protocol in protocols {
            trap.set(&git_dir, &[(&format!("protocol.{protocol}.allow"), "always".to_owned())]);
        }
        trap.set(&git_dir, &[("remote.origin.promisor", "true".to_owned())]);
        trap.set(&git_dir, &[("extensions.partialClone", "origin".to_owned())]);
        git(&trap.work(), &["config", "core.repositoryFormatVersion", "1"]);
        trap.set(&git_dir, &remotes(&trap)[number]);
        ran(&mut command(&trap.work(), "git", &["cat-file", "-p", id.trim()]));
        assert_eq!(trap.ran(), [*expected], "the trap does not work");
        // As what a disk does not give: exit 2.
        let said = trap.judge(2);
        let why = "`environments/base/base.yaml` cannot be read: this clone lacks its content";
        assert!(said[0].stdout.contains(why), "{}", said[0]);
    }
}

#[test]
fn git_is_not_taken_from_the_repository() {
    let trap = Trap::new();
    let fake = std::fs::read_to_string(trap.program("fake-git")).unwrap();
    for folder in ["work", "work/bin", "work/sub", "work/sub/bin"] {
        script(&trap.project.root.join(folder).join("git"), &fake);
    }
    std::os::unix::fs::symlink("work/bin", trap.project.root.join("link")).unwrap();
    let [bin, link] = [trap.work().join("bin"), trap.project.root.join("link")];
    let ways: [&[&Path]; 5] =
        [&[Path::new(".")], &[Path::new("bin")], &[Path::new("")], &[bin.as_path()], &[link.as_path()]];
    for first in ways {
        for (folder, project) in [("work", "sub"), ("work/sub", ".")] {
            let platc = env!("CARGO_BIN_EXE_platc");
            let folder = trap.project.root.join(folder);
            let mut command = command(&folder, platc, &["--project", project, "validate", "--staged"]);
            let ran = ran(command.env("PATH", search(first)));
            assert_eq!((ran.code, trap.ran()), (0, Vec::new()), "{first:?}: {ran}");
        }
    }
    let mut command = command(&trap.work(), env!("CARGO_BIN_EXE_platc"), &["--project", "sub", "validate", "--staged"]);
    let ran = ran(command.env("PATH", &bin));
    assert!(ran.code == 2 && ran.stderr.contains("`git` is not installed"), "{ran}");
}

#[test]
fn a_repository_of_somebody_else_is_not_trusted_unless_git_does() {
    let trap = Trap::new();
    if std::os::unix::fs::chown(trap.work().join(".git"), Some(12_345), None).is_err() {
        return eprintln!("SKIPPED: only root can give a folder away");
    }
    let said = trap.judge(2);
    let work = trap.work();
    let why = format!("git does not trust the repository `{}`, because another user owns it", work.display());
    assert!(said[0].stderr.contains(&why), "{}", said[0]);
    assert!(said[0].stderr.contains("git config --global --add safe.directory"), "{}", said[0]);
    let mut command = command(&work, "platc", &["--project", "sub", "validate", "--staged"]);
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "safe.directory").env("GIT_CONFIG_VALUE_0", &work);
    let ran = ran(&mut command);
    assert_eq!(ran.code, 0, "{ran}");
}
