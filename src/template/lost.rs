//! Lists of a document that `merge` replaces, with items that nobody meant to lose.

use super::context::Replaced;
use super::map::{Origins, Said};
use crate::environment::lost::{self, Item as _};
use crate::environment::patch::Kind;
use crate::finding::codes::merge::LOST_ITEMS;
use crate::finding::{Finding, Rendered};
use crate::source::Span;
use crate::value::Value;
use crate::yaml::path::{Path, Step};

/// Pairs of items that are compared for one list.
const PAIRS: usize = 1 << 20;

/// What is to be said of lists that the function `merge` lets take the place of others, in a template.
pub(super) fn by_function(replaced: &[Replaced], template: &str) -> Vec<Finding> {
    let finding = |Replaced { path, below, over }: &Replaced| {
        let (old, new) = (below.items()?, over.items()?);
        let what = Some(old.len() * new.len()).filter(|pairs| *pairs <= PAIRS).and_then(|_| lost::lost(&old, &new))?;
        let message = format!("`merge(…)` in `{template}` replaces the list `{path}`");
        let mut finding = Finding::new(&LOST_ITEMS, over.origin.mark(Kind::List), message)
            .label(what)
            .also(below.origin.mark(Kind::List), "this list is replaced as a whole")
            .help("repeat what is to stay: maps merge key by key, and a list is replaced as a whole");
        finding.subject = Some(format!("{template}: {path}"));
        Some(finding)
    };
    replaced.iter().filter_map(finding).collect()
}

/// A list that loses something, and in words what.
pub(super) struct Lost {
    path: Path,
    what: String,
}

/// All lists of a document that lose something.
pub(super) fn lists(document: &Value, over: &Value) -> Vec<Lost> {
    let mut found = Vec::new();
    walk(document, over, &mut Path::root(), &mut found);
    found
}

fn walk(below: &Value, over: &Value, path: &mut Path, found: &mut Vec<Lost>) {
    match (below, over) {
        (Value::Map(_), Value::Map(entries)) => {
            for (key, over) in entries {
                let Some(below) = below.get(key) else { continue };
                path.push(Step::Key(key.clone()));
                walk(below, over, path, found);
                path.pop();
            }
        }
        (Value::List(old), Value::List(new)) => {
            let (old, new): (Vec<&Value>, Vec<&Value>) = (old.iter().collect(), new.iter().collect());
            let what = lost::lost(&old, &new);
            found.extend(what.map(|what| Lost { path: path.clone(), what }));
        }
        _ => {}
    }
}

impl Lost {
    /// What to say of it, with what is known of the document before and after. `line` is where `merge` is said.
    pub(super) fn finding(&self, file: &str, line: Span, before: Option<&Origins>, after: Option<&Origins>) -> Finding {
        let Self { path, what } = self;
        let set = |said: &Said| match &said.source {
            Some(source) => source.tree.origin.mark(Kind::List),
            None => said.template,
        };
        let primary = after.and_then(|origins| origins.at(path)).map_or(line, set);
        let message = format!("`merge` replaces the list `{path}` of `{file}`");
        let mut finding = Finding::new(&LOST_ITEMS, primary, message).label(what.clone());
        if let Some(said) = before.and_then(|origins| origins.at(path)) {
            finding = finding.also(said.key.unwrap_or(said.template), "this list is replaced as a whole");
        }
        if primary != line {
            finding = finding.also(line, "merged here");
        }
        finding.subject = Some(format!("{file}: {path}"));
        finding.rendered = Some(Rendered { file: file.to_owned(), document: None, path: path.to_string() });
        finding.help("repeat what is to stay: maps merge key by key, and a list is replaced as a whole")
    }
}
