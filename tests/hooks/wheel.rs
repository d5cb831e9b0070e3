//! The wheel that pip, pipx, uvx and pre-commit install, built of the program under test, and the mirror through which
//! pre-commit does it. `bash .ci/tools.sh wheel pre-commit` installs what builds them. No registry is asked.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Project, Ran};
use crate::{command, git, ran};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `None`, said loudly, where they are not installed.
fn tools() -> Option<PathBuf> {
    let tools = root().join(".ci/tools");
    let wanted = ["venv/bin/maturin", "venv/bin/pre-commit", "wheels"];
    if wanted.iter().all(|path| tools.join(path).exists()) {
        return Some(tools);
    }
    assert!(std::env::var_os("CI").is_none(), "maturin is missing; run `bash .ci/tools.sh wheel pre-commit`");
    eprintln!("SKIPPED: maturin is missing; run `bash .ci/tools.sh wheel pre-commit`");
    None
}

/// A command for which no registry is there, and no platc but that of a wheel.
fn offline(folder: &Path, program: &Path, args: &[&str], wheels: &[&Path]) -> Ran {
    let mut command = command(folder, program.to_str().unwrap(), args);
    let wheels: Vec<_> = wheels.iter().map(|path| path.to_str().unwrap()).collect();
    command
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("PIP_NO_INDEX", "1")
        .env("PIP_FIND_LINKS", wheels.join(" "));
    command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PRE_COMMIT_COLOR", "never");
    command.env("PRE_COMMIT_HOME", folder.with_file_name("cache"));
    ran(&mut command)
}

#[test]
fn a_wheel_installs_the_program_and_pre_commit_runs_it_by_the_mirror() {
    let Some(tools) = tools() else { return };
    let project = Project::empty();
    let wheels = project.root.join("wheels");
    let mut build = Command::new(tools.join("venv/bin/maturin"));
    build.args([
        "build",
        "--locked",
        "--profile",
        "dev",
        "--compression-level",
        "1",
        "--out",
        wheels.to_str().unwrap(),
    ]);
    // Else the variables of this test's own build would be those of another.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        build.env_remove(name);
    }
    let built = ran(build.current_dir(root()));
    assert_eq!(built.code, 0, "{built}");

    // As pip, pipx and uvx do it.
    let python = tools.join("venv/bin/python");
    let made = offline(&project.root, &python, &["-m", "venv", "venv"], &[]);
    assert_eq!(made.code, 0, "{made}");
    let here = project.root.join("venv/bin");
    let installed = offline(&project.root, &here.join("python"), &["-m", "pip", "install", "platc"], &[&wheels]);
    assert_eq!(installed.code, 0, "{installed}");
    let version = offline(&project.root, &here.join("platc"), &["--version"], &[]);
    assert_eq!(version.stdout, format!("platc {}\n", env!("CARGO_PKG_VERSION")));
    let made = offline(&project.root, &here.join("platc"), &["init", "work", "--from", "app"], &[]);
    assert_eq!(made.code, 0, "{made}");

    // The mirror, as a repository of its own.
    let mirror = project.root.join("mirror");
    for name in [".pre-commit-hooks.yaml", "pyproject.toml"] {
        let text = std::fs::read_to_string(root().join("integrations/pre-commit-mirror").join(name)).unwrap();
        project.write(&format!("mirror/{name}"), text);
    }
    let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
    for args in [&["init", "-q"][..], &["add", "-A"], &["commit", "-qm", "hooks"], &["tag", &tag]] {
        git(&mirror, args);
    }
    let hooks = format!(
        "repos:\n- repo: {}\n  rev: {tag}\n  hooks:\n  - id: platc-validate\n  - id: platc-golden\n",
        mirror.display()
    );
    project.write("work/.pre-commit-config.yaml", hooks);
    let work = project.root.join("work");
    for args in [&["init", "-q"][..], &["add", "-A"]] {
        git(&work, args);
    }
    let hook = || {
        offline(&work, &tools.join("venv/bin/pre-commit"), &["run", "--all-files"], &[&wheels, &tools.join("wheels")])
    };
    let passed = hook();
    assert_eq!(passed.code, 0, "{passed}");
    assert_eq!(passed.stdout.matches("Passed").count(), 2, "{passed}");
    project.write("work/environments/prod/environment.yaml", "extends: [../base]\nreplica: 3\n");
    git(&work, &["add", "-A"]);
    let stopped = hook();
    assert!(stopped.code == 1 && stopped.stdout.contains("environments/prod/environment.yaml:2:1"), "{stopped}");
}

#[test]
fn what_is_installed_is_called_alike_everywhere() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let mirror = read("integrations/pre-commit-mirror/pyproject.toml");
    assert!(
        mirror.contains(&format!("\nversion = \"{version}\"\n")) && mirror.contains(&format!("[\"platc=={version}\"]"))
    );
    // The mirror's hooks are the published ones, installed in another way.
    let hooks = |path: &str| serde_yaml::from_str::<serde_yaml::Value>(&read(path)).unwrap();
    let mirrored = serde_yaml::to_string(&hooks("integrations/pre-commit-mirror/.pre-commit-hooks.yaml")).unwrap();
    let published = serde_yaml::to_string(&hooks(".pre-commit-hooks.yaml")).unwrap();
    assert_eq!(mirrored, published.replace("language: rust", "language: python"));
    // `cargo binstall` looks for what the release packs.
    let (manifest, release) = (read("Cargo.toml"), read(".github/workflows/release.yml"));
    assert!(release.contains("name=\"platc-$TAG-$TARGET\"") && release.contains("tar -czf \"$name.tar.gz\" \"$name\""));
    assert!(manifest.contains("/download/v{ version }/platc-v{ version }-{ target }.tar.gz\""));
    assert!(manifest.contains("bin-dir = \"platc-v{ version }-{ target }/platc\""));
}
