//! Accounts: what work may cost, so that no input runs without end.
//!
//! A limit on one file, rule or template does not bound a run: limits multiply. So all work is charged to an account:
//! one for what is shared, one for each environment, one for judging them together. An allowance grows with the bytes
//! that were read, so that a large honest project passes. Costs are counted, never measured: a verdict is the sum of
//! all charges, and neither threads nor caches change it. What is made once and used by many has its [`Cost`] beside
//! it and charges whoever uses it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::finding::{Finding, codes};
use crate::source::{Sources, Span};

/// What a byte that is read may cost: with what everything may cost beside it, 1 MB is some 2 s and 256 MB.
pub const STEPS_PER_BYTE: u64 = 20;
pub const BYTES_PER_BYTE: u64 = 256;
/// So many bytes count as read in every account.
pub const FREE_BYTES: u64 = 256 << 10;
/// What no account may hold, however much was read.
pub const MOST_BYTES: u64 = 1 << 30;
/// The same of what is kept for all environments until the last of them is done.
const MOST_SHARED: u64 = 512 << 20;

/// What one piece of work may cost that nobody pays for.
const ALONE: Cost = Cost { steps: 5_000_000, bytes: 256 << 20 };

/// What a piece of work costs: steps of some 100 ns, and bytes of the values that it makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    pub steps: u64,
    pub bytes: u64,
}

impl Cost {
    pub const NONE: Self = Self { steps: 0, bytes: 0 };

    pub fn steps(steps: u64) -> Self {
        Self { steps, bytes: 0 }
    }

    /// Values of so many nodes with so many bytes of text, made or gone through.
    pub fn nodes(nodes: usize, text: usize) -> Self {
        let (nodes, text) = (nodes as u64, text as u64);
        Self { steps: nodes.saturating_mul(10).saturating_add(text / 8), bytes: nodes.saturating_mul(96) + text }
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { steps: self.steps.saturating_add(other.steps), bytes: self.bytes.saturating_add(other.bytes) }
    }

    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self { steps: self.steps.saturating_mul(count), bytes: self.bytes.saturating_mul(count) }
    }

    /// What may be spent after so many bytes were read.
    pub fn allowed(read: u64) -> Self {
        let read = read.saturating_add(FREE_BYTES);
        let bytes = read.saturating_mul(BYTES_PER_BYTE).min(MOST_BYTES);
        Self { steps: read.saturating_mul(STEPS_PER_BYTE), bytes }
    }

    /// What is left of it after another.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self { steps: self.steps.saturating_sub(other.steps), bytes: self.bytes.saturating_sub(other.bytes) }
    }

    /// Whether it is more of anything.
    pub fn exceeds(self, other: Self) -> bool {
        self.steps > other.steps || self.bytes > other.bytes
    }
}

/// Who works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    Shared,
    Layer,
    Schema,
    SchemaRule,
    Template,
    Rule,
    Policy,
    Output,
    Findings,
    Fleet,
    Import,
    Chart,
}

impl Work {
    fn name(self) -> &'static str {
        match self {
            Self::Shared => "reading schemas, templates and rules like this one",
            Self::Layer => "reading and merging this layer",
            Self::Schema => "judging by this schema",
            Self::SchemaRule => "this rule of the schema",
            Self::Template => "this template",
            Self::Rule => "this rule",
            Self::Policy => "the admission policies on what is rendered",
            Self::Output => "checking and writing what this template makes",
            Self::Findings => "saying what is wrong",
            Self::Import => "making schemas of this file",
            Self::Chart => "making what charts make for this",
            Self::Fleet => "judging all environments together",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Shared => "make them fewer or smaller",
            Self::Layer => "split the environment, or leave aliases and layers out that repeat much",
            Self::Schema => "refer to each schema once, and combine fewer with `allOf`, `anyOf` and `oneOf`",
            Self::SchemaRule | Self::Rule => "let it go through each list once, and state `maxItems` where it can",
            Self::Template => "is there a loop within a loop, or a `for_each` over more than was meant?",
            Self::Policy => "split the tree over several environments",
            Self::Output => "make fewer or smaller files",
            Self::Findings => "mend what is reported first",
            Self::Chart => "install fewer or smaller charts in one environment",
            Self::Import => "import less at once: fewer files or charts, or some kinds by `--kind`",
            Self::Fleet => "judge fewer environments in one run",
        }
    }
}

/// What costs are charged to. Copies share one account.
#[derive(Clone, Debug)]
pub struct Account(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    read: AtomicU64,
    /// Bytes that count as read beside those.
    free: AtomicU64,
    steps: AtomicU64,
    bytes: AtomicU64,
    /// What it may hold, however much was read.
    most: u64,
    /// By who spent it; only kept to tell where most went.
    ledger: Option<Mutex<BTreeMap<(Work, Span), Cost>>>,
}

impl Default for Account {
    fn default() -> Self {
        Self::new(None, MOST_BYTES)
    }
}

impl Account {
    fn new(ledger: Option<Mutex<BTreeMap<(Work, Span), Cost>>>, most: u64) -> Self {
        let zero = || AtomicU64::new(0);
        Self(Arc::new(Inner { read: zero(), free: zero(), steps: zero(), bytes: zero(), most, ledger }))
    }

    /// One for what environments share.
    pub fn shared() -> Self {
        Self::new(None, MOST_SHARED)
    }

    /// The same, remembering.
    pub fn shared_remembering() -> Self {
        Self::new(Some(Mutex::default()), MOST_SHARED)
    }

    /// One that remembers where everything went. Only to be charged by one thread: where it stops depends on the order.
    pub fn remembering() -> Self {
        Self::new(Some(Mutex::default()), MOST_BYTES)
    }

    /// One that nothing exceeds, for what was judged before or is only looked at.
    pub fn unbounded() -> Self {
        let account = Self::default();
        account.0.read.store(u64::MAX, Ordering::Relaxed);
        account
    }

    /// Lets the allowance grow.
    pub fn read(&self, bytes: u64) {
        if self.0.read.load(Ordering::Relaxed) < u64::MAX {
            self.0.read.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// Lets the allowance grow as one more account would: for one that pays for what several share.
    pub fn share(&self, other: &Self) {
        self.read(other.0.read.load(Ordering::Relaxed));
        self.0.free.fetch_add(FREE_BYTES, Ordering::Relaxed);
    }

    pub fn charge(&self, cost: Cost, work: Work, at: Span) {
        add(&self.0.steps, cost.steps);
        add(&self.0.bytes, cost.bytes);
        if let Some(ledger) = &self.0.ledger {
            let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
            let spent = ledger.entry((work, at)).or_default();
            *spent = spent.plus(cost);
        }
    }

    pub fn spent(&self) -> Cost {
        Cost { steps: self.0.steps.load(Ordering::Relaxed), bytes: self.0.bytes.load(Ordering::Relaxed) }
    }

    pub fn allowed(&self) -> Cost {
        let read = self.0.read.load(Ordering::Relaxed);
        let free = self.0.free.load(Ordering::Relaxed);
        let unbounded = Cost { steps: u64::MAX, bytes: u64::MAX };
        if read == u64::MAX {
            return unbounded;
        }
        let allowed = Cost::allowed(read.saturating_add(free));
        Cost { bytes: allowed.bytes.min(self.0.most), ..allowed }
    }

    /// Whether more was spent than is allowed. Nothing is ever given back, so once all is read this stays so.
    pub fn is_over(&self) -> bool {
        self.would_be_over(Cost::NONE)
    }

    /// Whether more is held than is ever allowed, whatever is read yet. Only this may stop work of an account that several
    /// threads read for: which of them is first must not decide.
    pub fn is_surely_over(&self) -> bool {
        self.spent().bytes > self.allowed().bytes.max(self.0.most)
    }

    /// The same as [`Self::is_over`], with work under way that is not charged yet.
    pub fn would_be_over(&self, more: Cost) -> bool {
        self.spent().plus(more).exceeds(self.allowed())
    }

    /// Another one for the same input, of which nothing is spent.
    #[must_use]
    pub fn afresh(&self) -> Self {
        let own = Self::default();
        own.read(self.bytes_read());
        own
    }

    /// Bytes that were read for it.
    pub fn bytes_read(&self) -> u64 {
        self.0.read.load(Ordering::Relaxed)
    }

    /// What is left to one who works alone. Where nothing is counted, a single piece of work still has an end.
    pub fn left(&self) -> Cost {
        if self.0.read.load(Ordering::Relaxed) == u64::MAX {
            return ALONE;
        }
        self.allowed().minus(self.spent())
    }

    /// Who spent most of what is over, and its share in percent.
    fn most(&self, sources: &Sources) -> Option<(Work, Span, u64)> {
        let ledger = self.0.ledger.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        let (spent, allowed) = (self.spent(), self.allowed());
        let by_steps = spent.steps > allowed.steps;
        let part = |cost: &Cost| if by_steps { cost.steps } else { cost.bytes };
        let key = |((work, span), cost): &(&(Work, Span), &Cost)| {
            let path = sources.get(span.file).path().to_owned();
            (std::cmp::Reverse(part(cost)), path, span.start, *work)
        };
        let (&(work, span), cost) = ledger.iter().min_by_key(key)?;
        let percent = u128::from(part(cost)) * 100 / u128::from(part(&spent).max(1));
        Some((work, span, percent as u64))
    }

    /// What is said of an account that is over; `whose` begins the sentence.
    pub fn finding(&self, whose: &str, nowhere: Span, sources: &Sources) -> Finding {
        let by_steps = self.spent().steps > self.allowed().steps;
        let what = if by_steps { "work" } else { "memory" };
        let read = self.0.read.load(Ordering::Relaxed);
        let message = format!("{whose} needs more {what} than {} of input may take", kilobytes(read));
        let (work, span, share) = self.most(sources).unwrap_or((Work::Output, nowhere, 0));
        let finding = Finding::new(&codes::project::OVER_BUDGET, span, message);
        let finding = if share == 0 { finding } else { finding.label(format!("{share} % went into {}", work.name())) };
        finding.help(work.help())
    }
}

fn add(counter: &AtomicU64, more: u64) {
    if more > 0 {
        let _ = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |spent| Some(spent.saturating_add(more)));
    }
}

pub(crate) fn kilobytes(bytes: u64) -> String {
    if bytes < 1024 { format!("{bytes} bytes") } else { format!("{} KB", bytes / 1024) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_grows_with_what_was_read() {
        let account = Account::default();
        let half = Cost::steps(FREE_BYTES * STEPS_PER_BYTE / 2);
        let sources = Sources::default();
        let at = Span::file_start(sources.add("a", ""));
        account.charge(half, Work::Template, at);
        account.charge(half, Work::Template, at);
        assert!(!account.is_over());
        assert!(account.would_be_over(Cost::steps(1)));
        account.charge(Cost::steps(1), Work::Layer, at);
        assert!(account.is_over());
        account.read(1);
        assert!(!account.is_over());
        account.charge(Cost { steps: 0, bytes: u64::MAX }, Work::Layer, at);
        account.charge(Cost { steps: u64::MAX, bytes: 1 }, Work::Layer, at);
        assert_eq!(account.spent(), Cost { steps: u64::MAX, bytes: u64::MAX });
        assert!(!Account::unbounded().would_be_over(Cost { steps: u64::MAX, bytes: u64::MAX }));
    }

    #[test]
    fn most_is_told_by_what_is_over() {
        let sources = Sources::default();
        let (a, b) = (Span::file_start(sources.add("a", "")), Span::file_start(sources.add("b", "")));
        let account = Account::remembering();
        account.charge(Cost { steps: 9, bytes: 1 << 40 }, Work::Template, a);
        account.charge(Cost { steps: 99, bytes: 1 }, Work::Rule, b);
        let finding = account.finding("the environment `dev`", b, &sources);
        assert_eq!(finding.message, "the environment `dev` needs more memory than 0 bytes of input may take");
        assert_eq!((finding.primary.span, &*finding.primary.text), (a, "99 % went into this template"));
    }
}
