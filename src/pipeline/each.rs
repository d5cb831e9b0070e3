//! All environments of a run: each is compiled by itself, all are judged together, and then their trees are handed on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::Compiled;
use super::bases;
use super::compile::{Compiler, Left};
use super::over;
use super::sum::Sum;
use super::threads::gather;
use super::unmatched;
use crate::account::{Account, Cost, Work};
use crate::cache::{Part, Parts};
use crate::check::{Member, Missing, Past};
use crate::finding::{Finding, Findings, codes};
use crate::project::Entry;
use crate::schema::Usage;
use crate::source::{FileId, Sources, Span};
use crate::tree::Record;

/// Trees of this size together, with what their environments say, wait in memory until all environments are judged; those
/// beyond it are made again then.
const HELD_BYTES: usize = 64 << 20;

/// A compiled environment that waits for the others.
#[derive(Default)]
enum Held {
    Kept(Box<Compiled>),
    /// There was no room; it compiles.
    Again,
    /// It was not compiled, and need not be if the tree stands where it belongs.
    Known(Record),
    #[default]
    Refused,
}

/// An environment, compiled by itself.
#[derive(Default)]
struct Done {
    held: Held,
    left: Left,
    findings: Findings,
    /// What is to be kept of its tree.
    tree: Option<Record>,
}

impl Held {
    fn hold(compiled: Option<Compiled>, room: &AtomicUsize) -> Self {
        let Some(compiled) = compiled else { return Self::Refused };
        let files: usize = compiled.files.iter().map(|file| file.bytes.len()).sum();
        // What lies below its own layer is shared with others, or written out into files.
        let own = compiled.environment.layers.last().map_or(0, |layer| layer.cost.bytes);
        let size = files.saturating_add(usize::try_from(own).unwrap_or(usize::MAX));
        let take = |room: usize| room.checked_sub(size);
        match room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) {
            Ok(_) => Self::Kept(Box::new(compiled)),
            Err(_) => Self::Again,
        }
    }
}

impl Done {
    /// An environment that an earlier run has compiled.
    fn recalled(part: &Part, at: Span) -> Self {
        let account = Account::default();
        account.read(part.read);
        account.charge(part.spent, Work::Shared, at);
        let left = Left {
            layers: part.layers.clone(),
            files: part.files.clone(),
            gathered: part.gathered.clone(),
            acknowledged: part.acknowledged.clone(),
            outside: part.outside.clone(),
            noted: part.noted.clone(),
            account,
        };
        let mut findings = Findings::default();
        findings.extend(part.findings.iter().cloned());
        Self { held: Held::Known(part.tree), left, findings, tree: Some(part.tree) }
    }

    /// What the next run may know of it, if it could be made.
    fn part(&self, entry: &Entry, missing: Option<String>, answer: Option<Vec<Arc<str>>>) -> Option<Part> {
        let Left { layers, files, gathered, acknowledged, outside, noted, account } = &self.left;
        Some(Part {
            name: Arc::clone(&entry.name),
            path: entry.path.clone(),
            layers: layers.clone(),
            files: files.clone(),
            findings: self.findings.iter().cloned().collect(),
            gathered: gathered.clone(),
            acknowledged: acknowledged.clone(),
            outside: outside.clone(),
            noted: noted.clone(),
            missing,
            answer,
            spent: account.spent(),
            read: account.bytes_read(),
            tree: self.tree?,
        })
    }
}

impl Compiler<'_> {
    /// Compiles each environment, judges them together and hands their trees to `deliver`, `None` where findings stand
    /// in the way. What is known of one already is not compiled if `recall` can deliver it. Results and findings come back in
    /// the order of `entries`.
    pub fn each<T: Send>(
        &self,
        entries: &[&Entry],
        findings: &mut Findings,
        recall: impl Fn(&Entry, &Record) -> Option<T> + Sync,
        deliver: impl Fn(&Entry, Option<Compiled>, &mut Findings) -> T + Sync,
    ) -> Vec<T> {
        let mut sum = Sum::new(self.shared.read);
        let parts = self.options.parts;
        let mut done = self.all(entries, parts, &sum);
        if let Some(parts) = parts.filter(|parts| !parts.is_empty()) {
            let is_over = done.iter().any(|one| one.left.account.is_over()) || sum.over().is_some();
            if is_over || self.account.is_over() || !parts.are_affordable(&self.account) {
                sum = Sum::new(self.shared.read);
                done = self.all(entries, None, &sum);
            }
        }
        self.stop_at_first_over(entries, &sum, &mut done);
        if let Some(parts) = parts {
            let part = |(entry, one): (&&Entry, &Done)| {
                let is_known = matches!(one.held, Held::Known(_));
                // Against what else it was judged depends on other environments.
                let is_by_itself = self.options.past.is_none_or(|past| is_known || past.is_by_itself(&entry.name));
                let missing = self.options.past.and_then(|past| past.missing(&entry.name));
                let answer = self.options.survey.and_then(|survey| survey.told(&entry.name));
                one.part(entry, missing, answer).filter(|_| is_by_itself)
            };
            let made = entries.iter().zip(&done).filter_map(part).collect();
            parts.note(made, self.spent_on_parts());
        }
        let lacks: Vec<bool> = done.iter().map(|one| bases::lacks_any(&one.findings)).collect();
        let (mut held, mut left) = (Vec::with_capacity(done.len()), Vec::with_capacity(done.len()));
        for one in done {
            held.push(one.held);
            left.push(one.left);
            findings.append(one.findings);
        }
        keep_redundant(findings, entries, &left, self.inputs.sources);
        unmatched::keep(findings, self.options.whole.map(|project| project.environments.len()));
        let own = self.together(entries, &held, &lacks, &mut left);
        drop(left);
        // What names no environment is wrong with what all of them share.
        let concerns =
            |it: &Finding, entry: &Entry| it.environments.is_empty() || it.environments.contains(&entry.name);
        let stopped = |entry: &Entry| own.iter().any(|it| it.is_error() && concerns(it, entry));
        let hand_on = |(held, entry): (Held, &&Entry)| {
            let mut findings = Findings::default();
            let compiled = match held {
                Held::Kept(compiled) => Some(*compiled),
                Held::Known(tree) if !stopped(entry) => match recall(entry, &tree) {
                    Some(delivered) => return (delivered, findings),
                    None => self.compile(entry, &mut Findings::default()),
                },
                Held::Again => self.compile(entry, &mut Findings::default()),
                Held::Known(_) | Held::Refused => None,
            };
            let delivered = deliver(entry, compiled.filter(|_| !stopped(entry)), &mut findings);
            findings.name_environment(&entry.name);
            (delivered, findings)
        };
        let delivered = held.into_par_iter().zip(entries).map(hand_on).collect();
        findings.append(own);
        gather(delivered, findings)
    }

    /// Compiles each environment by itself, but for those that are known. Once an account or their sum is over, what comes
    /// behind it does not count.
    fn all(&self, entries: &[&Entry], known: Option<&Parts<'_>>, sum: &Sum) -> Vec<Done> {
        if let Some(known) = known {
            self.loader.expect(known.layers());
        }
        let room = AtomicUsize::new(HELD_BYTES);
        let over = AtomicUsize::new(usize::MAX);
        let one = |(at, entry): (usize, &&Entry)| {
            let mut done = Done::default();
            if over.load(Ordering::Relaxed) < at || self.account.is_surely_over() {
                return done;
            }
            let tells_enough = |part: &&Part| {
                (self.usage.is_none() || part.noted.is_some())
                    && (self.options.survey.is_none() || part.answer.is_some())
            };
            if let Some(part) = known.and_then(|known| known.find(entry)).filter(tells_enough) {
                if let (Some(past), Some(missing)) = (self.options.past, &part.missing) {
                    past.recall_missing(&entry.name, missing);
                }
                if let (Some(survey), Some(answer)) = (self.options.survey, &part.answer) {
                    survey.recall(&entry.name, answer.clone());
                }
                if let Some(first) = sum.add(at, part.spent.steps, part.read) {
                    over.fetch_min(first, Ordering::Relaxed);
                }
                return Done::recalled(part, self.begins(&Left { files: part.files.clone(), ..Left::default() }));
            }
            let account = self.opened(Account::default());
            done.left.account = account.clone();
            let compiled = self.judged(entry, &account, &mut done.left, &mut done.findings);
            if account.is_over() {
                over.fetch_min(at, Ordering::Relaxed);
                return done;
            }
            if let Some(first) = sum.add(at, account.spent().steps, account.bytes_read()) {
                over.fetch_min(first, Ordering::Relaxed);
            }
            done.findings.name_environment(&entry.name);
            done.findings.mark_own_files(|file| self.inputs.sources.get(file).path().starts_with(&entry.path));
            let compiled = compiled.filter(|_| self.is_sound());
            done.tree = compiled.as_ref().filter(|_| self.options.parts.is_some()).map(|it| Record::of(&it.files));
            if let Some(survey) = self.options.survey.filter(|_| compiled.is_none()) {
                survey.forget(&entry.name);
            }
            // Where something is asked, nobody wants the tree.
            done.held = Held::hold(compiled.filter(|_| self.options.survey.is_none()), &room);
            done
        };
        entries.par_iter().enumerate().map(one).collect()
    }

    /// What was spent on what environments share, beyond what every run spends.
    fn spent_on_parts(&self) -> Cost {
        let always = Account::default();
        self.shared.pay(&always);
        self.account.spent().minus(always.spent())
    }

    /// Says why an account is over, instead of all else that was found from there on.
    fn stop_at_first_over(&self, entries: &[&Entry], sum: &Sum, done: &mut [Done]) {
        // Up to the first that is over, by itself or with those before it, all were compiled, whatever others did
        // meanwhile. What all share is only summed up where all were.
        let alone = done.iter().position(|one| one.left.account.is_over());
        let finding = match (alone, sum.over()) {
            _ if self.account.is_surely_over() => self.first_over(entries),
            (None, None) if self.account.is_over() => self.first_over(entries),
            (None, None) => return,
            (Some(alone), together) if together.is_none_or(|together| alone < together) => {
                self.why_over(entries[alone])
            }
            (_, together) => self.over_together(entries, together.unwrap_or_default(), done),
        };
        let over = entries.iter().position(|entry| finding.environments.contains(&entry.name)).unwrap_or(0);
        for one in done.iter_mut().skip(over) {
            *one = Done::default();
        }
        if let Some(one) = done.get_mut(over) {
            one.findings.push(finding);
        }
    }

    /// Says that environments cost too much together, up to one of them.
    fn over_together(&self, entries: &[&Entry], over: usize, done: &[Done]) -> Finding {
        let spent: Vec<(u64, u64)> = done[..=over]
            .iter()
            .map(|one| (one.left.account.spent().steps, one.left.account.bytes_read() - self.shared.read))
            .collect();
        over::together(entries, &spent, self.shared.read, |at| self.begins(&done[at].left))
    }

    /// What is only known when all environments are compiled.
    fn together(&self, entries: &[&Entry], held: &[Held], lacks: &[bool], left: &mut [Left]) -> Findings {
        let mut findings = Findings::default();
        if !self.options.check {
            return findings;
        }
        // Where what they share costs too much, there is nothing to judge.
        if !self.account.is_over() {
            findings.append(self.fleet(entries, left));
        }
        findings.append(self.options.past.map(Past::unknown).unwrap_or_default());
        findings.append(bases::extended(entries, left, lacks, self.inputs.sources));
        for finding in &mut findings {
            for left in left.iter_mut() {
                left.acknowledged.judge(finding, self.options.day);
            }
        }
        let whole = self.options.whole.filter(|_| !held.iter().any(|held| matches!(held, Held::Refused)));
        let acknowledged = entries.iter().zip(left.iter()).map(|(entry, left)| (&entry.name, &left.acknowledged));
        findings.append(self.judge.unused(acknowledged, whole.is_some()));
        let outside = entries.iter().zip(left.iter()).map(|(entry, left)| (&entry.name, &left.outside));
        findings.append(self.judge.unused_outside(outside, whole.is_some()));
        let own: BTreeMap<_, _> = entries.iter().map(|entry| (&entry.name, &entry.path)).collect();
        for finding in &mut findings {
            let file = self.inputs.sources.get(finding.primary.span.file);
            let mut folders = finding.environments.iter().filter_map(|name| own.get(name));
            finding.in_own_file = folders.any(|folder| file.path().starts_with(folder));
        }
        if let Some(project) = whole {
            findings.append(self.loader.unused(project));
            if self.usage.is_some() {
                let noted = left.iter().filter_map(|left| left.noted.as_ref());
                let mentioned = self.templates().mentioned();
                findings.append(Usage::findings(noted, self.schema, &mentioned, self.inputs.sources));
            }
        }
        self.severities().apply(&mut findings);
        findings
    }

    /// What is wrong with environments beside each other.
    fn fleet(&self, entries: &[&Entry], left: &[Left]) -> Findings {
        let members: Vec<_> = entries
            .iter()
            .zip(left)
            .map(|(entry, left)| Member {
                name: &entry.name,
                gathered: &left.gathered,
                account: &left.account,
                at: self.begins(left),
            })
            .collect();
        self.judge.fleet(&members, |at| {
            let mut known = Findings::default();
            let environment = self.loader.load(entries[at], self.options.set, &mut known)?;
            let (artifacts, missing) = self.render(&environment, None, &Account::unbounded(), &mut known);
            (missing == Missing::Nothing).then_some((environment, artifacts))
        })
    }

    /// Where an environment begins, as far as it was read.
    pub(super) fn begins(&self, left: &Left) -> Span {
        left.files.last().map_or(self.schema.shape().span(), |file| Span::file_start(*file))
    }
}

/// Takes out what is said to change nothing in some environments of a layer, and changes another one.
fn keep_redundant(findings: &mut Findings, entries: &[&Entry], left: &[Left], sources: &Sources) {
    // By paths: a file that was read twice has two ids.
    let path = |file: FileId| sources.get(file).path().to_owned();
    let place = |span: Span| (path(span.file), span.start, span.end);
    let mut said: BTreeMap<_, BTreeSet<Arc<str>>> = BTreeMap::new();
    // A `$patch` that means nothing is told once.
    let wrong: BTreeSet<_> =
        findings.iter().filter(|it| it.rule == &codes::merge::BAD_PATCH).map(|it| place(it.primary.span)).collect();
    findings.retain_mut(|it| it.rule != &codes::merge::REPLACE_NOTHING || !wrong.contains(&place(it.primary.span)));
    let is_of_layer =
        |finding: &Finding| [&codes::merge::REDUNDANT, &codes::merge::REPLACE_NOTHING].contains(&finding.rule);
    for finding in findings.iter().filter(|finding| is_of_layer(finding)) {
        said.entry(place(finding.primary.span)).or_default().extend(finding.environments.iter().cloned());
    }
    if said.is_empty() {
        return;
    }
    let read: Vec<BTreeSet<_>> = left.iter().map(|left| left.files.iter().map(|file| path(*file)).collect()).collect();
    let is_needed = |span: &Span| {
        let place = place(*span);
        let in_some = said.get(&place);
        let mut having = entries.iter().zip(&read).filter(|(_, read)| read.contains(&place.0));
        having.any(|(entry, _)| in_some.is_some_and(|names| !names.contains(&entry.name)))
    };
    findings.retain_mut(|finding| !is_of_layer(finding) || !is_needed(&finding.primary.span));
}
