//! A chart from its files, as Helm's loader sorts them: templates, other files, values, and the charts in `charts/`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::archive::{self, Contents};
use super::engine::Template;
use super::failure::Failure;
use super::file::{File, Refusal};
use super::metadata::{self, Metadata, Wrong};
use super::tree::{Bounds, Node, Read, Tree, read};
use crate::disk::archive::{Room, is_gzip};

/// Charts within each other.
const DEPTH: usize = 8;

/// A chart that was read. It is the same for all releases and environments.
#[derive(Debug)]
pub struct Chart {
    pub metadata: Metadata,
    /// Where it lies, as findings name it: `charts/web-1.2.3`, `charts/web-1.2.3/charts/db`.
    pub shown: Utf8PathBuf,
    /// Below `templates/`, in the loader's order.
    pub templates: Vec<File>,
    /// What else there is, without values, schema and charts.
    pub files: Vec<File>,
    pub values: Option<Values>,
    /// `values.schema.json`.
    pub schema: Option<File>,
    /// The charts in `charts/`, whether they are listed or not.
    pub charts: Vec<Chart>,
    parsed: Parsed,
}

/// Templates of a chart that were read, by the names that they have in the chart around it: each is read once, however many
/// releases there are.
#[derive(Debug, Default)]
struct Parsed(Mutex<BTreeMap<String, Arc<Template>>>);

/// `values.yaml`.
#[derive(Debug)]
pub struct Values {
    pub text: Arc<str>,
    pub tree: Tree,
    /// Keys that stand twice, with both places.
    pub doubled: Vec<(Arc<str>, u32, u32)>,
}

impl Chart {
    /// The chart that files make up, and those within. What archives among them unpack to is charged to `room`.
    pub fn load(contents: Contents, shown: &Utf8Path, room: &mut Room) -> Result<Self, Refusal> {
        load(contents, shown, room, 0)
    }

    /// The bytes of its templates, values and other files, and of the charts within.
    pub fn bytes(&self) -> u64 {
        let files = self.templates.iter().chain(&self.files).map(|file| file.bytes.len());
        let values = self.values.as_ref().map_or(0, |values| values.text.len());
        (files.sum::<usize>() + values) as u64 + self.charts.iter().map(Self::bytes).sum::<u64>()
    }

    /// One of its templates, under a name.
    pub fn template(&self, name: String, file: &File) -> Result<Arc<Template>, Failure> {
        let parsed = || self.parsed.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = parsed().get(&name) {
            return Ok(Arc::clone(known));
        }
        let template = Arc::new(Template::parse(name.as_str(), &*file.text())?);
        parsed().insert(name, Arc::clone(&template));
        Ok(template)
    }

    /// Definitions of kinds, which Helm installs first and never renders: those of the chart, then those of charts within.
    pub fn is_definition(file: &File) -> bool {
        let extension = file.path.extension().unwrap_or_default().to_ascii_lowercase();
        file.path.starts_with("crds") && matches!(&*extension, "yaml" | "yml" | "json")
    }
}

/// What a byte of values takes once it is read, compared with what lies in the archive.
const READ: u64 = 16;

fn load(contents: Contents, shown: &Utf8Path, room: &mut Room, depth: usize) -> Result<Chart, Refusal> {
    let mut metadata = described(&contents, shown)?;
    let mut chart = Chart {
        metadata: Metadata::default(),
        shown: shown.to_owned(),
        templates: Vec::new(),
        files: Vec::new(),
        values: None,
        schema: None,
        charts: Vec::new(),
        parsed: Parsed::default(),
    };
    let mut within: BTreeMap<String, Contents> = BTreeMap::new();
    for file in contents {
        if matches!(file.path.as_str(), "values.yaml" | "requirements.yaml") {
            let room_of = (file.bytes.len() as u64).saturating_mul(READ);
            room.bytes = room.bytes.checked_sub(room_of).ok_or_else(|| Refusal {
                path: shown.join(&file.path),
                at: None,
                why: "with those of the charts around it, it is too long to be read".to_owned(),
            })?;
        }
        match file.path.as_str() {
            "Chart.yaml" | "Chart.lock" => {}
            "values.yaml" => chart.values = Some(values(&file, shown)?),
            "values.schema.json" => chart.schema = Some(file),
            "requirements.yaml" => {
                let (text, tree) = parsed(&file, shown)?;
                metadata.dependencies =
                    metadata::dependencies(&tree.tree).map_err(|wrong| refused(shown, &file, text, wrong))?;
                if metadata.api_version == "v1" {
                    chart.files.push(file);
                }
            }
            "requirements.lock" => {
                if metadata.api_version == "v1" {
                    chart.files.push(file);
                }
            }
            path if path.starts_with("templates/") => chart.templates.push(file),
            path if path.starts_with("charts/") && file.path.extension() != Some("prov") => {
                let inner = path.trim_start_matches("charts/");
                let (name, rest) = inner.split_once('/').unwrap_or((inner, ""));
                let moved = File { path: rest.into(), bytes: Arc::clone(&file.bytes) };
                within.entry(name.to_owned()).or_default().push(moved);
            }
            _ => chart.files.push(file),
        }
    }
    for (name, files) in within {
        if name.starts_with(['_', '.']) {
            continue;
        }
        let below = shown.join("charts").join(&name);
        if depth == DEPTH {
            return Err(Refusal { path: below, at: None, why: "charts lie in each other too deeply".to_owned() });
        }
        let files = match &files[..] {
            [packed] if packed.path.as_str().is_empty() && is_gzip(&packed.bytes) => {
                archive::unpacked(&packed.bytes, &below, room)?
            }
            _ => files.into_iter().filter(|file| !file.path.as_str().is_empty()).collect(),
        };
        chart.charts.push(load(files, &below, room, depth + 1)?);
    }
    chart.charts.sort_by(|a, b| (&a.metadata.name, &a.shown).cmp(&(&b.metadata.name, &b.shown)));
    chart.metadata = metadata;
    Ok(chart)
}

fn described(contents: &Contents, shown: &Utf8Path) -> Result<Metadata, Refusal> {
    let missing = || Refusal { path: shown.to_owned(), at: None, why: "it has no `Chart.yaml`".to_owned() };
    let file = contents.iter().find(|file| file.path == "Chart.yaml").ok_or_else(missing)?;
    let (text, read) = parsed(file, shown)?;
    Metadata::read(&read.tree).map_err(|wrong| refused(shown, file, text, wrong))
}

fn values(file: &File, shown: &Utf8Path) -> Result<Values, Refusal> {
    let (text, Read { tree, doubled }) = parsed(file, shown)?;
    match tree.node {
        Node::Map(_) => Ok(Values { text, tree, doubled }),
        Node::Null => Ok(Values { text, tree: Tree { at: tree.at, node: Node::Map(Vec::new()) }, doubled }),
        _ => {
            let why = "values are a map".to_owned();
            Err(refused(shown, file, text, Wrong { at: tree.at, why }))
        }
    }
}

fn parsed(file: &File, shown: &Utf8Path) -> Result<(Arc<str>, Read), Refusal> {
    let text = file.text();
    match read(&text, Bounds::default()) {
        Ok(read) => Ok((text, read)),
        Err(problem) => Err(refused(shown, file, text, Wrong { at: problem.at, why: problem.why.to_owned() })),
    }
}

fn refused(shown: &Utf8Path, file: &File, text: Arc<str>, wrong: Wrong) -> Refusal {
    Refusal { path: shown.join(&file.path), at: Some((text, wrong.at)), why: wrong.why }
}
