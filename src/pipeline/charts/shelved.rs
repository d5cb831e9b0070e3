//! The charts of a project: each is read once, when the first release of any environment installs it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use camino::Utf8PathBuf;

use crate::chart::archive;
use crate::chart::file::Refusal;
use crate::chart::load::Chart;
use crate::chart::lock::Lock;
use crate::chart::shelf::{Place, Shelf};
use crate::chart::told;
use crate::disk::Disk;
use crate::disk::archive::Room;
use crate::finding::Finding;
use crate::finding::Findings;
use crate::source::Sources;

/// Bytes of a chart that allow for work: an archive may unpack to many.
const MOST_BYTES: u64 = 4 << 20;

/// What lies in the folder of charts.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Shelved {
    shelf: Shelf,
    lock: Lock,
    loaded: Mutex<BTreeMap<Utf8PathBuf, Arc<OnceLock<Arc<Loaded>>>>>,
}

/// A chart that somebody asked for.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) chart: Result<Arc<Chart>, Refusal>,
    /// Its bytes, which allow for what is made of it.
    pub(super) bytes: u64,
    /// What the lock says of it.
    pub(super) locked: Option<Finding>,
}

impl Shelved {
    pub(in crate::pipeline) fn open(disk: &dyn Disk, sources: &Sources, findings: &mut Findings) -> Self {
        let shelf = Shelf::open(disk);
        if shelf.is_empty() {
            return Self::default();
        }
        let lock = Lock::open(disk).unwrap_or_else(|refusal| {
            findings.push(told::refusal(&refusal, sources));
            Lock::default()
        });
        Self { shelf, lock, loaded: Mutex::default() }
    }

    pub(in crate::pipeline) fn is_empty(&self) -> bool {
        self.shelf.is_empty()
    }

    /// The chart that a release means, if it is there.
    pub(super) fn find(
        &self,
        name: &str,
        version: Option<&str>,
        disk: &dyn Disk,
        sources: &Sources,
    ) -> Option<Arc<Loaded>> {
        let place = self.shelf.find(name, version)?;
        let cell = {
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(loaded.entry(place.path.clone()).or_default())
        };
        Some(Arc::clone(cell.get_or_init(|| Arc::new(self.load(place, disk, sources)))))
    }

    fn load(&self, place: &Place, disk: &dyn Disk, sources: &Sources) -> Loaded {
        let room = &mut Room::default();
        let read = place.contents(disk, room).and_then(|contents| {
            let digest = archive::digest(&contents);
            let bytes: u64 = contents.iter().map(|file| file.bytes.len() as u64).sum();
            Ok((Arc::new(Chart::load(contents, &place.path, room)?), digest, bytes.min(MOST_BYTES)))
        });
        match read {
            Ok((chart, digest, bytes)) => {
                let named = (&*chart.metadata.name, &*chart.metadata.version);
                let locked = self.lock.judge(named, &place.path, &digest, sources);
                Loaded { chart: Ok(chart), bytes, locked }
            }
            Err(refusal) => Loaded { chart: Err(refusal), bytes: 0, locked: None },
        }
    }
}

/// Whether a template of a chart, or of one within, has a word.
pub(super) fn mentions(chart: &Chart, word: &str) -> bool {
    let has = |file: &crate::chart::file::File| file.text().contains(word);
    chart.templates.iter().any(has) || chart.charts.iter().any(|one| mentions(one, word))
}
