//! What a change does, judged.

use super::{Judge, Made};
use crate::check::{Acknowledgements, Before, Change, Laid, Past, Report, Scope, View};
use crate::finding::Findings;

impl Judge<'_> {
    /// Judges what has changed in an environment's tree.
    pub fn change(&self, made: &Made<'_>, past: &dyn Past, acknowledged: &Acknowledgements, findings: &mut Findings) {
        let Made { environment, files, .. } = *made;
        let Some(standing) = past.tree(&environment.name, files) else { return };
        let Some(before) = Before::read(&standing, files, self.sources, self.limits) else { return };
        let was = Laid::out(before.artifacts()).sparing(self.material).past();
        let laid = Laid::out(made.artifacts).sparing(self.material);
        let view = View::new(&environment.name, &laid);
        let change = Change::new(&before, View::new(&environment.name, &was), &view);
        let mut report = Report::default();
        for check in self.wanted() {
            if let Scope::Change(judge) = check.scope {
                judge(&change, &mut report);
            }
        }
        findings.extend(self.located(report.into_drafts(), &view, environment, acknowledged));
    }
}
