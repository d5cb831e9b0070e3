//! The project: its settings in `platc.yaml`, and the environments that lie in it.

mod config;
mod discover;
pub mod name;
pub mod path;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::disk::Disk;
use crate::finding::{Findings, suggest};
use crate::limits::Limits;
use crate::source::Sources;

pub use config::Config;

/// The file that makes a folder a project.
pub const FILE: &str = "platc.yaml";

/// The file that makes a folder an environment, without its ending.
const ENVIRONMENT: &str = "environment";

/// A project whose settings are sound.
#[derive(Clone, Debug)]
pub struct Project {
    pub config: Config,
    /// Sorted by name.
    pub environments: Vec<Entry>,
    /// Folders among the environments that hold layers only.
    layers: Vec<Utf8PathBuf>,
}

/// An environment that was found, but not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path below the folder of environments: `prod`, `eu/prod`. Each part follows [`name::check`].
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
    nearest: Option<Arc<str>>,
    known: Vec<Arc<str>>,
}

impl Project {
    /// Reads `platc.yaml` and finds the environments. `None` when the settings cannot be trusted, always with findings;
    /// findings about single environments leave these out.
    pub fn load(disk: &dyn Disk, sources: &Sources, limits: &Limits, findings: &mut Findings) -> Option<Self> {
        let config = Config::load(disk, sources, limits, findings)?;
        let found = discover::environments(&config.environments, disk, limits, sources, findings);
        Some(Self { config, environments: found.environments, layers: found.layers })
    }

    /// The environment that an argument means: its name, or the path of its folder or file. Paths are relative to
    /// `folder`, where the user stands, itself relative to the project.
    pub fn find(&self, argument: &str, folder: &Utf8Path) -> Result<&Entry, UnknownEnvironment> {
        let by_name = self.environments.iter().find(|entry| &*entry.name == argument);
        let path = path::resolve(folder, argument).ok();
        let by_path = || {
            let path = path.as_deref()?;
            let own_file = path.parent().filter(|_| path.file_stem() == Some(ENVIRONMENT));
            // `environments/prod` may be a file as well: names have no ending.
            let name = path.strip_prefix(&self.config.environments).ok().map(Utf8Path::as_str);
            let is_meant =
                |entry: &&Entry| entry.path == path || Some(&*entry.path) == own_file || Some(&*entry.name) == name;
            self.environments.iter().find(is_meant)
        };
        by_name.or_else(by_path).ok_or_else(|| self.unknown(argument, path))
    }

    fn unknown(&self, argument: &str, path: Option<Utf8PathBuf>) -> UnknownEnvironment {
        let below = path.as_deref().and_then(|path| path.strip_prefix(&self.config.environments).ok());
        let word = below.map_or(argument, Utf8Path::as_str);
        let nearest = suggest::nearest(word, self.environments.iter().map(|entry| &*entry.name));
        UnknownEnvironment {
            argument: argument.to_owned(),
            layer: path.filter(|path| self.layers.contains(path)),
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
            (Some(_), ..) => format!("an environment has a file `{ENVIRONMENT}.yaml`"),
            (None, Some(nearest), _) => format!("did you mean `{nearest}`?"),
            (None, None, []) => "the project has no environments".to_owned(),
            (None, None, known) if known.len() <= 20 => format!("there are `{}`", known.join("`, `")),
            (None, None, known) => format!("there are {} others", known.len()),
        }
    }
}
