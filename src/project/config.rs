//! The settings in `platc.yaml`, all optional: paths, several for environments, and the severities of rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::outside::{self, OUTSIDE, Outside};
use super::path;
use crate::disk::{self, Disk, ReadError};
use crate::finding::{Finding, Findings, codes, suggest};
use crate::glob;
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, Content, Entry, Key, Node, Style};

/// The folder of Helm charts, whatever `platc.yaml` says.
pub const CHARTS: &str = "charts";

/// Where a project keeps what. All paths are relative to the project, without `.` and `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The schema that every environment must match.
    pub schema: Utf8PathBuf,
    /// The folders that environments lie in; none of them lies in another.
    pub environments: Vec<Utf8PathBuf>,
    pub templates: Utf8PathBuf,
    /// Trees are rendered to `<output>/<environment>`.
    pub output: Utf8PathBuf,
    pub golden: Utf8PathBuf,
    /// Patterns of paths within a tree: what matches is there to be read or built from, and nobody applies it as it stands.
    pub material: Vec<Arc<str>>,
    /// Where each of them is written.
    pub material_spans: Vec<Span>,
    /// Severities of rules, as they were written.
    pub rules: Vec<RuleSetting>,
    /// What other tools make for all environments.
    pub outside: Vec<Outside>,
}

/// One entry of `rules`. What rules there are is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSetting {
    pub id: Arc<str>,
    pub id_span: Span,
    pub level: Arc<str>,
    pub level_span: Span,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            schema: "schemas/environment.schema.yaml".into(),
            environments: vec!["environments".into()],
            templates: "templates".into(),
            output: "rendered".into(),
            golden: "golden".into(),
            material: Vec::new(),
            material_spans: Vec::new(),
            rules: Vec::new(),
            outside: Vec::new(),
        }
    }
}

/// The settings as they were written.
#[derive(Default)]
struct Written {
    schema: Vec<Setting>,
    environments: Vec<Setting>,
    templates: Vec<Setting>,
    output: Vec<Setting>,
    golden: Vec<Setting>,
    material: Vec<Setting>,
    rules: Vec<RuleSetting>,
    outside: Vec<Outside>,
}

/// A setting that is a map, as `outside` is.
const RULES: &str = "rules";

/// The settings that may be lists.
const LISTS: [&str; 2] = ["environments", "material"];

struct Setting {
    text: String,
    span: Span,
}

impl Written {
    const KEYS: [&str; 8] = ["schema", "environments", "templates", "output", "golden", "material", RULES, OUTSIDE];

    fn slot(&mut self, key: &str) -> Option<&mut Vec<Setting>> {
        match key {
            "schema" => Some(&mut self.schema),
            "environments" => Some(&mut self.environments),
            "templates" => Some(&mut self.templates),
            "output" => Some(&mut self.output),
            "golden" => Some(&mut self.golden),
            "material" => Some(&mut self.material),
            _ => None,
        }
    }
}

impl Config {
    /// Where the project's own rules lie: beside the schema.
    pub fn own_rules(&self) -> Utf8PathBuf {
        self.schema.parent().unwrap_or(Utf8Path::new("")).join(RULES)
    }

    /// What to say of files that lie where rules and schemas of what is rendered lie by default, if the schema is elsewhere:
    /// they are looked for beside it, and none of these is read.
    fn passed_over(&self, disk: &dyn Disk, schema: Span) -> Option<Finding> {
        let default = Self::default();
        let (usual, folder) = (default.schema.parent()?, self.schema.parent()?);
        if folder == usual {
            return None;
        }
        let holds = |name: &&&str| disk.list(&usual.join(name)).is_ok_and(|entries| !entries.is_empty());
        let name = [RULES, "kubernetes", "cloudformation"].iter().find(holds)?;
        let (passed, read) = (usual.join(name), folder.join(name));
        let message =
            format!("nothing in `{passed}` is read: the schema lies elsewhere, and this is looked for beside it");
        let help = format!("move `{passed}` to `{read}`, or the schema to `{usual}`");
        Some(Finding::new(&codes::hygiene::IGNORED_FILE, schema, message).help(help))
    }

    /// Reads `platc.yaml`. `None` if anything in it is wrong, always with findings.
    pub fn load(disk: &dyn Disk, sources: &Sources, limits: &Limits, findings: &mut Findings) -> Option<Self> {
        Self::to_judge(disk, sources, limits, findings).and_then(|(config, is_sound)| is_sound.then_some(config))
    }

    /// The same, and whether nothing in it is wrong. `None` where nothing after it could be trusted, always with
    /// findings: of a mistake in what is only said of rules all else can still be judged, and nothing be written.
    pub fn to_judge(
        disk: &dyn Disk,
        sources: &Sources,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Option<(Self, bool)> {
        let (mut own, mut mild) = (Findings::default(), Findings::default());
        let config = disk::text::load(disk, Utf8Path::new(super::FILE), limits.file_bytes, sources, &mut own)
            .and_then(|file| {
                let node = yaml::read::read(sources, file, limits, &mut own)?;
                let written = as_written(&node, &mut own, &mut mild);
                let config = checked(&written, file, &mut own);
                let named = [(written.schema.last(), &config.schema), (written.templates.last(), &config.templates)];
                if !own.has_errors() {
                    own.extend(named.into_iter().filter_map(|(setting, path)| missing(disk, path, setting?.span)));
                }
                if let Some(setting) = written.schema.last().filter(|_| !own.has_errors()) {
                    own.extend(config.passed_over(disk, setting.span));
                }
                Some(config)
            })
            .filter(|_| !own.has_errors());
        let is_sound = !mild.has_errors();
        findings.append(own);
        findings.append(mild);
        Some((config?, is_sound))
    }
}

/// What to say of a path that leads nowhere: nothing after it could be read, and what is there may be called otherwise.
pub(super) fn missing(disk: &dyn Disk, path: &Utf8Path, span: Span) -> Option<Finding> {
    // Only what is asked of a folder that is read anyway: its answer decides what earlier runs are good for.
    let is_missing = match path.extension().and(path.parent()) {
        Some(folder) if folder.as_str().is_empty() => false,
        Some(folder) => match disk.list(folder) {
            Ok(entries) => entries.iter().all(|entry| Some(entry.name.as_str()) != path.file_name()),
            Err(error) => matches!(error, ReadError::Missing),
        },
        None => matches!(disk.list(path), Err(ReadError::Missing)),
    };
    if !is_missing {
        return None;
    }
    let message = format!("`{path}` cannot be read: {}", ReadError::Missing);
    let finding = Finding::new(&codes::project::UNREADABLE, span, message);
    Some(match near(disk, path).or_else(|| other_schema(disk, path)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(format!("make it, or name another one in `{}`", super::FILE)),
    })
}

/// A path that is there and was probably meant.
fn near(disk: &dyn Disk, path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut found = Utf8PathBuf::new();
    for part in path.components().map(|part| part.as_str()) {
        let entries = disk.list(&found).ok()?;
        let names = || entries.iter().map(|entry| entry.name.as_str());
        let name = names().find(|name| *name == part).or_else(|| suggest::nearest(part, names()))?;
        found.push(name);
    }
    Some(found)
}

/// The only schema in the folder where another one is looked for.
fn other_schema(disk: &dyn Disk, path: &Utf8Path) -> Option<Utf8PathBuf> {
    let ends = |name: &str| [".schema.yaml", ".schema.yml", ".schema.json"].iter().any(|ending| name.ends_with(ending));
    let folder = path.parent().filter(|_| path.file_name().is_some_and(ends))?;
    let mut others = disk.list(folder).ok()?.into_iter().filter(|entry| ends(&entry.name));
    let other = others.next().filter(|_| others.next().is_none())?;
    Some(folder.join(other.name))
}

/// The settings as they are written. What is wrong with one that no path depends on goes to `mild`.
fn as_written(node: &Node, findings: &mut Findings, mild: &mut Findings) -> Written {
    let mut written = Written::default();
    match &node.content {
        Content::Map(entries) => {
            for entry in entries {
                setting(entry, &mut written, findings, mild);
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

/// What stands in another file of the project.
fn of_elsewhere(key: &str) -> Option<String> {
    let help = match key {
        "acknowledge" | "acknowledged" | "acknowledgements" | "ignore" | "exclude" => {
            "a finding is acknowledged in the environment or the layer that it is about, under `acknowledge`; whole rules are set here, under `rules`"
        }
        "extends" | "layers" | "bases" => "layers are named in an environment, under `extends`",
        "values" | "settings" | "vars" => "values stand in environments and layers; this file says where they lie",
        _ => return None,
    };
    Some(help.to_owned())
}

fn setting(entry: &Entry, written: &mut Written, findings: &mut Findings, mild: &mut Findings) {
    let Entry { key, value } = entry;
    match &*key.text {
        RULES => {
            written.rules.extend(rules(value, mild));
            return;
        }
        OUTSIDE => {
            written.outside = outside::read(entry, findings);
            return;
        }
        _ => {}
    }
    let Some(slot) = written.slot(&key.text) else {
        let finding =
            Finding::new(&codes::project::UNKNOWN_SETTING, key.span, format!("unknown setting `{}`", key.text));
        let help = of_elsewhere(&key.text)
            .or_else(|| suggest::did_you_mean(&key.text, Written::KEYS))
            .unwrap_or_else(|| format!("the settings are `{}`", Written::KEYS.join("`, `")));
        mild.push(finding.help(help));
        // What was probably meant holds for what else is said, and for nothing that is written.
        if let Some(meant) = suggest::nearest(&key.text, Written::KEYS) {
            let key = Key { text: meant.into(), ..key.clone() };
            setting(&Entry { key, value: value.clone() }, written, findings, mild);
        }
        return;
    };
    let scalar = |node: &Node| match &node.content {
        Content::Scalar { text, style } if *style != Style::Plain || !is_nothing(text) => {
            Some(Setting { text: text.to_string(), span: node.span })
        }
        _ => None,
    };
    let takes_several = LISTS.contains(&&*key.text);
    match &value.content {
        Content::Scalar { .. } if scalar(value).is_some() => slot.extend(scalar(value)),
        Content::List(items) if takes_several && (!items.is_empty() || &*key.text == "material") => {
            for item in items {
                match scalar(item) {
                    Some(setting) => slot.push(setting),
                    None => findings.push(
                        Finding::new(
                            &codes::project::WRONG_TYPE,
                            item.span,
                            format!("`{}` is a list of paths", key.text),
                        )
                        .label("this is not a path"),
                    ),
                }
            }
        }
        Content::Scalar { .. } => findings.push(
            Finding::new(&codes::project::WRONG_TYPE, key.span, format!("`{}` has no value", key.text))
                .help("write a path, or remove the key"),
        ),
        Content::List(_) | Content::Map(_) => findings.push(
            Finding::new(
                &codes::project::WRONG_TYPE,
                key.span,
                format!("`{}` must be a path{}", key.text, if takes_several { ", or a list of paths" } else { "" }),
            )
            .label(match &value.content {
                Content::List(items) if items.is_empty() => "this list is empty",
                Content::List(_) => "this is a list",
                _ => "this is a map",
            })
            .help("write a path, relative to `platc.yaml`"),
        ),
    }
}

/// What a plain scalar says when it says null; a folder of that name is written in quotes.
fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn rules(node: &Node, findings: &mut Findings) -> Vec<RuleSetting> {
    let Content::Map(entries) = &node.content else {
        findings.push(
            Finding::new(&codes::project::WRONG_TYPE, node.span, "`rules` must be a map")
                .help("write `RULE: error`, `RULE: warning` or `RULE: off` below it"),
        );
        return Vec::new();
    };
    let mut rules = Vec::new();
    for Entry { key, value } in entries {
        let Content::Scalar { text, .. } = &value.content else {
            let finding = Finding::new(&codes::project::WRONG_TYPE, value.span, "a severity must be one word");
            findings.push(finding.help("write `error`, `warning` or `off`"));
            continue;
        };
        let (id, level) = (Arc::clone(&key.text), Arc::clone(text));
        rules.push(RuleSetting { id, id_span: key.span, level, level_span: value.span });
    }
    rules
}

fn checked(written: &Written, file: FileId, findings: &mut Findings) -> Config {
    let mut paths = |settings: &[Setting], default: Utf8PathBuf| {
        let resolve = |Setting { text, span }: &Setting| match path::resolve(Utf8Path::new(""), text) {
            Ok(path) => Some((path, *span)),
            Err(fault) => {
                findings.push(path::finding(text, fault, *span).help("name a folder or a file inside the project"));
                None
            }
        };
        let paths: Vec<_> = settings.iter().filter_map(resolve).collect();
        if paths.is_empty() { vec![(default, Span::file_start(file))] } else { paths }
    };
    let default = Config::default();
    let [environment] = default.environments.as_slice() else { unreachable!("there is one folder by default") };
    let environments = paths(&written.environments, environment.clone());
    let mut path = |settings: &[Setting], default| paths(settings, default).remove(0);
    let schema = path(&written.schema, default.schema);
    let templates = path(&written.templates, default.templates);
    let output = path(&written.output, default.output);
    let golden = path(&written.golden, default.golden);
    let (material, material_spans) = material(&written.material, findings);
    // Other files of the schema lie beside it.
    let schemas = schema.0.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(&schema.0);
    let roots = environments.iter().map(|(path, _)| ("environments", &**path));
    let read: Vec<_> = [("schema", schemas)]
        .into_iter()
        .chain(roots)
        .chain([("templates", &*templates.0), ("charts", Utf8Path::new(CHARTS))])
        .collect();
    for &(other, path) in read.iter().chain(&[("golden", &*golden.0)]) {
        findings.extend(overlap("output", &output, other, path));
    }
    for &(other, path) in &read {
        findings.extend(overlap("golden", &golden, other, path));
    }
    // One other folder is enough, and is looked up: of n folders there are n² pairs.
    let mut earlier = BTreeSet::new();
    for root in &environments {
        let path = &*root.0;
        let around = path.ancestors().find_map(|outer| earlier.get(outer).copied());
        let other = around.or_else(|| earlier.range(path..).next().copied());
        let found = other.and_then(|other: &Utf8Path| overlap("environments", root, "environments", other));
        findings.extend(found.map(|finding| {
            let message = "two folders of environments overlap";
            Finding { message: message.to_owned(), ..finding }.help("name the outer one only")
        }));
        earlier.insert(path);
    }
    Config {
        schema: schema.0,
        environments: environments.into_iter().map(|(path, _)| path).collect(),
        templates: templates.0,
        output: output.0,
        golden: golden.0,
        material,
        material_spans,
        rules: written.rules.clone(),
        outside: written.outside.clone(),
    }
}

/// Patterns of paths, which begin where a tree does.
fn material(written: &[Setting], findings: &mut Findings) -> (Vec<Arc<str>>, Vec<Span>) {
    let resolve = |Setting { text, span }: &Setting| match path::resolve(Utf8Path::new(""), text) {
        Ok(path) if takes_all(path.as_str()) => {
            let message = format!("`{text}` names everything, so that nothing would be judged any more");
            let help = "name what is material by its paths, as in `docs/` and `charts/*/ci/`";
            findings.push(Finding::new(&codes::project::BAD_PATH, *span, message).help(help));
            None
        }
        Ok(path) => Some((path.as_str().into(), *span)),
        Err(fault) => {
            let help = "name files or folders by their paths within the tree, as in `docs/` and `charts/*/ci/`";
            findings.push(path::finding(text, fault, *span).help(help));
            None
        }
    };
    written.iter().filter_map(resolve).unzip()
}

/// Whether a pattern takes every file of YAML or JSON in a folder, wherever that lies and whatever both are called.
fn takes_all(pattern: &str) -> bool {
    let below = format!("{}/**", pattern.trim_end_matches('/'));
    let is_taken = |path: String| [pattern, &below].iter().any(|pattern| glob::matches(pattern, &path));
    let takes = |ending: &str| ["q/7", "z/q/x-7"].iter().all(|path| is_taken(format!("{path}{ending}")));
    [".yaml", ".yml", ".json"].into_iter().any(takes)
}

/// A folder that platc replaces as a whole holds nothing else, and lies in nothing that it reads. Some file systems take
/// names that differ in their case for one.
fn overlap(name: &str, (out, span): &(Utf8PathBuf, Span), other: &str, path: &Utf8Path) -> Option<Finding> {
    let [lower, other_lower] = [&**out, path].map(|path| Utf8PathBuf::from(path.as_str().to_lowercase()));
    let how = match (lower.starts_with(&other_lower), other_lower.starts_with(&lower)) {
        (true, true) if out != path => format!("`{out}` and `{path}` are one folder on macOS and Windows"),
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
