//! Regular expressions as Go and so Kubernetes has them (RE2).

use std::borrow::Cow;

use crate::schema::pattern;

/// Bytes a compiled pattern may take: repetitions of repetitions multiply.
const SIZE: usize = 1 << 20;

/// Characters that have no case but in ASCII are compared by the small engine alone.
#[derive(Debug)]
pub(super) enum Pattern {
    /// Compiles ten times quicker, and takes `\d` and `\w` for ASCII, as Go does.
    Small(regex_lite::Regex),
    /// Knows the classes of Unicode, `\p{Greek}`, and the case of all letters.
    Large(regex::Regex),
}

/// Larger ones are over the limit of the size, whichever engine reads them.
const MOST: u64 = 1 << 17;

/// What compiling takes at most, until the limit of the size stops it: by the small engine, and by the large one.
const SMALL_STEPS: u64 = 30_000;
const LARGE_STEPS: u64 = 150_000;

impl Pattern {
    /// `None` if it is no pattern, or larger than can be compiled. What it costs is paid before.
    pub(super) fn compile<E>(text: &str, mut pay: impl FnMut(u64) -> Result<(), E>) -> Result<Option<Self>, E> {
        pay(1_000 + 50 * text.len() as u64)?;
        let text = &*go(text);
        // The small engine compares letters without case in ASCII only.
        let needs_cases = text.contains("(?") && text.contains('i') && !text.is_ascii();
        if !needs_cases {
            pay(pattern::size(text).min(SMALL_STEPS))?;
            if let Ok(small) = regex_lite::RegexBuilder::new(text).size_limit(SIZE).build() {
                return Ok(Some(Self::Small(small)));
            }
        }
        let text = &*in_ascii(text);
        pay(pattern::compiling(text).min(LARGE_STEPS))?;
        Ok(regex::RegexBuilder::new(text).size_limit(SIZE).build().ok().map(Self::Large))
    }

    /// Whether a text that is written in a rule is a pattern, which is told without compiling it.
    pub(super) fn is_one(text: &str) -> bool {
        let text = in_ascii(&go(text));
        regex_syntax::Parser::new().parse(&text).is_ok() && pattern::size(&text) < MOST
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Small(pattern) => pattern.is_match(text),
            Self::Large(pattern) => pattern.is_match(text),
        }
    }

    pub(super) fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Small(pattern) => pattern.find(text).map(|found| found.as_str()),
            Self::Large(pattern) => pattern.find(text).map(|found| found.as_str()),
        }
    }

    /// The first so many matches, if it may go on behind each of them. One that is empty is none right behind another.
    pub(super) fn find_all<'t>(
        &self,
        text: &'t str,
        limit: usize,
        mut may_go_on: impl FnMut(usize) -> bool,
    ) -> Option<Vec<&'t str>> {
        let mut told = |end: usize, found: &'t str| may_go_on(end).then_some(found);
        match self {
            Self::Small(pattern) => {
                pattern.find_iter(text).take(limit).map(|found| told(found.end(), found.as_str())).collect()
            }
            Self::Large(pattern) => {
                pattern.find_iter(text).take(limit).map(|found| told(found.end(), found.as_str())).collect()
            }
        }
    }
}

/// What Go reads otherwise, as our engines read it: `\Q…\E` is what stands between, `\s` has no vertical tab, and braces
/// that count nothing stand for themselves.
fn go(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') && !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_class = false;
    while let Some(letter) = rest.chars().next() {
        let (piece, length): (Cow<'_, str>, usize) = match letter {
            '\\' if rest.starts_with("\\Q") => {
                let (quoted, behind) = rest[2..].split_once("\\E").unwrap_or((&rest[2..], ""));
                (regex_lite::escape(quoted).into(), rest.len() - behind.len())
            }
            '\\' if rest.starts_with("\\s") => (if in_class { r"\t\n\x0C\r " } else { r"[\t\n\x0C\r ]" }.into(), 2),
            '\\' if rest.starts_with("\\S") && !in_class => (r"[^\t\n\x0C\r ]".into(), 2),
            '\\' => {
                let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                // The name of a class in braces belongs to it.
                let braced = rest[1..].starts_with(['p', 'P', 'x']) && rest[length..].starts_with('{');
                let length = if braced { rest.find('}').map_or(length, |end| end + 1) } else { length };
                (rest[..length].into(), length)
            }
            '{' if !in_class && !counts(rest) => (r"\{".into(), 1),
            '[' => {
                in_class = true;
                // A bracket that comes first in a class stands for itself.
                let opened = 1 + usize::from(rest[1..].starts_with('^'));
                let length = opened + usize::from(rest[opened..].starts_with(']'));
                (rest[..length].into(), length)
            }
            ']' => {
                in_class = false;
                ("]".into(), 1)
            }
            _ => (rest[..letter.len_utf8()].into(), letter.len_utf8()),
        };
        out.push_str(&piece);
        rest = &rest[length..];
        // `[[:alpha:]]`: the class goes on behind the name.
        if in_class && let Some(end) = rest.strip_prefix("[:").and_then(|name| name.find(":]")) {
            out.push_str(&rest[..end + 4]);
            rest = &rest[end + 4..];
        }
    }
    Cow::Owned(out)
}

/// Whether a brace is a repetition: `{2}`, `{2,}`, `{2,5}`.
fn counts(text: &str) -> bool {
    let Some((inner, _)) = text[1..].split_once('}') else { return false };
    let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && is_number(least) && is_number(most)
}

/// The same pattern with the classes that are ASCII's in Go written out, for an engine to which they are Unicode's.
fn in_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_class = false;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('d') => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str(if in_class { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                Some('W') => out.push_str("[^0-9A-Za-z_]"),
                Some('b') => out.push_str("(?-u:\\b)"),
                Some('B') => out.push_str("(?-u:\\B)"),
                other => out.extend(['\\'].into_iter().chain(other)),
            },
            '[' | ']' => {
                in_class = letter == '[';
                out.push(letter);
            }
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_are_those_of_go() {
        for (pattern, text, fits) in [
            (r"^\p{L}$", "ä", true),
            (r"^\pL\d$", "ä1", true),
            (r"^\p{Greek}+$", "αβ", true),
            (r"^\p{L}\d$", "ä٣", false),
            (r"^\w$", "ä", false),
            (r"(?i)^ä$", "Ä", true),
            (r"^[[:word:]-]+$", "a-b", true),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"\s", "\u{b}", false),
            (r"^[\s\w]+$", "a b", true),
            (r"^x{,5}$", "x{,5}", true),
            (r"^x{2,3}$", "xx", true),
            (r"^[]a]+$", "a]", true),
        ] {
            let free = |_| Ok::<_, ()>(());
            let compiled = Pattern::compile(pattern, free).unwrap().unwrap_or_else(|| panic!("{pattern}"));
            assert_eq!(compiled.is_match(text), fits, "{pattern} on {text}");
        }
        for pattern in [r"(a)\1", "(?=a)", "(", r"\p{Nope}"] {
            assert!(!Pattern::is_one(pattern), "{pattern}");
        }
    }
}
