//! A file of a chart, and what is said of a chart that cannot be used.

use std::sync::Arc;

use camino::Utf8PathBuf;

/// A file of a chart, by its path within.
#[derive(Clone, Debug)]
pub struct File {
    pub path: Utf8PathBuf,
    pub bytes: Arc<[u8]>,
}

/// Why a folder or an archive is no chart that could be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file, or else the chart.
    pub path: Utf8PathBuf,
    /// The file's text and the place in it, where there is one.
    pub at: Option<(Arc<str>, u32)>,
    /// Completes "`web.tgz` cannot be used: ".
    pub why: String,
}

impl File {
    /// What it says. What is no UTF-8 is replaced.
    pub fn text(&self) -> Arc<str> {
        String::from_utf8_lossy(&self.bytes).into()
    }
}
