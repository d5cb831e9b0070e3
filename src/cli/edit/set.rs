//! `platc set ENV PATH VALUE`.

use super::judge::Typed;
use super::shown::{self, Drawing};
use super::{Desk, Early, Opened, Place, refused};
use crate::cli::args::{Global, Set};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::environment::draft::draft_of;
use crate::environment::edit::{Edited, Stopped, shape_at};
use crate::environment::{Tree, patch, set};
use crate::finding::{Finding, Findings};
use crate::schema::Shape;
use crate::source::{FileId, Span};
use crate::yaml;
use crate::yaml::edit::Draft;
use crate::yaml::path::Path;

pub(in crate::cli) fn run(args: &Set, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, false)?;
    super::ended(set(args, &session, printer))
}

fn set(args: &Set, session: &Session, printer: &mut Printer) -> Result<Exit, Early> {
    let desk = Desk::open(session, printer)?;
    let Opened { entry, place, edited, .. } = desk.open_layer(&args.environment, args.layer.as_deref(), printer)?;
    let wish = desk.wish(&args.path, &args.value).map_err(|findings| refused(findings, session, printer))?;
    let sides = desk.sides(&place, &wish).map_err(|findings| refused(findings, session, printer))?;
    let Some(edited) = desk.edited(&place, &wish, &sides, edited, printer)? else {
        return Ok(desk.nothing(session, printer)?);
    };
    let files: Vec<_> = edited.changed().collect();
    let judged = desk.judge(&files, &[wish.typed]);
    if judged.news.has_errors() {
        return Err(refused(judged.news, session, printer));
    }
    let report = Report::new(judged.news, &session.sources);
    report.say(printer);
    let drawing = Drawing { session, shape: desk.shape() };
    desk.deliver(&files, &drawing, &report, args.dry_run, printer)?;
    let (path, secret) = (&wish.path, wish.typed.secret);
    let words = |root: &Tree| shown::word(root, path, desk.shape(), secret);
    for file in &files {
        let shown = session.place.shown(&file.path);
        printer.status(&format!("{path}: {} → {}, in {shown}", words(&sides.now), words(&sides.wanted)));
    }
    if let Some(root) = judged.roots.get(&entry.name).filter(|root| !is_same(root, &sides.wanted, path, desk.shape()))
        && let Some(tree) = root.at_in(path, desk.shape())
    {
        let from = shown::origin(tree, &session.sources);
        printer.warning(
            &format!("`{path}` of `{}` is still {}: a layer above sets it", entry.name, words(root)),
            Some(&format!("it is set at {from}; `platc unset {} {path}` takes it out", entry.name)),
        );
    }
    super::say_others(&judged.changed, &entry, printer);
    Ok(report.exit())
}

/// What the layers up to the one that is edited make: as it stands, and with the value on top of it.
struct Sides {
    now: Tree,
    wanted: Tree,
}

impl Desk<'_> {
    /// What is wrong with the value itself is told at the value.
    fn sides(&self, place: &Place, wish: &Wish) -> Result<Sides, Findings> {
        let disk = self.session.disk.as_ref();
        let (now, old) = self.through(&place.layer, disk, None);
        let (wanted, mut told) = self.through(&place.layer, disk, Some(&wish.patch));
        let known = |finding: &Finding| old.iter().any(|it| it.rule == finding.rule && it.message == finding.message);
        told.retain_mut(|finding| finding.is_error() && !known(finding));
        match (now, wanted) {
            (Some(now), Some(wanted)) if !told.has_errors() => Ok(Sides { now, wanted }),
            _ => Err(self.typed(&told, &wish.typed)),
        }
    }

    /// The layer with the value; nothing if there is nothing to do.
    fn edited<'e>(
        &self,
        place: &Place,
        wish: &Wish,
        sides: &Sides,
        mut edited: Edited<'e, Shape<'e>>,
        printer: &mut Printer,
    ) -> Result<Option<Edited<'e, Shape<'e>>>, Failure> {
        let path = &wish.path;
        let stopped = |stopped: Stopped| self.stopped(&stopped, place);
        let value = shown::word(&sides.wanted, path, self.shape(), wish.typed.secret);
        let from = |root: &Tree| {
            let origin = root.at_in(path, self.shape()).map(|tree| shown::origin(tree, &self.session.sources));
            origin.map_or_else(String::new, |origin| format!(", from {origin}"))
        };
        if edited.sets(path) {
            // What the layers below give without this one.
            let mut without = edited.clone();
            let is_out = without.unset(path).is_ok();
            let (below, _) = self.through(&place.layer, &self.patched(&without.changed().collect::<Vec<_>>()), None);
            let below = below.filter(|_| is_out).filter(|below| {
                below.at_in(path, self.shape()).is_some() && is_same(below, &sides.wanted, path, self.shape())
            });
            if let Some(below) = below {
                let from = from(&below);
                printer.status(&format!("`{path}` is {value} without an override{from}: the override is taken out"));
                return Ok(Some(without));
            }
        }
        if is_same(&sides.now, &sides.wanted, path, self.shape()) {
            printer.status(&format!("`{path}` is {value} already{}: nothing to do", from(&sides.now)));
            return Ok(None);
        }
        edited.set(path, &wish.draft).map_err(stopped)?;
        let (after, _) = self.through(&place.layer, &self.patched(&edited.changed().collect::<Vec<_>>()), None);
        if after.is_some_and(|after| after.is_same_as(&sides.wanted)) {
            return Ok(Some(edited));
        }
        let file = edited.file_of(path).map_or(&place.layer, |file| &file.path);
        Err(Failure::new(format!("`{path}` cannot be set in `{file}` without changing more than it"))
            .help("edit the file by hand"))
    }
}

/// Whether two environments have the same value at a path, or both none.
fn is_same(a: &Tree, b: &Tree, path: &Path, shape: Shape<'_>) -> bool {
    match (a.at_in(path, shape), b.at_in(path, shape)) {
        (Some(a), Some(b)) => a.is_same_as(b),
        (None, None) => true,
        _ => false,
    }
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
        let one = |finding: Box<Finding>| {
            let mut findings = Findings::default();
            findings.push(*finding);
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
            _ => Err(self.typed(&findings, &typed)),
        }
    }

    /// Findings about the arguments of `--set`, as those of what was typed.
    fn typed(&self, findings: &Findings, typed: &Typed) -> Findings {
        let to = typed.path.file;
        let place = |span: Span| if self.is_argument(span.file) { Span { file: to, ..span } } else { span };
        let mut moved = Findings::default();
        for finding in findings {
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
