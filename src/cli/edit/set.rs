//! `platc set ENV PATH VALUE`.

use super::judge::Typed;
use super::shown::{self, Drawing};
use super::{Desk, refuse};
use crate::cli::args::{Global, Set};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::environment::edit::{draft_of, shape_at};
use crate::environment::{patch, set};
use crate::finding::{Finding, Findings};
use crate::source::{FileId, Span};
use crate::yaml;
use crate::yaml::edit::Draft;
use crate::yaml::path::Path;

pub(in crate::cli) fn run(args: &Set, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, false)?;
    let desk = match Desk::open(&session, printer)? {
        Ok(desk) => desk,
        Err(exit) => return Ok(exit),
    };
    let entry = session.find(&desk.project, &args.environment)?.clone();
    let environment = match desk.load(&entry, printer)? {
        Ok(environment) => environment,
        Err(exit) => return Ok(exit),
    };
    let place = desk.layer(&environment, args.layer.as_deref())?;
    let Wish { path, draft, patch, typed } = match desk.wish(&args.path, &args.value) {
        Ok(wish) => wish,
        Err(findings) => return refuse(findings, &session, printer),
    };
    let (Some(now), old) = desk.through(&place.layer, session.disk.as_ref(), None) else {
        return Ok(Exit::Findings);
    };
    let (Some(wanted), mut told) = desk.through(&place.layer, session.disk.as_ref(), Some(&patch)) else {
        return Ok(Exit::Findings);
    };
    // What is wrong with the value itself is told first, at the value.
    let known = |finding: &Finding| old.iter().any(|it| it.rule == finding.rule && it.message == finding.message);
    told.retain_mut(|finding| finding.is_error() && !known(finding));
    if told.has_errors() {
        return refuse(desk.typed(told, &typed), &session, printer);
    }
    let mut edited = match desk.edit(&place, printer)? {
        Ok(edited) => edited,
        Err(exit) => return Ok(exit),
    };
    let sets = edited.sets(&path);
    let secret = typed.secret;
    let value = shown::word(wanted.at(&path), secret);
    let same = |tree: Option<&crate::environment::Tree>| match (tree, wanted.at(&path)) {
        (Some(tree), Some(wanted)) => tree.is_same_as(wanted),
        (None, None) => true,
        _ => false,
    };
    // What the layers below give without this one.
    let mut without = edited.clone();
    without.unset(&path).map_err(|stopped| desk.stopped(stopped, &place))?;
    let without_files: Vec<_> = without.changed().collect();
    let (below, _) = desk.through(&place.layer, &desk.patched(&without_files), None);
    let below = below.filter(|below| below.at(&path).is_some() && same(below.at(&path)));
    match (below, sets) {
        (Some(below), true) => {
            let from = below.at(&path).map(|tree| shown::origin(tree, &session.sources)).unwrap_or_default();
            printer.status(&format!("`{path}` is {value} without an override, from {from}: the override is taken out"));
            edited = without;
        }
        _ if same(now.at(&path)) => {
            let from = now.at(&path).map(|tree| shown::origin(tree, &session.sources));
            let from = from.map_or_else(String::new, |from| format!(", from {from}"));
            printer.status(&format!("`{path}` is {value} already{from}: nothing to do"));
            return desk.nothing(&session, printer);
        }
        _ => {
            edited.set(&path, &draft).map_err(|stopped| desk.stopped(stopped, &place))?;
            let files: Vec<_> = edited.changed().collect();
            let (after, _) = desk.through(&place.layer, &desk.patched(&files), None);
            if !after.is_some_and(|after| after.is_same_as(&wanted)) {
                let file = edited.file_of(&path).map_or_else(|| place.layer.clone(), |file| file.path.clone());
                return Err(Failure::new(format!("`{path}` cannot be set in `{file}` without changing more than it"))
                    .help("edit the file by hand"));
            }
        }
    }
    let files: Vec<_> = edited.changed().collect();
    let judged = desk.judge(&files, &[typed]);
    if judged.news.has_errors() {
        return refuse(judged.news, &session, printer);
    }
    let report = Report::new(judged.news, &session.sources);
    report.say(printer);
    let drawing = Drawing { session: &session, shape: desk.shape() };
    desk.deliver(&files, &drawing, &report, args.dry_run, printer)?;
    for file in &files {
        let old = shown::word(now.at(&path), secret);
        printer.status(&format!("{path}: {old} → {value}, in {}", session.place.shown(&file.path)));
    }
    if let Some(root) = judged.roots.get(&entry.name)
        && let Some(tree) = root.at(&path)
        && !same(Some(tree))
    {
        let still = shown::word(Some(tree), secret);
        let from = shown::origin(tree, &session.sources);
        printer.warning(
            &format!("`{path}` of `{}` is still {still}: a layer above sets it", entry.name),
            Some(&format!("it is set at {from}; `platc unset {} {path}` takes it out", entry.name)),
        );
    }
    super::say_others(&judged.changed, &entry, printer);
    Ok(report.exit())
}

/// What was typed, understood.
pub(super) struct Wish {
    pub(super) path: Path,
    pub(super) draft: Draft,
    /// What it would be on top of all.
    patch: patch::Patch,
    pub(super) typed: Typed,
}

/// The name under which findings show what was typed.
const SOURCE: &str = "set";

impl Desk<'_> {
    fn wish(&self, path: &str, value: &str) -> Result<Wish, Findings> {
        let Session { sources, limits, .. } = self.session;
        let one = |finding: Finding| {
            let mut findings = Findings::default();
            findings.push(finding);
            findings
        };
        let read = self.path(path, SOURCE).map_err(one)?;
        let argument = format!("{path}={value}");
        let file = sources.add(SOURCE, argument.as_str());
        let typed = Typed {
            path: Span::new(file, 0, path.len()),
            value: Span::new(file, path.len() + 1, argument.len().max(path.len() + 2)),
            secret: self.holds_secret(&read),
        };
        self.known(&read, typed.path).map_err(one)?;
        let mut findings = Findings::default();
        let patch = set::patch(std::slice::from_ref(&argument), self.shape(), sources, limits, &mut findings);
        let shape = shape_at(self.shape(), read.steps());
        let node = yaml::read::read_text(value, file, limits, &mut Findings::default());
        match (patch, node) {
            (Some(patch), Some(node)) if !findings.has_errors() => {
                Ok(Wish { path: read, draft: draft_of(&node, shape), patch, typed })
            }
            _ => Err(self.typed(findings, &typed)),
        }
    }

    /// Findings about the arguments of `--set`, as those of what was typed.
    fn typed(&self, findings: Findings, typed: &Typed) -> Findings {
        let to = typed.path.file;
        let place = |span: Span| if self.is_argument(span.file) { Span { file: to, ..span } } else { span };
        let mut moved = Findings::default();
        for finding in findings.iter() {
            let mut finding = finding.clone();
            finding.primary.span = place(finding.primary.span);
            finding.related.iter_mut().for_each(|label| label.span = place(label.span));
            if typed.secret {
                finding.conceal = true;
                finding.primary.span = typed.path;
            }
            moved.push(finding);
        }
        moved
    }

    fn is_argument(&self, file: FileId) -> bool {
        self.session.sources.get(file).path() == set::SOURCE
    }

    /// Whether a secret stands at a path or above it.
    pub(super) fn holds_secret(&self, path: &Path) -> bool {
        let steps = path.steps();
        (0..=steps.len()).any(|end| shape_at(self.shape(), &steps[..end]).is_secret())
    }

    /// The result of an edit that changes nothing.
    pub(super) fn nothing(&self, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
        let report = Report::new(Findings::default(), &session.sources);
        self.deliver(&[], &Drawing { session, shape: self.shape() }, &report, false, printer)?;
        Ok(Exit::Fine)
    }
}
