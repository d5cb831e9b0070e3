//! Why an account is over. What was spent is counted again, on one thread, so that the answer is the same however many
//! there are.

use std::sync::Arc;

use super::Options;
use super::compile::{Compiler, Left};
use super::threads::on_threads;
use crate::account::Account;
use crate::finding::{Finding, Findings};
use crate::project::Entry;
use crate::source::Span;

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

    /// The same where what environments share has cost too much together: the first, in order, that goes beyond it.
    pub(super) fn first_over(&self, entries: &[&Entry]) -> Finding {
        let account = Account::remembering();
        self.loader.forget();
        self.judge.brought.forget();
        let options = Options { past: None, usage: false, verify: false, parts: None, ..self.options };
        let compiler = Compiler::charging(self.shared, options, self.inputs, account.clone());
        let again = || {
            let compiler = compiler?;
            entries.iter().copied().find(|entry| {
                let own = compiler.opened(Account::default());
                let judged = || compiler.judged(entry, &own, &mut Left::default(), &mut Findings::default());
                if !account.is_over() {
                    drop(judged());
                }
                own.is_over() || account.is_over()
            })
        };
        let first = on_threads(Some(1), again).ok().flatten();
        match first.or(entries.first().copied()) {
            Some(entry) if !account.is_over() => self.why_over(entry),
            entry => {
                let entry = entry.unwrap_or(entries[0]);
                let file = self.inputs.sources.add(entry.path.clone(), "");
                let whose = "what all environments share";
                let mut finding = account.finding(whose, Span::file_start(file), self.inputs.sources);
                finding.environments.push(Arc::clone(&entry.name));
                finding
            }
        }
    }
}
