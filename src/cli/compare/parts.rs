//! Which rows are shown together: those in which the same environments have the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::rows::{Group, Row};
use crate::finding::render::text::with_commas;

/// What stands where an environment has nothing.
pub(super) const ABSENT: &str = "–";

/// Up to so many columns fit beside each other.
pub(super) const COLUMNS: usize = 5;

/// Environments that are called by their names.
const NAMED: usize = 5;

/// The rows of a section.
pub(super) struct Arranged<'r> {
    pub(super) matrices: Vec<Matrix<'r>>,
    /// Rows with more values than there could be columns.
    pub(super) scattered: Vec<Scattered<'r>>,
    /// Rows in which no two environments have the same.
    pub(super) own: Vec<&'r Row>,
}

/// Rows with the same columns.
pub(super) struct Matrix<'r> {
    pub(super) groups: Vec<Column>,
    pub(super) rows: Vec<(&'r Row, Vec<Option<&'r str>>)>,
}

/// A column: an environment, or some that have the same in all rows of the matrix.
pub(super) struct Column {
    pub(super) name: String,
    /// Which they are, if the name does not say it.
    pub(super) environments: Option<String>,
}

/// A row by what is common, and the rest.
pub(super) struct Scattered<'r> {
    pub(super) row: &'r Row,
    pub(super) common: Vec<(&'r str, String)>,
    pub(super) rest: Option<String>,
}

pub(super) fn arranged<'r>(rows: &'r [Row], names: &[Arc<str>]) -> Arranged<'r> {
    let mut arranged = Arranged { matrices: Vec::new(), scattered: Vec::new(), own: Vec::new() };
    if names.len() <= COLUMNS {
        arranged.matrices.extend(of_each(rows, names));
        return arranged;
    }
    let mut alike: BTreeMap<Vec<Vec<u32>>, Vec<Grouped<'_>>> = BTreeMap::new();
    for row in rows {
        let mut groups = row.groups(names.len());
        if groups.len() > COLUMNS {
            if groups.len() == names.len() {
                arranged.own.push(row);
            } else {
                arranged.scattered.push(scattered(row, groups, names));
            }
            continue;
        }
        groups.sort_by_key(|group| (std::cmp::Reverse(group.environments.len()), group.environments.first().copied()));
        let key = groups.iter().map(|group| group.environments.clone()).collect();
        alike.entry(key).or_default().push((row, groups));
    }
    arranged.matrices = alike.into_iter().map(|(parts, rows)| of_groups(&parts, rows, names)).collect();
    // What says most stands first.
    arranged
        .matrices
        .sort_by_key(|matrix| (std::cmp::Reverse(matrix.rows.len()), matrix.rows.first().map(|it| &it.0.path)));
    arranged
}

/// A row, and which environments have the same in it.
type Grouped<'r> = (&'r Row, Vec<Group<'r>>);

/// A column for each environment.
fn of_each<'r>(rows: &'r [Row], names: &[Arc<str>]) -> Option<Matrix<'r>> {
    let column = |name: &Arc<str>| Column { name: name.to_string(), environments: None };
    let texts = |row: &'r Row| (0..names.len() as u32).map(|at| row.text(at).map(|text| &**text)).collect();
    let rows: Vec<_> = rows.iter().map(|row| (row, texts(row))).collect();
    (!rows.is_empty()).then(|| Matrix { groups: names.iter().map(column).collect(), rows })
}

/// A column for each part of the environments.
fn of_groups<'r>(parts: &[Vec<u32>], rows: Vec<Grouped<'r>>, names: &[Arc<str>]) -> Matrix<'r> {
    let column = |part: &Vec<u32>| Column {
        name: match part.as_slice() {
            [one] => names[*one as usize].to_string(),
            part if part.len() == names.len() => "all".to_owned(),
            part => count(part.len(), names.len()),
        },
        environments: (part.len() > 1 && part.len() < names.len()).then(|| named(part, names)),
    };
    let texts = |groups: Vec<Group<'r>>| groups.iter().map(|group| group.text.map(|text| &**text)).collect();
    let rows = rows.into_iter().map(|(row, groups)| (row, texts(groups))).collect();
    let mut groups: Vec<Column> = parts.iter().map(column).collect();
    // Parts of one size are told apart.
    for at in 1..groups.len() {
        let same =
            groups[..at].iter().filter(|it| it.name.split('\'').next() == groups[at].name.split('\'').next()).count();
        let signs = "'".repeat(same);
        groups[at].name.push_str(&signs);
    }
    Matrix { groups, rows }
}

/// The values that most have, and how many others there are.
fn scattered<'r>(row: &'r Row, mut groups: Vec<Group<'r>>, names: &[Arc<str>]) -> Scattered<'r> {
    groups.sort_by_key(|group| (std::cmp::Reverse(group.environments.len()), group.environments.first().copied()));
    let rest = groups.split_off(groups.len().min(COLUMNS - 2));
    let common = groups.iter().map(|group| {
        let text = group.text.map_or(ABSENT, |text| &**text);
        let environments = match group.environments.len() {
            1 => named(&group.environments, names),
            many => count(many, names.len()),
        };
        (text, environments)
    });
    let others: Vec<u32> = rest.iter().flat_map(|group| group.environments.iter().copied()).collect();
    let told = format!("{} others in {}", with_commas(rest.len()), named(&others, names));
    Scattered { row, common: common.collect(), rest: (!rest.is_empty()).then_some(told) }
}

/// `612 of 1,000`.
pub(super) fn count(some: usize, all: usize) -> String {
    format!("{} of {}", with_commas(some), with_commas(all))
}

/// All names of a few, or the first of many.
fn named(environments: &[u32], names: &[Arc<str>]) -> String {
    let shown = if environments.len() <= NAMED { NAMED } else { NAMED - 2 };
    let mut all: Vec<&str> = environments.iter().take(shown).map(|at| &*names[*at as usize]).collect();
    let more = environments.len() - all.len();
    let more = format!("… {} more", with_commas(more));
    if environments.len() > all.len() {
        all.push(&more);
    }
    all.join(", ")
}
