//! Patterns for `--only`.

use camino::Utf8Path;

use super::exit::Failure;

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
        matches(self.pattern.as_bytes(), path.as_bytes())
    }
}

/// Keeps where to go on after the last `*` and the last `**` instead of trying all ways: no pattern is slow.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (mut at, mut rest) = (0, 0);
    // Where the pattern goes on after the last `*` and `**`, and how much of the path they have taken.
    let mut star: Option<(usize, usize)> = None;
    let mut deep: Option<(usize, usize)> = None;
    loop {
        if pattern[at..].starts_with(b"**") {
            at += 2;
            // `a/**/b` matches `a/b`, `**/b` matches `b`.
            if pattern.get(at) == Some(&b'/') && (rest == 0 || path[rest - 1] == b'/') {
                at += 1;
            }
            (deep, star) = (Some((at, rest)), None);
            continue;
        }
        match (pattern.get(at), path.get(rest)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                at += 1;
                star = Some((at, rest));
                continue;
            }
            (Some(b'?'), Some(letter)) if *letter != b'/' => {
                at += 1;
                // One character, however many bytes it has.
                rest += 1;
                while path.get(rest).is_some_and(|byte| byte & 0xc0 == 0x80) {
                    rest += 1;
                }
                continue;
            }
            (Some(wanted), Some(found)) if wanted == found && *wanted != b'?' => {
                at += 1;
                rest += 1;
                continue;
            }
            _ => {}
        }
        // A dead end: let the last `*` take one byte more, or, if that would leave the folder, the last `**`.
        if let Some((resume, taken)) = star
            && path.get(taken).is_some_and(|byte| *byte != b'/')
        {
            star = Some((resume, taken + 1));
            (at, rest) = (resume, taken + 1);
        } else if let Some((resume, taken)) = deep
            && taken < path.len()
        {
            // After `**/` only the beginning of a name will do.
            let mut next = taken + 1;
            if resume >= 1 && pattern[resume - 1] == b'/' {
                while next < path.len() && path[next - 1] != b'/' {
                    next += 1;
                }
            }
            (deep, star) = (Some((resume, next)), None);
            (at, rest) = (resume, next);
        } else {
            return false;
        }
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
