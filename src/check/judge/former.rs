//! What the project was judged by before, and is not any more: a change could take a check out of a schema, together with
//! what it refused.

use std::sync::Arc;

use super::{Judge, Made, begin_of};
use crate::account::Account;
use crate::check::{Former, Laid, Missing, Past, Report, View};
use crate::finding::codes::rules::SWITCHED_OFF;
use crate::finding::codes::schema as codes;
use crate::finding::{Finding, Rule};
use crate::yaml::path::Path;

impl Judge<'_> {
    /// Hands on what the schemas and rules of before refuse in an environment, and those of now do not.
    pub fn judge_by_former(&self, made: &Made<'_>, past: &dyn Past, account: &Account) {
        let Some(former) = past.former() else { return };
        let environment = made.environment;
        // What it costs is not the environment's: it would be judged otherwise where nothing is compared.
        let own = account.afresh();
        let mut found = self.refused_values(&former, made, &own);
        let laid = Laid::out(made.artifacts).sparing(self.material);
        let view = View::new(&environment.name, &laid).as_of(self.day).charging(&own).written(made.files);
        let mut report = Report::default();
        self.brought.judge_by_former(&view, made.missing == Missing::Nothing, &mut report);
        let free = Account::unbounded();
        let locator = self.locator(&view, environment, &free);
        found.extend(report.drafts().iter().map(|draft| locator.finding(draft)));
        if own.is_over() {
            let at = begin_of(environment);
            let message = format!("`{}` cannot be judged as of `{}`", environment.name, former.revision);
            let finding = Finding::new(&SWITCHED_OFF, at, message);
            found = vec![finding.label("that needs more work than its input may take").help(Former::HELP)];
        }
        for finding in &mut found {
            finding.environments = vec![Arc::clone(&environment.name)];
        }
        past.refused(&environment.name, found);
    }

    /// What the environments' schema of before says of what an environment sets.
    fn refused_values(&self, former: &Former<'_>, made: &Made<'_>, account: &Account) -> Vec<Finding> {
        let errors = former.schema.errors(&made.environment.root, self.sources, account);
        let refused = errors.into_iter().filter(|(path, finding)| {
            let is_new_key = is_about_key(finding.rule) && self.schema.names(path.steps());
            finding.is_error() && !is_new_key
        });
        let finding = |(path, finding): (Path, Finding)| {
            let message = former.says(&finding.message, &format!("`{}`", former.path));
            let mut said = Finding::new(&SWITCHED_OFF, finding.primary.span, message)
                .label("the schema of now lets it pass")
                .help(Former::HELP);
            said.subject = Some(path.to_string());
            said.conceal = finding.conceal;
            said
        };
        refused.map(finding).collect()
    }
}

fn is_about_key(rule: &'static Rule) -> bool {
    rule == &codes::UNKNOWN_KEY
}
