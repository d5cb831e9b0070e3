//! A release: a chart with values, a name and a cluster, and the manifests that it makes.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::capabilities::Capabilities;
use super::engine::{self, Options};
use super::failure::Failure;
use super::file::File;
use super::installed::{self, Installed};
use super::load::Chart;
use super::manifests::{Broken, Manifests, manifests};
use super::meter::Meter;
use super::schema::{Misfit, misfits};
use super::scope::{self, Named};
use super::unread::{self, Unread};
use super::value::Map;
use super::values::{self, NoMap};
use super::version::satisfies;
use crate::account::{Account, Cost, Work};
use crate::source::Span;

/// What is installed, and how.
#[derive(Debug)]
pub struct Order<'c> {
    pub chart: &'c Chart,
    /// All values that somebody gives, laid over each other.
    pub values: Map,
    pub named: Named,
    pub capabilities: Capabilities,
    pub options: Options,
}

/// What a release makes.
#[derive(Debug)]
pub struct Made<'c> {
    pub manifests: Manifests,
    /// Definitions of kinds, which are installed first, with their paths: `web/crds/thing.yaml`.
    pub definitions: Vec<(Arc<str>, &'c File)>,
    /// What templates made, by their names.
    pub rendered: engine::Rendered,
    /// The values that templates saw.
    pub values: Map,
    /// Values that somebody gives and no template reads.
    pub unread: Vec<Unread>,
    pub cost: Cost,
}

/// Why nothing can be made of it.
#[derive(Debug)]
pub enum Stopped {
    /// Only other charts include it.
    Library,
    /// It wants another version of Kubernetes than there is.
    Cluster {
        wants: String,
        is: String,
    },
    /// Charts that it lists and that do not lie in it.
    Missing(Vec<Arc<str>>),
    NoMap(NoMap),
    /// So many charts lie in it, under so many names, that installing it has no end.
    OverBudget,
    /// Values that its schemas do not take.
    Misfits(Vec<Misfit>),
    Template(Failure),
    /// A template makes what is no YAML.
    Broken(Broken),
}

/// Installs a chart for an account, which pays whatever comes of it.
pub fn make_for<'c>(order: &Order<'c>, account: &Account, work: Work, at: Span) -> Result<Made<'c>, Stopped> {
    let meter = Meter::new(account.left());
    let made = made(order, account.left(), &meter);
    account.charge(meter.spent(), work, at);
    made
}

/// Installs a chart, as far as that needs no cluster.
pub fn make<'c>(order: &Order<'c>, most: Cost) -> Result<Made<'c>, Stopped> {
    made(order, most, &Meter::new(most))
}

fn made<'c>(order: &Order<'c>, most: Cost, meter: &Meter) -> Result<Made<'c>, Stopped> {
    let Order { chart, values: given, named, capabilities, options } = order;
    let metadata = &chart.metadata;
    if metadata.is_library() {
        return Err(Stopped::Library);
    }
    let is_there = |name: &str| chart.charts.iter().any(|one| &*one.metadata.name == name);
    let missing: Vec<Arc<str>> =
        metadata.dependencies.iter().map(|it| Arc::clone(&it.name)).filter(|name| !is_there(name)).collect();
    if !missing.is_empty() {
        return Err(Stopped::Missing(missing));
    }
    installed::charge(chart, meter).map_err(|_| Stopped::OverBudget)?;
    let installed = Installed::of(chart, given).map_err(Stopped::NoMap)?;
    let values = values::coalesced(&installed, given).map_err(Stopped::NoMap)?;
    let misfits = misfits(&installed, &values, most);
    if !misfits.is_empty() {
        return Err(Stopped::Misfits(misfits));
    }
    let wants = &metadata.kube_version;
    if !wants.is_empty() && satisfies(wants, &capabilities.version) != Ok(true) {
        return Err(Stopped::Cluster { wants: wants.clone(), is: capabilities.version.clone() });
    }
    values.watch();
    let jobs = scope::jobs(&installed, &values, named, capabilities).map_err(Stopped::Template)?;
    let rendered = engine::render(&jobs, options, meter).map_err(Stopped::Template)?;
    let texts: Vec<_> = rendered.files.iter().map(|(name, text)| (name, text.str())).collect();
    let manifests = manifests(texts.iter().map(|(name, text)| (*name, &**text))).map_err(Stopped::Broken)?;
    let (definitions, unread) = (definitions(&installed, ""), unread::unread(chart, given, &values));
    Ok(Made { manifests, definitions, rendered, values, unread, cost: meter.spent() })
}

/// Definitions of kinds, those of the chart before those of charts within.
fn definitions<'c>(chart: &Installed<'c>, above: &str) -> Vec<(Arc<str>, &'c File)> {
    let path = if above.is_empty() { chart.name.to_string() } else { format!("{above}/charts/{}", chart.name) };
    let own = chart.chart.files.iter().filter(|file| Chart::is_definition(file));
    let named = |file: &'c File| (Arc::from(Utf8PathBuf::from(&path).join(&file.path).into_string()), file);
    let mut found: Vec<_> = own.map(named).collect();
    found.extend(chart.below.iter().flat_map(|one| definitions(one, &path)));
    found
}

impl Made<'_> {
    /// All of it as `helm template` prints it.
    pub fn text(&self, with_definitions: bool, with_hooks: bool) -> String {
        let mut text = String::new();
        let mut push = |source: &str, content: &str| text.push_str(&format!("---\n# Source: {source}\n{content}\n"));
        for (source, file) in self.definitions.iter().filter(|_| with_definitions) {
            push(source, &file.text());
        }
        for manifest in &self.manifests.objects {
            push(&manifest.source, &manifest.text);
        }
        let mut whole = format!("{}\n", text.trim());
        for manifest in self.manifests.hooks.iter().filter(|_| with_hooks) {
            whole.push_str(&format!("---\n# Source: {}\n{}\n", manifest.source, manifest.text));
        }
        whole
    }
}
