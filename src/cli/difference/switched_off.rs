//! Rules that a change switches off, and a schema that it makes refuse less: what is judged would otherwise choose what it is judged by.

mod moved;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::check::{Former, Severities};
use crate::cli::session::Session;
use crate::disk::{Budget, Disk, Git};
use crate::finding::codes::rules::SWITCHED_OFF;
use crate::finding::{Finding, Findings, Severity};
use crate::project::{FILE, Project};
use crate::rules::{CATALOGUE, OwnRules};
use crate::schema::{Schema, some_of};
use crate::source::{Sources, Span};

/// What a project says about rules.
struct Said {
    /// Rules that it brings itself: how severe each is, where it stands, and what it says.
    own: BTreeMap<&'static str, (Severity, Span, String)>,
    severities: Severities,
    /// Settings, by rule: where each stands.
    set: BTreeMap<String, Span>,
}

/// What judged the project as of a revision, and does not any more, or less.
pub(super) fn found(revision: &str, disk: &Git, now: &Project, session: &Session) -> Findings {
    let (sources, mut findings) = (Sources::default(), Findings::default());
    let budget = Budget::new(disk, &session.limits);
    let Some(past) = Project::load(&budget, &sources, &session.limits, &mut Findings::default()) else {
        return findings;
    };
    let before = Said::of(&past, &budget, &sources, session);
    let after = Said::of(now, session.disk.as_ref(), &session.sources, session);
    let built_in: BTreeMap<&str, Severity> = CATALOGUE.rules().map(|rule| (rule.id, rule.severity)).collect();
    let ids: BTreeSet<&str> = before.ids().chain(after.ids()).chain(built_in.keys().copied()).collect();
    let mut families: BTreeMap<Family<'_>, Vec<&str>> = BTreeMap::new();
    let place = |path: &str| Span::file_start(session.sources.add(path, ""));
    for id in ids {
        let known = |said: &Said| said.own.get(id).map(|(own, ..)| *own).or_else(|| built_in.get(id).copied());
        let Some(own) = known(&before) else { continue };
        let Some(old) = before.severities.of(id, own) else { continue };
        let Some(own) = known(&after) else {
            let path = before.own.get(id).map(|(_, span, _)| sources.get(span.file).path().to_string());
            let message = format!("the rule `{id}` is gone, and was there in `{revision}`");
            findings.push(said(message, place(path.as_deref().unwrap_or(FILE)), id));
            continue;
        };
        let new = after.severities.of(id, own);
        if let (Some((_, _, was)), Some((_, span, is))) = (before.own.get(id), after.own.get(id))
            && was != is
        {
            let message = format!("the rule `{id}` says something else than in `{revision}`");
            findings.push(said(message, *span, id));
        }
        if new == Some(old) || new == Some(Severity::Error) {
            continue;
        }
        let level = new.map_or("off", name);
        if let Some(pattern) = after.family(id).or_else(|| before.family(id)) {
            families.entry(Family { pattern, level }).or_default().push(id);
            continue;
        }
        let at = after.set.get(id).copied().or_else(|| after.own.get(id).map(|(_, span, _)| *span));
        let message = format!("the rule `{id}` is `{level}` now, and was `{}` in `{revision}`", name(old));
        findings.push(said(message, at.unwrap_or_else(|| place(FILE)), id));
    }
    for (Family { pattern, level }, ids) in families {
        let names: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        let Some(names) = some_of(&names) else { continue };
        let (are, were) = if ids.len() == 1 { ("is", "was not") } else { ("are", "were not") };
        let message = format!("of `{pattern}`, {names} {are} `{level}` now, and {were} in `{revision}`");
        findings.push(said(message, after.set.get(pattern).copied().unwrap_or_else(|| place(FILE)), pattern));
    }
    findings.extend(material(revision, &past, now));
    findings.extend(moved::trees(revision, disk, &past, now, session));
    findings
}

/// What was said of all rules of a family, and how they are taken now.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Family<'a> {
    pattern: &'a str,
    level: &'static str,
}

/// Says which files are judged by hardly any rule any more, as they are called material now.
fn material(revision: &str, past: &Project, now: &Project) -> Vec<Finding> {
    let settings = now.config.material.iter().zip(&now.config.material_spans);
    let new = settings.filter(|(pattern, _)| !past.config.material.contains(pattern));
    let finding = |(pattern, span): (&Arc<str>, &Span)| {
        let message = format!("`{pattern}` is material now, and was not in `{revision}`");
        let finding = Finding::new(&SWITCHED_OFF, *span, message).label("what is deployed from there is not judged");
        let mut finding = finding.help("is it meant? then let somebody who answers for what is deployed agree");
        finding.subject = Some(pattern.to_string());
        finding
    };
    new.map(finding).collect()
}

/// Says which environments are judged by nothing any more, as they are gone.
pub(super) fn environments(revision: &str, before: Vec<Arc<str>>, now: &Project, session: &Session) -> Findings {
    let known: BTreeSet<&str> = now.environments.iter().map(|entry| &*entry.name).collect();
    let folder = now.config.environments.first().map_or("environments", |folder| folder.as_str());
    let place = Span::file_start(session.sources.add(folder, ""));
    let gone = before.into_iter().filter(|name| !known.contains(&**name)).map(|name| {
        let message = format!("the environment `{name}` is gone, and was there in `{revision}`");
        let mut finding = Finding::new(&SWITCHED_OFF, place, message).label("nothing of it is judged");
        finding.subject = Some(name.to_string());
        finding.help("is it meant? one that has another name now is compared with this where both are alike")
    });
    let mut findings = Findings::default();
    findings.extend(gone);
    findings
}

/// Says what the schema of environments does not refuse any more, whether or not anything was refused by it.
pub(super) fn weaker(former: &Former<'_>, now: &Project, session: &Session) -> Option<Finding> {
    let path = &now.config.schema;
    let (disk, limits) = (session.disk.as_ref(), &session.limits);
    let schema = Schema::load(disk, path, &session.sources, limits, &mut Findings::default())?;
    let words = some_of(&schema.weaker_than(former.schema))?;
    let message = format!("`{path}` refuses less than in `{}`: {words}", former.revision);
    let finding = Finding::new(&SWITCHED_OFF, Span::file_start(schema.shape().span().file), message);
    Some(finding.label("values that were refused pass now").help(Former::HELP))
}

fn said(message: String, at: Span, id: &str) -> Finding {
    let mut finding =
        Finding::new(&SWITCHED_OFF, at, message).label("what it would say of this change is not said").help(
            "is it meant? then let somebody who answers for the rule agree, and judge the change by the old rules, too",
        );
    finding.subject = Some(id.to_owned());
    finding
}

impl Said {
    fn of(project: &Project, disk: &dyn Disk, sources: &Sources, session: &Session) -> Self {
        let config = &project.config;
        let rules = OwnRules::load(disk, &config.own_rules(), sources, &session.limits, &mut Findings::default());
        let severities = Severities::new(&config.rules, &CATALOGUE, &rules.ids(), &mut Findings::default());
        let own = rules.iter().map(|own| (own.rule.id, (own.rule.severity, own.span(), own.said(sources)))).collect();
        let set = config.rules.iter().map(|setting| (setting.id.to_string(), setting.id_span)).collect();
        Self { own, severities, set }
    }

    /// What is said of the family of a rule, if nothing is said of the rule itself.
    fn family(&self, id: &str) -> Option<&str> {
        let (family, _) = id.split_once('/').filter(|_| !self.set.contains_key(id))?;
        self.set.get_key_value(&format!("{family}/*")).map(|(pattern, _)| pattern.as_str())
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.own.keys().copied().chain(self.set.keys().map(String::as_str))
    }
}

fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
