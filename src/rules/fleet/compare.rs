//! `x-platc-compare`: values that environments must share, or must not.

use std::collections::BTreeMap;

use crate::check::{Facts, FleetReport, Known, View};
use crate::finding::codes::schema::COMPARE;
use crate::schema::Must;

const DIFFER: &str = "must-differ";

pub(super) fn collect(view: &View<'_>, facts: &mut Facts) {
    for compared in view.compared() {
        let must = if compared.must == Must::Differ { DIFFER } else { "must-match" };
        facts.add_written(compared.span, [must, &compared.path.to_string(), &compared.value]);
    }
}

pub(super) fn judge(known: &[Known<'_>], report: &mut FleetReport) {
    let mut first: BTreeMap<(&str, &str), &Known<'_>> = BTreeMap::new();
    for one in known {
        let (must, path, value) = (one.word(0), one.word(1), one.word(2));
        let differ = must == DIFFER;
        // What must differ is looked up by its value, what must match by its path alone.
        let key = (path, if differ { value } else { "" });
        let Some(other) = first.get(&key) else {
            first.insert(key, one);
            continue;
        };
        let wanted = match (differ, other.word(2) == value) {
            (true, _) => format!("must differ between environments, and `{}` has the same", other.environment),
            (false, false) => format!("must be the same in all environments, and `{}` has another", other.environment),
            (false, true) => continue,
        };
        report
            .at(&COMPARE, one, format!("`{path}` {wanted}"))
            .label(format!("in `{}`", one.environment))
            .also_in(other, format!("in `{}`", other.environment))
            .help(if differ {
                "set it in each environment, to a value that no other has"
            } else {
                "set it once, in a layer that all of them extend"
            });
    }
}
