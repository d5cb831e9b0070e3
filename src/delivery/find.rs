//! Files of the tree that a delivering object names: the tree lies somewhere in the repository, so that a name means the file
//! with the longest path that it ends in.

use camino::Utf8Path;

use crate::artifact::Body;
use crate::check::{Document, Node, View};
use crate::glob;

/// The documents that a name or a pattern means, in the order of their paths; nothing if none is there.
pub(super) fn values<'a>(name: &Node<'a>, view: &View<'a>) -> Option<Vec<Node<'a>>> {
    let name = name.text()?;
    let name = if name.starts_with('$') { name.split_once('/')?.1 } else { name };
    let is_pattern = name.contains(['*', '?', '[']);
    let mut rest = name.trim_start_matches("./");
    loop {
        let means = |document: &&Document<'a>| {
            if is_pattern { glob::matches(rest, document.path.as_str()) } else { document.path == rest }
        };
        let mut found: Vec<&Document<'a>> = view.documents().iter().filter(means).collect();
        if !found.is_empty() {
            found.sort_by_key(|document| document.path);
            found.dedup_by_key(|document| document.path);
            return Some(found.into_iter().map(Document::root).collect());
        }
        rest = rest.split_once('/')?.1;
    }
}

/// The text of a file.
pub(super) fn text(name: &str, view: &View<'_>) -> Option<String> {
    let name = if name.starts_with('$') { name.split_once('/')?.1 } else { name };
    let mut rest = name.trim_start_matches("./");
    loop {
        let is_it = |(place, _): &(crate::check::Place, &str)| view.artifact(place).path == Utf8Path::new(rest);
        if let Some((place, text)) = view.texts().find(is_it) {
            return match &view.artifact(&place).body {
                Body::Text(_) | Body::Copy(_) => Some(text.to_owned()),
                Body::Documents(_) => None,
            };
        }
        rest = rest.split_once('/')?.1;
    }
}
