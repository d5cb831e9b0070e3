//! Which files lie below the folder of templates, and what each is: a template, a file to copy, or one that nobody takes.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::copies::{By, Taken, is_never_copied};
use crate::disk::folder::linked;
use crate::disk::{Disk, EntryKind, ReadError, text};
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::project::unread;
use crate::source::{Sources, Span};

/// What [`list`] finds.
#[derive(Debug, Default)]
pub struct Listed {
    pub templates: Vec<Utf8PathBuf>,
    /// Files that become files of a tree as they lie there, unless a template takes them in.
    copies: Vec<Utf8PathBuf>,
    /// Files that look like templates of another kind.
    others: Vec<Utf8PathBuf>,
    /// Files whose names begin with `_`.
    parts: Vec<Utf8PathBuf>,
    /// Settings of editors, and of what checks and formats files.
    settings: Vec<Utf8PathBuf>,
}

/// Whether a name says that a file or folder holds settings of an editor, or of what checks and formats files: of those
/// who write templates, as likely as of the tree.
fn is_of_editors(name: &str) -> bool {
    matches!(name, ".editorconfig" | ".idea" | ".vscode")
        || [".yamllint", ".prettier"].iter().any(|it| name.starts_with(it))
}

/// All files below a folder by what they are, each kind sorted by path.
pub fn list(disk: &dyn Disk, folder: &Utf8Path, sources: &Sources, limits: &Limits, findings: &mut Findings) -> Listed {
    let mut listed = Listed::default();
    let mut folders = vec![(folder.to_owned(), false)];
    while let Some((folder, are_settings)) = folders.pop() {
        let entries = match disk.list(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                let file = sources.add(folder.as_path(), "");
                findings.push(text::unreadable(&folder, &error, Span::file_start(file)));
                continue;
            }
        };
        for entry in entries {
            let path = folder.join(&entry.name);
            let left_out = (entry.kind == EntryKind::Link).then(|| linked(disk, &path, sources)).flatten();
            let is_setting = are_settings || is_of_editors(&entry.name);
            match entry.kind {
                _ if is_never_copied(&entry.name) => {}
                EntryKind::Folder => folders.push((path, is_setting)),
                // It never is a template of ours, whatever its name: nothing is read of it.
                EntryKind::Special if path.extension() != Some("j2") => {}
                _ if is_template(&path) => listed.templates.push(path),
                _ if is_setting => listed.settings.push(path),
                _ if entry.name.starts_with('_') => listed.parts.push(path),
                _ if is_meant(&entry.name) => listed.others.push(path),
                _ if left_out.is_some() => findings.extend(left_out),
                _ => listed.copies.push(path),
            }
            if listed.count() + folders.len() > limits.project_files {
                let file = sources.add(folder.as_path(), "");
                let error = ReadError::TooMany { limit: limits.project_files };
                findings.push(text::unreadable(&folder, &error, Span::file_start(file)));
                return Listed::default();
            }
        }
    }
    listed.templates.sort();
    listed.copies.sort();
    listed
}

/// The endings of what Kustomize takes in, and of settings that its generators read: `_app.conf`, beside `_redirects`,
/// which has none.
const READ_BY_KUSTOMIZE: [&str; 9] = ["conf", "env", "ini", "json", "properties", "toml", "txt", "yaml", "yml"];

/// Whether a file is a template by its name; `.j2` alone is the name of something else.
fn is_template(path: &Utf8Path) -> bool {
    path.extension() == Some("j2")
}

/// Whether a file that is no template by its name looks like one that somebody wants rendered.
fn is_meant(name: &str) -> bool {
    let ending = Utf8Path::new(name).extension().unwrap_or_default();
    let is_engine = ["j2", "jinja", "jinja2"].contains(&&*ending.to_ascii_lowercase());
    let is_laid_aside = name.contains(".j2.") && !["yaml", "yml", "json"].contains(&ending);
    // Who reads manifests takes `.JSON` for none.
    let is_json = ending != "json" && ending.eq_ignore_ascii_case("json");
    !name.starts_with(['.', '_']) && is_json
        || !name.starts_with('.') && (is_engine || is_laid_aside || unread::is_yaml_in_disguise(name))
}

impl Listed {
    fn count(&self) -> usize {
        let Self { templates, copies, others, parts, settings } = self;
        [templates, copies, others, parts, settings].iter().map(|it| it.len()).sum()
    }

    /// The files to copy, each with who says so.
    pub fn copies(&self, folder: &Utf8Path, taken: &Taken<'_>) -> Vec<(Utf8PathBuf, By)> {
        let by = |path: &Utf8Path| match below(folder, path) {
            name if taken.is_named(name) => Some(By::Name),
            _ if self.is_in_chart(path) => Some(By::Chart),
            name if self.is_with_kustomization(path) && !taken.files.contains(name) => Some(By::Itself),
            _ => None,
        };
        let is_taken = |path: &Utf8Path| taken.files.contains(below(folder, path));
        let own = self.copies.iter().filter_map(|path| match by(path) {
            Some(By::Name) => Some((path, By::Name)),
            _ if is_taken(path) => None,
            by => Some((path, by.unwrap_or(By::Itself))),
        });
        // A chart is whole with its `_helpers.tpl` only, and a kustomization may take in `_v1_sample.yaml` and `_redirects`.
        let others = self.others.iter().chain(&self.parts).chain(&self.settings);
        let named = others.filter_map(|path| Some((path, by(path)?)));
        let mut all: Vec<_> = own.chain(named).map(|(path, by)| (path.clone(), by)).collect();
        all.sort();
        all
    }

    /// Whether a file lies at or below a `Chart.yaml`.
    fn is_in_chart(&self, path: &Utf8Path) -> bool {
        let is_chart = |folder: &Utf8Path| self.copies.binary_search(&folder.join("Chart.yaml")).is_ok();
        path.ancestors().skip(1).any(is_chart)
    }

    /// Whether what looks like a part, and is of a kind that Kustomize takes in or reads into a `ConfigMap`, lies beside the
    /// `kustomization.yaml` of somebody's folder.
    fn is_with_kustomization(&self, path: &Utf8Path) -> bool {
        let has = |folder: &Utf8Path| {
            let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
            names.iter().any(|name| self.copies.binary_search(&folder.join(name)).is_ok())
        };
        let is_part = path.file_name().is_some_and(|name| name.starts_with('_'));
        let is_read = match path.extension() {
            Some(ending) => READ_BY_KUSTOMIZE.contains(&ending),
            None => true,
        };
        is_part && is_read && path.parent().is_some_and(has)
    }

    /// Tells of every file that looks like a template and is none, and of those that are left out where others like them
    /// are copied.
    pub fn check_others(&self, folder: &Utf8Path, taken: &Taken<'_>, sources: &Sources, findings: &mut Findings) {
        let is_taken = |path: &Utf8Path| {
            let name = below(folder, path);
            let is_whole = || self.is_in_chart(path) || self.is_with_kustomization(path);
            taken.files.contains(name) || taken.is_named(name) || is_whole()
        };
        for path in self.others.iter().filter(|path| !is_taken(path)) {
            findings.push(ignored(path, sources));
        }
        let settings = self.settings.iter().filter(|path| !is_taken(path));
        for (_, paths) in by_top(folder, settings) {
            findings.extend(settings_left_out(&paths, sources));
        }
        let kind = |path: &Utf8Path| (top(folder, path).to_owned(), path.extension().map(str::to_owned));
        let copied: BTreeSet<_> = self.copies.iter().map(|path| kind(path)).collect();
        let is_laid_aside = |path: &Utf8Path| unread::is_laid_aside(path.file_name().unwrap_or_default());
        // Notes on templates lie in the folder of templates itself.
        let is_note = |path: &Utf8Path| top(folder, path).is_empty() && is_laid_aside(path);
        let parts = self.parts.iter().filter(|path| !is_taken(path) && !is_note(path));
        for (_, paths) in by_top(folder, parts) {
            if paths.iter().any(|path| copied.contains(&kind(path))) {
                findings.extend(parts_left_out(folder, &paths, sources));
                continue;
            }
            findings.extend(paths.iter().filter(|path| !is_laid_aside(path)).map(|path| unread_part(path, sources)));
        }
    }
}

/// The name of a file below the folder of templates.
fn below<'p>(folder: &Utf8Path, path: &'p Utf8Path) -> &'p str {
    path.strip_prefix(folder).unwrap_or(path).as_str()
}

/// The first folder on the way to a file; none if it lies in that of templates itself.
fn top<'p>(folder: &Utf8Path, path: &'p Utf8Path) -> &'p str {
    below(folder, path).split_once('/').map_or("", |(top, _)| top)
}

fn by_top<'p>(folder: &Utf8Path, paths: impl Iterator<Item = &'p Utf8PathBuf>) -> BTreeMap<&'p str, Vec<&'p Utf8Path>> {
    let mut all: BTreeMap<&str, Vec<&Utf8Path>> = BTreeMap::new();
    for path in paths {
        all.entry(top(folder, path)).or_default().push(path);
    }
    for paths in all.values_mut() {
        paths.sort_unstable();
    }
    all
}

/// The name of a template in the place of a file: another engine's ending, or what else hides that it is one, goes.
fn renamed(path: &Utf8Path) -> String {
    if let Some((template, _)) = path.as_str().split_once(".j2.") {
        return format!("{template}.j2");
    }
    let stem = path.file_stem().map(Utf8Path::new);
    let is_hidden = stem.is_some_and(|stem| matches!(stem.extension(), Some("yaml" | "yml" | "json")));
    if is_hidden { path.with_extension("j2").into_string() } else { format!("{path}.j2") }
}

fn ignored(path: &Utf8Path, sources: &Sources) -> Finding {
    let span = Span::file_start(sources.add(path, ""));
    let message = format!("`{path}` is no template, and makes nothing");
    Finding::new(&codes::hygiene::IGNORED_FILE, span, message).help(format!(
        "rename it to `{}` if it is to be rendered; if it is to be copied as it is, name it by `copy` in the front matter of a template",
        renamed(path)
    ))
}

/// A part that no template can take in as one, and none takes in as it lies there.
fn unread_part(path: &Utf8Path, sources: &Sources) -> Finding {
    let span = Span::file_start(sources.add(path, ""));
    let template = if matches!(path.extension(), Some("tpl" | "jinja" | "jinja2" | "gotmpl")) {
        path.with_extension("j2").into_string()
    } else {
        format!("{path}.j2")
    };
    let message = format!("`{path}` is read by nothing: only what ends in `.j2` can be taken in as a template");
    Finding::new(&codes::hygiene::IGNORED_FILE, span, message).help(format!(
        "for macros, write `{{% macro name() %}}` into `{template}`; for its text as it lies there, take it in by `file(…)`"
    ))
}

/// Some files of which the first is named: "`a.md` and 3 others".
fn counted(paths: &[&Utf8Path]) -> Option<(String, &'static str)> {
    let first = paths.first()?;
    Some(match paths.len() - 1 {
        0 => (format!("`{first}` is"), "its name begins"),
        1 => (format!("`{first}` and one other file are"), "their names begin"),
        others => (format!("`{first}` and {others} other files are"), "their names begin"),
    })
}

fn settings_left_out(paths: &[&Utf8Path], sources: &Sources) -> Option<Finding> {
    let (files, _) = counted(paths)?;
    let span = Span::file_start(sources.add(*paths.first()?, ""));
    let message = format!("{files} left out: taken for settings of whoever edits templates");
    let help = "to have it in the tree, name it, or its folder, by `copy` in the front matter of a template; if it is for those who edit templates, keep it above their folder, where it is found as well";
    Some(Finding::new(&codes::hygiene::IGNORED_FILE, span, message).help(help))
}

fn parts_left_out(folder: &Utf8Path, paths: &[&Utf8Path], sources: &Sources) -> Option<Finding> {
    let (files, names) = counted(paths)?;
    let first = *paths.first()?;
    let message = format!("{files} left out: {names} with `_`");
    let whole = match top(folder, first) {
        "" => "a folder of them".to_owned(),
        top => format!("all of `{top}/`"),
    };
    let help = format!(
        "to have them in the tree, copy {whole} by `copy` in the front matter of a template; what nobody wants is kept elsewhere"
    );
    let span = Span::file_start(sources.add(first, ""));
    Some(Finding::new(&codes::hygiene::IGNORED_FILE, span, message).help(help))
}
