//! Files below the folder of templates that become files of a tree as they lie there. What they hold is read as their
//! readers read it, so that rules see it; nothing of it is written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize as _;

use super::conflict::Mark;
use super::front_matter::{FrontMatter, Line};
use super::others::{self, Kind};
use super::{Maker, conflict, names_transformer};
use crate::artifact::{Bytes, Copied};
use crate::disk::{Disk, text};
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, Findings, Rule, codes};
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};

/// Files that are copied, by their paths below the folder of templates.
pub(super) type Copies = BTreeMap<Arc<str>, Arc<Copied>>;

/// One file that was read.
pub enum Copy {
    Read(Arc<str>, Arc<Copied>),
    /// After a finding. What changes other files on their way may stand in it, or not.
    Broken {
        may_transform: bool,
    },
}

impl Copy {
    /// A broken one, of which only its name and these bytes are known.
    fn broken(name: &str, bytes: &[u8]) -> Self {
        // Of UTF-16 every other byte is nothing.
        let bytes: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        Self::Broken { may_transform: names_transformer(name) || names_transformer(&String::from_utf8_lossy(&bytes)) }
    }

    /// Those that could be read; whether these are all; and whether one that is missing may change others on their way.
    pub(super) fn all(copies: Vec<Self>) -> (Copies, bool, bool) {
        let (mut read, mut are_all, mut have_lost) = (Copies::new(), true, false);
        for copy in copies {
            match copy {
                Self::Read(name, copied) => drop(read.insert(name, copied)),
                Self::Broken { may_transform } => (are_all, have_lost) = (false, have_lost || may_transform),
            }
        }
        (read, are_all, have_lost)
    }
}

/// Whether a file is there for git or an operating system, or is what an editor left: it never is one of a tree.
pub(super) fn is_never_copied(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        ".DS_Store",
        ".git",
        ".gitattributes",
        ".gitignore",
        ".gitkeep",
        ".gitmodules",
        ".keep",
        "Thumbs.db",
        "desktop.ini",
    ];
    NAMES.contains(&name)
        || name.starts_with(".#")
        || (name.starts_with('#') && name.ends_with('#'))
        || name.ends_with('~')
        || (name.starts_with('.') && matches!(name.rsplit_once('.'), Some((_, "swp" | "swo"))))
}

/// Who says that a file is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// Nobody: it lies there.
    Itself,
    /// The chart in which it lies, whose templates are Helm's.
    Chart,
    /// A template, by `copy`: its bytes are wanted, whatever they are.
    Name,
}

/// Reads one file below the folder of templates. One that a chart or a template wants may look like a template: it is one, of
/// another tool.
pub fn read(
    disk: &dyn Disk,
    folder: &Utf8Path,
    path: &Utf8Path,
    by: By,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Copy {
    let name: Arc<str> = path.strip_prefix(folder).unwrap_or(path).as_str().into();
    let bytes: Bytes = match disk.read(path, limits.file_bytes) {
        Ok(bytes) => bytes.into(),
        Err(error) => {
            findings.push(text::unreadable(path, &error, Span::file_start(sources.add(path, ""))));
            return Copy::Broken { may_transform: true };
        }
    };
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text: Option<Arc<str>> = std::str::from_utf8(unmarked).ok().filter(|text| !text.contains('\0')).map(Arc::from);
    let file = sources.add(path, text.clone().unwrap_or_default());
    let mut copied = Copied { bytes, file, text, values: Vec::new(), nodes: Vec::new() };
    let kind = Kind::of(path);
    let Some(text) = copied.text.clone() else {
        if kind.is_some() && by == By::Itself {
            findings.push(not_text(path, Span::file_start(file)));
            return Copy::broken(&name, &copied.bytes);
        }
        return Copy::Read(name, Arc::new(copied));
    };
    if text.starts_with(POINTER) {
        findings.push(pointer(path, Span::new(file, 0, POINTER.len())));
        return Copy::Broken { may_transform: true };
    }
    // Of YAML and JSON it is told as what they are not.
    if let Some(mark) = conflict::mark(&text).filter(|_| kind.is_none()) {
        findings.push(unresolved(path, file, &mark));
    }
    if let Some(at) = unrendered(&text).filter(|_| by == By::Itself) {
        findings.push(looks_like_template(path, Span::new(file, at, at + 2)));
    } else if let Some(kind) = kind {
        let mut own = Findings::default();
        let (found, uncertain) = documents(&text, kind, file, limits, &mut own);
        if kind == Kind::Json && by == By::Itself && !own.has_errors() {
            own.extend(no_json(&text, file));
        }
        let is_template = text.contains("{{") || (by != By::Itself && text.contains("{%"));
        let is_anothers = by != By::Itself && is_template;
        if !(is_anothers && own.has_errors()) {
            (copied.nodes, copied.values) = (found.nodes, found.values);
        }
        own.retain_mut(|_| !is_anothers);
        let is_partly = !copied.values.is_empty();
        if own.has_errors() && by == By::Itself && is_template && !is_json(&text, kind) {
            let at = text.find("{{").unwrap_or_default();
            own = Findings::default();
            own.push(looks_like_template(path, Span::new(file, at, at + 2)));
        } else if own.has_errors() && (by != By::Itself || is_read_by_others(&text, kind, &own)) {
            let told = own.iter().find(|finding| finding.is_error()).map(|first| unjudged(path, first, is_partly));
            own = Findings::default();
            own.extend(told);
        } else if let Some(first) = own.iter_mut().find(|finding| finding.is_error()) {
            let known = first.help.take().map(|help| format!("{help}; ")).unwrap_or_default();
            first.help = Some(format!("{known}{NO_YAML}"));
        } else if let Some(first) = uncertain.filter(|_| !is_anothers) {
            own.push(unjudged(path, &first, is_partly));
        }
        let is_broken = own.has_errors();
        findings.append(own);
        if is_broken {
            return Copy::broken(&name, text.as_bytes());
        }
    }
    Copy::Read(name, Arc::new(copied))
}

/// What is said of a file that nobody would want copied as it is.
fn looks_like_template(path: &Utf8Path, at: Span) -> Finding {
    let message = format!("`{path}` is copied as it is, and looks like a template");
    // `a.j2.yaml` has both endings, the other way round.
    let name = path.as_str().strip_suffix(&format!(".j2.{}", path.extension().unwrap_or_default()));
    let name = match (name, path.extension()) {
        (Some(stem), Some(ending)) => format!("{stem}.{ending}.j2"),
        _ => format!("{path}.j2"),
    };
    Finding::new(&codes::hygiene::UNRENDERED_FILE, at, message)
        .label("nothing of this is rendered")
        .help(format!("rename it to `{name}` if it is to be rendered; if its braces are for another tool, name it by `copy` in the front matter of a template"))
}

/// How the text begins that git keeps in the place of a large file.
const POINTER: &str = "version https://git-lfs.github.com/spec/v1";

fn pointer(path: &Utf8Path, at: Span) -> Finding {
    let message = format!("`{path}` holds a pointer of Git LFS, not the file");
    Finding::new(&codes::project::UNREADABLE, at, message)
        .label("the tree would hold this text")
        .help("fetch the file: `git lfs pull`, or `lfs: true` where CI checks the repository out")
}

/// What is said of a text that is taken as it is, with a mark of a merge conflict.
pub(super) fn unresolved(path: &Utf8Path, file: FileId, mark: &Mark) -> Finding {
    let (what, help) = mark.words();
    let at = Span::new(file, mark.range.start, mark.range.end);
    let message = format!("`{path}` holds {what}, and is taken as it is");
    Finding::new(&codes::hygiene::CONFLICT_MARKS, at, message).label("git left this mark").help(help)
}

fn not_text(path: &Utf8Path, at: Span) -> Finding {
    let message = format!("`{path}` is not UTF-8 text");
    Finding::new(&codes::project::NOT_TEXT, at, message).help(
        "save it as UTF-8; if its bytes are wanted as they are, name it by `copy` in the front matter of a template",
    )
}

/// What is said of a file of JSON that YAML would be, but not JSON: a comma behind the last item, other quotes, no quotes.
/// Tools that take comments take more than JSON.
fn no_json(text: &str, file: FileId) -> Option<Finding> {
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err().filter(|_| !has_comments(text))?;
    let start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let at = (start + error.column().saturating_sub(1)).min(text.trim_end().len());
    let at = text.floor_char_boundary(at);
    let span = Span::new(file, at, at + text[at..].chars().next().map_or(0, char::len_utf8));
    let finding = Finding::new(&codes::yaml::SYNTAX, span, "this is not JSON, as the name of the file says");
    Some(finding.label("no reader of JSON goes on from here").help(
        "keys and texts stand in double quotes, and no comma stands behind the last item; numbers, `true`, `false` and `null` as JSON writes them",
    ))
}

/// Whether a comment begins outside of all texts in quotes.
fn has_comments(text: &str) -> bool {
    let (mut in_quotes, mut before) = (false, ' ');
    text.chars().any(|char| {
        let is_escaped = in_quotes && before == '\\';
        let begins = !in_quotes && before == '/' && matches!(char, '/' | '*');
        in_quotes ^= char == '"' && !is_escaped;
        before = if is_escaped { ' ' } else { char };
        begins
    })
}

/// What to do with a file that is no YAML, and is not meant to be.
const NO_YAML: &str = "if it is not YAML yet, because another tool fills it in, name it by `copy` in the front matter of a template: then its bytes are copied, and nothing in it is judged";

/// Whether a file is one that others read, though this reader does not: YAML to libyaml, by which Kubernetes reads, or
/// values of JSON one after another.
fn is_read_by_others(text: &str, kind: Kind, found: &Findings) -> bool {
    if kind == Kind::Json {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
        return !text.trim().is_empty() && values.all(|value| value.is_ok());
    }
    let mut documents = serde_yaml::Deserializer::from_str(text);
    found.iter().all(|finding| finding.rule.id == codes::yaml::SYNTAX.id)
        && documents.all(|document| serde_yaml::Value::deserialize(document).is_ok())
}

/// What is said of a file that is copied, and of which it is not known what its readers make of all of it.
fn unjudged(path: &Utf8Path, first: &Finding, is_partly: bool) -> Finding {
    let what = if is_partly { "not all of it" } else { "nothing in it" };
    let message = format!("`{path}` is copied as it is, and {what} is judged: {}", first.message);
    let finding = Finding::new(&codes::hygiene::UNJUDGED_FILE, first.primary.span, message);
    let finding = finding.label(first.primary.text.clone());
    finding.help("leave it if another tool makes YAML of it; else mend it, so that rules see what it holds")
}

/// Where a text says something that only a template says: front matter, or a tag of the engine.
fn unrendered(text: &str) -> Option<usize> {
    const TAGS: [&str; 8] = ["if", "for", "set", "include", "import", "from", "macro", "raw"];
    let last = text.rfind("%}");
    let is_meant = |(at, _): &(usize, &str)| {
        let inner = text[at + 2..].trim_start_matches(['-', '+']).trim_start();
        let word = inner.split(|char: char| !char.is_ascii_alphanumeric()).next().unwrap_or_default();
        let is_comment = text[*at..].starts_with("{#");
        if is_comment {
            word == "platc" && inner[5..].starts_with(['\n', '\r'])
        } else {
            TAGS.contains(&word) && Some(*at) < last
        }
    };
    let found = |opening: &str| text.match_indices(opening).find(is_meant).map(|(at, _)| at);
    match (found("{#"), found("{%")) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Whether a finding about what was read is one about the file: what other readers take is none, even where this one
/// does not.
fn matters(rule: &'static Rule) -> bool {
    use codes::yaml::{COMPLEX_KEY, LONG_KEY, MERGE_KEY, MISSING_KEY, TAG};
    let taken = [&COMPLEX_KEY, &LONG_KEY, &MERGE_KEY, &MISSING_KEY, &TAG];
    !taken.iter().any(|it| std::ptr::eq(rule, *it))
}

fn is_json(text: &str, kind: Kind) -> bool {
    kind == Kind::Json && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// The documents of a file of which it is certain what its readers take them for. What is a mistake is told; of the others
/// that are not certain the first is given back.
fn documents(
    text: &str,
    kind: Kind,
    file: FileId,
    limits: &Limits,
    findings: &mut Findings,
) -> (others::Documents, Option<Finding>) {
    let mut found = others::documents(text, kind, file, limits);
    let mut uncertain = None;
    // Comments are no JSON, and yet many tools take them.
    let is_taken = || kind == Kind::Json && (is_json(text, kind) || has_comments(text));
    for mut own in std::mem::take(&mut found.unread) {
        let first = own.iter().next().cloned();
        let is_taken = is_taken();
        own.retain_mut(|finding| matters(finding.rule) && !is_taken);
        if own.is_empty() && uncertain.is_none() {
            uncertain = first;
        }
        findings.append(own);
    }
    (found, uncertain)
}

/// Which of the files that could be copied are taken in by a template, and so are none of the tree by themselves.
#[derive(Default)]
pub struct Taken<'a> {
    /// By `file()`.
    pub(super) files: BTreeSet<&'a str>,
    /// By `copy`: files, and folders with `/` behind them.
    named: BTreeSet<&'a str>,
}

impl<'a> Taken<'a> {
    pub(super) fn new(files: BTreeSet<&'a str>, lines: impl Iterator<Item = &'a Line>) -> Self {
        Self { files, named: lines.map(|line| &*line.text).collect() }
    }

    /// Whether `copy` names a file, or a folder in which it lies.
    pub(super) fn is_named(&self, name: &str) -> bool {
        let mut folders = name.match_indices('/').map(|(at, _)| &name[..=at]);
        self.named.contains(name) || folders.any(|folder| self.named.contains(folder))
    }
}

/// What a name means that `copy` may have: a file, or all files in a folder with `/` behind it.
pub(super) fn of<'c>(copies: &'c Copies, named: &'c str) -> impl Iterator<Item = (&'c Arc<str>, &'c Arc<Copied>)> {
    let is_it = move |name: &str| if named.ends_with('/') { name.starts_with(named) } else { name == named };
    let begin: (Bound<&str>, Bound<&str>) = (Bound::Included(named), Bound::Unbounded);
    copies.range::<str, _>(begin).take_while(move |(name, _)| is_it(name))
}

/// Adds a maker for each file that no `copy` names. What one names that is not there is told, and who names it given
/// back.
pub(super) fn share(
    copies: &Copies,
    folder: &Utf8Path,
    makers: &mut Vec<Maker>,
    is_whole: bool,
    findings: &mut Findings,
) -> BTreeSet<Arc<str>> {
    let mut broken = BTreeSet::new();
    let lines = || makers.iter().filter_map(|maker| Some((maker, maker.front.copy.as_ref()?)));
    for (maker, line) in lines().filter(|_| is_whole) {
        if of(copies, &line.text).next().is_none() {
            findings.push(missing(line, copies));
            broken.insert(Arc::clone(&maker.name));
        }
    }
    let taken = Taken::new(BTreeSet::new(), lines().map(|(_, line)| line));
    let others = copies.iter().filter(|(name, _)| !taken.is_named(name)).map(|(name, copied)| Maker {
        name: Arc::clone(name),
        path: folder.join(&**name).as_str().into(),
        file: copied.file,
        front: FrontMatter::default(),
        copies: true,
    });
    let others: Vec<_> = others.collect();
    makers.extend(others);
    broken
}

fn missing(line: &Line, copies: &Copies) -> Finding {
    if let Some(name) = line.text.split('/').find(|name| is_never_copied(name)) {
        let message = format!(
            "`{}` is never copied: `{name}` is git's or an operating system's, or what an editor left",
            line.text
        );
        return Finding::new(&codes::template::INCLUDE, line.span, message).help("leave it out");
    }
    let message = format!("there is no file `{}` below the folder of templates", line.text);
    let is_folder =
        || copies.keys().any(|name| name.strip_prefix(&*line.text).is_some_and(|rest| rest.starts_with('/')));
    let help = if is_folder() {
        format!("it is a folder: write `{}/` for all files in it", line.text)
    } else {
        let near = did_you_mean(&line.text, copies.keys().map(|name| &**name));
        near.unwrap_or_else(|| {
            "name it by its path below the folder of templates; `/` at the end means a folder".to_owned()
        })
    };
    Finding::new(&codes::template::INCLUDE, line.span, message).help(help)
}

/// The path of a copy within the tree: what `output` says, with what is below the folder that `copy` names.
pub(super) fn path(output: Option<&str>, copy: Option<&Line>, name: &str) -> String {
    let folder = copy.map(|line| &*line.text).filter(|text| text.ends_with('/'));
    match (output, folder) {
        (None, _) => name.to_owned(),
        (Some(output), None) => output.to_owned(),
        (Some(output), Some(folder)) => {
            Utf8PathBuf::from(output).join(name.strip_prefix(folder).unwrap_or(name)).into_string()
        }
    }
}
