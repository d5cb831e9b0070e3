//! Values against the schemas of their charts.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::helm_values::{judged, label};
use super::rules::{CHART_NOT_IMPORTED, UNKNOWN_KEY};
use super::{Schemas, below, helm_text};
use crate::account::Account;
use crate::check::{Node, Report, View};
use crate::finding::Findings;
use crate::rules::lifecycle;
use crate::schema::Schema;

pub(super) fn judge(schemas: &Schemas<'_>, view: &View<'_>, report: &mut Report, findings: &mut Findings) {
    let texts: Vec<_> = view.releases().iter().map(|release| helm_text::text(release, view, report)).collect();
    let charts = schemas.names("helm".into(), findings);
    if charts.is_empty() {
        return;
    }
    let mut judged = Vec::new();
    for (release, text) in view.releases().iter().zip(&texts) {
        judged.extend(release.values.iter().map(Node::place));
        match find(schemas, release.chart, release.version, findings) {
            Found::Schema(schema, name) => {
                if let Some(wanted) = schema.bundled().get("x-helm-kube-version").and_then(serde_json::Value::as_str) {
                    lifecycle::kube_version(release, wanted, view, report);
                }
                let by = (schemas, view.account());
                release.values.iter().for_each(|values| values_of(&schema, &name, values, by, report));
                if let Some(text) = text {
                    text.judge(&schema, &name, by, report);
                }
                helm_text::parameters(release, &schema, &name, by, report);
            }
            Found::OtherVersions(versions) => {
                let version = release.version.unwrap_or_default();
                let message = format!("no schema of the chart `{}` {version} is imported", release.chart);
                let draft = report.at(&CHART_NOT_IMPORTED, &release.node, message);
                draft.help(format!("there is one of {}: import this version's chart, too", versions.join(", ")));
            }
            Found::Nothing => {}
        }
    }
    for document in view.values_files() {
        let root = document.root();
        if judged.contains(&root.place()) {
            continue;
        }
        // No object says what installs it: a folder named like a chart does.
        let folders = document.path.parent().into_iter().flat_map(Utf8Path::components).rev();
        let chart = folders.map(|folder| folder.as_str()).find(|name| charts.iter().any(|chart| stem(chart) == *name));
        if let Some(chart) = chart
            && let Found::Schema(schema, name) = find(schemas, chart, None, findings)
        {
            values_of(&schema, &name, &root, (schemas, view.account()), report);
        }
    }
}

enum Found {
    Schema(Arc<Schema>, String),
    /// Of this chart, but not of this version.
    OtherVersions(Vec<String>),
    Nothing,
}

/// The schema of a chart in a version; without one, of the only version that is imported.
fn find(schemas: &Schemas<'_>, chart: &str, version: Option<&str>, findings: &mut Findings) -> Found {
    let helm = Utf8PathBuf::from("helm");
    if chart.contains('/') {
        return Found::Nothing;
    }
    let any = |findings: &mut Findings| schemas.get(&helm.join(chart), findings);
    let names = schemas.names(&helm.join(chart), findings);
    let versions: Vec<&str> = names.iter().map(|name| stem(name)).collect();
    if let Some(found) = wanted(&names, version) {
        let schema = schemas.get(&helm.join(chart).join(found), findings);
        return schema.map_or(Found::Nothing, |schema| Found::Schema(schema, format!("{chart} {found}")));
    }
    if let Some(schema) = any(findings) {
        return Found::Schema(schema, chart.to_owned());
    }
    // A range of versions says nothing about the one that is installed.
    let is_exact = version.is_some_and(|version| semver::Version::parse(bare(version)).is_ok());
    if is_exact && !versions.is_empty() {
        return Found::OtherVersions(versions.into_iter().map(str::to_owned).collect());
    }
    Found::Nothing
}

/// Where the schema of a chart in a version lies, without its ending; without a version, where that of any lies.
pub(super) fn path(schemas: &Schemas<'_>, chart: &str, version: Option<&str>) -> Utf8PathBuf {
    let folder = Utf8Path::new("helm").join(chart);
    if chart.contains('/') {
        return folder;
    }
    let names = schemas.names(&folder, &mut Findings::default());
    wanted(&names, version).map_or_else(|| folder.clone(), |version| folder.join(version))
}

/// The version of which there is a schema: that one, or the only one where none is asked for.
fn wanted<'n>(names: &'n [String], version: Option<&str>) -> Option<&'n str> {
    match version {
        Some(version) => names.iter().map(|name| stem(name)).find(|known| bare(known) == bare(version)),
        None => names.first().filter(|_| names.len() == 1).map(|name| stem(name)),
    }
}

/// Tags of charts in registries are often written with a `v` that the chart itself lacks.
fn bare(version: &str) -> &str {
    version.strip_prefix('v').unwrap_or(version)
}

/// A file's name without its ending.
fn stem(name: &str) -> &str {
    name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".json")).unwrap_or(name)
}

fn values_of(schema: &Schema, chart: &str, values: &Node<'_>, by: (&Schemas<'_>, &Account), report: &mut Report) {
    for wrong in judged(schema, chart, values.value, by) {
        let label = label(&wrong);
        let draft = report.at(wrong.rule, below(values, &wrong.path), wrong.message);
        draft.label(label);
        if wrong.rule == &UNKNOWN_KEY {
            draft.about_key();
        }
        if let Some(help) = wrong.help {
            draft.help(help);
        }
    }
}
