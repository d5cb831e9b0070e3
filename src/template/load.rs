//! Loading: from the folder of templates to [`Templates`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::check::{self, Checked, Import, NO_FUNCTION};
use super::copies::{self, By, Copy, Taken};
use super::document::Document;
use super::engine::Engine;
use super::files::{self, Files};
use super::front_matter::{self, FrontMatter, Line};
use super::guard::Guard;
use super::guarded;
use super::list::list;
use super::place::{Map, Place};
use super::reader;
use super::slot;
use super::{Maker, Shared, TRANSFORMER, Template, Templates, functions, names_transformer, text_path, trace};
use crate::disk::{Disk, ReadError, text};
use crate::finding::suggest::{did_you_mean, with_plain_quotes};
use crate::finding::{Finding, Findings, Label, codes};
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};

/// A text that the engine runs: a template, or a line of front matter.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) written: String,
    pub(super) place: Place,
    pub(super) checked: Checked,
    /// From the text with guards, which is what the engine knows, to what is written.
    pub(super) map: Map,
}

impl Text {
    /// Whether others can take a name from it: one that it does not take from others itself.
    fn gives(&self, name: &str) -> bool {
        self.checked.names.contains(name) && self.checked.imports.iter().all(|import| import.name != name)
    }
}

/// One file of templates, read and checked by itself.
pub struct Read {
    name: String,
    /// Something is wrong with it.
    broken: bool,
    /// It could make what changes other files on their way: told by its name and its text, or not at all.
    transforms: bool,
    /// It says nothing about what it makes, but for its own name.
    is_plain: bool,
    texts: Vec<(String, Text)>,
    /// What the engine runs, by the same names.
    guarded: Vec<(String, String)>,
    maker: Option<Maker>,
    /// Files that it takes in as they lie there.
    files: Vec<(String, Arc<str>)>,
}

impl Templates {
    /// Loads all templates below a folder: every file named `*.j2` can be included, those whose name does not begin with
    /// `_` make artifacts. Files can also be [read] at once and [linked](Self::link) after that.
    ///
    /// `None`, with findings, if any of them is broken.
    pub fn load(
        disk: &dyn Disk,
        folder: &Utf8Path,
        sources: &Sources,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut own = Findings::default();
        let listed = list(disk, folder, sources, limits, &mut own);
        let paths = &listed.templates;
        let files: Vec<Read> = paths.iter().map(|path| read(disk, folder, path, sources, limits, &mut own)).collect();
        let taken = taken(&files);
        listed.check_others(folder, &taken, sources, &mut own);
        let copies = listed.copies(folder, &taken);
        let read_copy =
            |(path, by): &(Utf8PathBuf, By)| copies::read(disk, folder, path, *by, sources, limits, &mut own);
        let copies = copies.iter().map(read_copy).collect();
        let templates = Self::link(folder, files, copies, limits, &mut own);
        let are_all = templates.are_all && !own.has_errors();
        findings.append(own);
        are_all.then_some(templates)
    }

    /// Makes one whole of all files. Those that are broken are left out, and with them those that take them in.
    pub fn link(
        folder: &Utf8Path,
        files: Vec<Read>,
        copies: Vec<Copy>,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Self {
        let (mut texts, mut guarded, mut makers) = (Texts::default(), BTreeMap::new(), Vec::new());
        let mut taken = Files::default();
        let (mut transforms, mut plain) = (BTreeMap::new(), BTreeSet::new());
        for file in files {
            plain.extend(file.is_plain.then(|| file.name.clone()));
            transforms.insert(file.name.clone(), file.transforms);
            if file.broken {
                texts.broken.insert(file.name);
            }
            taken.texts.extend(file.files);
            texts.all.extend(file.texts);
            guarded.extend(file.guarded);
            makers.extend(file.maker);
        }
        texts.name_macros(findings);
        texts.check_includes(findings);
        let (copies, are_read, lost_copies) = Copy::all(copies);
        texts
            .broken
            .extend(copies::share(&copies, folder, &mut makers, are_read, findings).iter().map(ToString::to_string));
        let broken = texts.with_broken();
        let are_all = broken.is_empty() && are_read;
        let may_transform = |name: &str| transforms.get(name).copied().unwrap_or(true);
        let is_part = |name: &str| Utf8Path::new(name).file_name().is_some_and(|name| name.starts_with('_'));
        // A part is not said to be taken in by a file that could not be understood.
        let mut lost =
            broken.iter().map(String::as_str).chain(transforms.keys().map(String::as_str).filter(|it| is_part(it)));
        let lost_transforms = lost_copies || !broken.is_empty() && lost.any(may_transform);
        let makers_lost = broken.iter().filter(|name| !is_part(name));
        let text = |name: &String| text_path(name).filter(|_| plain.contains(name));
        let lost_texts = makers_lost.map(text).collect::<Option<Vec<_>>>().filter(|_| are_read);
        if are_all {
            texts.check_unused(findings);
        } else {
            let is_sound = |name: &str| !broken.contains(whose(name));
            texts.all.retain(|name, _| is_sound(name));
            guarded.retain(|name, _| is_sound(name));
            makers.retain(|maker| is_sound(&maker.name));
        }
        texts.count_taken_in(&mut guarded);
        if texts.all.values().any(|text| !text.checked.texts.is_empty()) {
            let mut engine = Engine::new(limits, &Arc::default());
            engine.offer(guarded.clone());
            taken.reads = texts.reads(&engine);
        }
        taken.documents = makers.iter().filter_map(|it| Some((Arc::clone(&it.name), Document::of(it)?))).collect();
        taken.readable = texts.readable(&taken.documents);
        taken.limits = limits.clone();
        let skeletons = Arc::clone(&taken.skeletons);
        let files = Arc::new(taken);
        let mut engine = Engine::new(limits, &files);
        engine.offer(guarded);
        for maker in &mut makers {
            maker.front.when_each = asks_each(&maker.name, "when", &maker.front, &engine);
            let has_paths = asks_each(&maker.name, "output", &maker.front, &engine);
            maker.front.makes_stream = maker.front.for_each.is_some() && !has_paths;
        }
        let has_doubts = texts.all.values().any(|text| !text.checked.doubts.is_empty());
        let has_odd_signs = texts.all.values().any(|text| crate::yaml::has_odd_sign(&text.written));
        let (texts, marked) = (texts.all, trace::Cache::default());
        let shared = Shared { engine, texts, files, copies, has_doubts, has_odd_signs, skeletons, marked };
        let shared = Arc::new(shared);
        makers.sort_by(|a, b| a.path.cmp(&b.path));
        let template = |Maker { name, path, file, front, copies }| Template {
            shared: Arc::clone(&shared),
            name,
            path,
            file,
            front,
            copies,
        };
        Self { all: makers.into_iter().map(template).collect(), are_all, lost_transforms, lost_texts }
    }
}

/// What templates take in as it lies there.
pub fn taken(files: &[Read]) -> Taken<'_> {
    let by_file = files.iter().flat_map(|file| file.files.iter().map(|(name, _)| name.as_str())).collect();
    let makers = files.iter().filter_map(|file| file.maker.as_ref());
    let named = makers.filter_map(|maker| maker.front.copy.as_ref());
    Taken::new(by_file, named)
}

/// Reads one of the files that [`list`](list()) finds.
pub fn read(
    disk: &dyn Disk,
    folder: &Utf8Path,
    path: &Utf8Path,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Read {
    let name = path.strip_prefix(folder).unwrap_or(path).as_str();
    let mut own = Findings::default();
    let file = text::load(disk, path, limits.template_bytes, sources, &mut own);
    if file.is_none() && is_copied_at_most(disk, path, limits) {
        let plain = path.as_str().trim_end_matches(".j2");
        let help = format!(
            "where nothing in it is to be filled in, rename it to `{plain}`: it is then copied as it is, and may have 8 MiB; or split it"
        );
        own.iter_mut().for_each(|finding| finding.help = Some(help.clone()));
    }
    // What is no text can still be looked through.
    let bytes = file.is_none().then(|| disk.read(path, limits.template_bytes).ok()).flatten();
    let of_bytes = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let source = file.map(|file| sources.get(file));
    let written = source.as_ref().map(|source| &**source.text()).or(of_bytes.as_deref());
    let transforms = written.is_none_or(|text| name.contains(TRANSFORMER) || names_transformer(text));
    let is_plain = written.is_some_and(|text| !text.trim_start().starts_with("{#"));
    let read = file.and_then(|file| read_file(disk, folder, path, file, sources, limits, &mut own));
    let broken = own.has_errors();
    findings.append(own);
    Read { broken, transforms, is_plain, ..read.unwrap_or_else(|| Read::nothing(name)) }
}

/// `None` after a finding.
fn read_file(
    disk: &dyn Disk,
    folder: &Utf8Path,
    path: &Utf8Path,
    file: FileId,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Option<Read> {
    let name = path.strip_prefix(folder).unwrap_or(path).as_str();
    let source = sources.get(file);
    if !slot::is_clean(source.text(), file, findings) {
        return None;
    }
    let mut read = Read::nothing(name);
    read.add(name, source.text(), Place::file(file), limits, findings);
    if path.file_name().is_some_and(|name| !name.starts_with('_')) {
        let front = front_matter::read(&source, file, limits, findings);
        read.add_front(name, &front, limits, findings);
        read.maker =
            Some(Maker { name: name.into(), path: path.as_str().into(), file, copies: front.copy.is_some(), front });
    } else {
        findings.extend(front_matter::in_part(&source, file));
    }
    let wanted = read.texts.iter().flat_map(|(_, text)| text.checked.files.iter().map(move |wanted| (text, wanted)));
    let mut files = BTreeMap::new();
    for (text, (name, range)) in wanted {
        if files.contains_key(name) {
            continue;
        }
        let span = text.place.span(range.clone());
        let found = files::read(disk, folder, name, span, sources, limits, findings);
        files.insert(name.clone(), found);
    }
    read.files = files.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
    Some(read)
}

/// Whether a file is too large for a template, and not for a file that is copied.
fn is_copied_at_most(disk: &dyn Disk, path: &Utf8Path, limits: &Limits) -> bool {
    matches!(disk.read(path, limits.template_bytes), Err(ReadError::TooLarge { .. }))
        && disk.read(path, limits.file_bytes).is_ok()
}

impl Read {
    fn nothing(name: &str) -> Self {
        let (texts, guarded, files) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            name: name.to_owned(),
            broken: false,
            transforms: false,
            is_plain: false,
            texts,
            guarded,
            maker: None,
            files,
        }
    }

    /// Checks a text and puts guards into it.
    fn add(&mut self, name: &str, text: &str, place: Place, limits: &Limits, findings: &mut Findings) {
        let Some(mut checked) = check::check(name, text, &|range| place.span(range), limits, findings) else { return };
        if name.ends_with("#merge") {
            let optional = checked.printed.iter().map(|range| (range.clone(), Guard::Optional));
            checked.guards.extend(optional);
        }
        let (guarded, map) = guarded::guarded(text, &checked, &mut |_| None).build();
        self.guarded.push((name.to_owned(), guarded));
        self.texts.push((name.to_owned(), Text { written: text.to_owned(), place, checked, map }));
    }

    /// The lines of front matter are templates of their own: `output` prints a path, the others one value.
    fn add_front(&mut self, name: &str, front: &FrontMatter, limits: &Limits, findings: &mut Findings) {
        let for_each = front.for_each.as_ref().map(|for_each| &for_each.expression);
        let lines = [
            ("when", front.when.as_ref()),
            ("for_each", for_each),
            ("output", front.output.as_ref()),
            ("merge", front.merge.as_ref()),
        ];
        for (part, line) in lines {
            let Some(Line { text, span, exact }) = line else { continue };
            let whole = (!exact).then_some(*span);
            let name = format!("{name}#{part}");
            let mut place = Place { file: span.file, start: span.start, whole, prefix: 0 };
            if part == "output" {
                self.add(&name, text, place, limits, findings);
                continue;
            }
            if minijinja::machinery::parse_expr(text).is_err() {
                let finding = |message| Finding::new(&codes::template::SYNTAX, *span, message);
                findings.push(match check::habit::of_line(part, text) {
                    Some(habit) => finding(habit.message).help(habit.help),
                    None if with_plain_quotes(text).is_some() => {
                        let plain = with_plain_quotes(text).unwrap_or_default();
                        finding("the quotes of a word processor quote nothing here".to_owned())
                            .help(format!("write plain ones: `{part}: {plain}`"))
                    }
                    None => finding("this is not an expression".to_owned())
                        .help(format!("write what would stand between `{{{{` and `}}}}`: `{part}: {}`", example(part))),
                });
                continue;
            }
            place.prefix = 3;
            self.add(&name, &format!("{{{{ {text} }}}}"), place, limits, findings);
        }
    }
}

/// What a line of front matter may say.
fn example(part: &str) -> &'static str {
    match part {
        "for_each" => "pool in pools",
        "merge" => "overrides",
        _ => "replicas > 1 and not paused",
    }
}

/// All texts by their names.
#[derive(Default)]
struct Texts {
    all: BTreeMap<String, Text>,
    /// Files of which something is wrong.
    broken: BTreeSet<String>,
}

/// The file that a text stands in: lines of front matter have names of their own.
fn whose(name: &str) -> &str {
    let is_part = |part: &str| ["when", "for_each", "output", "merge"].contains(&part);
    name.rsplit_once('#').filter(|(_, part)| is_part(part)).map_or(name, |(file, _)| file)
}

impl Texts {
    /// Every template that is taken in exists, and none takes itself in. Those that are wrong in this are broken, too.
    fn check_includes(&mut self, findings: &mut Findings) {
        // In the order of names, so that a circle is always found at the same template.
        let mut done: BTreeMap<&str, bool> = BTreeMap::new();
        let mut own = Findings::default();
        for name in self.all.keys() {
            self.follow(name, &mut Vec::new(), &mut done, &mut own);
        }
        for text in self.all.values() {
            for import in &text.checked.imports {
                self.check_import(text, import, &mut own);
            }
        }
        let wrong: BTreeSet<FileId> =
            own.iter().filter(|finding| finding.is_error()).map(|finding| finding.primary.span.file).collect();
        let names = self.all.iter().filter(|(_, text)| wrong.contains(&text.place.file)).map(|(name, _)| whose(name));
        self.broken.extend(names.map(str::to_owned));
        findings.extend(once_each(&own));
    }

    /// Files that are broken, and those that take them in, if only by way of others.
    fn with_broken(&self) -> BTreeSet<String> {
        let mut broken = self.broken.clone();
        loop {
            let takes_broken = |text: &Text| {
                let Checked { takes_in, texts, .. } = &text.checked;
                takes_in.iter().map(|(name, _)| name).chain(texts).any(|name| broken.contains(name))
            };
            let more: Vec<_> =
                self.all.iter().filter(|(_, text)| takes_broken(text)).map(|(name, _)| whose(name)).collect();
            let before = broken.len();
            broken.extend(more.into_iter().map(str::to_owned));
            if broken.len() == before {
                return broken;
            }
        }
    }

    /// Literal text of what is taken in may be printed into a capture, where the engine counts nothing.
    fn count_taken_in(&mut self, guarded: &mut BTreeMap<String, String>) {
        let taken: BTreeSet<String> =
            self.all.values().flat_map(|text| text.checked.takes_in.iter().map(|(name, _)| name.clone())).collect();
        for name in taken {
            let Some(text) = self.all.get_mut(&name) else { continue };
            if text.checked.raw.iter().all(|raw| raw.captured) {
                continue;
            }
            text.checked.raw.iter_mut().for_each(|raw| raw.captured = true);
            let (source, map) = guarded::guarded(&text.written, &text.checked, &mut |_| None).build();
            text.map = map;
            guarded.insert(name, source);
        }
    }

    /// The variables that each template reads whose text another one asks for, by itself and by what it takes in.
    fn reads(&self, engine: &Engine) -> BTreeMap<String, BTreeSet<String>> {
        let asked: BTreeSet<&String> = self.all.values().flat_map(|text| &text.checked.texts).collect();
        let read = |name: &String| {
            let (mut wanted, mut seen, mut names) = (vec![name], BTreeSet::new(), BTreeSet::new());
            while let Some(name) = wanted.pop() {
                if seen.insert(name)
                    && let Some(text) = self.all.get(name)
                {
                    names.extend(engine.variables(name));
                    wanted.extend(text.checked.takes_in.iter().map(|(name, _)| name));
                }
            }
            names.retain(|name| !functions::is_function(name));
            (name.clone(), names)
        };
        asked.into_iter().map(read).collect()
    }

    /// Templates that are asked for a text whose names say YAML or JSON, though they make no document.
    fn readable(&self, documents: &BTreeMap<Arc<str>, Document>) -> BTreeMap<String, FileId> {
        let asked = self.all.values().flat_map(|text| &text.checked.texts);
        let is_readable = |name: &&String| {
            let made = name.strip_suffix(".j2").unwrap_or(name);
            reader::is_named(made) && !documents.contains_key(name.as_str())
        };
        let asked = asked.filter(is_readable);
        asked.filter_map(|name| Some((name.clone(), self.all.get(name)?.place.file))).collect()
    }

    /// Every part is taken in by a template that makes artifacts, if only by way of others.
    fn check_unused(&self, findings: &mut Findings) {
        let is_part = |name: &str| Utf8Path::new(name).file_name().is_some_and(|name| name.starts_with('_'));
        let mut wanted: Vec<&str> = self.all.keys().map(String::as_str).filter(|name| !is_part(name)).collect();
        let mut used = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            if let Some(text) = self.all.get(name).filter(|_| used.insert(name)) {
                wanted.extend(text.checked.takes_in.iter().map(|(name, _)| name.as_str()));
            }
        }
        for (name, text) in self.all.iter().filter(|(name, _)| !used.contains(name.as_str())) {
            let span = Span::file_start(text.place.file);
            let takes_it = |text: &Text| text.checked.takes_in.iter().any(|(taken, _)| taken == name);
            let takers =
                if self.all.values().any(takes_it) { "only templates without use take" } else { "nothing takes" };
            let finding = Finding::new(&codes::hygiene::UNUSED_TEMPLATE, span, format!("{takers} in `{name}`"));
            findings.push(finding.help(
                "remove it, or take it in where it is wanted; a template that makes a file has a name without `_`",
            ));
        }
    }

    /// What is imported exists: to call what does not would be told where it is called, and of what it is.
    fn check_import(&self, text: &Text, Import { template, name, range }: &Import, findings: &mut Findings) {
        let Some(names) = self.all.get(template).map(|from| &from.checked.names) else { return };
        if !names.contains(name) {
            let span = text.place.span(range.clone());
            let message = format!("`{template}` has no macro `{name}`");
            let finding = Finding::new(&codes::template::UNKNOWN_NAME, span, message);
            let help = did_you_mean(name, names.iter().map(String::as_str));
            findings.push(finding.help(help.unwrap_or_else(|| {
                "import a macro, or a variable, by the name that it has in that template".to_owned()
            })));
        }
    }

    /// What a template may be called now that has all of some names.
    fn with_all(&self, names: &[&str]) -> Option<String> {
        names.first()?;
        let file = self.parts().find(|(_, text)| names.iter().all(|name| text.gives(name)))?.0;
        Some(format!("did you mean `{file}`? It has all that is imported here"))
    }

    /// Templates that others take in.
    fn parts(&self) -> impl Iterator<Item = (&str, &Text)> {
        let is_part = |name: &str| Utf8Path::new(name).file_name().is_some_and(|name| name.starts_with('_'));
        self.all.iter().map(|(name, text)| (name.as_str(), text)).filter(move |(name, _)| is_part(name))
    }

    /// Says of a function that nobody knows which template has a macro of that name.
    fn name_macros(&self, findings: &mut Findings) {
        for finding in findings.iter_mut() {
            let name = (finding.rule == &codes::template::UNKNOWN_NAME)
                .then(|| finding.message.strip_prefix(NO_FUNCTION)?.strip_suffix('`'))
                .flatten();
            if let Some(name) = name
                && let Some((file, _)) = self.parts().find(|(_, text)| text.gives(name))
            {
                let help = format!(
                    "`{file}` has a macro `{name}`: write `{{% from \"{file}\" import {name} %}}` above, behind the front matter"
                );
                finding.help = Some(help);
            }
        }
    }

    fn follow<'a>(
        &'a self,
        name: &'a str,
        path: &mut Vec<(&'a str, Span)>,
        done: &mut BTreeMap<&'a str, bool>,
        findings: &mut Findings,
    ) {
        if done.insert(name, true).is_some() {
            return;
        }
        let Some(text) = self.all.get(name) else { return };
        for (wanted, range) in &text.checked.takes_in {
            let span = text.place.span(range.clone());
            if self.broken.contains(wanted) && !self.all.contains_key(wanted) {
                continue;
            }
            let Some((wanted, _)) = self.all.get_key_value(wanted).filter(|(name, _)| !name.contains('#')) else {
                let known = self.all.keys().map(String::as_str).filter(|name| !name.contains('#'));
                let finding = Finding::new(&codes::template::INCLUDE, span, format!("there is no template `{wanted}`"));
                let imported = text.checked.imports.iter().filter(|import| import.template == *wanted);
                let imported: Vec<&str> = imported.map(|import| import.name.as_str()).collect();
                let help = self.with_all(&imported).unwrap_or_else(|| not_taken_in(wanted, known));
                findings.push(finding.help(help));
                continue;
            };
            let is_text = text.checked.texts.contains(wanted);
            let is_included = text.checked.included.iter().any(|(_, place)| place == range);
            let changed = ["merge", "when", "for_each"]
                .into_iter()
                .find(|part| self.all.contains_key(&format!("{wanted}#{part}")));
            if let Some(part) = changed.filter(|_| is_text || is_included) {
                let message = format!("`{wanted}` makes another file than its text says: it has `{part}`");
                let finding = Finding::new(&codes::template::INCLUDE, span, message);
                findings.push(finding.label("this would be its text without its front matter").help(
                    "move the text into a template of its own, whose name begins with `_`, and take it in there and here",
                ));
            }
            let output = self.all.get(&format!("{wanted}#output")).map(|line| line.written.trim_end());
            if is_text && output.is_some_and(|output| output.ends_with(['}', '#'])) {
                let message =
                    format!("where `{wanted}` goes ends in a value, so that nobody knows whether it makes a document");
                let finding = Finding::new(&codes::template::INCLUDE, span, message);
                findings.push(finding.help(
                    "write the ending out in its `output`; or move the text into a template of its own, whose name begins with `_`",
                ));
            }
            path.push((name, span));
            if let Some(at) = path.iter().position(|(above, _)| above == wanted) {
                let message = match path.len() - at {
                    1 => format!("`{wanted}` takes itself in"),
                    _ => format!("`{wanted}` takes itself in, by way of others"),
                };
                let mut finding =
                    Finding::new(&codes::template::INCLUDE, span, message).label(format!("takes in `{wanted}`"));
                for pair in path[at..].windows(2) {
                    finding = finding.also(pair[0].1, format!("takes in `{}`", pair[1].0));
                }
                findings.push(finding.help("move what both need into a template of its own"));
            } else if path.len() < DEEPEST_INCLUDES {
                self.follow(wanted, path, done, findings);
            } else {
                let message = format!("templates take each other in more than {DEEPEST_INCLUDES} deep");
                findings.push(Finding::new(&codes::template::INCLUDE, span, message));
            }
            path.pop();
        }
    }
}

/// The same said of several templates, once.
fn once_each(findings: &Findings) -> Vec<Finding> {
    let mut told: Vec<Finding> = Vec::new();
    for finding in findings.iter().cloned() {
        let known = told
            .iter_mut()
            .find(|known| known.rule == finding.rule && known.message == finding.message && known.help == finding.help);
        match known.filter(|_| finding.related.is_empty()) {
            Some(known) => known.related.push(Label { span: finding.primary.span, text: "and here".to_owned() }),
            None => told.push(finding),
        }
    }
    told
}

/// Whether a line of front matter is about each round of `for_each`, by the names that it reads.
fn asks_each(name: &str, part: &str, front: &FrontMatter, engine: &Engine) -> bool {
    let Some(for_each) = &front.for_each else { return false };
    let read = engine.variables(&format!("{name}#{part}"));
    for_each.names.iter().any(|name| read.contains(&**name))
}

/// Includes within includes; the engine recurses on them.
const DEEPEST_INCLUDES: usize = 20;

/// What to write instead of an `{% include %}` of what is no template.
fn not_taken_in<'a>(wanted: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    if Utf8Path::new(wanted).extension() == Some("j2") {
        return did_you_mean(wanted, known)
            .unwrap_or_else(|| "name it by its path below the folder of templates".to_owned());
    }
    let template = format!("{wanted}.j2");
    if known.clone().any(|name| name == template) {
        return format!("did you mean `{template}`?");
    }
    format!("templates are `….j2`; for the text of a file as it lies there, write `{{{{ file(\"{wanted}\") }}}}`")
}
