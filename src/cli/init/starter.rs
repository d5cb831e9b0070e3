//! The files of each starter. They lie in `examples/starters` as they are made, and those that all have beside this file;
//! a test runs each of them.

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};

use crate::cli::args::Starter;
use crate::finding::render::safe;
use crate::tree::{Seed, manifest};

/// The folders of a project whose content has a meaning by lying there.
pub(super) const FOLDERS: [&str; 4] = ["environments", "schemas", "templates", "golden"];

macro_rules! files {
    ($folder:literal: $($path:literal)*) => {
        &[$(Seed { path: $path, text: include_str!(concat!($folder, "/", $path)) }),*]
    };
}

/// What every project has beside its own.
const COMMON: &[Seed<'static>] = files!("common":
    ".editorconfig"
    ".gitattributes"
    ".github/workflows/platc.yml"
    ".gitignore"
    ".gitlab-ci.yml"
    ".pre-commit-config.yaml"
    ".vscode/extensions.json"
    ".vscode/settings.json"
);

const MINIMAL: &[Seed<'static>] = files!("../../../examples/starters/minimal":
    "environments/prod/environment.yaml"
    "golden/prod/.platc/manifest"
    "golden/prod/deployment.yaml"
    "schemas/environment.layer.json"
    "schemas/environment.schema.yaml"
    "schemas/rules/registry.yaml"
    "templates/deployment.yaml.j2"
    "platc.yaml"
);

const APP: &[Seed<'static>] = files!("../../../examples/starters/app":
    "environments/base/app.yaml"
    "environments/base/delivery.yaml"
    "environments/dev/environment.yaml"
    "environments/prod/environment.yaml"
    "environments/staging/environment.yaml"
    "golden/dev/.platc/manifest"
    "golden/dev/app/deployment.yaml"
    "golden/dev/app/kustomization.yaml"
    "golden/dev/app/service.yaml"
    "golden/dev/delivery/application.yaml"
    "golden/prod/.platc/manifest"
    "golden/prod/app/autoscaler.yaml"
    "golden/prod/app/deployment.yaml"
    "golden/prod/app/disruption-budget.yaml"
    "golden/prod/app/kustomization.yaml"
    "golden/prod/app/service.yaml"
    "golden/prod/delivery/application.yaml"
    "golden/staging/.platc/manifest"
    "golden/staging/app/autoscaler.yaml"
    "golden/staging/app/deployment.yaml"
    "golden/staging/app/disruption-budget.yaml"
    "golden/staging/app/kustomization.yaml"
    "golden/staging/app/service.yaml"
    "golden/staging/delivery/application.yaml"
    "schemas/environment.layer.json"
    "schemas/environment.schema.yaml"
    "schemas/rules/registry.yaml"
    "templates/_shop.j2"
    "templates/app/autoscaler.yaml.j2"
    "templates/app/deployment.yaml.j2"
    "templates/app/disruption-budget.yaml.j2"
    "templates/app/kustomization.yaml.j2"
    "templates/app/service.yaml.j2"
    "templates/delivery/application.yaml.j2"
    "platc.yaml"
);

const PLATFORM: &[Seed<'static>] = files!("../../../examples/starters/platform":
    "environments/base/external-dns.yaml"
    "environments/base/platform.yaml"
    "environments/dev/environment.yaml"
    "environments/prod/environment.yaml"
    "golden/dev/.platc/manifest"
    "golden/dev/dns/deployment.yaml"
    "golden/dev/dns/template.yaml"
    "golden/dev/external-dns/values.yaml"
    "golden/dev/gitops/external-dns.yaml"
    "golden/prod/.platc/manifest"
    "golden/prod/dns/deployment.yaml"
    "golden/prod/dns/template.yaml"
    "golden/prod/external-dns/values.yaml"
    "golden/prod/gitops/external-dns.yaml"
    "schemas/environment.layer.json"
    "schemas/environment.schema.yaml"
    "schemas/rules/pinned-charts.yaml"
    "templates/_platform.j2"
    "templates/dns/deployment.yaml.j2"
    "templates/dns/template.yaml.j2"
    "templates/external-dns/values.yaml.j2"
    "templates/gitops/external-dns.yaml.j2"
    "platc.yaml"
);

/// Whether a file may have other content, which stays: the project is one without it, too.
pub(super) fn may_differ(path: &Utf8Path) -> bool {
    COMMON.iter().any(|seed| seed.path == path)
}

/// What a file that stays as it is lacks: the lines of one that is a list of them.
pub(super) fn lacking(path: &Utf8Path, stands: &str) -> Vec<&'static str> {
    let is_list = matches!(path.as_str(), ".gitignore" | ".gitattributes");
    let seed = COMMON.iter().find(|seed| seed.path == path && is_list);
    let lines = seed.map_or("", |seed| seed.text).lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter(|line| stands.lines().all(|own| own.trim() != *line)).collect()
}

/// All files of a project, `platc.yaml` last: until it is there, the folder is no project.
pub(super) fn files(starter: Starter) -> Vec<Seed<'static>> {
    let own = match starter {
        Starter::Minimal => MINIMAL,
        Starter::App => APP,
        Starter::Platform => PLATFORM,
    };
    [COMMON, own].concat()
}

/// What the application is called in the starters.
const NAME: &str = "shop";

/// Files with another name of the application, each with its path; the lists in golden trees fit what they list then.
pub(super) fn named(seeds: &[Seed<'_>], name: &str) -> Vec<(String, String)> {
    let renamed = |seed: &Seed<'_>| (seed.path.replace(NAME, name), seed.text.replace(NAME, name));
    let mut files: Vec<_> = seeds.iter().map(renamed).collect();
    let lists: Vec<usize> = (0..files.len()).filter(|at| files[*at].0.ends_with(manifest::PATH)).collect();
    for at in lists {
        let (path, text) = &files[at];
        let tree = path.strip_suffix(manifest::PATH).unwrap_or_default();
        let line = |line: &str| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [file, _, _, template] = fields.as_slice() else { return format!("{line}\n") };
            let listed = files.iter().find(|(path, _)| path.strip_prefix(tree) == Some(file));
            let bytes = listed.map_or("", |(_, text)| text).as_bytes();
            let mut digest = String::new();
            manifest::push_hex(&mut digest, &Sha256::digest(bytes));
            format!("{file}\t{digest}\t{}\t{template}\n", bytes.len())
        };
        files[at].1 = text.lines().map(line).collect();
    }
    files
}

/// The repository that a project lies in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Repository {
    None,
    Root,
    /// In a folder of it, by this path.
    Below(Utf8PathBuf),
}

impl Repository {
    pub(super) fn of(folder: &Utf8Path) -> Self {
        match folder.ancestors().find(|above| above.join(".git").exists()) {
            None => Self::None,
            Some(root) if root == folder => Self::Root,
            Some(root) => Self::Below(folder.strip_prefix(root).unwrap_or(folder).to_owned()),
        }
    }
}

/// What to do with it, in five lines.
pub(super) fn next_steps(
    starter: Starter,
    name: Option<&str>,
    folder: Option<&Utf8Path>,
    repository: &Repository,
) -> String {
    let go = folder.map_or_else(String::new, |folder| format!("cd {} && ", word(folder)));
    let first = match starter {
        Starter::Minimal => "environments/prod/environment.yaml",
        Starter::App => "environments/base/app.yaml",
        Starter::Platform => "environments/base/platform.yaml",
    };
    let called = if name.is_none() && starter != Starter::Platform {
        format!(" (the application is called `{NAME}`; `--name NAME` gives it another name)")
    } else {
        String::new()
    };
    // git, pre-commit and the build servers look for their files at the root of a repository.
    let (hooks, builds) = match repository {
        Repository::None => (
            "git init, git add --all, pre-commit install".to_owned(),
            "delete .github or .gitlab-ci.yml, whichever you do not use".to_owned(),
        ),
        Repository::Root => (
            "git add --all, pre-commit install".to_owned(),
            "delete .github or .gitlab-ci.yml, whichever you do not use".to_owned(),
        ),
        Repository::Below(path) => (
            format!(
                "move .pre-commit-config.yaml to the root of the repository, put --project {} behind its four commands, pre-commit install",
                word(path)
            ),
            format!(
                "move .github or .gitlab-ci.yml there too and delete the other, set PLATC_PROJECT in it to {}",
                word(path)
            ),
        ),
    };
    format!(
        "1. {go}platc render: what is compiled lies in rendered/\n\
         2. edit {first}, then platc diff: what the edit changes{called}\n\
         3. platc golden --accept: from now on this is what is deployed\n\
         4. {hooks}: each commit is judged from now on\n\
         5. {builds}, and set PLATC_SOURCE there to the git URL that you have platc from\n"
    )
}

/// A path as one word of a shell.
fn word(path: &Utf8Path) -> String {
    let shown = safe::line(path.as_str());
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    if shown.chars().all(is_plain) { shown.into_owned() } else { format!("'{}'", shown.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_steps_depend_on_the_repository_and_are_five() {
        let steps =
            |folder: Option<&str>, repository| next_steps(Starter::App, None, folder.map(Utf8Path::new), &repository);
        for repository in [Repository::None, Repository::Root, Repository::Below("deploy".into())] {
            assert_eq!(steps(None, repository).lines().count(), 5);
        }
        assert!(steps(None, Repository::None).contains("4. git init, git add --all, pre-commit install: "));
        assert!(steps(Some("my shop"), Repository::None).starts_with("1. cd 'my shop' && platc render: "));
        assert!(steps(Some("it's"), Repository::None).starts_with("1. cd 'it'\\''s' && "));
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "looks at the real folder")]
    fn every_file_of_a_starter_is_listed() {
        let folders = [
            ("src/cli/init/common", COMMON),
            ("examples/starters/minimal", MINIMAL),
            ("examples/starters/app", APP),
            ("examples/starters/platform", PLATFORM),
        ];
        for (folder, listed) in folders {
            let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let entries = walkdir::WalkDir::new(&root).into_iter().map(Result::unwrap);
            let files = entries.filter(|entry| entry.file_type().is_file());
            let mut files: Vec<_> = files
                .map(|entry| Utf8Path::from_path(entry.path()).unwrap().strip_prefix(&root).unwrap().to_string())
                .filter(|path| !path.starts_with("rendered/") && !path.contains(".platc-"))
                .collect();
            files.sort();
            let mut listed: Vec<_> = listed.iter().map(|seed| seed.path.to_owned()).collect();
            listed.sort();
            assert_eq!(files, listed, "{folder}");
        }
    }
}
