//! Patterns for `--only`.

use camino::Utf8Path;

use super::exit::Failure;
use crate::glob;

/// Patterns of which a path must match one; without any, all paths match.
#[derive(Clone, Debug, Default)]
pub(super) struct Globs(Vec<Glob>);

impl Globs {
    pub(super) fn parse(patterns: &[String]) -> Result<Self, Failure> {
        patterns.iter().map(|pattern| Glob::parse(pattern)).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn matches(&self, path: &Utf8Path) -> bool {
        self.0.is_empty() || self.0.iter().any(|glob| glob.matches(path.as_str()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing that was looked at matches.
    pub(super) fn without_match(&self) -> Failure {
        let patterns: Vec<_> = self.0.iter().map(|glob| format!("`{}`", glob.typed)).collect();
        Failure::new(format!("no file matches {}", patterns.join(" or ")))
            .help("paths are those within a tree, such as `karpenter/nodepool.yaml`")
    }
}

/// `*` stands for anything within one folder, `**` for anything at all, `?` for one character. A pattern without `/`
/// is matched against the file's name, as in `.gitignore`.
#[derive(Clone, Debug)]
struct Glob {
    typed: String,
    pattern: String,
}

impl Glob {
    fn parse(pattern: &str) -> Result<Self, Failure> {
        if pattern.is_empty() {
            return Err(Failure::new("the pattern of `--only` is empty"));
        }
        if let Some(letter) = pattern.chars().find(|letter| "[]{}\\".contains(*letter)) {
            let message = format!("the pattern `{pattern}` contains `{letter}`, which has no meaning here");
            return Err(Failure::new(message).help("use `*`, `**` and `?`, or `--only` several times"));
        }
        let below = pattern.trim_start_matches("./");
        let anywhere = if below.contains('/') { "" } else { "**/" };
        Ok(Self { typed: pattern.to_owned(), pattern: format!("{anywhere}{below}") })
    }

    fn matches(&self, path: &str) -> bool {
        glob::matches(&self.pattern, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, path, wanted) in [
            ("karpenter/**", "karpenter/a.yaml", true),
            ("karpenter/**", "karpenter/x/y/a.yaml", true),
            ("karpenter/**", "kyverno/a.yaml", false),
            ("karpenter/*", "karpenter/x/a.yaml", false),
            ("*.json", "cloudformation/network.json", true),
            ("*.json", "network.yaml", false),
            ("network.*", "a/b/network.yaml", true),
            ("work.*", "a/b/network.yaml", false),
            ("a/**/b.yaml", "a/b.yaml", true),
            ("a/**/b.yaml", "a/x/y/b.yaml", true),
            ("a/**/b.yaml", "a/x/y/xb.yaml", false),
            ("**/b/*.yaml", "b/x.yaml", true),
            ("**/b/*.yaml", "ab/x.yaml", false),
            ("*/*.yaml", "a/b.yaml", true),
            ("*/*.yaml", "a/b/c.yaml", false),
            ("a?c.yaml", "a/c.yaml", false),
            ("a?c", "aéc", true),
            ("./a/b", "a/b", true),
            ("a*b*c/d", "aXbYc/d", true),
            ("a*b*c/d", "aXbY/c/d", false),
            ("**", "anything/at/all", true),
        ] {
            assert_eq!(Glob::parse(pattern).unwrap().matches(path), wanted, "{pattern} {path}");
        }
    }

    #[test]
    fn no_pattern_is_slow() {
        let path = "a".repeat(10_000);
        assert!(!Glob::parse(&format!("{}b", "*a".repeat(50))).unwrap().matches(&path));
        assert!(!Glob::parse(&format!("{}b", "**a".repeat(50))).unwrap().matches(&path));
    }

    #[test]
    fn letters_that_other_tools_give_a_meaning_are_refused() {
        for pattern in ["", "[ab]", "{a,b}", "a\\*"] {
            assert!(Glob::parse(pattern).is_err(), "{pattern}");
        }
    }
}
