//! A place in a tree as users write it: `karpenter.nodePools[name=general].limits.cpu`.
//!
//! Keys are joined by points; one that holds a point, a bracket, a quote, `=`, `,` or a blank stands in double quotes:
//! `metadata.labels."app.kubernetes.io/name"`. An item of a list is named by its position, `[0]`, or by its keys,
//! `[name=general]`, `[port=80,protocol=TCP]`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A path from the root of a tree. The empty path is the root itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Key(Arc<str>),
    /// An item by its position, from 0.
    Index(usize),
    /// The item whose keys have these values, as text.
    Item(Vec<(Arc<str>, Arc<str>)>),
}

impl Path {
    pub fn root() -> Self {
        Self::default()
    }

    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    pub fn pop(&mut self) -> Option<Step> {
        self.0.pop()
    }

    /// This path and one step more.
    #[must_use]
    pub fn join(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }

    /// This path and one key more.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.join(Step::Key(key.into()))
    }
}

impl FromIterator<Step> for Path {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            if at > 0 && matches!(step, Step::Key(_)) {
                f.write_str(".")?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write_word(f, key),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Item(keys) => {
                f.write_str("[")?;
                for (at, (key, value)) in keys.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { "," })?;
                    write_word(f, key)?;
                    f.write_str("=")?;
                    // In brackets a point says nothing, so an address needs no quotes.
                    if value.is_empty() || !value.chars().all(|char| char == '.' || is_bare(char)) {
                        write_quoted(f, value)?;
                    } else {
                        f.write_str(value)?;
                    }
                }
                f.write_str("]")
            }
        }
    }
}

fn is_bare(char: char) -> bool {
    !matches!(char, '.' | '[' | ']' | '"' | '\'' | '=' | ',' | '\\') && !char.is_whitespace() && !char.is_control()
}

/// A key as it stands in a path, in quotes if it must.
pub(crate) fn write_word(f: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    if !word.is_empty() && word.chars().all(is_bare) { f.write_str(word) } else { write_quoted(f, word) }
}

/// As in JSON.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for char in text.chars() {
        match char {
            '"' | '\\' => write!(f, "\\{char}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            char if char.is_control() => write!(f, "\\u{:04x}", u32::from(char))?,
            char => write!(f, "{char}")?,
        }
    }
    f.write_str("\"")
}

/// Where a text stops being a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// Bytes from the start.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Reader { text, at: 0 }.path()
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn path(mut self) -> Result<Path, PathError> {
        let mut steps = vec![Step::Key(self.word("a key", is_bare)?)];
        while self.at < self.text.len() {
            if self.skip('.') {
                steps.push(Step::Key(self.word("a key", is_bare)?));
            } else if self.skip('[') {
                steps.push(self.item()?);
            } else {
                return self.expected("`.` or `[`");
            }
        }
        Ok(Path(steps))
    }

    /// What stands between brackets, and the closing one.
    fn item(&mut self) -> Result<Step, PathError> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && self.rest()[digits..].starts_with(']') {
            let Ok(index) = self.rest()[..digits].parse() else { return self.expected("a smaller position") };
            self.at += digits + 1;
            return Ok(Step::Index(index));
        }
        let mut keys = Vec::new();
        loop {
            let key = self.word("a position such as `0`, or a key as in `name=general`", is_bare)?;
            if !self.skip('=') {
                return self.expected("`=` and a value");
            }
            let value = self.word("a value", |char| char == '.' || is_bare(char))?;
            keys.push((key, value));
            if self.skip(']') {
                return Ok(Step::Item(keys));
            }
            if !self.skip(',') {
                return self.expected("`]`");
            }
        }
    }

    fn word(&mut self, expected: &'static str, bare: fn(char) -> bool) -> Result<Arc<str>, PathError> {
        if self.skip('"') {
            return self.quoted();
        }
        if self.skip('\'') {
            return self.quoted_once();
        }
        let rest = self.rest();
        let end = rest.find(|char| !bare(char)).unwrap_or(rest.len());
        if end == 0 {
            return self.expected(expected);
        }
        let word = rest[..end].into();
        self.at += end;
        Ok(word)
    }

    fn quoted(&mut self) -> Result<Arc<str>, PathError> {
        let mut word = String::new();
        while let Some(char) = self.rest().chars().next() {
            self.at += char.len_utf8();
            match char {
                '"' => return Ok(word.into()),
                '\\' => word.push(self.escape()?),
                char => word.push(char),
            }
        }
        self.expected("the closing quote")
    }

    /// Between single quotes, as in YAML: two of them are one, and nothing else is an escape.
    fn quoted_once(&mut self) -> Result<Arc<str>, PathError> {
        let mut word = String::new();
        while let Some(char) = self.rest().chars().next() {
            self.at += char.len_utf8();
            if char == '\'' && !self.skip('\'') {
                return Ok(word.into());
            }
            word.push(char);
        }
        self.expected("the closing quote")
    }

    fn escape(&mut self) -> Result<char, PathError> {
        const EXPECTED: &str = "one of `\"`, `\\`, `n`, `r`, `t`, `u` and four digits behind the backslash";
        let Some(char) = self.rest().chars().next() else { return self.expected(EXPECTED) };
        let (escaped, length) = match char {
            '"' | '\\' => (Some(char), 1),
            'n' => (Some('\n'), 1),
            'r' => (Some('\r'), 1),
            't' => (Some('\t'), 1),
            'u' => {
                let digits = self.rest().get(1..5).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                (digits.and_then(|digits| char::from_u32(u32::from_str_radix(digits, 16).ok()?)), 5)
            }
            _ => (None, 0),
        };
        let Some(escaped) = escaped else { return self.expected(EXPECTED) };
        self.at += length;
        Ok(escaped)
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip(&mut self, char: char) -> bool {
        let found = self.rest().starts_with(char);
        self.at += if found { char.len_utf8() } else { 0 };
        found
    }

    fn expected<T>(&self, expected: &'static str) -> Result<T, PathError> {
        Err(PathError { at: self.at, expected })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> Step {
        Step::Key(text.into())
    }

    #[test]
    fn a_path_reads_as_it_is_written() {
        let path: Path = "karpenter.nodePools[name=general].limits.cpu".parse().unwrap();
        let item = Step::Item(vec![("name".into(), "general".into())]);
        assert_eq!(path.steps(), [key("karpenter"), key("nodePools"), item, key("limits"), key("cpu")]);

        let path: Path = r#"a."app.kubernetes.io/name"[0][2].é[ip=10.0.0.1,"x y"="]\"\u0007"]"#.parse().unwrap();
        let item = Step::Item(vec![("ip".into(), "10.0.0.1".into()), ("x y".into(), "]\"\u{7}".into())]);
        assert_eq!(
            path.steps(),
            [key("a"), key("app.kubernetes.io/name"), Step::Index(0), Step::Index(2), key("é"), item]
        );
    }

    #[test]
    fn what_is_no_path_is_told_where() {
        let error = |text: &str| {
            let error = text.parse::<Path>().unwrap_err();
            format!("{}: {error}", error.at)
        };
        assert_eq!(error(""), "0: expected a key");
        assert_eq!(error("a..b"), "2: expected a key");
        assert_eq!(error("a."), "2: expected a key");
        assert_eq!(error("a b"), "1: expected `.` or `[`");
        assert_eq!(error("a[0"), "3: expected `=` and a value");
        assert_eq!(error("a[]"), "2: expected a position such as `0`, or a key as in `name=general`");
        assert_eq!(error("a[name=]"), "7: expected a value");
        assert_eq!(error("a[name=x"), "8: expected `]`");
        assert_eq!(error("a[99999999999999999999]"), "2: expected a smaller position");
        assert_eq!(error("\"a"), "2: expected the closing quote");
        assert!(error(r#""\u12"#).starts_with("2: expected one of"));
        assert!(error(r#""\ud800""#).starts_with("2: expected one of"));
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let text = || prop_oneof![any::<String>(), "[a-z.=,0-9\\[\\]\"]{0,4}"].prop_map(Arc::from);
        let step = prop_oneof![
            text().prop_map(Step::Key),
            any::<usize>().prop_map(Step::Index),
            prop::collection::vec((text(), text()), 1..3).prop_map(Step::Item),
        ];
        (text(), prop::collection::vec(step, 0..4))
            .prop_map(|(first, rest)| std::iter::once(Step::Key(first)).chain(rest).collect())
    }

    proptest! {
        #[test]
        fn printing_and_reading_are_inverse(steps in steps()) {
            let path: Path = steps.into_iter().collect();
            prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = text.parse::<Path>();
        }
    }
}
