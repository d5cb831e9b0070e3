//! Making the map of a document: its skeleton and what it was filled to are walked side by side.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use camino::Utf8Path;
use minijinja::value::{Value as Engine, ValueKind};

use super::pieces::{self, Piece};
use super::{Absent, Origins, Reason, Said, Whole, Why};
use crate::environment;
use crate::limits::Limits;
use crate::source::Span;
use crate::template::context::{Bound, Root};
use crate::template::fill::At;
use crate::template::front_matter::Line;
use crate::template::identity::Source;
use crate::template::lineage::Lineage;
use crate::template::merge;
use crate::template::skeleton::{self, Content, Key, Node, Part};
use crate::template::slot::{self, Slot};
use crate::template::trace::{Trace, Tracer};
use crate::template::{EnvironmentInput, Template};
use crate::value::Value;
use crate::yaml::path::{Path, Step};
use crate::yaml::stream;

impl Template {
    /// Renders the template once more, to tell where each value of the documents of one of its artifacts comes from.
    /// `None` if it makes no such artifact, or one that is not YAML.
    pub fn origins(
        &self,
        environment: &EnvironmentInput<'_>,
        artifact: &Utf8Path,
        limits: &Limits,
    ) -> Option<Vec<Origins>> {
        let rounds = self.find(environment, artifact, limits)?;
        let mut all = Vec::new();
        let name = format!("{}#merge", self.name);
        let tracer = Arc::new(Tracer::new(&self.shared, &self.name));
        let over = self.front.merge.as_ref().map(|_| Arc::new(Tracer::new(&self.shared, &name)));
        let shared = self.whole_of_all(environment);
        for (round, documents) in rounds {
            let by = [Some(&tracer), over.as_ref()];
            let mut own = self.origins_by(by, environment, &round, &documents, limits)?;
            let whole = self.whole(environment, &round, &shared);
            for origins in &mut own {
                origins.whole.clone_from(&whole);
            }
            all.append(&mut own);
        }
        Some(all)
    }

    /// The same of one round, whose documents are known; without what is merged over them, if that is wanted.
    pub(in crate::template) fn origins_in(
        &self,
        environment: &EnvironmentInput<'_>,
        round: &[(Arc<str>, Bound)],
        documents: &[Value],
        merges: bool,
        limits: &Limits,
    ) -> Option<Vec<Origins>> {
        let name = format!("{}#merge", self.name);
        let merge = self.front.merge.as_ref().filter(|_| merges);
        let tracer = Arc::new(Tracer::new(&self.shared, &self.name));
        let over = merge.map(|_| Arc::new(Tracer::new(&self.shared, &name)));
        self.origins_by([Some(&tracer), over.as_ref()], environment, round, documents, limits)
    }

    /// The same with what renders the template, and what renders its `merge`, if that is laid over it.
    pub(super) fn origins_by(
        &self,
        [document_by, over_by]: [Option<&Arc<Tracer<'_>>>; 2],
        environment: &EnvironmentInput<'_>,
        round: &[(Arc<str>, Bound)],
        documents: &[Value],
        limits: &Limits,
    ) -> Option<Vec<Origins>> {
        let root = |session| Root::new(environment.name, environment.root, session).with(round);
        let trace = document_by?.render(root);
        let text = &trace.result.as_ref().ok()?.text;
        // Of one document it does not matter what it is; several are always YAML.
        let stretches = stream::stretches(text, documents.len());
        let mut all = Vec::new();
        for (stretch, document) in stretches.into_iter().zip(documents) {
            let (start, length) = (stretch.start as u32, stretch.len());
            let mut walk = Walk { start, ..Walk::new(&trace, self, limits, Origins::default()) };
            if let Ok(node) = skeleton::parse_whole(&text[stretch], self.file, limits) {
                walk.node(&node, document, None, length, &mut Path::root());
            }
            all.push(walk.origins);
        }
        let (Some(line), Some(over_by), [document]) = (&self.front.merge, over_by, documents) else { return Some(all) };
        let Some(origins) = all.pop() else { return Some(all) };
        let trace = over_by.render(root);
        let over = match trace.result.as_ref().ok().and_then(|rendered| rendered.slots.first()) {
            Some(Slot::Tree(_)) => trace.source(0).map(|source| Over::Tree(source.clone())),
            Some(Slot::Made(value)) => Some(Over::Made(trace.value(0).unwrap_or(value).clone())),
            _ => None,
        };
        let Some(over) = over else { return Some(vec![origins]) };
        let mut walk = Walk::new(&trace, self, limits, origins);
        walk.by_slot(0, &[]);
        // Where another map could have been laid over it, each place could have been another.
        let outer = walk.outer.clone();
        for said in walk.origins.by_path.values_mut() {
            said.reasons
                .extend(outer.iter().filter(|number| !said.reasons.contains(number)).copied().collect::<Vec<_>>());
        }
        walk.merged(Some(document), &over, line, &mut Path::root());
        Some(vec![walk.origins])
    }

    /// What decides of all rounds alike whether an artifact is there.
    pub(super) fn whole_of_all(&self, environment: &EnvironmentInput<'_>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut add = |kind: Why, line: &Line, part: &str| {
            // A loop is about which items there are.
            let (sources, absent) = self.asked(part, environment, &[], kind == Why::ForEach);
            reasons.push(Reason { kind, places: vec![line.span], sources, absent, below: Vec::new() });
        };
        if let Some(line) = self.front.when.as_ref().filter(|_| !self.front.when_each) {
            add(Why::When, line, "#when");
        }
        if let Some(for_each) = &self.front.for_each {
            add(Why::ForEach, &for_each.expression, "#for_each");
        }
        reasons
    }

    /// What decides whether an artifact is there, and what its path is made of. `shared` is what [decides of
    /// all](Self::whole_of_all).
    pub(super) fn whole(
        &self,
        environment: &EnvironmentInput<'_>,
        round: &[(Arc<str>, Bound)],
        shared: &[Reason],
    ) -> Whole {
        let mut whole = Whole::default();
        if let Some(line) = self.front.when.as_ref().filter(|_| self.front.when_each) {
            let (sources, absent) = self.asked("#when", environment, round, false);
            let (kind, places) = (Why::When, vec![line.span]);
            whole.reasons.push(Reason { kind, places, sources, absent, below: Vec::new() });
        }
        whole.reasons.extend_from_slice(shared);
        if self.front.output.is_some() {
            whole.named_by = self.asked("#output", environment, round, false).0;
        }
        whole
    }

    /// What an expression of the front matter looks at, and what it asks for that is not there.
    fn asked(
        &self,
        part: &str,
        environment: &EnvironmentInput<'_>,
        round: &[(Arc<str>, Bound)],
        is_loop: bool,
    ) -> (Vec<Source>, Vec<Absent>) {
        let name = format!("{}{part}", self.name);
        let root = |session| Root::new(environment.name, environment.root, session).with(round);
        let trace = Trace::new(&self.shared, &name, root);
        let mut all = Vec::new();
        if let Ok(rendered) = &trace.result {
            pieces::take(&trace, &rendered.text, None, 0, &mut all);
            // A map or a list is no piece of a text.
            for (slot, printed) in rendered.slots.iter().enumerate() {
                if let (Slot::Tree(_) | Slot::Made(_), Some(lineage)) = (printed, trace.lineage(slot)) {
                    let mut piece = Piece::words("", None);
                    (piece.source, piece.inputs) = (lineage.node.clone(), lineage.inputs.clone());
                    piece.through.clone_from(&lineage.through);
                    piece.reasons.clone_from(&lineage.reasons);
                    all.push(piece);
                }
            }
        }
        let mut numbers: Vec<usize> = all.iter().flat_map(|piece| piece.reasons.iter().copied()).collect();
        let (mut sources, mut absent) = (Vec::new(), Vec::<Absent>::new());
        sources.extend(all.iter().flat_map(|piece| piece.source.iter().chain(&piece.inputs).cloned()));
        // What takes items by what is in them looks at that, too.
        let selects = |piece: &Piece| piece.through.iter().any(|name| SELECTING.contains(&&**name));
        if is_loop && !all.iter().any(selects) {
            for source in &mut sources {
                source.is_shape = !source.is_key;
            }
        }
        let mut seen = BTreeSet::new();
        while let Some(number) = numbers.pop() {
            let Some(decided) = trace.decided().get(number).filter(|_| seen.insert(number)) else { continue };
            numbers.extend(&decided.seen.reasons);
            sources.extend(decided.seen.inputs.iter().cloned());
            absent.extend(decided.absent.iter().map(Absent::of));
        }
        (sources, absent)
    }
}

/// Functions that take items by what is in them.
const SELECTING: [&str; 6] = ["select", "reject", "selectattr", "rejectattr", "groupby", "unique"];

/// A part of what `merge` lays over a document.
enum Over {
    Tree(Source),
    /// What an expression made; nodes of the environment can be in it.
    Made(Engine),
}

impl Over {
    /// Whether it is another function of `CloudFormation` than these entries are.
    fn replaces_function(&self, below: &[(Arc<str>, Value)]) -> bool {
        let below = below.iter().map(|(key, _)| &**key);
        let keys: Vec<Arc<str>> = match self {
            Self::Tree(source) => source.tree.as_map().into_iter().flat_map(|map| map.keys().cloned()).collect(),
            Self::Made(value) if value.kind() == ValueKind::Map => {
                within(value).into_iter().filter_map(|(_, key, _)| Some(text_of(&key?))).collect()
            }
            Self::Made(_) => return false,
        };
        merge::are_functions(below, keys.iter().map(|key| &**key))
    }
}

struct Walk<'a> {
    trace: &'a Trace<'a>,
    template: &'a Template,
    /// Where the document begins in the text of the render.
    start: u32,
    limits: &'a Limits,
    origins: Origins,
    /// Reasons of renders before this one have lower numbers.
    base: usize,
    /// Calls that led to the place.
    via: Vec<Span>,
    /// What was decided for all that is below.
    outer: Vec<usize>,
}

impl<'a> Walk<'a> {
    fn new(trace: &'a Trace<'a>, template: &'a Template, limits: &'a Limits, mut origins: Origins) -> Self {
        let base = origins.reasons.len();
        origins.reasons.extend(trace.decided().iter().map(|decided| Reason::of(trace, decided, base)));
        Self { trace, template, start: 0, limits, origins, base, via: Vec::new(), outer: Vec::new() }
    }

    /// What is said at a place of a template, of what stands below these decisions.
    fn said(&self, template: Span, numbers: &[usize]) -> Said {
        let mut said = Said { via: self.via.clone(), ..Said::by(template) };
        said.reasons.extend(self.outer.iter().copied());
        self.decide(&mut said, numbers);
        said
    }

    fn decide(&self, said: &mut Said, numbers: &[usize]) {
        for number in numbers.iter().map(|number| number + self.base) {
            if !said.reasons.contains(&number) {
                said.reasons.push(number);
            }
        }
    }

    fn take_lineage(&self, said: &mut Said, lineage: &Lineage) {
        said.source.clone_from(&lineage.node);
        said.inputs.clone_from(&lineage.inputs);
        said.through.clone_from(&lineage.through);
        self.decide(said, &lineage.reasons);
    }

    /// All that is below was printed by a slot.
    fn by_slot(&mut self, slot: usize, numbers: &[usize]) {
        let reasons = self.trace.lineage(slot).map_or(&[][..], |lineage| &lineage.reasons);
        for number in numbers.iter().chain(reasons).map(|number| number + self.base) {
            if !self.outer.contains(&number) {
                self.outer.push(number);
            }
        }
    }

    /// A skeleton and what it was filled to have the same shape, but for what slots bring in. `end` is where what follows
    /// begins.
    fn node(&mut self, node: &Node, value: &Value, capture: Option<usize>, end: usize, path: &mut Path) {
        let at = self.place(capture, &node.at);
        let slot = match &node.content {
            Content::Typed(slot) => Some(*slot),
            Content::Text(parts) => only(parts),
            _ => None,
        };
        let printed = slot.and_then(|slot| self.trace.printed(slot)).map(|(span, _)| span);
        let template = match &node.content {
            Content::Text(_) => self.whole_of(&at),
            _ => self.trace.span(&at),
        };
        let numbers = self.decided_for(node, capture, end);
        if let Some(template) = printed.or(template) {
            let mut said = self.said(template, &numbers);
            if let Some(slot) = slot
                && let Some(lineage) = self.trace.lineage(slot)
            {
                self.take_lineage(&mut said, lineage);
            }
            if let Content::Text(parts) = &node.content {
                self.take_parts(parts, &at, &mut said.pieces);
                if slot.is_none_or(|slot| self.is_captured(slot)) {
                    self.take_pieces(&mut said);
                }
            }
            self.origins.by_path.insert(path.clone(), said);
        }
        match (&node.content, value) {
            (Content::List(items), Value::List(values)) => {
                for (index, (item, value)) in items.iter().zip(values).enumerate() {
                    let end = items.get(index + 1).map_or(end, |next| next.at.start as usize);
                    self.step(Step::Index(index), path, |walk, path| walk.node(item, value, capture, end, path));
                }
            }
            (Content::Map(entries), Value::Map(values)) => {
                for (index, ((key, node), (name, value))) in entries.iter().zip(values).enumerate() {
                    let end = entries.get(index + 1).map_or(end, |(next, _)| key_range(next).start as usize);
                    self.step(Step::Key(Arc::clone(name)), path, |walk, path| {
                        walk.node(node, value, capture, end, path);
                        walk.key(key, capture, path);
                    });
                }
            }
            (Content::Typed(slot), value) => self.slot(*slot, value, &numbers, path),
            // The long form holds the argument under the function's name.
            (Content::Intrinsic(_, argument), Value::Map(entries)) => {
                for (name, value) in entries {
                    self.step(Step::Key(Arc::clone(name)), path, |walk, path| {
                        walk.node(argument, value, capture, end, path);
                        walk.taken_apart(value, path);
                    });
                }
            }
            _ => {}
        }
    }

    /// What the long form makes of one text, `A.B` of `!GetAtt`, is from where that is.
    fn taken_apart(&mut self, value: &Value, path: &mut Path) {
        let (Value::List(items), Some(said)) = (value, self.origins.by_path.get(path).cloned()) else { return };
        // Each with the sign behind it.
        let lengths = items.iter().map(|item| item.as_str().map(|text| text.len() + 1)).collect::<Option<Vec<_>>>();
        let whole = (said.template.end - said.template.start) as usize + 1;
        let lengths = lengths.filter(|all| said.inputs.is_empty() && all.iter().sum::<usize>() == whole);
        let mut start = said.template.start as usize;
        for index in 0..items.len() {
            let mut of_item = Said { key: None, key_source: None, key_inputs: Vec::new(), ..said.clone() };
            if let Some(length) = lengths.as_ref().map(|lengths| lengths[index]) {
                of_item.template = Span::new(said.template.file, start, start + length - 1);
                start += length;
            }
            self.step(Step::Index(index), path, |walk, path| {
                walk.origins.by_path.entry(path.clone()).or_insert(of_item);
            });
        }
    }

    /// Which decisions a node depends on: those that it stands below, and for a text those that were made in it. What is
    /// empty may have been left so by any up to where the next begins.
    fn decided_for(&self, node: &Node, capture: Option<usize>, end: usize) -> Vec<usize> {
        let At { range, .. } = self.place(capture, &node.at);
        let (start, own_end) = (range.start as usize, range.end as usize);
        let moved = start - node.at.start as usize;
        let end = end + moved;
        let last = match &node.content {
            Content::List(items) => items.last().map(|item| item.at.start),
            Content::Map(entries) => entries.last().map(|(key, _)| key_range(key).start),
            _ => None,
        };
        let mut numbers = self.trace.within(capture, start).to_vec();
        if let Some(last) = last {
            // It stands as long as anything in it does.
            let of_last = self.trace.within(capture, last as usize + moved);
            let common = numbers.iter().zip(of_last).take_while(|(a, b)| a == b).count();
            numbers.truncate(common);
            return numbers;
        }
        let is_empty = match &node.content {
            Content::Fixed(Value::Null) | Content::Empty | Content::List(_) | Content::Map(_) => true,
            Content::Fixed(Value::List(items)) => items.is_empty(),
            Content::Fixed(Value::Map(entries)) => entries.is_empty(),
            _ => false,
        };
        numbers.extend(self.trace.between(capture, start..if is_empty { end } else { own_end }));
        if let Content::Text(parts) = &node.content {
            for part in parts {
                if let Part::Slot(slot) = part {
                    pieces::decided_in(self.trace, *slot, 0, &mut numbers);
                }
            }
            if parts.iter().any(|part| matches!(part, Part::Block | Part::FoldedBlock)) {
                // Lines at its end may have been left out: those that are further in than what holds the block.
                let outer = self.trace.indent_above(capture, start);
                let left_out = self.trace.between(capture, own_end..end).filter(|number| {
                    let inner = self.trace.branch_indent(*number);
                    inner.zip(outer).is_none_or(|(inner, outer)| inner > outer)
                });
                let left_out: Vec<_> = left_out.filter(|number| !numbers.contains(number)).collect();
                numbers.extend(left_out);
            }
        }
        numbers
    }

    fn key(&mut self, key: &Key, capture: Option<usize>, path: &Path) {
        let at = self.place(capture, key_range(key));
        let numbers = self.trace.within(capture, at.range.start as usize).to_vec();
        let span = self.trace.span(&at);
        if !self.origins.by_path.contains_key(path) {
            let Some(template) = span else { return };
            let said = self.said(template, &[]);
            self.origins.by_path.insert(path.clone(), said);
        }
        let Some(mut said) = self.origins.by_path.remove(path) else { return };
        said.key = span;
        self.decide(&mut said, &numbers);
        if let Key::Text(_, parts) = key {
            let mut pieces = Vec::new();
            self.take_parts(parts, &at, &mut pieces);
            if let [Piece { source: Some(source), .. }] = &pieces[..] {
                said.key_source = Some(source.clone());
            } else {
                said.key_inputs =
                    pieces.iter().flat_map(|piece| piece.source.iter().chain(&piece.inputs)).cloned().collect();
            }
            for piece in &pieces {
                self.decide(&mut said, &piece.reasons);
            }
        }
        self.origins.by_path.insert(path.clone(), said);
    }

    fn place(&self, capture: Option<usize>, range: &Range<u32>) -> At {
        let start = if capture.is_none() { self.start } else { 0 };
        At { capture, range: range.start + start..range.end + start }
    }

    /// From the first to the last character of a text that the template makes of several pieces.
    fn whole_of(&self, at: &At) -> Option<Span> {
        let first = self.trace.in_tag(self.trace.span(at)?);
        let last = At { capture: at.capture, range: at.range.end.saturating_sub(1).max(at.range.start)..at.range.end };
        match self.trace.span(&last).map(|last| self.trace.in_tag(last)) {
            Some(last) if last.file == first.file && last.end > first.start => {
                Some(Span::new(first.file, first.start as usize, last.end as usize))
            }
            _ => Some(first),
        }
    }

    /// Takes a scalar apart that stands at a place of the rendered text.
    fn take_parts(&self, parts: &[Part], at: &At, pieces: &mut Vec<Piece>) {
        let is_block = matches!(parts.last(), Some(Part::Block | Part::FoldedBlock));
        let mut written =
            self.trace.text(at.capture).and_then(|text| Written::at(text, at.range.start as usize, is_block));
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) => {
                    for line in text.split_inclusive('\n') {
                        let range = written.as_mut().and_then(|written| written.words(line));
                        let template = range.clone().and_then(|range| {
                            self.trace.span(&At { range: range.start as u32..range.end as u32, ..at.clone() })
                        });
                        if range.is_none() {
                            written = None;
                        }
                        pieces.push(Piece::words(line, template));
                    }
                }
                Part::Slot(slot) => {
                    written = written.and_then(Written::behind_slot);
                    let is_line = |blanks: &str| is_block && pieces::line_of(pieces) == blanks;
                    let stand = skeleton::stand(parts, index, is_line);
                    pieces::take_standing(self.trace, *slot, stand, 0, pieces);
                }
                Part::InFlow | Part::Plain | Part::Folded | Part::Block | Part::FoldedBlock => {}
            }
        }
    }

    fn is_captured(&self, slot: usize) -> bool {
        let slots = self.trace.result.as_ref().ok().map(|rendered| &rendered.slots);
        slots.is_some_and(|slots| matches!(slots.get(slot), Some(Slot::Captured(_))))
    }

    /// A text is made of what its pieces are.
    fn take_pieces(&self, said: &mut Said) {
        let mut lineage = Lineage::default();
        for piece in &said.pieces {
            piece.source.iter().chain(&piece.inputs).for_each(|source| lineage.add_input(source));
            lineage.add_rest(&Lineage {
                through: piece.through.clone(),
                reasons: piece.reasons.clone(),
                ..Lineage::default()
            });
        }
        if let [Piece { source: Some(source), .. }] = &said.pieces[..] {
            (lineage.node, lineage.inputs) = (Some(source.clone()), Vec::new());
        }
        self.take_lineage(said, &lineage);
    }

    fn slot(&mut self, slot: usize, value: &Value, numbers: &[usize], path: &mut Path) {
        let Ok(rendered) = &self.trace.result else { return };
        // What `{% call %}` makes is printed by no expression.
        let printed = self.trace.printed(slot).map(|(span, _)| span);
        let Some(template) = printed.or_else(|| Some(self.origins.by_path.get(path)?.template)) else { return };
        let outer = self.outer.clone();
        self.by_slot(slot, numbers);
        match rendered.slots.get(slot) {
            Some(Slot::Tree(_)) => {
                if let Some(source) = self.trace.source(slot) {
                    self.tree(source, template, path);
                }
            }
            Some(Slot::Made(plain)) => {
                let made = self.trace.value(slot).unwrap_or(plain).clone();
                let lineage = self.trace.lineage(slot).cloned().unwrap_or_default();
                self.made(&made, &lineage, template, path);
            }
            Some(Slot::Captured(text)) => {
                self.via.push(template);
                self.captured(slot, text, value, path);
                self.via.pop();
            }
            _ => {}
        }
        self.outer = outer;
    }

    /// What a macro or a capture made: YAML of its own, or a text.
    fn captured(&mut self, slot: usize, text: &str, value: &Value, path: &mut Path) {
        let node = skeleton::parse_whole(text, self.template.file, self.limits).ok();
        let is_scalar = !matches!(value, Value::Map(_) | Value::List(_));
        match node {
            Some(node) if !is_scalar => self.node(&node, value, Some(slot), text.len(), path),
            node => {
                // All that was decided in it has made the text what it is.
                let mut numbers = Vec::new();
                pieces::decided_in(self.trace, slot, 0, &mut numbers);
                let is_one =
                    node.as_ref().is_some_and(|node| !matches!(node.content, Content::Map(_) | Content::List(_)));
                if let Some(node) = node.filter(|_| is_one) {
                    self.node(&node, value, Some(slot), text.len(), path);
                } else {
                    let mut all = Vec::new();
                    pieces::take_slot(self.trace, slot, 0, &mut all);
                    let template = all.iter().find_map(|piece| piece.template).or_else(|| self.via.last().copied());
                    let Some(template) = template else { return };
                    let mut said = self.said(template, &[]);
                    said.pieces = all;
                    self.take_pieces(&mut said);
                    self.origins.by_path.insert(path.clone(), said);
                }
                if let Some(mut said) = self.origins.by_path.remove(path) {
                    self.decide(&mut said, &numbers);
                    self.origins.by_path.insert(path.clone(), said);
                }
            }
        }
    }

    /// A subtree of the environment knows where each of its values was set.
    fn tree(&mut self, source: &Source, template: Span, path: &mut Path) {
        let said = Said { source: Some(source.clone()), ..self.said(template, &[]) };
        self.keep(path, said);
        let name = &source.path;
        match &source.tree.content {
            environment::Content::Map(entries) => {
                for (key, value) in entries {
                    let below = Source::value(format!("{name}.{key}"), value);
                    self.step(Step::Key(Arc::clone(key)), path, |walk, path| walk.tree(&below, template, path));
                }
            }
            environment::Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let below = Source::value(format!("{name}[{index}]"), item);
                    self.step(Step::Index(index), path, |walk, path| walk.tree(&below, template, path));
                }
            }
            _ => {}
        }
    }

    /// Says something of the value at a path, of whose key it may be known more already.
    fn keep(&mut self, path: &Path, said: Said) {
        self.origins.by_path.insert(path.clone(), said);
    }

    /// In a map or a list that an expression made there can be nodes of the environment.
    fn made(&mut self, value: &Engine, lineage: &Lineage, template: Span, path: &mut Path) {
        let Some(identities) = self.trace.session.identities() else { return };
        for (step, key, value) in within(value) {
            let own = identities.lineage(&value);
            let of_key = key.and_then(|key| identities.lineage(&key)).unwrap_or_default();
            self.step(step, path, |walk, path| {
                let own = own.unwrap_or_else(|| Lineage { node: None, ..lineage.clone() });
                if let Some(source) = &own.node {
                    walk.tree(source, template, path);
                } else {
                    let said = walk.said(template, &[]);
                    walk.keep(path, said);
                }
                if let Some(mut said) = walk.origins.by_path.remove(path) {
                    walk.take_lineage(&mut said, &own);
                    said.key_source.clone_from(&of_key.node);
                    said.key_inputs.clone_from(&of_key.inputs);
                    walk.decide(&mut said, &of_key.reasons);
                    walk.keep(path, said);
                }
                if own.node.is_none() {
                    walk.made(&value, &own, template, path);
                }
            });
        }
    }

    /// What is merged over a value comes from where it was set, not from what lies below.
    fn merged(&mut self, below: Option<&Value>, over: &Over, line: &Line, path: &mut Path) {
        let merges = match below {
            Some(Value::Map(entries)) => !over.replaces_function(entries),
            _ => false,
        };
        let entry = |walk: &mut Self, step: Step, over: &Over, path: &mut Path| {
            let below = below.and_then(|below| if let Step::Key(key) = &step { below.get(key) } else { None });
            walk.step(step, path, |walk, path| walk.merged(below, over, line, path));
        };
        match over {
            Over::Tree(source) => {
                if let Some(entries) = source.tree.as_map().filter(|_| merges) {
                    for (key, value) in entries {
                        let below = Source::value(format!("{}.{key}", source.path), value);
                        entry(self, Step::Key(Arc::clone(key)), &Over::Tree(below), path);
                    }
                } else {
                    self.forget(path);
                    self.tree(source, line.span, path);
                    self.mark_merged(path);
                }
            }
            Over::Made(value) => {
                let lineage = self.trace.session.identities().and_then(|identities| identities.lineage(value));
                let lineage = lineage.unwrap_or_default();
                if let Some(source) = lineage.node.clone() {
                    return self.merged(below, &Over::Tree(source), line, path);
                }
                if !merges || value.kind() != ValueKind::Map {
                    self.forget(path);
                    let mut said = self.said(line.span, &[]);
                    self.take_lineage(&mut said, &lineage);
                    self.keep(path, said);
                    self.mark_merged(path);
                }
                for (step, _, value) in within(value) {
                    entry(self, step, &Over::Made(value), path);
                }
            }
        }
    }

    /// What was below is replaced as a whole.
    fn forget(&mut self, path: &Path) {
        self.origins.by_path.retain(|other, _| !other.steps().starts_with(path.steps()));
    }

    fn mark_merged(&mut self, path: &Path) {
        for (other, said) in self.origins.by_path.range_mut(path.clone()..) {
            if !other.steps().starts_with(path.steps()) {
                break;
            }
            said.merged = true;
        }
    }

    fn step(&mut self, step: Step, path: &mut Path, walk: impl FnOnce(&mut Self, &mut Path)) {
        path.push(step);
        walk(self, path);
        path.pop();
    }
}

/// A scalar as it is written in the rendered text, read from its beginning as far as that is what it says.
#[derive(Clone, Copy)]
struct Written<'t> {
    text: &'t str,
    at: usize,
    /// How far in the lines of a block stand.
    indent: usize,
}

impl<'t> Written<'t> {
    fn at(text: &'t str, start: usize, is_block: bool) -> Option<Self> {
        let before = text.get(..start)?;
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        let quote = usize::from(!is_block && text[start..].starts_with(['"', '\'']));
        Some(Self { text, at: start + quote, indent: if is_block { start - line } else { 0 } })
    }

    /// The place of words, which end with their line or before it. `None` if they are written in another way.
    fn words(&mut self, words: &str) -> Option<Range<usize>> {
        let bare = words.trim_end_matches('\n');
        let rest = self.text.get(self.at..)?.strip_prefix(bare)?;
        let range = self.at..self.at + bare.len();
        self.at = range.end;
        if bare.len() < words.len() {
            let rest = rest.strip_prefix('\n')?;
            let blanks = rest.len() - rest.trim_start_matches(' ').len();
            self.at += 1 + blanks.min(self.indent);
        }
        Some(range)
    }

    /// What follows the number of a slot.
    fn behind_slot(self) -> Option<Self> {
        let (_, end, _) = slot::places(self.text.get(self.at..)?).next().filter(|(start, ..)| *start == 0)?;
        Some(Self { at: self.at + end, ..self })
    }
}

fn key_range(key: &Key) -> &Range<u32> {
    let (Key::Fixed(range, _) | Key::Text(range, _)) = key;
    range
}

/// What a made map or list holds, with its keys.
fn within(value: &Engine) -> Vec<(Step, Option<Engine>, Engine)> {
    let Some(object) = value.as_object() else { return Vec::new() };
    match value.kind() {
        ValueKind::Map => {
            let entries = object.try_iter_pairs().into_iter().flatten();
            entries.map(|(key, value)| (Step::Key(text_of(&key)), Some(key), value)).collect()
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let items = object.try_iter().into_iter().flatten().enumerate();
            items.map(|(index, item)| (Step::Index(index), None, item)).collect()
        }
        _ => Vec::new(),
    }
}

fn text_of(key: &Engine) -> Arc<str> {
    crate::template::identity::bare(key).to_string().into()
}

/// The slot that is all there is.
fn only(parts: &[Part]) -> Option<usize> {
    match parts {
        [Part::Slot(slot)] | [Part::Slot(slot), Part::Plain | Part::Folded | Part::Block | Part::FoldedBlock] => {
            Some(*slot)
        }
        _ => None,
    }
}
