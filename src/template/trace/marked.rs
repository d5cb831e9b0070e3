//! Marked templates: compiled once for all environments that ask, like the plain ones.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use minijinja::Error;

use super::super::engine::Engine;
use super::super::load::Text;
use super::super::place::{Inserts, Map};
use super::super::{Shared, flow, guarded, watch};

/// A template with its marks, and all that it takes in.
#[derive(Debug)]
pub(super) struct Marked {
    pub(super) engine: Engine,
    /// From the marked texts, which the engine ran, to the written ones.
    pub(super) maps: BTreeMap<Arc<str>, Map>,
    pub(super) marks: Vec<Mark>,
}

/// What a mark stands for.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) name: Arc<str>,
    pub(super) range: Range<usize>,
    /// Literal text goes on behind it; a value does not.
    pub(super) is_text: bool,
}

/// All that were asked for, by their names. One that the engine does not take is not kept.
#[derive(Debug, Default)]
pub(in crate::template) struct Cache {
    by_name: Mutex<BTreeMap<String, Kept>>,
}

/// Whoever comes second waits for the first.
type Kept = Arc<OnceLock<Option<Arc<Marked>>>>;

impl Marked {
    /// The template of this name, with why the engine does not take it.
    pub(super) fn of(shared: &Shared, name: &str) -> (Arc<Self>, Option<Error>) {
        let kept = shared.marked.kept(name);
        let mut refused = None;
        let made = kept.get_or_init(|| match Self::new(shared, name) {
            (made, None) => Some(Arc::new(made)),
            (made, Some(error)) => {
                refused = Some((Arc::new(made), Some(error)));
                None
            }
        });
        match (made, refused) {
            (Some(made), _) => (Arc::clone(made), None),
            (None, Some(refused)) => refused,
            (None, None) => {
                let (made, error) = Self::new(shared, name);
                (Arc::new(made), error)
            }
        }
    }

    fn new(shared: &Shared, name: &str) -> (Self, Option<Error>) {
        let limits = &shared.files.limits;
        let mut engine = Engine::new(limits, &shared.files);
        engine.allow_marks(limits);
        let mut made = Self { engine, maps: BTreeMap::new(), marks: Vec::new() };
        let mut wanted = vec![name];
        let mut added = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            let Some(text) = shared.texts.get(name) else { continue };
            if !added.insert(name) {
                continue;
            }
            let own: Arc<str> = name.into();
            let (marked, map) = made.mark_all(&own, text);
            made.maps.insert(own, map);
            if let Err(error) = made.engine.add(name, marked) {
                return (made, Some(error));
            }
            wanted.extend(text.checked.takes_in.iter().map(|(name, _)| name.as_str()));
        }
        (made, None)
    }

    /// A text with its guards and its marks.
    fn mark_all(&mut self, name: &Arc<str>, text: &Text) -> (String, Map) {
        let Text { written: text, checked, .. } = text;
        let mut inserts = Inserts::of_whole(text);
        watch::expressions(&flow::of(name, text), &mut inserts, &mut |range| self.mark(name, range, false));
        guarded::guard(text, checked, &mut inserts, &mut |range| Some(self.mark(name, range.clone(), false)));
        for range in &checked.calls {
            let number = self.mark(name, range.clone(), false);
            inserts.wrap(range, &format!("(({number}|__call and "), ")|__left_call)".to_owned());
        }
        for range in &checked.printed {
            let number = self.mark(name, range.clone(), false);
            inserts.wrap(range, "([0|__begin, (", format!(")]|__at({number}))"));
        }
        for raw in &checked.raw {
            // Within `{% raw %}` a mark has to step outside; a tag takes an end of line that follows it, so none may.
            let is_open = guarded::is_open_text(text, &raw.range);
            let (before, behind) = if is_open { ("", "") } else { ("{% endraw %}", "{% raw %}") };
            let lines = text[raw.range.clone()].match_indices('\n').map(|(at, _)| raw.range.start + at + 1);
            let printed = |start: usize| {
                let taken = checked.taken.get(checked.taken.partition_point(|taken| taken.end <= start));
                taken.filter(|taken| taken.start == start).map_or(start, |taken| taken.end)
            };
            let starts = std::iter::once(raw.range.start).chain(lines).map(printed);
            for start in starts.filter(|start| *start < raw.range.end) {
                if !is_open && text[start..].starts_with('\n') {
                    continue;
                }
                let number = self.mark(name, start..raw.range.end, true);
                inserts.insert(start, format!("{before}{{{{{number}|__mark}}}}{behind}"));
            }
        }
        inserts.build()
    }

    fn mark(&mut self, name: &Arc<str>, range: Range<usize>, is_text: bool) -> usize {
        self.marks.push(Mark { name: Arc::clone(name), range, is_text });
        self.marks.len() - 1
    }
}

impl Cache {
    fn kept(&self, name: &str) -> Kept {
        let mut all = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = all.get(name) {
            return Arc::clone(kept);
        }
        Arc::clone(all.entry(name.to_owned()).or_default())
    }
}
