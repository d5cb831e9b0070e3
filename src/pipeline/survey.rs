//! [`Survey`]: what somebody wants to know of each environment, beside its tree. It is kept with the environment, so that
//! one that has not changed need not be compiled to be asked again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::account::Account;
use crate::artifact::{Artifact, File};
use crate::check::{Judge, Laid, Place, View};
use crate::environment::load::Environment;
use crate::schema::Schema;
use crate::source::{Sources, Span};

/// Who asks.
pub trait Asking: Sync {
    /// What is asked, for what keeps the answers.
    fn question(&self) -> &'static str;

    /// The answer, in lines. Those that many environments have are kept once.
    fn answer(&self, seen: &Seen<'_>) -> Vec<String>;
}

/// An environment that compiles, with all that it makes.
pub struct Seen<'a> {
    pub environment: &'a Environment,
    pub schema: &'a Schema,
    pub sources: &'a Sources,
    /// In the order of their paths.
    pub files: &'a [File],
    pub view: &'a View<'a>,
    judge: &'a Judge<'a>,
}

/// Where something of the output was written.
#[derive(Clone, Debug)]
pub struct Written {
    pub spans: Vec<Span>,
    /// Nothing of it may be shown.
    pub is_secret: bool,
}

impl Seen<'_> {
    /// Where places of the output, or parts of their texts, were written: each template is rendered once more at most.
    pub fn written(&self, places: &[(Place, Option<Range<usize>>)]) -> Vec<Written> {
        let free = Account::unbounded();
        let locator = self.judge.locator(self.view, self.environment, &free);
        let one = |(place, part): &(Place, Option<Range<usize>>)| {
            let (spans, is_secret) = locator.lines(place, part.clone());
            Written { spans, is_secret }
        };
        places.iter().map(one).collect()
    }
}

/// A question to all environments of a run, and what is known of the answers.
pub struct Survey<'a> {
    asking: &'a dyn Asking,
    told: Mutex<BTreeMap<Arc<str>, Vec<Arc<str>>>>,
}

impl<'a> Survey<'a> {
    pub fn new(asking: &'a dyn Asking) -> Self {
        Self { asking, told: Mutex::default() }
    }

    pub fn question(&self) -> &'static str {
        self.asking.question()
    }

    /// Asks an environment.
    pub(super) fn ask(
        &self,
        (environment, artifacts, files): (&Environment, &[Artifact], &[File]),
        (judge, material): (&Judge<'_>, &[Arc<str>]),
    ) {
        let laid = Laid::out(artifacts).sparing(material);
        let view = View::new(&environment.name, &laid).written(files);
        let Judge { schema, sources, .. } = *judge;
        let seen = Seen { environment, schema, sources, files, view: &view, judge };
        let answer = self.asking.answer(&seen).into_iter().map(Into::into).collect();
        self.recall(&environment.name, answer);
    }

    /// What is known of an environment from an earlier run.
    pub fn recall(&self, environment: &Arc<str>, answer: Vec<Arc<str>>) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(Arc::clone(environment), answer);
    }

    /// It has errors after all.
    pub(super) fn forget(&self, environment: &str) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).remove(environment);
    }

    /// What is known of an environment.
    pub(super) fn told(&self, environment: &str) -> Option<Vec<Arc<str>>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).get(environment).cloned()
    }

    /// All answers, by environment; none of those with errors.
    pub fn into_answers(self) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
        self.told.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
