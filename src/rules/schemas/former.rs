//! Artifacts against the schemas and rules that a project had before a change: what those refuse, and those of now do not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::rules::{
    CHART_NOT_IMPORTED, NEWER, NEWER_PROPERTY, UNKNOWN_FIELD, UNKNOWN_KEY, UNKNOWN_PROPERTY, UNKNOWN_TYPE,
};
use super::{Schemas, built_in, cloudformation, helm, kubernetes, resource_types};
use crate::check::{At, Draft, Former, Node, Place, Report, Side, Sides, View, unsaid};
use crate::finding::codes::rules::SWITCHED_OFF;
use crate::finding::{Findings, Rule};
use crate::images::Delivered;
use crate::limits::Limits;
use crate::rules::OwnRules;
use crate::schema::{Schema, some_of};
use crate::source::Sources;
use crate::yaml::path::Step;

/// What says that there was no schema, or none that could know.
const UNKNOWING: [&Rule; 4] = [&CHART_NOT_IMPORTED, &NEWER, &NEWER_PROPERTY, &UNKNOWN_TYPE];
/// What is said of a key that a schema does not name.
const OF_KEYS: [&Rule; 3] = [&UNKNOWN_FIELD, &UNKNOWN_KEY, &UNKNOWN_PROPERTY];

/// What the project brought as of a revision.
pub struct BroughtBefore<'a> {
    former: Former<'a>,
    schemas: Schemas<'a>,
    own: OwnRules,
    /// What schemas do not refuse any more, by their files: the same for all environments.
    weaker: Mutex<BTreeMap<Utf8PathBuf, Option<String>>>,
}

impl std::fmt::Debug for BroughtBefore<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BroughtBefore").field("revision", &self.former.revision).finish_non_exhaustive()
    }
}

impl<'a> BroughtBefore<'a> {
    /// What is wrong with it was so before, and is not told.
    pub fn load(former: Former<'a>, sources: &'a Sources, limits: &'a Limits) -> Self {
        let schemas = Schemas::new(Schema::folder(former.path), former.disk, sources, limits);
        let own = OwnRules::load(former.disk, former.rules, sources, limits, &mut Findings::default());
        Self { former, schemas, own, weaker: Mutex::default() }
    }

    /// Says what it refuses, where those of now have nothing to say.
    pub fn judge(&self, by: (&Schemas<'_>, &OwnRules), sides: &Sides<'_, '_>, is_whole: bool, report: &mut Report) {
        let (schemas, own) = by;
        let Sides { then, now } = sides;
        self.compared(schemas, then.view, report);
        self.by_schemas(schemas, sides, is_whole, report);
        let drafts = |rules: &OwnRules, side: &Side<'_, '_>| {
            let mut report = Report::default();
            let judging = rules.iter().filter(|own| is_whole || own.is_of_each());
            let delivered = Delivered::of(side.view);
            judging.for_each(|own| own.judge(side.view, &delivered, self.schemas.sources(), &mut report));
            side.heard(report.into_drafts())
        };
        let refused = drafts(&self.own, then);
        if refused.is_empty() {
            return;
        }
        let key = |draft: &Draft| (draft.rule.id, place(draft).map(|place| then.view.subject(place)));
        for draft in unsaid(refused, &drafts(own, now), key) {
            report.say(self.former.unsaid(draft));
        }
    }

    /// Says which schemas of what is made are gone, came in the place of a table, or refuse less: whether or not anything
    /// was refused by them.
    fn compared(&self, now: &Schemas<'_>, view: &View<'_>, report: &mut Report) {
        let mut changes: BTreeMap<Change, Vec<(Utf8PathBuf, String, Node<'_>)>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for Kind { was, is, node, in_table } in made(view, &self.schemas, now) {
            let unheard = &mut Findings::default();
            if !seen.insert((was.clone(), is.clone())) {
                continue;
            }
            let (old, new) = (self.schemas.file(&was, unheard), now.file(&is, unheard));
            match (old, new) {
                (Some(old), None) => changes.entry(Change::Gone).or_default().push((old, String::new(), node)),
                (None, Some(new)) if let Some(table) = in_table => {
                    changes.entry(Change::InPlace).or_default().push((new, table.to_owned(), node));
                }
                (Some(_), Some(file)) => {
                    let Some(words) = self.weaker(&was, &is, now) else { continue };
                    changes.entry(Change::Weaker).or_default().push((file, words, node));
                }
                _ => {}
            }
        }
        let revision = self.former.revision;
        for (change, all) in changes {
            let Some(((file, words, node), more)) = all.split_first() else { continue };
            let mut message = match change {
                Change::Gone => format!("`{file}` is gone, and judged this in `{revision}`"),
                Change::InPlace => format!("`{file}` judges this, and the table of {words} did in `{revision}`"),
                Change::Weaker => format!("`{file}` refuses less than in `{revision}`: {words}"),
            };
            if !more.is_empty() {
                let _ = write!(message, "; the same holds for {} more", more.len());
            }
            report.at(&SWITCHED_OFF, node, message).label("what it judges").help(Former::HELP);
        }
    }

    /// What a schema does not refuse any more.
    fn weaker(&self, was: &Utf8Path, is: &Utf8Path, now: &Schemas<'_>) -> Option<String> {
        let known = self.weaker.lock().unwrap_or_else(PoisonError::into_inner).get(is).cloned();
        known.unwrap_or_else(|| {
            let unheard = &mut Findings::default();
            let schemas = self.schemas.get(was, unheard).zip(now.get(is, unheard));
            let words = schemas.and_then(|(old, new)| some_of(&new.weaker_than(&old)));
            self.weaker.lock().unwrap_or_else(PoisonError::into_inner).insert(is.to_owned(), words.clone());
            words
        })
    }

    fn by_schemas(&self, now: &Schemas<'_>, sides: &Sides<'_, '_>, is_whole: bool, report: &mut Report) {
        let view = sides.then.view;
        let drafts = |schemas: &Schemas<'_>, side: &Side<'_, '_>| {
            let mut report = Report::default();
            schemas.judge(side.view, is_whole, &mut report, &mut Findings::default());
            side.heard(report.into_drafts())
        };
        let mut refused = drafts(&self.schemas, &sides.then);
        refused.retain(|draft| !UNKNOWING.contains(&draft.rule));
        if refused.is_empty() {
            return;
        }
        let said = drafts(now, &sides.now);
        let said: BTreeSet<&Place> = said.iter().filter_map(place).collect();
        for draft in refused {
            let Some(place) = place(&draft).filter(|place| !said.contains(place)) else { continue };
            let unheard = &mut Findings::default();
            if OF_KEYS.contains(&draft.rule)
                && let Some((file, path)) = judged(view, &draft, place, now)
                && now.get(&file, unheard).is_some_and(|schema| schema.names(&path))
            {
                continue;
            }
            let file =
                judged(view, &draft, place, &self.schemas).and_then(|(file, _)| self.schemas.file(&file, unheard));
            let who = file.map_or_else(|| "the table of Kubernetes".to_owned(), |file| format!("`{file}`"));
            // A schema grows with what it describes: that it takes more is no mistake by itself.
            report.say(self.former.said_by(draft, &who)).warning();
        }
    }
}

/// What a change does to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Gone,
    InPlace,
    Weaker,
}

/// Something that is made, and what judges it.
struct Kind<'a> {
    /// Its schema, without its ending, as it was and as it is.
    was: Utf8PathBuf,
    is: Utf8PathBuf,
    /// Where it says what it is.
    node: Node<'a>,
    /// Whose table has it, too.
    in_table: Option<&'static str>,
}

/// All that is made.
fn made<'a>(view: &View<'a>, old: &Schemas<'_>, new: &Schemas<'_>) -> Vec<Kind<'a>> {
    let said = |node: Node<'a>, key: &str| node.get(key).unwrap_or(node);
    let objects = view.objects().iter().map(|object| {
        let (path, node) = (kubernetes::path(object), said(object.root(), "kind"));
        Kind { was: path.clone(), is: path, node, in_table: built_in::knows(object) }
    });
    let resources =
        view.templates().iter().flat_map(crate::check::view::cloudformation::Template::resources).map(|resource| {
            let (path, node) = (cloudformation::path(resource.kind), said(resource.node, "Type"));
            let in_table = resource_types::definition(resource.kind).map(|_| "CloudFormation");
            Kind { was: path.clone(), is: path, node, in_table }
        });
    let releases = view.releases().iter().map(|release| {
        let path = |schemas: &Schemas<'_>| helm::path(schemas, release.chart, release.version);
        Kind { was: path(old), is: path(new), node: release.node, in_table: None }
    });
    objects.chain(resources).chain(releases).collect()
}

fn place(draft: &Draft) -> Option<&Place> {
    match &draft.spot.at {
        At::Rendered(place) => Some(place),
        At::Written(_) => None,
    }
}

/// The file of the schema that judges a place, without its ending, and the way to the place within what it judges.
fn judged(view: &View<'_>, draft: &Draft, place: &Place, by: &Schemas<'_>) -> Option<(Utf8PathBuf, Vec<Step>)> {
    let below = |node: &Node<'_>| place.way_from(&node.place()).map(<[Step]>::to_vec);
    match draft.rule.id.split('/').next() {
        Some("cfn") => {
            let mut resources =
                view.templates().iter().flat_map(crate::check::view::cloudformation::Template::resources);
            resources.find_map(|it| Some((cloudformation::path(it.kind), below(&it.properties()?)?)))
        }
        Some("helm") => view.releases().iter().find_map(|release| {
            let path = release.values.iter().find_map(below)?;
            Some((helm::path(by, release.chart, release.version), path))
        }),
        _ => view.objects().iter().find_map(|object| Some((kubernetes::path(object), below(&object.root())?))),
    }
}
