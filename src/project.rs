//! The project: its settings in `platc.yaml`, and the environments that lie in it.

mod config;
mod discover;
pub mod name;
pub mod outside;
pub mod path;
pub mod unread;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::disk::{Disk, ReadError};
use crate::finding::{Finding, Findings, suggest};
use crate::limits::Limits;
use crate::source::{Sources, Span};

pub use config::{CHARTS, Config, RuleSetting};

/// The file that makes a folder a project.
pub const FILE: &str = "platc.yaml";

/// The file that makes a folder an environment, without its ending.
pub const ENVIRONMENT: &str = "environment";

/// A project whose settings are sound.
#[derive(Clone, Debug)]
pub struct Project {
    pub config: Config,
    /// Sorted by name.
    pub environments: Vec<Entry>,
    /// Folders among the environments that hold layers only.
    pub layers: Vec<Utf8PathBuf>,
    /// Files among the environments that can be layers only.
    pub layer_files: Vec<Utf8PathBuf>,
    /// There are links to layers, which may be extended by paths that are not their own.
    pub is_linked: bool,
}

/// An environment that was found, but not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path below its folder of environments: `prod`, `eu/prod`. Each part follows [`name::check`].
    pub name: Arc<str>,
    /// Its folder or its one file, relative to the project.
    pub path: Utf8PathBuf,
}

/// An argument that names no environment. As text it is a message; [`help`](Self::help) says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEnvironment {
    argument: String,
    /// It is a folder of layers only.
    layer: Option<Utf8PathBuf>,
    /// It is a template's path.
    is_template: bool,
    nearest: Option<Arc<str>>,
    known: Vec<Arc<str>>,
}

impl Project {
    /// Reads `platc.yaml` and finds the environments. `None` when the settings cannot be trusted, always with findings;
    /// findings about single environments leave these out.
    pub fn load(disk: &dyn Disk, sources: &Sources, limits: &Limits, findings: &mut Findings) -> Option<Self> {
        let (project, is_sound) = Self::to_judge(disk, sources, limits, findings)?;
        is_sound.then_some(project)
    }

    /// The same for who only judges: also where something is wrong with the settings by which nothing is found or written,
    /// which is told.
    pub fn to_judge(
        disk: &dyn Disk,
        sources: &Sources,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Option<(Self, bool)> {
        let (config, is_sound) = Config::to_judge(disk, sources, limits, findings)?;
        let found = discover::environments(&config.environments, disk, limits, sources, findings);
        let discover::Found { environments, layers, layer_files, is_linked } = found;
        Some((Self { config, environments, layers, layer_files, is_linked }, is_sound))
    }

    /// What to say where the folder of templates is not there, and nothing could be made.
    pub fn missing_templates(&self, disk: &dyn Disk, sources: &Sources) -> Option<Finding> {
        let templates = &self.config.templates;
        if !matches!(disk.list(templates), Err(ReadError::Missing)) {
            return None;
        }
        config::missing(disk, templates, Span::file_start(sources.add(templates.as_path(), "")))
    }

    /// The environment that an argument means: its name, or the path of its folder or file. Paths are relative to
    /// `folder`, where the user stands, itself relative to the project.
    pub fn find(&self, argument: &str, folder: &Utf8Path) -> Result<&Entry, UnknownEnvironment> {
        let name = argument.trim_end_matches('/');
        let by_name = self.environments.iter().find(|entry| &*entry.name == name);
        let path = path::resolve(folder, argument).ok();
        let by_path = || {
            let path = path.as_deref()?;
            let own_file = path.parent().filter(|_| path.file_stem() == Some(ENVIRONMENT));
            // `environments/prod` may be a file as well: names have no ending.
            let name = self.below(path).map(Utf8Path::as_str);
            let is_meant =
                |entry: &&Entry| entry.path == path || Some(&*entry.path) == own_file || Some(&*entry.name) == name;
            self.environments.iter().find(is_meant)
        };
        by_name.or_else(by_path).ok_or_else(|| self.unknown(argument, path))
    }

    /// A path without the folder of environments that it lies in.
    fn below<'a>(&self, path: &'a Utf8Path) -> Option<&'a Utf8Path> {
        self.config.environments.iter().find_map(|top| path.strip_prefix(top).ok())
    }

    fn unknown(&self, argument: &str, path: Option<Utf8PathBuf>) -> UnknownEnvironment {
        let below = path.as_deref().and_then(|path| self.below(path));
        let word = below.map_or(argument, Utf8Path::as_str);
        let written = argument.replace('\\', "/");
        let turned = self.environments.iter().find(|entry| written != argument && *entry.path == *written);
        let turned = turned.map(|entry| entry.path.as_str());
        let nearest = turned.or_else(|| suggest::nearest(word, self.environments.iter().map(|entry| &*entry.name)));
        // A folder of the same name that lacks its `environment.yaml`.
        let named = self.config.environments.iter().map(|top| top.join(argument.trim_end_matches('/')));
        let layer = named.chain(path.clone()).find(|path| self.layers.contains(path));
        UnknownEnvironment {
            argument: argument.to_owned(),
            layer,
            is_template: path.is_some_and(|path| path.starts_with(&self.config.templates)),
            nearest: nearest.map(Into::into),
            known: self.environments.iter().map(|entry| Arc::clone(&entry.name)).collect(),
        }
    }
}

impl std::fmt::Display for UnknownEnvironment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.layer {
            Some(layer) => write!(f, "`{layer}` is a layer, not an environment"),
            None => write!(f, "there is no environment `{}`", self.argument.escape_debug()),
        }
    }
}

impl UnknownEnvironment {
    /// What to do about it.
    pub fn help(&self) -> String {
        match (&self.layer, &self.nearest, self.known.as_slice()) {
            (Some(_), ..) => format!(
                "an environment has a file `{ENVIRONMENT}.yaml`, and this folder has none: if it is one, give its file that name"
            ),
            (None, ..) if self.is_template => {
                "name an environment; to see what one template makes, write `platc render ENV --stdout --only FILE`"
                    .to_owned()
            }
            (None, Some(nearest), _) => format!("did you mean `{nearest}`?"),
            (None, None, []) => "the project has no environments".to_owned(),
            (None, None, known) if known.len() <= 20 => format!("there are `{}`", known.join("`, `")),
            (None, None, known) => format!("there are {} others", known.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    fn project() -> Project {
        let disk = Memory::default()
            .file(FILE, "")
            .file("environments/base/all.yaml", "a: 1")
            .file("environments/dev.yaml", "a: 1")
            .file("environments/prod/environment.yaml", "a: 1")
            .file("environments/eu/prod/environment.yaml", "a: 1");
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let project = Project::load(&disk, &sources, &Limits::default(), &mut findings).unwrap();
        assert!(findings.is_empty());
        project
    }

    #[test]
    fn an_environment_is_named_or_pointed_at() {
        let project = project();
        let find = |argument: &str, folder: &str| project.find(argument, folder.into()).map(|entry| &*entry.name);
        for argument in [
            "prod",
            "prod/",
            "environments/prod",
            "environments/prod/",
            "./environments/prod",
            "environments//prod/.",
            "environments/dev/../prod",
            "environments/prod/environment.yaml",
        ] {
            assert_eq!(find(argument, ""), Ok("prod"), "{argument}");
        }
        assert_eq!(find("environments/dev.yaml", ""), Ok("dev"));
        assert_eq!(find("environments/dev", ""), Ok("dev"));
        assert_eq!(find("eu/prod", ""), Ok("eu/prod"));
        assert_eq!(find("environments/eu/prod", ""), Ok("eu/prod"));
    }

    #[test]
    fn paths_start_where_the_user_stands() {
        let project = project();
        let find = |argument: &str, folder: &str| project.find(argument, folder.into()).map(|entry| &*entry.name);
        assert_eq!(find("prod/", "environments"), Ok("prod"));
        assert_eq!(find("dev.yaml", "environments"), Ok("dev"));
        assert_eq!(find(".", "environments/prod"), Ok("prod"));
        assert_eq!(find("../../prod", "environments/eu/prod"), Ok("prod"));
        // A name is a name wherever one stands.
        assert_eq!(find("prod", "environments/eu"), Ok("prod"));
        assert_eq!(find("../environments/prod", "templates"), Ok("prod"));
    }

    #[test]
    fn an_environment_is_found_in_any_of_its_folders() {
        let disk = Memory::default()
            .file(FILE, "environments: [environments, examples]")
            .file("environments/prod/environment.yaml", "a: 1")
            .file("examples/second/environment.yaml", "a: 1")
            .file("examples/minimal/platc.yaml", "")
            .file("examples/minimal/environments/prod/environment.yaml", "a: 1");
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let project = Project::load(&disk, &sources, &Limits::default(), &mut findings).unwrap();
        assert!(findings.is_empty());
        let find = |argument: &str| project.find(argument, "".into()).map(|entry| &*entry.name).map_err(|e| e.help());
        assert_eq!(find("examples/second"), Ok("second"));
        assert_eq!(find("second"), Ok("second"));
        assert_eq!(find("examples/secnod"), Err("did you mean `second`?".to_owned()));
        assert!(find("examples/minimal/environments/prod").is_err());
    }

    #[test]
    fn what_is_no_environment_is_told() {
        let project = project();
        let told = |argument: &str| {
            let unknown = project.find(argument, "".into()).unwrap_err();
            format!("{unknown}; {}", unknown.help())
        };
        assert_eq!(told("prdo"), "there is no environment `prdo`; did you mean `prod`?");
        assert_eq!(told("environments/prdo"), "there is no environment `environments/prdo`; did you mean `prod`?");
        assert_eq!(
            told("environments/base"),
            "`environments/base` is a layer, not an environment; an environment has a file `environment.yaml`, and this folder has none: if it is one, give its file that name"
        );
        assert!(told("base").starts_with("`environments/base` is a layer, not an environment; "));
        assert_eq!(
            told("environments\\prod"),
            "there is no environment `environments\\\\prod`; did you mean `environments/prod`?"
        );
        assert!(told("templates/a.yaml.j2").contains("platc render ENV --stdout --only FILE"));
        assert_eq!(told("/etc"), "there is no environment `/etc`; there are `dev`, `eu/prod`, `prod`");
        assert_eq!(told("../x"), "there is no environment `../x`; there are `dev`, `eu/prod`, `prod`");
        assert!(told("").starts_with("there is no environment ``"));
    }
}
