//! `platc promote FROM TO PATH…`.

use std::collections::BTreeSet;

use super::judge::Typed;
use super::shown::{self, Drawing};
use super::unset::{drop_bare_items, is_same_but, leaves};
use super::{Desk, Early, Opened, refused};
use crate::cli::args::{Global, Promote};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::environment::draft::draft_of_tree;
use crate::environment::edit::shape_at;
use crate::environment::load::Environment;
use crate::environment::{Content, Tree};
use crate::finding::codes::merge::BAD_SET;
use crate::finding::{Finding, Findings};
use crate::glob;
use crate::schema::{ListMerge, Shape};
use crate::source::Span;
use crate::yaml::edit::Draft;
use crate::yaml::path::{Path, Step};

pub(in crate::cli) fn run(args: &Promote, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, false)?;
    super::ended(promote(args, &session, printer))
}

/// The files of a layer are read again for each value: so many bytes at the most.
const MOST_READ: usize = 8 << 20;

fn promote(args: &Promote, session: &Session, printer: &mut Printer) -> Result<Exit, Early> {
    let desk = Desk::open(session, printer)?;
    let from = session.find(&desk.project, &args.from)?.clone();
    let Opened { entry: to, environment: target, place, mut edited } = desk.open_layer(&args.to, None, printer)?;
    if from == to {
        let failure = Failure::new(format!("`{}` cannot be promoted to itself", from.name));
        return Err(failure.help("name another environment").into());
    }
    let source = desk.load(&from, printer)?;
    let chosen = desk.chosen(&args.paths, &source, printer);
    let chosen = chosen.map_err(|findings| refused(findings, session, printer))?;
    if chosen.is_empty() && args.paths.is_empty() {
        return Ok(Exit::Fine);
    }
    let (mut moved, mut typed, mut equal, mut read) = (Vec::new(), Vec::new(), 0_usize, 0);
    for path in chosen {
        let Some(value) = source.root.at_in(&path, desk.shape()) else { continue };
        let shape = shape_at(desk.shape(), path.steps());
        if target.root.at_in(&path, desk.shape()).is_some_and(|now| is_equal(now, value, shape)) {
            equal += 1;
            continue;
        }
        read += edited.files.iter().map(|file| file.text.len()).sum::<usize>();
        if read > MOST_READ {
            let failure = Failure::new(format!("so many values of `{}` cannot be promoted at once", from.name));
            return Err(failure.help("name fewer paths, or edit the file by hand").into());
        }
        edited.value = typed.len();
        typed.push(Typed {
            path: value.origin.key.unwrap_or(value.origin.value),
            value: value.origin.value,
            secret: false,
        });
        // What the layers below give anyway needs no override.
        let mut without = edited.clone();
        let is_out = without.unset(&path).is_ok() && drop_bare_items(&desk, &place, &mut without, &path).is_ok();
        let (below, _) = desk.through(&place.layer, &desk.patched(&without.changed().collect::<Vec<_>>()), None);
        let below = below.as_ref().and_then(|below| below.at_in(&path, desk.shape()));
        if is_out && edited.sets(&path) && below.is_some_and(|below| is_equal(below, value, shape)) {
            edited = without;
        } else {
            let draft = lacking(draft_of_tree(value, shape), target.root.at_in(&path, desk.shape()), value, shape);
            edited.set(&path, &draft).map_err(|stopped| desk.stopped(&stopped, &place))?;
        }
        moved.push(path);
    }
    let files: Vec<_> = edited.changed().collect();
    let (after, _) = desk.through(&place.layer, &desk.patched(&files), None);
    let Some(after) = after else {
        let judged = desk.judge(&files, &typed);
        return Err(refused(judged.news, session, printer));
    };
    let judged = desk.judge(&files, &typed);
    if judged.news.has_errors() {
        return Err(refused(judged.news, session, printer));
    }
    for path in &moved {
        let (wanted, got) = (source.root.at_in(path, desk.shape()), after.at_in(path, desk.shape()));
        let shape = shape_at(desk.shape(), path.steps());
        if !wanted.zip(got).is_some_and(|(wanted, got)| is_equal(wanted, got, shape)) {
            let message = format!("`{path}` of `{}` cannot be made what it is in `{}`", to.name, from.name);
            let failure = Failure::new(message);
            return Err(failure.help("a list that layers unite has more items there: take them out first").into());
        }
    }
    if !is_same_but(&target.root, &after, &moved, desk.shape()) {
        return Err(Failure::new(format!("`{}` cannot be edited without changing more than is promoted", place.layer))
            .help("promote fewer values at once, or edit the file by hand")
            .into());
    }
    let report = Report::new(judged.news, &session.sources);
    report.say(printer);
    let drawing = Drawing { session, shape: desk.shape() };
    desk.deliver(&files, &drawing, &report, args.dry_run, printer)?;
    for path in &moved {
        let secret = desk.holds_secret(path);
        let words = |root: &Tree| shown::word(root, path, desk.shape(), secret);
        printer.status(&format!("{path}: {} → {}", words(&target.root), words(&after)));
    }
    let count = |count: usize| if count == 1 { "1 value".to_owned() } else { format!("{count} values") };
    let same = if equal > 0 { format!(", {} the same already", count(equal)) } else { String::new() };
    printer.status(&format!("{} from `{}` to `{}`{same}", count(moved.len()), from.name, to.name));
    super::say_others(&judged.changed, &to, printer);
    Ok(report.exit())
}

/// Equal; where layers unite a list, whatever the order of its items.
fn is_equal(a: &Tree, b: &Tree, shape: Shape<'_>) -> bool {
    match (&a.content, &b.content, shape.list_merge()) {
        (Content::List(a), Content::List(b), ListMerge::Set) => {
            a.len() == b.len() && a.iter().all(|item| b.iter().any(|other| item.is_same_as(other)))
        }
        _ => a.is_same_as(b),
    }
}

/// Of a list that layers unite, only what is not there yet.
fn lacking(draft: Draft, now: Option<&Tree>, wanted: &Tree, shape: Shape<'_>) -> Draft {
    match (draft, now.map(|now| &now.content), &wanted.content, shape.list_merge()) {
        (Draft::List(items), Some(Content::List(now)), Content::List(wanted), ListMerge::Set) => {
            let is_new = |tree: &Tree| !now.iter().any(|old| old.is_same_as(tree));
            let items = items.into_iter().zip(wanted).filter(|(_, tree)| is_new(tree));
            Draft::List(items.map(|(item, _)| item).collect())
        }
        (draft, ..) => draft,
    }
}

/// Why a value is not taken over.
enum Kept {
    Secret,
    Own,
}

impl Desk<'_> {
    /// The paths of the values that are to be taken over.
    fn chosen(&self, typed: &[String], source: &Environment, printer: &mut Printer) -> Result<Vec<Path>, Findings> {
        let mut all = Vec::new();
        leaves(&source.root, self.shape(), &Path::root(), &mut all);
        if typed.is_empty() {
            let marked: Vec<_> =
                all.into_iter().filter(|path| self.promote(path) == Some(true) && !self.holds_secret(path)).collect();
            if marked.is_empty() {
                printer.status(
                    "nothing is promoted: the schema marks no value with `x-platc-promote: true`; name what to promote, as in `image.tag`",
                );
            }
            return Ok(marked);
        }
        let (mut chosen, mut known, mut findings) = (Vec::new(), BTreeSet::new(), Findings::default());
        for typed in typed {
            let file = self.session.sources.add("promote", typed.as_str());
            let span = Span::new(file, 0, typed.len());
            let pattern = match self.path(typed, "promote") {
                Ok(pattern) => pattern,
                Err(finding) => {
                    findings.push(*finding);
                    continue;
                }
            };
            let matching: Vec<_> = all.iter().filter(|path| matches(pattern.steps(), path.steps())).collect();
            if matching.is_empty() {
                let message = format!("`{}` sets nothing at `{pattern}`", source.name);
                let nothing = Finding::new(&BAD_SET, span, message).label("there is nothing to take over");
                let unknown = self.known(&pattern, span).err().filter(|_| !has_stars(&pattern));
                findings.push(unknown.map_or(nothing, |unknown| *unknown));
            }
            let mut left = Vec::new();
            let mut taken = 0;
            for path in matching {
                if let Some(why) = self.kept(path) {
                    left.push((path, why));
                    continue;
                }
                taken += 1;
                if known.insert(path.clone()) {
                    chosen.push(path.clone());
                }
            }
            for (path, why) in left {
                let why = match why {
                    Kept::Secret => "it is a secret",
                    Kept::Own => "the schema says that each environment has its own",
                };
                if taken == 0 {
                    let message = format!("`{path}` is not promoted: {why}");
                    findings.push(
                        Finding::new(&BAD_SET, span, message).help("set it in the environment itself: `platc set`"),
                    );
                } else {
                    printer.status(&format!("left {path}: {why}"));
                }
            }
        }
        if findings.is_empty() { Ok(chosen) } else { Err(findings) }
    }

    fn kept(&self, path: &Path) -> Option<Kept> {
        match (self.holds_secret(path), self.promote(path)) {
            (true, _) => Some(Kept::Secret),
            (_, Some(false)) => Some(Kept::Own),
            _ => None,
        }
    }

    /// What the schema says of taking a value over, at its place or the nearest above it.
    fn promote(&self, path: &Path) -> Option<bool> {
        let steps = path.steps();
        (0..=steps.len()).rev().find_map(|end| shape_at(self.shape(), &steps[..end]).promote())
    }
}

fn has_stars(path: &Path) -> bool {
    path.to_string().contains('*')
}

/// Whether a pattern leads to a path or to what it lies in.
fn matches(pattern: &[Step], path: &[Step]) -> bool {
    let Some((step, rest)) = pattern.split_first() else { return true };
    if matches!(step, Step::Key(key) if &**key == "**") {
        return (0..=path.len())
            .any(|skipped| !(rest.is_empty() && skipped == path.len()) && matches(rest, &path[skipped..]))
            || (rest.is_empty() && !path.is_empty());
    }
    let Some((first, below)) = path.split_first() else { return false };
    let is_match = match (step, first) {
        (Step::Key(pattern), Step::Key(key)) => matches_word(pattern, key),
        (Step::Item(patterns), Step::Item(named)) => patterns
            .iter()
            .all(|(key, pattern)| named.iter().any(|(name, word)| name == key && matches_word(pattern, word))),
        _ => false,
    };
    is_match && matches(rest, below)
}

fn matches_word(pattern: &str, word: &str) -> bool {
    pattern == "*" || pattern == word || glob::matches(pattern, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_paths() {
        for (pattern, path, wanted) in [
            ("a.b", "a.b", true),
            ("a.b", "a.b.c", true),
            ("a.b.c", "a.b", false),
            ("a.*", "a.b", true),
            ("a.*.c", "a.b.c", true),
            ("a.*.c", "a.b.d.c", false),
            ("**.c", "a.b.d.c", true),
            ("**.c", "c", true),
            ("a.**", "a.b.c", true),
            ("a.x*", "a.xyz", true),
            ("pools[name=*].cpu", "pools[name=general].cpu", true),
            ("pools[name=g*]", "pools[name=general].cpu", true),
            ("pools[name=b*]", "pools[name=general].cpu", false),
            ("labels.*", "labels.\"a.b/c\"", true),
        ] {
            let (pattern, path): (Path, Path) = (pattern.parse().unwrap(), path.parse().unwrap());
            assert_eq!(matches(pattern.steps(), path.steps()), wanted, "{pattern} {path}");
        }
    }
}
