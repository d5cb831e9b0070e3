//! What to do about a golden tree that differs. Before a commit, what is to be staged is more often missing than an acceptance.

use std::cell::OnceCell;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::difference::Difference;
use crate::cli::session::Session;
use crate::cli::unstaged;
use crate::diff::side::{Edit, Edited};
use crate::disk::Disk;
use crate::tree::manifest::{self, Entry, Manifest};

pub(super) struct Advice<'a> {
    session: &'a Session,
    /// The project's files that are not staged as they are in the work tree.
    unstaged: OnceCell<Vec<Utf8PathBuf>>,
}

impl<'a> Advice<'a> {
    pub(super) fn of(session: &'a Session) -> Self {
        Self { session, unstaged: OnceCell::new() }
    }

    pub(super) fn on(&self, difference: &Difference) -> String {
        let Difference { name, nothing, edited, .. } = difference;
        if let Some(staging) = self.staging(difference) {
            return staging;
        }
        if let [Edited { template, how, .. }, ..] = edited.as_slice() {
            let anew = format!("`platc golden --accept --overwrite-edits {name}`");
            match how {
                Edit::Conflict => {
                    return format!("settle the conflict in environments and templates, then {anew} writes it anew");
                }
                Edit::LineEnds => {
                    return format!(
                        "keep git from changing line ends, with a line `{}/** -text` in `.gitattributes`; {anew} writes it anew",
                        difference.sides.old
                    );
                }
                Edit::Content => {}
            }
            return format!(
                "move the change into the environment or into `{template}`, which makes the file; \
                 `platc golden --accept --overwrite-edits {name}` throws it away"
            );
        }
        let wanted = if *nothing { "to begin with this" } else { "if this is what you want" };
        let add = if self.session.staged { format!(" and `git add {}`", difference.sides.old) } else { String::new() };
        if add.is_empty() {
            format!("{wanted}, run `platc golden --accept {name}` and commit the result")
        } else {
            format!(
                "{wanted}, run `platc golden --accept {name}`{add}; what you changed and did not `git add` is not judged here: add it, too"
            )
        }
    }

    /// What is there and not staged.
    fn staging(&self, difference: &Difference) -> Option<String> {
        let wanted = difference.wanted.as_ref()?;
        let tree = self.session.place.in_project(Utf8Path::new(&difference.sides.old))?;
        let list = tree.join(manifest::PATH);
        let work_tree = Session::folder(&self.session.place).ok()?;
        let here = read(work_tree.as_ref(), &list)?;
        if here.files == wanted.files {
            // The list is right, and a file that it names may have been edited since.
            let holds = |(path, entry): (&String, &Entry)| {
                work_tree.read(&tree.join(path), u64::MAX >> 1).is_ok_and(|bytes| entry.is_of(&bytes))
            };
            return here.files.iter().all(holds).then(|| match self.session.ignored_by(&list) {
                Some(line) => {
                    format!("it is there, and git ignores it by `{line}`: take that line out, and `git add {tree}`")
                }
                None => format!("it is right in the work tree, and not staged: `git add {tree}`"),
            });
        }
        // What is staged was accepted with files that are not.
        if read(self.session.disk.as_ref(), &list).is_some_and(|staged| staged.files == here.files) {
            let unstaged = self.unstaged.get_or_init(|| self.session.unstaged());
            let named = unstaged::named(unstaged)?;
            return Some(format!("{named}, for which it was accepted: `git add {}`", unstaged::words(unstaged)));
        }
        None
    }
}

fn read(disk: &dyn Disk, list: &Utf8Path) -> Option<Manifest> {
    manifest::parse(&disk.read(list, u64::MAX >> 1).ok()?).ok()
}
