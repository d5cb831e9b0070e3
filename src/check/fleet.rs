//! Rules across environments. Trees of many environments are never in memory together: each leaves facts, and these are
//! judged when all are there.

use super::report::{At, Draft, Report, Spot};
use super::view::{Place, View};
use super::{Catalogue, Check, Scope, Severities, locate, locate::Locator};
use crate::account::{Account, Cost, Work};
use crate::finding::{Finding, Rule};
use crate::source::Span;
use crate::yaml::path::Path;

/// What one check wants to remember of one environment.
#[derive(Clone, Debug, Default)]
pub struct Facts(Vec<Fact>);

#[derive(Clone, Debug)]
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
#[derive(Clone, Debug, Default)]
pub struct Gathered(Vec<Facts>);

/// A fact as it can be kept beyond a run.
#[derive(Clone, Debug)]
pub struct Remembered {
    pub words: Vec<String>,
    pub at: Where,
}

/// Where a fact is said.
#[derive(Clone, Debug)]
pub enum Where {
    /// In an artifact, by its number.
    Rendered([usize; 2], Path),
    Written(Span),
}

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

    /// All facts, by checks.
    pub fn remembered(&self) -> Vec<Vec<Remembered>> {
        let one = |Fact { words, at }: &Fact| {
            let at = match at {
                At::Rendered(Place { artifact, document, path }) => {
                    Where::Rendered([*artifact, *document], path.clone())
                }
                At::Written(span) => Where::Written(*span),
            };
            Remembered { words: words.clone(), at }
        };
        self.0.iter().map(|facts| facts.0.iter().map(one).collect()).collect()
    }

    /// What [`remembered`](Self::remembered) told.
    pub fn recalled(facts: Vec<Vec<Remembered>>) -> Self {
        let one = |Remembered { words, at }| {
            let at = match at {
                Where::Rendered([artifact, document], path) => At::Rendered(Place { artifact, document, path }),
                Where::Written(span) => At::Written(span),
            };
            Fact { words, at }
        };
        Self(facts.into_iter().map(|facts| Facts(facts.into_iter().map(one).collect())).collect())
    }

    /// Nothing is gathered for a check that is off.
    pub fn of(view: &View<'_>, catalogue: &Catalogue, severities: &Severities) -> Self {
        let collect = |check: &Check| match check.scope {
            Scope::Fleet { collect, .. } => {
                let mut facts = Facts::default();
                if severities.want(check) {
                    collect(view, &mut facts);
                }
                Some(facts)
            }
            Scope::Each(_) | Scope::Settled(_) | Scope::Tree(_) | Scope::Change(_) => None,
        };
        Self(catalogue.checks().filter_map(collect).collect())
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
    pub fn located(mut self, locators: &[&Locator<'_, '_>]) -> Finding {
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

/// What it costs to say that two environments do not go together.
const DRAFT: Cost = Cost { steps: 100, bytes: 800 };

/// Judges a fleet: the name of each environment and what was gathered of it. Nothing more is said once the account is
/// over.
pub fn drafts(
    fleet: &[(&str, &Gathered)],
    catalogue: &Catalogue,
    severities: &Severities,
    account: &Account,
    at: Span,
) -> Vec<Draft> {
    let judges = catalogue.checks().filter_map(|check| match check.scope {
        Scope::Fleet { judge, .. } => Some(judge),
        Scope::Each(_) | Scope::Settled(_) | Scope::Tree(_) | Scope::Change(_) => None,
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
        account.charge(DRAFT.times(found.len() as u64), Work::Fleet, at);
        if account.is_over() {
            return drafts;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::CATALOGUE;
    use crate::source::Sources;

    /// What the checks say of environments of which each says some words to one of them.
    fn judged(rule: &str, fleet: &[Vec<[&str; 2]>], account: &Account) -> Vec<String> {
        let mut checks = CATALOGUE.checks().filter(|check| matches!(check.scope, Scope::Fleet { .. }));
        let number = checks.position(|check| check.rules.iter().any(|it| it.id == rule)).unwrap();
        let span = Span::file_start(Sources::default().add("a", ""));
        let gathered = |said: &Vec<[&str; 2]>| {
            let mut facts = Facts::default();
            for words in said {
                facts.add_written(span, *words);
            }
            let mut gathered = Gathered((0..number).map(|_| Facts::default()).collect());
            gathered.0.push(facts);
            account.share(&Account::default());
            account.charge(gathered.cost(), Work::Fleet, span);
            gathered
        };
        let names: Vec<String> = (0..fleet.len()).map(|at| format!("e{at}")).collect();
        let gathered: Vec<Gathered> = fleet.iter().map(gathered).collect();
        let fleet: Vec<_> = names.iter().map(String::as_str).zip(&gathered).collect();
        drafts(&fleet, &CATALOGUE, &Severities::default(), account, span)
            .into_iter()
            .map(|draft| draft.message)
            .collect()
    }

    #[test]
    fn each_network_is_found_in_each_wider_one_of_another_environment() {
        let fleet =
            [vec![["g", "10.0.0.0/8"]], vec![["g", "10.1.0.0/16"]], vec![["g", "10.1.2.0/24"], ["h", "10.0.0.0/9"]]];
        let part = |a: u8, b: u8| format!("`e{a}` has a part of the addresses of `e{b}`, and they are joined");
        assert_eq!(judged("fleet/cidr-overlap", &fleet, &Account::default()), [part(1, 0), part(2, 0), part(2, 1)]);
        let same = [vec![["g", "10.0.0.0/8"], ["g", "10.1.0.0/16"]], vec![["g", "10.1.0.0/16"]]];
        assert_eq!(judged("fleet/cidr-overlap", &same, &Account::default())[1], part(1, 0));
    }

    #[test]
    fn a_thousand_environments_pass_and_one_that_says_too_much_is_over() {
        let names: Vec<String> = (0..100_000).map(|at| format!("bucket-{at}")).collect();
        let honest: Vec<Vec<[&str; 2]>> =
            names.chunks(100).map(|names| names.iter().map(|name| [&**name, "b"]).collect()).collect();
        let account = Account::default();
        assert!(judged("fleet/same-identity", &honest, &account).is_empty());
        assert!(!account.is_over());
        let (spent, allowed) = (account.spent(), account.allowed());
        assert!(spent.steps * 20 < allowed.steps, "{spent:?} of {allowed:?}");
        let greedy = vec![["bucket", "b"]; 100_000];
        let account = Account::default();
        assert!(judged("fleet/same-identity", &[greedy.clone(), greedy], &account).is_empty());
        assert!(account.is_over());
    }
}
