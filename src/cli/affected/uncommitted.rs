//! Files of the work tree that are not as they are committed: they are not looked at, and that is said.

use camino::Utf8PathBuf;

use crate::cli::session::Session;
use crate::cli::unstaged;
use crate::disk::Parted;

/// Those that a run reads, if it is about what is checked out.
pub(super) fn files(parted: &Parted, session: &Session, head: &Session) -> Vec<Utf8PathBuf> {
    if parted.checked_out.as_ref() == Some(&parted.head) { session.otherwise_in(head) } else { Vec::new() }
}

pub(super) fn sentence(files: &[Utf8PathBuf]) -> Option<String> {
    let named = unstaged::list(files)?;
    let verb = if files.len() == 1 { "is" } else { "are" };
    Some(format!("{named} {verb} not committed as in the work tree"))
}
