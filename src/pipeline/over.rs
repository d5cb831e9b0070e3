//! Why an account is over. What was spent is counted again, on one thread, so that the answer is the same however many
//! there are.

use std::sync::Arc;

use super::Options;
use super::compile::{Compiler, Left};
use super::sum::Sum;
use super::threads::on_threads;
use crate::account::{Account, kilobytes};
use crate::finding::{Finding, Findings, codes};
use crate::project::Entry;
use crate::source::Span;

/// Which account is over first.
enum Over<'a> {
    Alone(&'a Entry),
    Shared(&'a Entry),
    Together(Box<Finding>),
}

/// Says that environments cost too much together: `spent` has the steps of each, and what it read that is its own.
pub(super) fn together(
    entries: &[&Entry],
    spent: &[(u64, u64)],
    shared: u64,
    begins: impl Fn(usize) -> Span,
) -> Finding {
    let read = spent.iter().fold(shared, |sum, (_, read)| sum.saturating_add(*read));
    let all = spent.iter().fold(0_u64, |sum, (steps, _)| sum.saturating_add(*steps)).max(1);
    let most = (0..spent.len()).max_by_key(|&at| (spent[at].0, std::cmp::Reverse(at))).unwrap_or_default();
    let share = u128::from(spent[most].0) * 100 / u128::from(all);
    let message =
        format!("{} environments need more work together than {} of input may take", spent.len(), kilobytes(read));
    let mut finding = Finding::new(&codes::project::OVER_BUDGET, begins(most), message)
        .label(format!("{share} % went into `{}`", entries[most].name))
        .help("let each make less, or compile fewer environments in one run");
    finding.environments.push(Arc::clone(&entries[spent.len() - 1].name));
    finding
}

impl Compiler<'_> {
    /// Says what an environment's account was spent on: it is compiled again, on one thread, so that it stops at the
    /// same place however many there are.
    pub(super) fn why_over(&self, entry: &Entry) -> Finding {
        let account = self.opened(Account::remembering());
        let again = || drop(self.judged(entry, &account, &mut Left::default(), &mut Findings::default()));
        if on_threads(Some(1), again).is_err() {
            // Without another thread the finding lacks its place.
        }
        let file = self.inputs.sources.add(entry.path.clone(), "");
        let whose = format!("the environment `{}`", entry.name);
        let mut finding = account.finding(&whose, Span::file_start(file), self.inputs.sources);
        finding.environments.push(Arc::clone(&entry.name));
        finding
    }

    /// The same where what environments share has cost too much together: told of the first, in order, that goes beyond
    /// what is ever allowed, else of the first of all.
    pub(super) fn first_over(&self, entries: &[&Entry]) -> Finding {
        let account = Account::shared_remembering();
        self.loader.forget();
        self.judge.brought.forget();
        let options = Options { past: None, usage: false, verify: false, parts: None, ..self.options };
        let compiler = Compiler::charging(self.shared, options, self.inputs, account.clone());
        let sum = Sum::new(self.shared.read);
        let again = || {
            let compiler = compiler?;
            let (mut spent, mut begins) = (Vec::new(), Vec::new());
            entries.iter().copied().enumerate().find_map(|(at, entry)| {
                let (own, mut left) = (compiler.opened(Account::default()), Left::default());
                drop(compiler.judged(entry, &own, &mut left, &mut Findings::default()));
                spent.push((own.spent().steps, own.bytes_read() - self.shared.read));
                begins.push(self.begins(&left));
                if own.is_over() {
                    return Some(Over::Alone(entry));
                }
                if account.is_surely_over() {
                    return Some(Over::Shared(entry));
                }
                sum.add(at, own.spent().steps, own.bytes_read())?;
                Some(Over::Together(Box::new(together(entries, &spent, self.shared.read, |at| begins[at]))))
            })
        };
        let entry = match on_threads(Some(1), again).ok().flatten() {
            Some(Over::Alone(entry)) => return self.why_over(entry),
            Some(Over::Together(finding)) => return *finding,
            Some(Over::Shared(entry)) => entry,
            None => entries[0],
        };
        let file = self.inputs.sources.add(entry.path.clone(), "");
        let whose = "what all environments share";
        let mut finding = account.finding(whose, Span::file_start(file), self.inputs.sources);
        finding.environments.push(Arc::clone(&entry.name));
        finding
    }
}
