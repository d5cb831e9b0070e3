//! [`Judge`]: a tree, a change and a fleet, judged. Checks run side by side, and so does the search for the places of
//! what they say; the order of their table decides in which order it is heard.

mod change;
mod covered;
mod fleet;
mod former;
mod side;

use std::sync::Arc;

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use rayon::prelude::*;

use super::k8s::Object;
use super::{
    Acknowledgements, Catalogue, Charts, Check, Declared, Draft, Gathered, Hears, Installed, Laid, Locator, Missing,
    Others, Place, Report, Severities, View,
};
use crate::account::{Account, Cost, Work};
use crate::artifact::{Artifact, File};
use crate::check::installed::Beyond;
use crate::disk::Disk;
use crate::environment::load::Environment;
use crate::finding::{Finding, Findings};
use crate::limits::Limits;
use crate::project::outside::Outside;
use crate::schema::Schema;
use crate::source::{Sources, Span};
use crate::template::{EnvironmentInput, Templates};
use crate::yaml::path::Path;

pub use fleet::Member;
pub use side::{Side, Sides, unsaid};

/// What a project brings to judge by, beside what is built in.
pub trait Brought: Send + Sync {
    /// Says what is wrong with a tree, or with what there is of it. What is wrong with what was brought itself is among
    /// the findings.
    fn judge(
        &self,
        view: &View<'_>,
        is_whole: bool,
        severities: &Severities,
        report: &mut Report,
        findings: &mut Findings,
    );

    /// The properties of a resource type that replace it when they change, if the project has imported its schema.
    fn create_only(&self, kind: &str) -> Option<Vec<String>>;

    /// Rules of an object's definition that its change breaks: of the one in its tree, if there is one.
    fn transitions(&self, old: &Object<'_>, new: &Object<'_>, defined: Option<&Schema>) -> Vec<Broken>;

    /// What a definition in a tree says of a version of its kind, if it serves that.
    fn defined(&self, definition: &Object<'_>, version: &str) -> Option<Schema>;

    /// Objects of a tree that its own admission policies refuse.
    fn refused(&self, view: &View<'_>) -> Vec<Refused>;

    /// Says what a tree was refused for before, and is not by what was brought now.
    fn judge_by_former(&self, sides: &Sides<'_, '_>, is_whole: bool, report: &mut Report);

    /// The ids of its rules.
    fn ids(&self) -> Vec<&'static str>;

    /// Gives back what is kept between environments, once the account that paid for it is over.
    fn forget(&self);
}

/// A rule that a change breaks.
#[derive(Debug)]
pub struct Broken {
    /// Within the object.
    pub path: Path,
    pub message: String,
}

/// An object that a policy refuses.
#[derive(Debug)]
pub struct Refused {
    pub place: Place,
    pub message: String,
    pub subject: String,
}

/// All that a run judges by, whichever environment it is.
pub struct Judge<'a> {
    pub catalogue: &'a Catalogue,
    pub brought: Box<dyn Brought + 'a>,
    pub charts: Box<dyn Charts + 'a>,
    pub severities: &'a Severities,
    pub schema: &'a Schema,
    pub templates: &'a Templates,
    pub disk: &'a dyn Disk,
    pub sources: &'a Sources,
    pub limits: &'a Limits,
    /// The folders of rendered and of golden trees: others may put files there.
    pub trees: &'a [Utf8PathBuf],
    /// Patterns of the paths whose files are material.
    pub material: &'a [Arc<str>],
    /// What other tools make for all environments.
    pub outside: &'a [Outside],
    /// What day it is, if that is said.
    pub day: Option<&'a str>,
    /// Whether anybody gets to see where that is what is acknowledged.
    pub acknowledged_too: bool,
}

/// What an environment compiles to.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    pub environment: &'a Environment,
    /// In the order of their paths.
    pub artifacts: &'a [Artifact],
    /// The files that they are written as, in the same order, if they are.
    pub files: &'a [File],
    /// What could not be made.
    pub missing: Missing,
}

/// What is said of releases, but for what yields to what is said of the same place.
fn unsaid_of(installed: &Installed<'_>, drafts: &[Draft]) -> Vec<Draft> {
    let said: BTreeSet<&Place> = drafts.iter().filter_map(Draft::rendered).collect();
    let is_new = |draft: &&Draft| !draft.yields || !draft.rendered().is_some_and(|place| said.contains(place));
    installed.drafts.iter().filter(is_new).cloned().collect()
}

/// Where an environment begins: its own file, for what is about all of it.
fn begin_of(environment: &Environment) -> Span {
    let file = environment.layers.last().and_then(|layer| layer.files.first().copied());
    file.map_or(environment.root.origin.value, Span::file_start)
}

/// What it costs to find the lines that a finding is about, and to say it.
const DRAFT: Cost = Cost { steps: 500, bytes: 600 };

impl Judge<'_> {
    /// What an environment acknowledges; what names no rule is told, and left out.
    pub fn acknowledgements(&self, environment: &Environment, findings: &mut Findings) -> Acknowledgements {
        let mut acknowledged = Acknowledgements::of(environment);
        acknowledged.check(self.catalogue, &self.brought.ids(), findings);
        acknowledged
    }

    /// What other tools make for an environment.
    pub fn declared(&self, environment: &Environment) -> Declared {
        Declared::of(self.outside, environment)
    }

    /// Judges a tree by all rules about one environment, and gathers what those about several want to know. Of a tree
    /// that is not whole each artifact is judged by itself: a rule that looks for one in another cannot know.
    pub fn tree(
        &self,
        made: &Made<'_>,
        acknowledged: &Acknowledgements,
        declared: &mut Declared,
        account: &Account,
        findings: &mut Findings,
    ) -> Gathered {
        let Made { environment, artifacts, missing, .. } = *made;
        let is_whole = missing == Missing::Nothing;
        let laid = Laid::out(artifacts).sparing(self.material);
        let outside = declared.clone();
        let view = self.view(made, &laid, &outside, account);
        for template in view.templates() {
            // Several rules look for another resource to each: CloudFormation takes 500 of them.
            let resources = template.resources().len() as u64;
            let at = artifacts.get(template.document.artifact()).map_or(environment.root.origin.value, |it| it.place);
            account.charge(Cost { steps: resources.saturating_mul(resources), bytes: 0 }, Work::Output, at);
        }
        if account.is_over() {
            return Gathered::default();
        }
        let installed = if is_whole { self.charts.installed(&view, account) } else { None };
        if let Some(installed) = &installed {
            let all = [artifacts, &installed.artifacts].concat();
            let laid = Laid::out(&all).sparing(self.material).applying((artifacts.len()..all.len()).collect());
            let whole = self.view(made, &laid, &outside, account).knowing(&installed.releases);
            self.heard(made, (&whole, Some(installed)), acknowledged, declared, findings);
        } else {
            self.heard(made, (&view, None), acknowledged, declared, findings);
        }
        if account.is_over() {
            return Gathered::default();
        }
        let gathered =
            if is_whole { Gathered::of(&view, self.catalogue, self.severities) } else { Gathered::default() };
        account.charge(gathered.cost(), Work::Fleet, environment.root.origin.value);
        gathered
    }

    /// Judges what is made, and what charts make of it.
    fn heard(
        &self,
        made: &Made<'_>,
        (view, installed): (&View<'_>, Option<&Installed<'_>>),
        acknowledged: &Acknowledgements,
        declared: &mut Declared,
        findings: &mut Findings,
    ) {
        let Made { environment, artifacts, missing, .. } = *made;
        let mut drafts = self.drafts(view, missing, findings);
        let beyond = installed.map(|it| Beyond { own: artifacts.len(), traces: it.traces.as_ref() });
        if let Some(installed) = installed {
            self.spare_others(&mut drafts, beyond);
            let more = unsaid_of(installed, &drafts);
            drafts.extend(more);
        }
        let account = view.account();
        account.charge(DRAFT.times(drafts.len() as u64), Work::Findings, environment.root.origin.value);
        if account.is_over() {
            return;
        }
        let inward = &self.catalogue.inward;
        // What it finds is hidden from all that is said, even where nobody wants to hear of it.
        let found = (inward.judge)(environment, self.templates, self.sources, &mut drafts);
        if self.severities.is_on(inward.rule) {
            findings.append(found);
        }
        findings.extend(self.located(drafts, (view, beyond), environment, acknowledged));
        if missing == Missing::Nothing {
            declared.note(view);
        }
    }

    /// What is made, as checks want to see it.
    fn view<'v>(&'v self, made: &Made<'v>, laid: &'v Laid<'v>, outside: &'v Declared, account: &Account) -> View<'v> {
        let environment = made.environment;
        let trees = self.trees.iter().map(|folder| folder.join(&*environment.name)).collect();
        View::new(&environment.name, laid)
            .with_compared(self.schema.compared(&environment.root))
            .of_values(&environment.root)
            .as_of(self.day)
            .beside(Others { disk: self.disk, trees })
            .with_outside(outside.written())
            .charging(account)
            .written(made.files)
    }

    /// What the checks say, and then what the project brought says.
    fn drafts(&self, view: &View<'_>, missing: Missing, findings: &mut Findings) -> Vec<Draft> {
        let said = |check: &Check| {
            let mut report = Report::default();
            if let Some(judge) = check.judge(missing) {
                judge(view, &mut report);
            }
            report.into_drafts()
        };
        let mut drafts: Vec<Draft> = self.wanted().into_par_iter().flat_map_iter(said).collect();
        let mut report = Report::default();
        self.brought.judge(view, missing == Missing::Nothing, self.severities, &mut report, findings);
        let mut brought = report.into_drafts();
        if brought.iter().any(|draft| draft.yields) {
            let said: BTreeSet<Place> = drafts.iter().filter_map(|draft| draft.rendered().cloned()).collect();
            brought.retain(|draft| !draft.yields || !draft.rendered().is_some_and(|place| said.contains(place)));
        }
        drafts.extend(brought);
        drafts
    }

    /// Takes out what is a matter of taste, of objects that somebody else's chart makes.
    fn spare_others(&self, drafts: &mut Vec<Draft>, beyond: Option<Beyond<'_>>) {
        let Some(beyond) = beyond else { return };
        let is_heard = |draft: &Draft, place: &Place| match self.charts.hears(draft.rule.id) {
            Hears::All => true,
            Hears::OfValues => beyond.trace(place, draft.spot.key).is_some_and(|trace| !trace.values.is_empty()),
            Hears::Nothing => false,
        };
        let is_own = |place: &Place| place.artifact < beyond.own;
        drafts.retain(|draft| draft.rendered().is_none_or(|place| is_own(place) || is_heard(draft, place)));
    }

    /// The checks of which somebody wants to hear.
    fn wanted(&self) -> Vec<&'static Check> {
        self.catalogue.checks().filter(|check| self.severities.want(check)).collect()
    }

    /// Finds the places of what is heard. What is acknowledged, and shown to nobody, is only counted.
    fn located(
        &self,
        mut drafts: Vec<Draft>,
        (view, beyond): (&View<'_>, Option<Beyond<'_>>),
        environment: &Environment,
        acknowledged: &Acknowledgements,
    ) -> Vec<Finding> {
        self.severities.sift(&mut drafts);
        let free = Account::unbounded();
        let locator = self.locator(view, environment, &free).with_beyond(beyond);
        let finding = |draft: &Draft| {
            let unseen = locator.subject(draft).filter(|_| !self.acknowledged_too);
            match unseen.and_then(|subject| acknowledged.holding(draft.rule.id, &subject, self.day)) {
                Some(span) => locator.counted(draft, span),
                None => locator.finding(draft),
            }
        };
        drafts.par_iter().map(finding).collect()
    }

    /// `free` pays: what is only explained costs the environment nothing.
    pub fn locator<'v, 'd>(
        &'v self,
        view: &'v View<'d>,
        environment: &'v Environment,
        free: &'v Account,
    ) -> Locator<'v, 'd> {
        let Self { templates, sources, limits, .. } = *self;
        let input = EnvironmentInput { name: &environment.name, root: &environment.root, reads: None, account: free };
        Locator::new(view, input, templates, sources, limits)
    }
}
