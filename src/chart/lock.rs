//! `charts/charts.lock`: by name and version, which content a chart has.

use std::fmt::Write as _;
use std::sync::Arc;

use camino::Utf8Path;

use super::file::Refusal;
use super::tree::{Bounds, Node, Number, Tree, read};
use crate::disk::{Disk, ReadError};
use crate::finding::codes::chart as codes;
use crate::finding::{Finding, suggest};
use crate::source::{Sources, Span};

pub const FILE: &str = "charts/charts.lock";
const BYTES: u64 = 4 << 20;
const HEAD: &str = "# Written by `platc chart add`: the content that each chart of this folder has.\n";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    pub charts: Vec<Pinned>,
    /// The file's text, if there is one.
    text: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    pub name: String,
    pub version: String,
    /// Of all files, `sha256:…`.
    pub digest: String,
    /// Where somebody got it.
    pub origin: String,
    /// Where it stands.
    at: u32,
}

impl Lock {
    /// The lock of a project; empty where there is none.
    pub fn open(disk: &dyn Disk) -> Result<Self, Refusal> {
        let refused = |at, why: &str| Refusal { path: FILE.into(), at, why: why.to_owned() };
        let text: Arc<str> = match disk.read(Utf8Path::new(FILE), BYTES) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into(),
            Err(ReadError::Missing) => return Ok(Self::default()),
            Err(error) => return Err(refused(None, &error.to_string())),
        };
        let wrong = |at, why: &str| refused(Some((Arc::clone(&text), at)), why);
        let tree = read(&text, Bounds::default()).map_err(|problem| wrong(problem.at, problem.why))?.tree;
        let mut charts = Vec::new();
        for item in tree.get("charts").map_or(&[][..], Tree::items) {
            let part = |key: &str| item.get(key).and_then(text_of);
            let (Some(name), Some(version), Some(digest)) = (part("name"), part("version"), part("digest")) else {
                return Err(wrong(item.at, "a chart in it lacks its name, version or digest"));
            };
            charts.push(Pinned { name, version, digest, origin: part("origin").unwrap_or_default(), at: item.at });
        }
        Ok(Self { charts, text })
    }

    pub fn find(&self, name: &str, version: &str) -> Option<&Pinned> {
        self.charts.iter().find(|it| it.name == name && it.version == version)
    }

    /// Pins a content, whatever was there.
    pub fn pin(&mut self, name: &str, version: &str, digest: &str, origin: &str) {
        self.charts.retain(|it| (it.name.as_str(), it.version.as_str()) != (name, version));
        let [name, version, digest, origin] = [name, version, digest, origin].map(str::to_owned);
        self.charts.push(Pinned { name, version, digest, origin, at: 0 });
        self.charts.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    }

    /// As it is written.
    pub fn written(&self) -> String {
        let mut text = format!("{HEAD}charts:\n");
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        for Pinned { name, version, digest, origin, .. } in &self.charts {
            let _ = writeln!(text, "- name: {}\n  version: {}\n  digest: {digest}", quoted(name), quoted(version));
            if !origin.is_empty() {
                let _ = writeln!(text, "  origin: {}", quoted(origin));
            }
        }
        text
    }

    /// What is wrong with a chart that has this content, if anything is.
    pub fn judge(&self, chart: (&str, &str), path: &Utf8Path, digest: &str, sources: &Sources) -> Option<Finding> {
        let (name, version) = chart;
        let Some(pinned) = self.find(name, version) else {
            let known: Vec<&str> = self.charts.iter().filter(|it| it.name == name).map(|it| &*it.version).collect();
            let also = if known.is_empty() {
                String::new()
            } else {
                let known: Vec<String> = known.iter().map(|version| format!("`{version}`")).collect();
                format!("; of `{name}` it names {}", suggest::and(&known))
            };
            let span = Span::file_start(sources.add(path.to_owned(), ""));
            let message = format!("`{path}` is not in `{FILE}`{also}");
            let finding = Finding::new(&codes::UNLOCKED, span, message);
            return Some(finding.help(format!("`platc chart add {path}` pins what is in it")));
        };
        if pinned.digest == digest {
            return None;
        }
        let file = sources.add(FILE, &*self.text);
        let span = Span::new(file, pinned.at as usize, pinned.at as usize);
        let message = format!("`{path}` has another content than was pinned");
        Some(Finding::new(&codes::CHANGED, span, message).label(format!("its files have the digest {digest}")).help(
            format!("fetch version {version} of it again; if this content is meant, `platc chart add --force {path}`"),
        ))
    }
}

fn text_of(tree: &Tree) -> Option<String> {
    match &tree.node {
        Node::Text(text) => Some(text.to_string()),
        Node::Number(Number::Int(number)) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    #[test]
    fn what_is_written_is_read_again() {
        let mut lock = Lock::default();
        lock.pin("web", "1.2.3", "sha256:1", "https://charts.example.org");
        lock.pin("app", "1.0", "sha256:2", "");
        lock.pin("web", "1.2.3", "sha256:3", "a \"quoted\" origin");
        let disk = Memory::default().file(FILE, lock.written());
        let read = Lock::open(&disk).unwrap();
        let parts = |it: &Pinned| [&it.name, &it.version, &it.digest, &it.origin].map(String::clone);
        assert_eq!(
            read.charts.iter().map(parts).collect::<Vec<_>>(),
            lock.charts.iter().map(parts).collect::<Vec<_>>()
        );
        assert_eq!(Lock::open(&Memory::default()).unwrap(), Lock::default());
        assert!(Lock::open(&Memory::default().file(FILE, "charts:\n- name: a\n")).is_err());
    }

    #[test]
    fn another_content_is_an_error_and_an_unknown_one_a_warning() {
        let mut lock = Lock::default();
        lock.pin("web", "1.2.3", "sha256:1", "");
        let sources = Sources::default();
        let said = |version, digest| {
            let finding = lock.judge(("web", version), "charts/web".into(), digest, &sources)?;
            Some((finding.rule.id, finding.message))
        };
        assert_eq!(said("1.2.3", "sha256:1"), None);
        assert_eq!(said("1.2.3", "sha256:2").unwrap().0, "chart/changed");
        let unlocked = said("1.2.4", "sha256:2").unwrap();
        assert_eq!(
            unlocked,
            ("chart/unlocked", "`charts/web` is not in `charts/charts.lock`; of `web` it names `1.2.3`".into())
        );
    }
}
