//! What an environment tells of its charts: one line for each release.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::account::{Account, Work};
use crate::chart::archive;
use crate::chart::capabilities::Capabilities;
use crate::chart::engine::Options;
use crate::chart::file::Refusal;
use crate::chart::load::Chart;
use crate::chart::lock::Lock;
use crate::chart::manifests::Manifest;
use crate::chart::release::{Order, Stopped, make_for};
use crate::chart::scope::Named;
use crate::chart::shelf::{Place, Shelf};
use crate::chart::told as words;
use crate::cli::mask::Mask;
use crate::cli::session::Session;
use crate::delivery::{self, Engine, Unlaid, Wanted};
use crate::diff;
use crate::disk::archive::Room;
use crate::finding::codes::chart as codes;
use crate::finding::{Finding, Findings, Known};
use crate::pipeline::{Asking, Seen};
use crate::rules;
use crate::source::Span;

pub(super) struct Asks<'a> {
    session: &'a Session,
    /// Those whose text is wanted.
    releases: &'a [String],
    shelf: Shelf,
    lock: Lock,
    charts: Mutex<BTreeMap<Utf8PathBuf, Result<Arc<Chart>, Refusal>>>,
    findings: Mutex<Findings>,
}

/// Accounts that all releases of an environment have together before they are read.
const FREE_ACCOUNTS: usize = 3;
/// Bytes that a release counts as read beside the files that order it.
const RELEASE_BYTES: u64 = 2 << 10;

/// What pays for the releases of an environment: its allowance grows with them and with the charts that they install.
struct Paying {
    account: Account,
    /// The charts that were read.
    read: RefCell<BTreeSet<Utf8PathBuf>>,
}

impl Paying {
    fn read(&self, place: &Place, chart: &Chart) {
        self.account.read(RELEASE_BYTES);
        if self.read.borrow_mut().insert(place.path.clone()) {
            self.account.read(chart.bytes());
        }
    }
}

/// A release, and what became of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub(super) release: String,
    pub(super) namespace: Option<String>,
    pub(super) chart: String,
    pub(super) version: Option<String>,
    /// Who installs it.
    pub(super) by: String,
    /// The file of the tree that orders it.
    pub(super) artifact: String,
    #[serde(flatten)]
    pub(super) state: State,
    pub(super) objects: Vec<Thing>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) text: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub(super) enum State {
    Made {
        /// The chart within the project.
        path: String,
    },
    Missing,
    Unknown {
        because: String,
    },
    Failed,
}

/// An object that a chart makes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Thing {
    kind: String,
    name: String,
    /// The template that makes it.
    source: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    hook: Vec<String>,
}

impl<'a> Asks<'a> {
    pub(super) fn open(session: &'a Session, releases: &'a [String]) -> Self {
        let disk = session.disk.as_ref();
        let mut findings = Findings::default();
        let lock = Lock::open(disk).unwrap_or_else(|refusal| {
            findings.push(words::refusal(&refusal, &session.sources));
            Lock::default()
        });
        let (shelf, charts) = (Shelf::open(disk), Mutex::default());
        Self { session, releases, shelf, lock, charts, findings: Mutex::new(findings) }
    }

    pub(super) fn into_findings(self) -> Findings {
        self.findings.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, finding: Finding) {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).push(finding);
    }

    /// A chart of the project, read once.
    fn chart(&self, place: &Place) -> Option<Arc<Chart>> {
        let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = charts.get(&place.path) {
            return known.as_ref().ok().map(Arc::clone);
        }
        let (disk, room) = (self.session.disk.as_ref(), &mut Room::default());
        let read = place.contents(disk, room).and_then(|contents| {
            let digest = archive::digest(&contents);
            Ok((Arc::new(Chart::load(contents, &place.path, room)?), digest))
        });
        let read = read.map(|(chart, digest)| {
            let named = (&*chart.metadata.name, &*chart.metadata.version);
            if let Some(finding) = self.lock.judge(named, &place.path, &digest, &self.session.sources) {
                self.push(finding);
            }
            chart
        });
        if let Err(refusal) = &read {
            self.push(words::refusal(refusal, &self.session.sources));
        }
        charts.entry(place.path.clone()).or_insert(read).as_ref().ok().map(Arc::clone)
    }

    fn told(&self, wanted: &Wanted<'_>, apis: &[String], seen: &Seen<'_>, paying: &Paying) -> Told {
        let mut told = Told {
            release: wanted.name.clone(),
            namespace: wanted.namespace.map(str::to_owned),
            chart: wanted.chart.to_owned(),
            version: wanted.version.map(str::to_owned),
            by: if wanted.engine == Engine::Flux { "Flux" } else { "Argo CD" }.to_owned(),
            artifact: seen.view.artifact(&wanted.by.place()).path.to_string(),
            state: State::Missing,
            objects: Vec::new(),
            text: None,
        };
        let Some(place) = self.shelf.find(wanted.chart, wanted.version) else { return told };
        told.state = State::Failed;
        let Some(chart) = self.chart(place) else { return told };
        if let Some(because) = &wanted.unknown {
            told.state = State::Unknown { because: because.clone() };
            return told;
        }
        let values = match delivery::laid(wanted, &chart) {
            Ok(values) => values,
            Err(unlaid) => {
                self.push(Self::unlaid(&unlaid, wanted, seen));
                return told;
            }
        };
        let version = wanted.kube_version.or_else(|| delivery::kube_version(seen.view));
        let apis = apis.iter().cloned().chain(wanted.apis.iter().map(|api| (*api).to_owned())).collect();
        let order = Order {
            chart: &chart,
            values,
            named: Named {
                release: wanted.name.as_str().into(),
                namespace: wanted.namespace.unwrap_or("default").into(),
            },
            capabilities: match version {
                Some(version) => Capabilities::of(version, apis).unwrap_or_default(),
                None => Capabilities::default().with(apis),
            },
            options: Options { lookup_is_unknown: wanted.engine == Engine::Flux, ..Options::default() },
        };
        // What the release is given in secret, messages of the chart may quote, and its objects hold.
        let secrets = rules::secret_texts(wanted.by.value);
        for secret in &secrets {
            self.session.sources.hush(secret);
        }
        paying.read(place, &chart);
        match make_for(&order, &paying.account, Work::Template, span(&wanted.by.place(), seen)) {
            Ok(made) => {
                let silent = words::silent(&made, &wanted.name, &chart, &self.session.sources);
                for finding in silent {
                    self.push(finding);
                }
                told.objects = made.manifests.objects.iter().chain(&made.manifests.hooks).map(Thing::of).collect();
                if self.releases.contains(&wanted.name) {
                    let mask = Mask::of(seen.environment, seen.schema);
                    let text = made.text(!wanted.skips_definitions, true);
                    told.text = Some(mask.text(&masked(text, &secrets)).into_owned());
                }
                told.state = State::Made { path: place.path.to_string() };
            }
            Err(stopped) => self.stop(&stopped, wanted, &chart, seen),
        }
        told
    }

    /// What is said of a release that nothing can be made of: of a value, where it is written.
    fn stop(&self, stopped: &Stopped, wanted: &Wanted<'_>, chart: &Chart, seen: &Seen<'_>) {
        let sources = &self.session.sources;
        let Stopped::Misfits(misfits) = stopped else {
            for finding in words::stopped(stopped, &wanted.name, chart, sources) {
                self.push(finding);
            }
            return;
        };
        for misfit in misfits {
            let place = delivery::place(wanted, &misfit.path).map_or(wanted.by.place(), |node| node.place());
            self.push(words::misfit(misfit, span(&place, seen), &wanted.name));
        }
    }

    fn unlaid(unlaid: &Unlaid<'_>, wanted: &Wanted<'_>, seen: &Seen<'_>) -> Finding {
        let span = span(&unlaid.node.place(), seen);
        let message = format!("values of the release `{}` cannot be read: {}", wanted.name, unlaid.why);
        Finding::new(&codes::FAILS, span, message).help("Helm could not read them either")
    }
}

/// The text of a release without what its objects say to be secret, and what it was given in secret.
fn masked(mut text: String, secrets: &[Arc<str>]) -> String {
    for range in diff::mask::secrets_of("release.yaml".into(), &text).into_iter().rev() {
        text.replace_range(range, rules::HIDDEN);
    }
    Known::of(secrets).veil_line(&mut text);
    text
}

/// Where a place of the tree was written; else the file of the tree.
fn span(place: &crate::check::Place, seen: &Seen<'_>) -> Span {
    let written = seen.written(&[(place.clone(), None)]).into_iter().flat_map(|it| it.spans).next();
    written.unwrap_or_else(|| Span::file_start(seen.sources.add(seen.view.artifact(place).path.clone(), "")))
}

impl Thing {
    fn of(manifest: &Manifest) -> Self {
        Self {
            kind: manifest.kind.clone(),
            name: manifest.name.clone(),
            source: manifest.source.to_string(),
            hook: manifest.hook.as_ref().map(|hook| hook.events.clone()).unwrap_or_default(),
        }
    }
}

impl Asking for Asks<'_> {
    fn question(&self) -> &'static str {
        "charts"
    }

    fn answer(&self, seen: &Seen<'_>) -> Vec<String> {
        let wanted = delivery::wanted(seen.view);
        let own = rules::apis().map(str::to_owned);
        let apis: Vec<String> = own.chain(delivery::apis(seen.view)).collect();
        let account = Account::default();
        account.read(seen.files.iter().map(|file| file.bytes.len() as u64).sum());
        (0..FREE_ACCOUNTS).for_each(|_| account.share(&Account::default()));
        let paying = Paying { account, read: RefCell::default() };
        let told = wanted.iter().map(|wanted| self.told(wanted, &apis, seen, &paying));
        told.filter_map(|told| serde_json::to_string(&told).ok()).collect()
    }
}
