//! Which layer the environments of an application share, and who else uses it.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

use crate::disk::Disk;
use crate::environment::load::Loader;
use crate::environment::shape::Shape;
use crate::finding::Findings;
use crate::project::{Entry, Project};

/// What lies below the environments.
#[derive(Clone, Debug)]
pub(super) struct Below {
    /// The folder of the layer nearest to them that all share.
    pub(super) base: Option<Utf8PathBuf>,
    /// There are environments that do not have the application.
    pub(super) has_others: bool,
    /// Some of them do not have that layer either.
    pub(super) misses_some: bool,
}

impl Below {
    /// `None`, with findings, where an environment cannot be loaded.
    pub(super) fn find<S: Shape>(
        loader: &Loader<'_, S>,
        project: &Project,
        entries: &[Entry],
        disk: &dyn Disk,
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut common: Option<Vec<Utf8PathBuf>> = None;
        for entry in entries {
            let layers = layers(loader, entry, findings)?;
            common = Some(match common {
                None => layers,
                Some(common) => common.into_iter().filter(|layer| layers.contains(layer)).collect(),
            });
        }
        let base = common?.into_iter().rev().find(|layer| disk.list(layer).is_ok()).filter(|_| entries.len() > 1);
        let own: BTreeSet<&str> = entries.iter().map(|entry| &*entry.name).collect();
        let others: Vec<&Entry> = project.environments.iter().filter(|entry| !own.contains(&*entry.name)).collect();
        let has_base = |entry: &&Entry| {
            let layers = layers(loader, entry, &mut Findings::default()).unwrap_or_default();
            base.as_ref().is_some_and(|base| layers.contains(base))
        };
        let misses_some = !others.iter().all(has_base);
        Some(Self { has_others: !others.is_empty(), misses_some, base })
    }
}

/// The layers that an environment extends, the lowest first.
fn layers<S: Shape>(loader: &Loader<'_, S>, entry: &Entry, findings: &mut Findings) -> Option<Vec<Utf8PathBuf>> {
    let environment = loader.load(entry, None, findings)?;
    let (_, below) = environment.layers.split_last()?;
    Some(below.iter().map(|layer| layer.path.clone()).collect())
}
