//! The settings in `platc.yaml`: all optional, all paths.

use camino::{Utf8Path, Utf8PathBuf};

use super::path;
use crate::disk::{self, Disk};
use crate::finding::{Finding, Findings, codes, suggest};
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, Content, Entry, Node, Style};

/// Where a project keeps what. All paths are relative to the project, without `.` and `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The schema that every environment must match.
    pub schema: Utf8PathBuf,
    pub environments: Utf8PathBuf,
    pub templates: Utf8PathBuf,
    /// Trees are rendered to `<output>/<environment>`.
    pub output: Utf8PathBuf,
    pub golden: Utf8PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            schema: "schemas/environment.schema.yaml".into(),
            environments: "environments".into(),
            templates: "templates".into(),
            output: "rendered".into(),
            golden: "golden".into(),
        }
    }
}

/// The settings as they were written.
#[derive(Default)]
struct Written {
    schema: Option<Setting>,
    environments: Option<Setting>,
    templates: Option<Setting>,
    output: Option<Setting>,
    golden: Option<Setting>,
}

struct Setting {
    text: String,
    span: Span,
}

impl Written {
    const KEYS: [&str; 5] = ["schema", "environments", "templates", "output", "golden"];

    fn slot(&mut self, key: &str) -> Option<&mut Option<Setting>> {
        match key {
            "schema" => Some(&mut self.schema),
            "environments" => Some(&mut self.environments),
            "templates" => Some(&mut self.templates),
            "output" => Some(&mut self.output),
            "golden" => Some(&mut self.golden),
            _ => None,
        }
    }
}

impl Config {
    /// Reads `platc.yaml`. `None` if anything in it is wrong, always with findings: nothing after it could be trusted.
    pub fn load(disk: &dyn Disk, sources: &Sources, limits: &Limits, findings: &mut Findings) -> Option<Self> {
        let mut own = Findings::default();
        let config = disk::text::load(disk, Utf8Path::new(super::FILE), limits.file_bytes, sources, &mut own)
            .and_then(|file| {
                let node = yaml::read::read(sources, file, limits, &mut own)?;
                let written = as_written(&node, &mut own);
                Some(checked(&written, file, &mut own))
            })
            .filter(|_| !own.has_errors());
        findings.append(own);
        config
    }
}

fn as_written(node: &Node, findings: &mut Findings) -> Written {
    let mut written = Written::default();
    match &node.content {
        Content::Map(entries) => {
            for entry in entries {
                setting(entry, &mut written, findings);
            }
        }
        // An empty file: all settings have their defaults.
        Content::Scalar { text, style: Style::Plain } if text.is_empty() => {}
        Content::Scalar { .. } | Content::List(_) => findings.push(
            Finding::new(&codes::project::WRONG_TYPE, node.span, format!("`{}` must hold a map", super::FILE))
                .help("write settings as `key: value`, or leave the file empty"),
        ),
    }
    written
}

fn setting(Entry { key, value }: &Entry, written: &mut Written, findings: &mut Findings) {
    let Some(slot) = written.slot(&key.text) else {
        let finding =
            Finding::new(&codes::project::UNKNOWN_SETTING, key.span, format!("unknown setting `{}`", key.text));
        let help = suggest::did_you_mean(&key.text, Written::KEYS)
            .unwrap_or_else(|| format!("the settings are `{}`", Written::KEYS.join("`, `")));
        findings.push(finding.help(help));
        return;
    };
    match &value.content {
        Content::Scalar { text, style } if !(text.is_empty() && *style == Style::Plain) => {
            *slot = Some(Setting { text: text.to_string(), span: value.span });
        }
        Content::Scalar { .. } => findings.push(
            Finding::new(&codes::project::WRONG_TYPE, key.span, format!("`{}` has no value", key.text))
                .help("write a path, or remove the key"),
        ),
        Content::List(_) | Content::Map(_) => findings.push(
            Finding::new(&codes::project::WRONG_TYPE, key.span, format!("`{}` must be a path", key.text))
                .label(if matches!(value.content, Content::List(_)) { "this is a list" } else { "this is a map" }),
        ),
    }
}

fn checked(written: &Written, file: FileId, findings: &mut Findings) -> Config {
    let mut path = |setting: &Option<Setting>, default: Utf8PathBuf| {
        let Some(Setting { text, span }) = setting else { return (default, Span::file_start(file)) };
        match path::resolve(Utf8Path::new(""), text) {
            Ok(path) => (path, *span),
            Err(fault) => {
                findings.push(path::finding(text, fault, *span).help("name a folder or a file inside the project"));
                (default, *span)
            }
        }
    };
    let default = Config::default();
    let schema = path(&written.schema, default.schema);
    let environments = path(&written.environments, default.environments);
    let templates = path(&written.templates, default.templates);
    let output = path(&written.output, default.output);
    let golden = path(&written.golden, default.golden);
    // Other files of the schema lie beside it.
    let schemas = schema.0.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(&schema.0);
    let read = [("schema", schemas), ("environments", &*environments.0), ("templates", &*templates.0)];
    for (other, path) in read.into_iter().chain([("golden", &*golden.0)]) {
        findings.extend(overlap("output", &output, other, path));
    }
    for (other, path) in read {
        findings.extend(overlap("golden", &golden, other, path));
    }
    Config {
        schema: schema.0,
        environments: environments.0,
        templates: templates.0,
        output: output.0,
        golden: golden.0,
    }
}

/// A folder that platc replaces as a whole holds nothing else, and lies in nothing that it reads.
fn overlap(name: &str, (out, span): &(Utf8PathBuf, Span), other: &str, path: &Utf8Path) -> Option<Finding> {
    let how = match (out.starts_with(path), path.starts_with(out)) {
        (true, true) => format!("both are `{out}`"),
        (true, false) => format!("`{out}` lies in `{path}`"),
        (false, true) => format!("`{path}` lies in `{out}`"),
        (false, false) => return None,
    };
    Some(
        Finding::new(&codes::project::PATHS_OVERLAP, *span, format!("`{name}` and `{other}` overlap"))
            .label(how)
            .help("keep what is written apart from everything else"),
    )
}
