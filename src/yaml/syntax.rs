//! Text that is not YAML: the parser's error codes in words that say what the author most likely meant.

use granit_parser::{ErrorKind, ScanError};

use super::build;
use crate::finding::{Finding, codes};
use crate::source::{FileId, Span};

/// The finding for an error of the parser; none where `too_deep` says that its cause has been told already.
pub(super) fn finding(error: &ScanError, text: &str, file: FileId, too_deep: bool) -> Option<Finding> {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let span = Span::new(file, at, at);
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return (!too_deep).then(|| build::too_deep(span, 64));
    }
    Some(Finding::new(&codes::yaml::SYNTAX, span, "this is not YAML"))
}
