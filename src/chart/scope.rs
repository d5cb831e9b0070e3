//! What templates of a chart see as `.`: its values, what it is, its files, the release and the cluster.

use std::sync::Arc;

use super::capabilities::{Capabilities, structure};
use super::engine::Job;
use super::failure::Failure;
use super::installed::Installed;
use super::load::Chart;
use super::metadata::{Dependency, Import, Maintainer, Metadata};
use super::value::{Data, Field, List, ListKind, Map, MapKind, StructKind, Value};
use super::values::table_at;

/// What a release is called, and where it goes.
#[derive(Clone, Debug)]
pub struct Named {
    pub release: Arc<str>,
    pub namespace: Arc<str>,
}

/// The templates of a chart and of those within, each with what it sees.
pub fn jobs(
    chart: &Installed<'_>,
    values: &Map,
    named: &Named,
    capabilities: &Capabilities,
) -> Result<Vec<Job>, Failure> {
    let common = Common { release: release(named), capabilities: capabilities.value() };
    let mut jobs = Vec::new();
    scope(chart, "", &values.named(MapKind::Values), &common, &mut jobs)?;
    Ok(jobs)
}

struct Common {
    release: Value,
    capabilities: Value,
}

fn scope(
    chart: &Installed<'_>,
    above: &str,
    values: &Map,
    common: &Common,
    jobs: &mut Vec<Job>,
) -> Result<Map, Failure> {
    let path = if above.is_empty() { chart.name.to_string() } else { format!("{above}/charts/{}", chart.name) };
    let below = Map::empty();
    let entry = |key: &str, value: Value| (Arc::<str>::from(key), value);
    let scope = Map::new(
        MapKind::Any,
        [
            entry("Chart", described(chart, above.is_empty())),
            entry("Files", files(chart.chart)),
            entry("Release", common.release.clone()),
            entry("Capabilities", common.capabilities.clone()),
            entry("Values", values.clone().into()),
            entry("Subcharts", below.clone().into()),
        ],
    );
    for one in &chart.below {
        let own =
            table_at(values, &one.name).map_or_else(|| Map::new(MapKind::Values, []), |it| it.named(MapKind::Values));
        let inner = self::scope(one, &path, &own, common, jobs)?;
        below.set(Arc::clone(&one.name), inner.into());
    }
    let base_path: Arc<str> = format!("{path}/templates").into();
    for file in &chart.chart.templates {
        let is_partial = file.path.file_name().is_some_and(|name| name.starts_with('_'));
        if is_partial || !chart.chart.metadata.is_library() {
            let template = chart.chart.template(format!("{path}/{}", file.path), file)?;
            jobs.push(Job { template, scope: scope.clone(), base_path: Arc::clone(&base_path) });
        }
    }
    Ok(scope)
}

fn release(named: &Named) -> Value {
    let entry = |key: &str, value: Value| (Arc::<str>::from(key), value);
    Value::map([
        entry("Name", Value::text(Arc::clone(&named.release))),
        entry("Namespace", Value::text(Arc::clone(&named.namespace))),
        entry("IsUpgrade", false.into()),
        entry("IsInstall", true.into()),
        entry("Revision", Value::int(1)),
        entry("Service", Value::text("Helm")),
    ])
}

fn files(chart: &Chart) -> Value {
    let file = |file: &super::file::File| (Arc::from(file.path.as_str()), Data::Bytes(Arc::clone(&file.bytes)).into());
    Map::new(MapKind::Files, chart.files.iter().map(file)).into()
}

/// `.Chart`.
fn described(chart: &Installed<'_>, is_root: bool) -> Value {
    let Metadata {
        version,
        api_version,
        app_version,
        kube_version,
        kind,
        description,
        home,
        icon,
        condition,
        tags,
        deprecated,
        sources,
        keywords,
        maintainers,
        annotations,
        ..
    } = &chart.chart.metadata;
    let field = |name, json, value| Field { name, json, omit_empty: true, value };
    let text = |text: &str| Value::text(text);
    let annotations = annotations.iter().map(|(key, text)| (Arc::clone(key), Value::text(text.as_str())));
    let fields = vec![
        field("Name", "name", text(&chart.name)),
        field("Home", "home", text(home)),
        field("Sources", "sources", texts(sources)),
        field("Version", "version", text(version)),
        field("Description", "description", text(description)),
        field("Keywords", "keywords", texts(keywords)),
        field("Maintainers", "maintainers", pointers("chart.Maintainer", maintainers.iter().map(maintainer).collect())),
        field("Icon", "icon", text(icon)),
        field("APIVersion", "apiVersion", text(api_version)),
        field("Condition", "condition", text(condition)),
        field("Tags", "tags", text(tags)),
        field("AppVersion", "appVersion", text(app_version)),
        field("Deprecated", "deprecated", (*deprecated).into()),
        field("Annotations", "annotations", Map::new(MapKind::Text, annotations).into()),
        field("KubeVersion", "kubeVersion", text(kube_version)),
        field(
            "Dependencies",
            "dependencies",
            pointers("chart.Dependency", chart.dependencies.iter().map(dependency).collect()),
        ),
        field("Type", "type", text(kind)),
        Field { name: "IsRoot", json: "IsRoot", omit_empty: false, value: is_root.into() },
    ];
    structure(StructKind::Chart, fields)
}

fn texts(texts: &[String]) -> Value {
    Value::texts(texts.iter().map(|text| Value::text(text.as_str())).collect())
}

fn pointers(kind: &'static str, items: Vec<Value>) -> Value {
    Data::List(List::new(ListKind::Pointers(kind), items)).into()
}

fn maintainer(one: &Maintainer) -> Value {
    let field = |name, json, text: &str| Field { name, json, omit_empty: true, value: Value::text(text) };
    let fields =
        vec![field("Name", "name", &one.name), field("Email", "email", &one.email), field("URL", "url", &one.url)];
    structure(StructKind::Maintainer, fields)
}

fn dependency(one: &Dependency) -> Value {
    let field = |name, json, omit_empty, value| Field { name, json, omit_empty, value };
    let text = |text: &str| Value::text(text);
    let import = |it: &Import| {
        let (child, parent) = match it {
            Import::Exported(name) => (format!("exports.{name}"), "."),
            Import::Mapped { child, parent } => (child.clone(), parent.as_str()),
        };
        let entry = |key: &str, text: &str| (Arc::<str>::from(key), Value::text(text));
        Value::from(Map::new(MapKind::Text, [entry("child", &child), entry("parent", parent)]))
    };
    let fields = vec![
        field("Name", "name", false, text(&one.name)),
        field("Version", "version", true, text(&one.version)),
        field("Repository", "repository", false, text(&one.repository)),
        field("Condition", "condition", true, text(&one.condition)),
        field("Tags", "tags", true, texts(&one.tags)),
        field("Enabled", "enabled", true, true.into()),
        field("ImportValues", "import-values", true, Value::list(one.imports.iter().map(import).collect())),
        field("Alias", "alias", true, text(one.alias.as_deref().unwrap_or_default())),
    ];
    structure(StructKind::Dependency, fields)
}
