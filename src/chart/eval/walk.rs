//! Goes through the nodes of a template and writes what they say.

use std::rc::Rc;
use std::sync::Arc;

use crate::chart::engine::Template;
use crate::chart::failure::Failed;
use crate::chart::functions::is_true;
use crate::chart::marks::{Mark, Marks};
use crate::chart::print::printed;
use crate::chart::syntax::{Node, NodeKind, Pipe, Span, Variable};
use crate::chart::text::{Text, TextBuilder};
use crate::chart::value::{Data, StructKind, Value};

use super::run::{Definitions, Evaluated, Found, Run, fail};

/// What Go writes for nothing. Helm takes it out of all output, whoever wrote it.
const NO_VALUE: &str = "<no value>";

/// A template that is being executed.
pub(super) struct State<'a> {
    pub run: &'a Run<'a>,
    pub definitions: Rc<Definitions>,
    pub template: Arc<Template>,
    pub variables: Vec<(Arc<str>, Value)>,
    pub out: TextBuilder,
    /// The text that a `tpl` executes, if it says where its pieces come from.
    source: Option<Text>,
    /// The innermost decision.
    decision: Option<u32>,
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

impl Run<'_> {
    /// The whole text of a file.
    pub(in crate::chart) fn render(
        &self,
        definitions: &Rc<Definitions>,
        name: &Arc<str>,
        dot: Value,
    ) -> Evaluated<Text> {
        let Some(found) = definitions.get(name).cloned() else { return Ok(Text::new("")) };
        let made = self.execute(definitions, &found, dot, None, None)?;
        Ok(without_no_value(&made.0))
    }

    /// What a definition writes, and the origins of that where nothing was written.
    #[expect(clippy::needless_pass_by_value, reason = "it is the `$` of what is executed")]
    pub(super) fn execute(
        &self,
        definitions: &Rc<Definitions>,
        found: &Found,
        dot: Value,
        source: Option<Text>,
        decision: Option<u32>,
    ) -> Evaluated<(Text, Marks)> {
        let before = self.decisions.borrow().len();
        let mut state = State {
            run: self,
            definitions: definitions.clone(),
            template: found.template.clone(),
            variables: vec![("$".into(), dot.clone())],
            out: TextBuilder::default(),
            source,
            decision,
        };
        state.walk(&found.definition().body, &dot)?;
        let text = std::mem::take(&mut state.out).finish();
        let mut marks = Marks::NONE;
        if text.is_empty() && self.is_marked() {
            let taken = before as u32..self.decisions.borrow().len() as u32;
            taken.for_each(|number| marks.add(&Marks::one(Mark(Mark::DECISION | number))));
            self.decisions.borrow()[before..].iter().for_each(|decision| marks.add(&decision.marks));
        }
        Ok((text, marks))
    }
}

/// Takes `<no value>` out, as Helm does.
pub(super) fn without_no_value(text: &Text) -> Text {
    let whole = text.str();
    if !whole.contains(NO_VALUE) {
        return text.clone();
    }
    let mut kept = TextBuilder::default();
    let mut start = 0;
    for (found, _) in whole.match_indices(NO_VALUE) {
        kept.push_slice(text, start..found, &Marks::NONE);
        start = found + NO_VALUE.len();
    }
    kept.push_slice(text, start..text.len(), &Marks::NONE);
    kept.finish()
}

impl State<'_> {
    pub(super) fn fail<T>(&self, failed: impl Into<Failed>, span: Span) -> Evaluated<T> {
        Err(fail(failed.into(), &self.template, span))
    }

    fn step(&self, span: Span) -> Evaluated<()> {
        self.run.meter.step().or_else(|failed| self.fail(failed, span))
    }

    fn walk(&mut self, nodes: &[Node], dot: &Value) -> Evaluated<Flow> {
        for node in nodes {
            let flow = self.node(node, dot)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, node: &Node, dot: &Value) -> Evaluated<Flow> {
        self.step(node.span)?;
        match &node.kind {
            NodeKind::Text(text) => {
                match self.source.take() {
                    None => self.write(text, &Marks::NONE, node.span)?,
                    Some(source) => {
                        let part = source.slice(node.span.start as usize..node.span.end as usize);
                        self.source = Some(source);
                        self.write(&part, &Marks::NONE, node.span)?;
                    }
                }
                Ok(Flow::On)
            }
            NodeKind::Action(pipe) => {
                let value = self.pipeline(pipe, dot)?;
                if pipe.variables.is_empty() {
                    self.print(&value, pipe.span)?;
                }
                Ok(Flow::On)
            }
            NodeKind::If { condition, then, otherwise } => self.choose(condition, then, otherwise, dot, false),
            NodeKind::With { subject, then, otherwise } => self.choose(subject, then, otherwise, dot, true),
            NodeKind::Range { over, body, otherwise } => self.range(over, body, otherwise, dot),
            NodeKind::Template { name, dot: pipe } => self.template(name, pipe.as_ref(), dot, node.span),
            NodeKind::Break => Ok(Flow::Break),
            NodeKind::Continue => Ok(Flow::Continue),
        }
    }

    /// Writes a text that stands in the template, or that a tag there makes.
    fn write(&mut self, text: &Text, marks: &Marks, span: Span) -> Evaluated<()> {
        self.run.meter.bytes(text.len()).or_else(|failed| self.fail(failed, span))?;
        if !self.run.options.traced {
            self.out.push(text, marks);
            return Ok(());
        }
        let place = Marks::one(self.run.place(&self.template, span));
        let decision = self.decision.map(|number| Marks::one(Mark(Mark::DECISION | number)));
        let mut start = 0;
        let whole = [crate::chart::text::Piece { end: text.len(), marks: Marks::NONE }];
        for piece in if text.pieces().is_empty() { &whole } else { text.pieces() } {
            let mut all = piece.marks.and(marks);
            if !all.has_place() {
                all.add(&place);
            }
            if let Some(decision) = decision.as_ref().filter(|_| !all.has_decision()) {
                all.add(decision);
            }
            self.out.push_bytes(&text.bytes()[start..piece.end], &all);
            start = piece.end;
        }
        Ok(())
    }

    fn print(&mut self, value: &Value, span: Span) -> Evaluated<()> {
        match &value.data {
            Data::Absent | Data::Nil => return self.write(&NO_VALUE.into(), &value.marks, span),
            Data::Text(text) => return self.write(text, &value.marks, span),
            // It is asked for its text only here, where it still is a part of what it stands in.
            Data::Struct(it) if it.kind == StructKind::KubeVersion => {
                return self.print(&it.field("Version").cloned().unwrap_or_default(), span);
            }
            Data::Function(_) => return self.fail(Failed::because("a function can't be printed"), span),
            _ => {}
        }
        let mut text = TextBuilder::default();
        printed(&mut text, value, self.run.meter).or_else(|failed| self.fail(failed, span))?;
        self.write(&text.finish(), &Marks::NONE, span)
    }

    /// The decision that a value means for what is written next.
    fn decided(&self, value: &Value, span: Span) -> Option<u32> {
        if !self.run.is_marked() {
            return None;
        }
        self.run.decide(&self.template, span, value.own_marks(), self.decision).or(self.decision)
    }

    fn choose(
        &mut self,
        pipe: &Pipe,
        then: &[Node],
        otherwise: &[Node],
        dot: &Value,
        moves_dot: bool,
    ) -> Evaluated<Flow> {
        let (known, outer) = (self.variables.len(), self.decision);
        let value = self.pipeline(pipe, dot)?;
        self.decision = self.decided(&value, pipe.span);
        let flow = match (is_true(&value), moves_dot) {
            (true, true) => self.walk(then, &value),
            (true, false) => self.walk(then, dot),
            (false, _) => self.walk(otherwise, dot),
        }?;
        self.variables.truncate(known);
        self.decision = outer;
        Ok(flow)
    }

    fn range(&mut self, over: &Pipe, body: &[Node], otherwise: &[Node], dot: &Value) -> Evaluated<Flow> {
        let (known, outer) = (self.variables.len(), self.decision);
        let value = self.pipeline(over, dot)?;
        self.decision = self.decided(&value, over.span);
        let flow = self.iterate(&value, over, body)?;
        let flow = match flow {
            None => self.walk(otherwise, dot)?,
            Some(flow) => flow,
        };
        self.variables.truncate(known);
        self.decision = outer;
        Ok(flow)
    }

    /// Goes through what can be gone through; nothing if there is nothing in it.
    fn iterate(&mut self, value: &Value, over: &Pipe, body: &[Node]) -> Evaluated<Option<Flow>> {
        let mut any = false;
        match &value.data {
            Data::Absent | Data::Nil => {}
            Data::Int(count, kind) => {
                if over.variables.len() > 1 {
                    return self.fail(Failed::because("a loop over a number has one variable"), over.span);
                }
                for number in 0..*count {
                    any = true;
                    let item = Value { data: Data::Int(number, *kind), marks: value.marks.clone() };
                    if self.once(Value::ABSENT, &item, over, body)? {
                        break;
                    }
                }
            }
            Data::List(list) => {
                for (number, item) in list.items().iter().enumerate() {
                    any = true;
                    if self.once(Value::int(number as i64), item, over, body)? {
                        break;
                    }
                }
            }
            Data::Bytes(bytes) => {
                for (number, byte) in bytes.iter().enumerate() {
                    any = true;
                    let item = crate::chart::functions::byte_value(*byte);
                    if self.once(Value::int(number as i64), &item, over, body)? {
                        break;
                    }
                }
            }
            Data::Map(map) => {
                for (key, item) in map.entries() {
                    any = true;
                    let key = Value { data: Data::Text(Text::new(key)), marks: item.marks.clone() };
                    if self.once(key, &item, over, body)? {
                        break;
                    }
                }
            }
            _ => {
                let what = crate::chart::print::type_name(value);
                let message = format!("`range` can't go through this: it is a {what}, not a list or a map");
                return self.fail(Failed::because(message), over.span);
            }
        }
        // A loop that was left is over, whatever its last turn said.
        Ok(any.then_some(Flow::On))
    }

    /// One turn of a loop; whether it says that it is the last.
    fn once(&mut self, key: Value, item: &Value, over: &Pipe, body: &[Node]) -> Evaluated<bool> {
        self.step(over.span)?;
        let known = self.variables.len();
        match &over.variables[..] {
            [] => {}
            [only] if over.assigns => self.assign(only, item.clone(), over.span)?,
            [first, second] if over.assigns => {
                self.assign(first, key, over.span)?;
                self.assign(second, item.clone(), over.span)?;
            }
            names => {
                // They were set by the pipeline, the last of them at the top.
                let mut slots = self.variables.iter_mut().rev();
                if let Some(slot) = slots.next() {
                    slot.1 = item.clone();
                }
                if let Some(slot) = slots.next().filter(|_| names.len() > 1) {
                    slot.1 = key;
                }
            }
        }
        let flow = self.walk(body, item)?;
        self.variables.truncate(known);
        Ok(flow == Flow::Break)
    }

    pub(super) fn assign(&mut self, variable: &Variable, mut value: Value, span: Span) -> Evaluated<()> {
        if let Some(number) = self.decision.filter(|_| self.run.options.traced) {
            value.marks.add(&Marks::one(Mark(Mark::DECISION | number)));
        }
        match self.variables.iter_mut().rev().find(|(name, _)| *name == variable.name) {
            Some((_, old)) => {
                *old = value;
                Ok(())
            }
            None => self.fail(Failed::because(format!("the variable `{}` isn't set here", variable.name)), span),
        }
    }

    fn template(&mut self, name: &Arc<str>, pipe: Option<&Pipe>, dot: &Value, span: Span) -> Evaluated<Flow> {
        let Some(found) = self.definitions.get(name).cloned() else {
            return self.fail(undefined(name), span);
        };
        let dot = match pipe {
            Some(pipe) => self.pipeline(pipe, dot)?,
            None => Value::ABSENT,
        };
        self.run.enter().or_else(|failed| self.fail(failed, span))?;
        let outer = std::mem::replace(&mut self.variables, vec![("$".into(), dot.clone())]);
        let template = std::mem::replace(&mut self.template, found.template.clone());
        let source = self.source.take();
        let walked = self.walk(&found.definition().body, &dot);
        (self.variables, self.template, self.source) = (outer, template, source);
        self.run.leave();
        match walked {
            Ok(_) => Ok(Flow::On),
            Err(failure) => self.fail(Failed::Within(failure), span),
        }
    }

    /// What `include` gives.
    pub(super) fn include(&mut self, name: &Value, dot: Value, span: Span) -> Evaluated<Value> {
        let Data::Text(text) = &name.data else { return Ok(Value::ABSENT) };
        let Some(found) = self.definitions.get(&text.str()).cloned() else {
            return self.fail(undefined(&text.str()), span);
        };
        let definitions = self.definitions.clone();
        let (text, marks) = self.nested(&definitions, &found, dot, None, span)?;
        Ok(Value { data: Data::Text(text), marks: marks.and(&name.own_marks()) })
    }

    /// What `tpl` gives: the text is a template that may define more, for itself and what it includes.
    pub(super) fn tpl(&mut self, source: &Value, dot: Value, span: Span) -> Evaluated<Value> {
        let Data::Text(text) = &source.data else { return Ok(Value::ABSENT) };
        if !text.str().contains("{{") {
            return Ok(Value { data: Data::Text(without_no_value(text)), marks: source.marks.clone() });
        }
        let name: Arc<str> = "gotpl".into();
        let template = self.run.text(&name, &text.shared()).or_else(|failed| self.fail(failed, span))?;
        let mut definitions = Definitions::within(&self.definitions);
        definitions.add(&template);
        let marks = source.own_marks();
        let Some(found) = Definitions::default().with(&template).get(&name).cloned() else {
            return Ok(Value::ABSENT);
        };
        let marked = (!text.pieces().is_empty() && text.is_utf8()).then(|| text.clone());
        let (text, more) = self.nested(&Rc::new(definitions), &found, dot, marked, span)?;
        Ok(Value { data: Data::Text(without_no_value(&text)), marks: marks.and(&more) })
    }

    fn nested(
        &mut self,
        definitions: &Rc<Definitions>,
        found: &Found,
        dot: Value,
        source: Option<Text>,
        span: Span,
    ) -> Evaluated<(Text, Marks)> {
        self.run.enter().or_else(|failed| self.fail(failed, span))?;
        let made = self.run.execute(definitions, found, dot, source, self.decision);
        self.run.leave();
        made.or_else(|failure| self.fail(Failed::Within(failure), span))
    }
}

fn undefined(name: &str) -> Failed {
    let message = format!("no template `{name}` is defined");
    Failed::Because {
        message,
        help: Some("is the name spelled as in its `define`, in this chart or a dependency?".into()),
    }
}
