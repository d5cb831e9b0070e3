//! One render: what its templates share.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::chart::engine::{Call, Decision, Options, Template};
use crate::chart::failure::{Failed, Failure, FailureKind, Place};
use crate::chart::functions::Context;
use crate::chart::marks::{Mark, Marks};
use crate::chart::meter::Meter;
use crate::chart::syntax::{Definition, Span};

/// `include`, `template` and `tpl` within each other. Helm stops at a thousand of one name; what real charts nest is a few dozen.
const MOST_DEPTH: usize = 200;

pub(in crate::chart) type Evaluated<T> = Result<T, Box<Failure>>;

/// What a name means: a definition of a template.
#[derive(Clone)]
pub(in crate::chart) struct Found {
    pub template: Arc<Template>,
    number: usize,
}

impl Found {
    pub(super) fn definition(&self) -> &Definition {
        &self.template.definitions()[self.number]
    }
}

/// All definitions that can be included: those of the files, and within a `tpl` those of its text too.
#[derive(Default)]
pub(in crate::chart) struct Definitions {
    own: BTreeMap<Arc<str>, Found>,
    around: Option<Rc<Definitions>>,
}

impl Definitions {
    /// The same with a text of its own, which may define more.
    pub(super) fn within(around: &Rc<Self>) -> Self {
        Self { own: BTreeMap::new(), around: Some(around.clone()) }
    }

    /// The same and those of a text.
    pub(super) fn with(mut self, template: &Arc<Template>) -> Self {
        self.add(template);
        self
    }

    pub(in crate::chart) fn get(&self, name: &str) -> Option<&Found> {
        self.own.get(name).or_else(|| self.around.as_ref().and_then(|around| around.get(name)))
    }

    /// Takes the definitions of a text in. A later one replaces an earlier, but for one that is blank.
    pub(in crate::chart) fn add(&mut self, template: &Arc<Template>) {
        for (number, definition) in template.definitions().iter().enumerate() {
            if !definition.is_blank() || self.get(&definition.name).is_none() {
                self.own.insert(definition.name.clone(), Found { template: template.clone(), number });
            }
        }
    }
}

/// Places in templates, and their numbers by the template and the offset.
type Places = (BTreeMap<(Arc<str>, u32), u32>, Vec<Place>);

pub(in crate::chart) struct Run<'a> {
    pub options: &'a Options,
    pub meter: &'a Meter,
    depth: Cell<usize>,
    /// Whether any value has an origin: unless it has, nothing is looked for.
    marked: Cell<bool>,
    /// Where the function stands that is called.
    at: RefCell<Option<(Arc<Template>, Span)>>,
    pub(in crate::chart) calls: RefCell<Vec<Call>>,
    pub(in crate::chart) decisions: RefCell<Vec<Decision>>,
    places: RefCell<Places>,
    regexes: RefCell<BTreeMap<Arc<str>, regex::bytes::Regex>>,
    /// Texts of `tpl` that were read before.
    texts: RefCell<BTreeMap<Arc<str>, Arc<Template>>>,
}

impl<'a> Run<'a> {
    pub(in crate::chart) fn new(options: &'a Options, meter: &'a Meter) -> Self {
        Self {
            options,
            meter,
            depth: Cell::new(0),
            marked: Cell::new(options.traced),
            at: RefCell::default(),
            calls: RefCell::default(),
            decisions: RefCell::default(),
            places: RefCell::default(),
            regexes: RefCell::default(),
            texts: RefCell::default(),
        }
    }

    pub(in crate::chart) fn into_notes(self) -> (Vec<Call>, Vec<Decision>, Vec<Place>) {
        (self.calls.into_inner(), self.decisions.into_inner(), self.places.into_inner().1)
    }

    pub(super) fn is_marked(&self) -> bool {
        self.marked.get()
    }

    /// Goes one template deeper, until [`Self::leave`].
    pub(super) fn enter(&self) -> Result<(), Failed> {
        self.depth.set(self.depth.get() + 1);
        if self.depth.get() > MOST_DEPTH {
            let message = format!("templates include each other more than {MOST_DEPTH} deep");
            return Err(Failed::Because { message, help: Some("does one include itself without end?".into()) });
        }
        Ok(())
    }

    pub(super) fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    /// The text of a `tpl`, read.
    pub(super) fn text(&self, name: &Arc<str>, text: &Arc<str>) -> Result<Arc<Template>, Failed> {
        if let Some(known) = self.texts.borrow().get(text) {
            return Ok(known.clone());
        }
        self.meter.bytes(text.len())?;
        let template =
            Template::parse(name.clone(), text.clone()).map_err(|failure| Failed::Within(Box::new(failure)))?;
        let template = Arc::new(template);
        self.texts.borrow_mut().insert(text.clone(), template.clone());
        Ok(template)
    }

    /// Calls a function or method that stands there.
    pub(super) fn with_context<T>(&self, at: &Arc<Template>, span: Span, call: impl FnOnce(&Context) -> T) -> T {
        *self.at.borrow_mut() = Some((at.clone(), span));
        let unsure = |function| self.note_call(function);
        let (meter, lookup_is_unknown) = (self.meter, self.options.lookup_is_unknown);
        call(&Context { meter, lookup_is_unknown, regexes: &self.regexes, unsure: &unsure })
    }

    fn note_call(&self, function: &'static str) -> Marks {
        let at = self.at.borrow().as_ref().map(|(template, span)| template.place(*span));
        let Some(at) = at else { return Marks::NONE };
        self.marked.set(true);
        let mut calls = self.calls.borrow_mut();
        calls.push(Call { function, at });
        Marks::one(Mark(Mark::CALL | (calls.len() - 1) as u32))
    }

    /// Notes a decision, if it says where something comes from; its number.
    pub(super) fn decide(&self, at: &Arc<Template>, span: Span, marks: Marks, under: Option<u32>) -> Option<u32> {
        if !self.options.traced && !marks.is_tainted() {
            return None;
        }
        let mut decisions = self.decisions.borrow_mut();
        decisions.push(Decision { at: at.place(span), marks, under });
        Some(decisions.len() as u32 - 1)
    }

    /// The mark of a place in a template.
    pub(super) fn place(&self, template: &Arc<Template>, span: Span) -> Mark {
        let mut places = self.places.borrow_mut();
        let (known, all) = &mut *places;
        let number = known.entry((template.name().clone(), span.start)).or_insert_with(|| {
            all.push(template.place(span));
            all.len() as u32 - 1
        });
        Mark(Mark::PLACE | *number)
    }
}

/// A failure of something that stands there.
#[expect(clippy::unnecessary_box_returns, reason = "what `Evaluated` fails with")]
pub(super) fn fail(failed: Failed, template: &Template, span: Span) -> Box<Failure> {
    let at = vec![template.place(span)];
    Box::new(match failed {
        Failed::Because { message, help } => Failure { kind: FailureKind::Execution { message, help }, at },
        Failed::Refused(message) => Failure { kind: FailureKind::Refused(message), at },
        Failed::OverBudget => Failure { kind: FailureKind::OverBudget, at },
        Failed::Within(mut failure) => {
            failure.at.extend(at);
            *failure
        }
    })
}
