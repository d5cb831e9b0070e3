//! Rules across environments. Trees of many environments are never in memory together: each leaves facts, and these are
//! judged when all are there.

mod cidr_overlap;
mod compare;
mod same_identity;

use super::report::{At, Draft, Report, Spot};
use super::view::{Place, View};
use super::{Check, Scope, Severities, checks, locate, locate::Locator};
use crate::account::Cost;
use crate::finding::{Finding, Rule};
use crate::source::Span;

pub(super) static CHECKS: &[Check] = &[
    Check::fleet(&[&same_identity::SAME_IDENTITY], same_identity::collect, same_identity::judge),
    Check::fleet(&[&cidr_overlap::CIDR_OVERLAP], cidr_overlap::collect, cidr_overlap::judge),
    // The rule is the schema's: it stands in the table of that stage.
    Check::fleet(&[], compare::collect, compare::judge),
];

/// What one check wants to remember of one environment.
#[derive(Debug, Default)]
pub struct Facts(Vec<Fact>);

#[derive(Debug)]
struct Fact {
    words: Vec<String>,
    at: At,
}

impl Facts {
    /// Remembers some words and the place that says them. Keep it to what will be compared.
    pub fn add<const N: usize>(&mut self, place: impl Into<Place>, words: [&str; N]) {
        self.0.push(Fact { words: words.map(str::to_owned).to_vec(), at: At::Rendered(place.into()) });
    }

    /// The same for a place in a file that somebody wrote.
    pub fn add_written<const N: usize>(&mut self, span: Span, words: [&str; N]) {
        self.0.push(Fact { words: words.map(str::to_owned).to_vec(), at: At::Written(span) });
    }
}

/// What all checks remember of one environment, in the order of the table.
#[derive(Debug, Default)]
pub struct Gathered(Vec<Facts>);

/// To keep a fact, and to look it up among the others.
const FACT: Cost = Cost { steps: 40, bytes: 240 };

impl Gathered {
    /// What it costs to remember it, and again to judge it: each check looks each fact up once.
    pub fn cost(&self) -> Cost {
        let facts = self.0.iter().flat_map(|facts| &facts.0);
        facts.fold(Cost::NONE, |cost, fact| {
            let text = fact.words.iter().map(String::len).sum();
            cost.plus(FACT).plus(Cost::nodes(fact.words.len(), text))
        })
    }

    /// Nothing is gathered for a check that is off.
    pub fn of(view: &View<'_>, severities: &Severities) -> Self {
        let collect = |check: &Check| match check.scope {
            Scope::Fleet { collect, .. } => {
                let mut facts = Facts::default();
                if severities.want(check) {
                    collect(view, &mut facts);
                }
                Some(facts)
            }
            Scope::Tree(_) | Scope::Change(_) => None,
        };
        Self(checks().filter_map(collect).collect())
    }
}

/// A fact and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The environment's position among those of the run.
    at: usize,
    pub environment: &'a str,
    fact: &'a Fact,
}

impl<'a> Known<'a> {
    /// As they were added.
    pub fn words(&self) -> &'a [String] {
        &self.fact.words
    }

    pub fn word(&self, at: usize) -> &'a str {
        self.fact.words.get(at).map_or("", String::as_str)
    }

    fn spot(&self) -> Spot {
        Spot { environment: self.at, at: self.fact.at.clone(), about: None, key: false }
    }
}

/// What checks say about a fleet.
#[derive(Debug, Default)]
pub struct FleetReport(Report);

impl FleetReport {
    /// Says that a rule is broken where an environment says something.
    #[track_caller]
    pub fn at(&mut self, rule: &'static Rule, known: &Known<'_>, message: impl Into<String>) -> &mut Draft {
        self.0.say(Draft::new(rule, known.spot(), message.into()))
    }
}

impl Draft {
    /// Another place involved, of any environment.
    pub fn also_in(&mut self, known: &Known<'_>, text: impl Into<String>) -> &mut Self {
        self.related.push((known.spot(), text.into()));
        self
    }

    /// The environments it speaks of, by their positions, each once.
    pub fn environments(&self) -> Vec<usize> {
        let spots = std::iter::once(&self.spot).chain(self.related.iter().map(|(spot, _)| spot));
        let mut all: Vec<_> = spots.map(|spot| spot.environment).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The finding. `locators` are those of [`environments`](Self::environments), in that order.
    pub fn located(mut self, locators: &[&Locator<'_>]) -> Finding {
        let order = self.environments();
        let place = |at: usize| order.binary_search(&at).unwrap_or_default();
        self.spot.environment = place(self.spot.environment);
        for (spot, _) in &mut self.related {
            spot.environment = place(spot.environment);
        }
        locate::finding(&self, locators)
    }
}

/// More findings of one check than this say nothing new, and each needs its environments again.
const SHOWN: usize = 20;

/// Judges a fleet: the name of each environment and what was gathered of it.
pub fn judge(fleet: &[(&str, &Gathered)], severities: &Severities) -> Vec<Draft> {
    let judges = checks().filter_map(|check| match check.scope {
        Scope::Fleet { judge, .. } => Some(judge),
        Scope::Tree(_) | Scope::Change(_) => None,
    });
    let mut drafts = Vec::new();
    for (number, judge) in judges.enumerate() {
        let known = fleet.iter().enumerate().flat_map(|(at, (environment, gathered))| {
            let facts = gathered.0.get(number).map_or(&[][..], |facts| &facts.0);
            facts.iter().map(move |fact| Known { at, environment, fact })
        });
        let mut report = FleetReport::default();
        judge(&known.collect::<Vec<_>>(), &mut report);
        let mut found = report.0.into_drafts();
        severities.sift(&mut found);
        let more = found.len().saturating_sub(SHOWN);
        found.truncate(SHOWN);
        if let Some(last) = found.last_mut().filter(|_| more > 0) {
            let help = last.help.take().map(|help| format!("{help}\n")).unwrap_or_default();
            last.help = Some(format!("{help}there are {more} more of this kind"));
        }
        drafts.append(&mut found);
    }
    drafts
}
