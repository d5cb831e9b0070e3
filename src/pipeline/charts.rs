//! [`OfCharts`]: what the releases of a tree make of the charts of a project, side by side. Without charts nothing is read and
//! nothing is made.

mod failing;
mod said;
mod shelved;
mod traces;

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use self::failing::{failing, moved};
pub(super) use self::shelved::Shelved;
use self::traces::{OfReleases, Release, Wrote};
use crate::account::{Account, Work};
use crate::artifact::{Artifact, Body};
use crate::chart::load::Chart;
use crate::chart::release::{Stopped, make_for};
use crate::chart::told;
use crate::check::{Charts, Draft, Hears, Installed, Report, View};
use crate::delivery::{self, Cluster, File, Scopes, Wanted};
use crate::disk::Disk;
use crate::finding::codes::chart as codes;
use crate::finding::{Finding, suggest};
use crate::rules;
use crate::source::Sources;
use crate::value::Value;

/// The charts of a project, for the judge, who asks what they make.
pub(super) struct OfCharts<'a> {
    pub shelved: &'a Shelved,
    pub disk: &'a dyn Disk,
    pub sources: &'a Sources,
}

/// A release, and what became of it.
struct One<'a> {
    wanted: Wanted<'a>,
    /// None if it is not there, or cannot be used.
    chart: Option<Arc<Chart>>,
    cluster: Arc<Cluster>,
    files: Vec<File>,
    /// All that it makes is known.
    is_made: bool,
    drafts: Vec<Draft>,
    /// How many of them are about the chart alone.
    of_chart: usize,
}

impl Charts for OfCharts<'_> {
    fn installed<'a>(&'a self, view: &View<'a>, account: &Account) -> Option<Installed<'a>> {
        if self.shelved.is_empty() {
            return None;
        }
        let wanted = judged(view);
        if wanted.is_empty() {
            return None;
        }
        let (mut cluster, scopes) = (cluster(view), Scopes::of(view));
        let first = Arc::new(cluster.clone());
        let one = |wanted| {
            let mut one = self.found(wanted, &first, account);
            self.made(&mut one, &scopes, (view, account));
            one
        };
        let mut all: Vec<One<'a>> = wanted.into_par_iter().map(one).collect();
        // What one chart brings another may ask for: that is made once more.
        let brought = brought(&all, &cluster);
        if !brought.is_empty() {
            cluster.apis.extend(brought);
            let second = Arc::new(cluster);
            all.par_iter_mut().filter(|one| one.asks_for_apis()).for_each(|one| {
                one.cluster = Arc::clone(&second);
                self.made(one, &scopes, (view, account));
            });
        }
        Some(self.together(all, view))
    }

    fn hears(&self, rule: &str) -> Hears {
        rules::of_charts(rule)
    }
}

impl OfCharts<'_> {
    /// A release with its chart, if that is there.
    fn found<'a>(&self, wanted: Wanted<'a>, cluster: &Arc<Cluster>, account: &Account) -> One<'a> {
        let mut one = One {
            wanted,
            chart: None,
            cluster: Arc::clone(cluster),
            files: Vec::new(),
            is_made: false,
            drafts: Vec::new(),
            of_chart: 0,
        };
        let Some(loaded) = self.shelved.find(one.wanted.chart, one.wanted.version, self.disk, self.sources) else {
            return one;
        };
        account.read(loaded.bytes);
        one.chart = loaded.chart.as_ref().ok().map(Arc::clone);
        let refused = loaded.chart.as_ref().err().map(|refusal| told::refusal(refusal, self.sources));
        one.say(refused.into_iter().chain(loaded.locked.clone()));
        one.of_chart = one.drafts.len();
        one
    }

    /// Makes what a release makes.
    fn made(&self, one: &mut One<'_>, scopes: &Scopes, (view, account): (&View<'_>, &Account)) {
        let Some(chart) = one.chart.clone().filter(|_| one.wanted.unknown.is_none()) else { return };
        one.drafts.truncate(one.of_chart);
        one.files.clear();
        one.is_made = false;
        let wanted = &one.wanted;
        let values = match delivery::laid(wanted, &chart) {
            Ok(values) => values,
            Err(unlaid) => {
                let message = format!("values of the release `{}` cannot be read: {}", wanted.name, unlaid.why);
                let mut report = Report::default();
                report.at(&codes::FAILS, unlaid.node, message).help("Helm could not read them either");
                one.drafts.extend(report.into_drafts());
                return;
            }
        };
        // What the release is given in secret, messages of the chart may quote.
        for secret in &rules::secret_texts(wanted.by.value) {
            self.sources.hush(secret);
        }
        let at = view.artifact(&wanted.by.place()).place;
        let order = delivery::order(wanted, &chart, values, &one.cluster, false);
        match make_for(&order, account, Work::Chart, at) {
            Ok(made) => {
                let silent = told::silent(&made, &wanted.name, &chart, self.sources);
                let said = said::said(&made, wanted, &chart, self.sources);
                let (files, cost) = delivery::files(&made, wanted, &chart, scopes);
                account.charge(cost, Work::Chart, at);
                (one.files, one.is_made) = (files, true);
                one.say(silent);
                one.drafts.extend(said);
            }
            Err(stopped) => {
                if is_certain(&stopped, &chart, &one.cluster) {
                    one.drafts.extend(failing(&stopped, wanted, &chart, self.sources));
                }
            }
        }
    }

    /// What all releases make, as the judge takes it.
    fn together<'a>(&'a self, all: Vec<One<'a>>, view: &View<'a>) -> Installed<'a> {
        let (mut artifacts, mut drafts, mut releases) = (Vec::new(), missing(&all), BTreeSet::new());
        let (mut wrote, mut made, mut by) = (Vec::new(), Vec::new(), Vec::new());
        let mut definitions: BTreeSet<String> = view
            .objects_of("apiextensions.k8s.io", "CustomResourceDefinition")
            .filter_map(|object| object.name.map(str::to_owned))
            .collect();
        for mut one in all {
            drafts.append(&mut one.drafts);
            let Some(chart) = one.chart.filter(|_| one.is_made) else { continue };
            let at = view.artifact(&one.wanted.by.place()).place;
            let installs = (one.wanted.namespace.map(str::to_owned), one.wanted.name.clone());
            for file in one.files {
                let File { source, path, mut documents } = file;
                for document in &mut documents {
                    once(document, &mut definitions);
                }
                wrote.push(Wrote { release: made.len(), source });
                let (template, path) = (path.as_str().into(), format!("/{path}").into());
                by.push(installs.clone());
                artifacts.push(Artifact { path, template, place: at, target: None, body: Body::Documents(documents) });
            }
            releases.insert(installs);
            made.push(Release::new(one.wanted, chart, one.cluster));
        }
        let traces = Box::new(OfReleases { wrote, made, sources: self.sources });
        Installed { artifacts, by, releases, drafts, traces }
    }
}

impl One<'_> {
    /// Says at the release what is said of its chart.
    fn say(&mut self, findings: impl IntoIterator<Item = Finding>) {
        let place = self.wanted.node.place();
        self.drafts.extend(findings.into_iter().map(|finding| moved(finding, place.clone(), "in this chart")));
    }

    /// Whether its chart looks which APIs there are.
    fn asks_for_apis(&self) -> bool {
        self.chart.as_ref().is_some_and(|chart| shelved::mentions(chart, "APIVersions"))
    }
}

/// The releases of which it can be told what they make.
fn judged<'a>(view: &View<'a>) -> Vec<Wanted<'a>> {
    let wanted = delivery::wanted(view);
    let is_changed = |wanted: &Wanted<'a>| {
        let object = view.objects().iter().find(|object| object.root().is_at(&wanted.by));
        object.is_some_and(|object| view.is_transformed(object))
    };
    // Where a tree is for several clusters, what goes to another one has nothing to do with what stands beside it.
    let clusters: BTreeSet<Option<&str>> = wanted.iter().map(Wanted::cluster).collect();
    let is_for_one = clusters.len() == 1;
    let kept: Vec<bool> = wanted.iter().map(|it| (is_for_one || it.cluster().is_none()) && !is_changed(it)).collect();
    wanted.into_iter().zip(kept).filter_map(|(wanted, is_kept)| is_kept.then_some(wanted)).collect()
}

fn cluster(view: &View<'_>) -> Cluster {
    let version = delivery::kube_version(view).map(str::to_owned);
    let is_known = version.is_some();
    let version = version.or_else(|| Some(rules::newest_kubernetes()));
    let own = rules::apis().map(str::to_owned);
    Cluster { version, is_known, apis: own.chain(delivery::apis(view)).collect() }
}

/// The APIs that charts bring, and that were not there.
fn brought(all: &[One<'_>], cluster: &Cluster) -> BTreeSet<String> {
    let documents = all.iter().flat_map(|one| &one.files).flat_map(|file| &file.documents);
    let is_definition = |it: &&Value| it.get("kind").and_then(Value::as_str) == Some("CustomResourceDefinition");
    let mut found: BTreeSet<String> = documents.filter(is_definition).flat_map(delivery::apis_of).collect();
    cluster.apis.iter().for_each(|known| {
        found.remove(known);
    });
    found
}

/// Takes a definition out that is there already: the first one counts.
fn once(document: &mut Value, known: &mut BTreeSet<String>) {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    if text(document.get("kind")).as_deref() != Some("CustomResourceDefinition") {
        return;
    }
    let name = text(document.get("metadata").and_then(|metadata| metadata.get("name"))).unwrap_or_default();
    if !known.insert(name) {
        *document = Value::Null;
    }
}

/// Whether a chart fails whatever else there is in the cluster.
fn is_certain(stopped: &Stopped, chart: &Chart, cluster: &Cluster) -> bool {
    match stopped {
        Stopped::Cluster { .. } => cluster.is_known,
        Stopped::Template(_) => !["APIVersions", "lookup "].iter().any(|word| shelved::mentions(chart, word)),
        _ => true,
    }
}

/// Says once which charts are not there.
fn missing(all: &[One<'_>]) -> Vec<Draft> {
    let mut report = Report::default();
    let lacks = |one: &&One<'_>| one.chart.is_none() && one.drafts.is_empty();
    let mut names: Vec<String> = all
        .iter()
        .filter(lacks)
        .map(|one| format!("`{}-{}`", one.wanted.chart, one.wanted.version.unwrap_or("VERSION")))
        .collect();
    names.sort();
    names.dedup();
    if let Some(first) = all.iter().find(lacks) {
        let rest = names.len().saturating_sub(3);
        let shown = suggest::and(&names[..names.len() - rest]);
        let (more, are) = (
            if rest > 0 { format!(" and {rest} more") } else { String::new() },
            if names.len() > 1 { "are" } else { "is" },
        );
        report
            .at(&codes::MISSING, first.wanted.node, format!("{shown}{more} {are} not in `charts`"))
            .label("what it makes is not judged")
            .help("`helm pull` fetches a chart, and `platc chart add` puts it there");
    }
    report.into_drafts()
}
