//! `.helmignore`: which files of a folder are none of the chart's, by Helm's own rules, which differ from git's: a pattern
//! without `/` means names, the first pattern that matches decides, and one with `!` leaves out all that it does not match.

/// A pattern that Helm refuses, and what for.
#[derive(Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// Counted from 1.
    pub line: u32,
    pub why: String,
}

#[derive(Debug, Default)]
pub struct Ignore(Vec<Pattern>);

#[derive(Debug)]
struct Pattern {
    text: String,
    is_negated: bool,
    is_of_folders: bool,
    /// It is matched with the whole path, not only with the name.
    is_path: bool,
}

impl Ignore {
    /// The patterns of a file, and what Helm always leaves out: hidden files among templates.
    pub fn read(text: &str) -> Result<Self, BadPattern> {
        let mut patterns = Vec::new();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let refused =
                |why: String| BadPattern { line: u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1), why };
            let line = line.trim();
            if line.contains("**") && !line.starts_with('#') {
                return Err(refused("`**` is not supported there".to_owned()));
            }
            if !is_well_formed(line) && !line.starts_with('#') {
                return Err(refused(format!("`{line}` is no pattern")));
            }
            patterns.extend(Pattern::read(line));
        }
        patterns.extend(Pattern::read("templates/.?*"));
        Ok(Self(patterns))
    }

    /// Whether a file or folder, by its path within the chart, is left out.
    pub fn leaves_out(&self, path: &str, is_folder: bool) -> bool {
        for pattern in &self.0 {
            let wrong_kind = pattern.is_of_folders && !is_folder;
            if pattern.is_negated {
                if wrong_kind || !pattern.matches(path) {
                    return true;
                }
            } else if !wrong_kind && pattern.matches(path) {
                return true;
            }
        }
        false
    }
}

impl Pattern {
    fn read(line: &str) -> Option<Self> {
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (is_negated, text) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (is_of_folders, text) = text.strip_suffix('/').map_or((false, text), |rest| (true, rest));
        let is_path = text.contains('/');
        let text = text.strip_prefix('/').unwrap_or(text).to_owned();
        Some(Self { text, is_negated, is_of_folders, is_path })
    }

    fn matches(&self, path: &str) -> bool {
        let subject = if self.is_path { path } else { path.rsplit('/').next().unwrap_or(path) };
        matches(&self.text, subject)
    }
}

/// Whether a pattern of Go's `filepath.Match` can be read.
fn is_well_formed(pattern: &str) -> bool {
    let mut left = pattern.chars();
    while let Some(letter) = left.next() {
        match letter {
            '\\' if left.next().is_none() => return false,
            '[' => match class(left.as_str(), 'x') {
                Some((_, rest)) => left = rest.chars(),
                None => return false,
            },
            _ => {}
        }
    }
    true
}

/// Go's `filepath.Match`: `*` and `?` stop at `/`, `[a-z]` is one of a class, `\` quotes. A pattern that cannot be read
/// matches nothing.
pub fn matches(pattern: &str, subject: &str) -> bool {
    // Where the last star stands, and what of the subject was left there: nothing is tried twice for an earlier one.
    let mut back: Option<(&str, &str)> = None;
    let (mut pattern, mut subject) = (pattern, subject);
    loop {
        if let Some(rest) = pattern.strip_prefix('*') {
            back = Some((rest, subject));
            pattern = rest;
            continue;
        }
        if pattern.is_empty() && subject.is_empty() {
            return true;
        }
        if let Some((rest_of_pattern, rest)) = one(pattern, subject) {
            (pattern, subject) = (rest_of_pattern, rest);
            continue;
        }
        let Some((after_star, from)) = back else { return false };
        let mut letters = from.chars();
        match letters.next() {
            None | Some('/') => return false,
            Some(_) => {
                subject = letters.as_str();
                back = Some((after_star, subject));
                pattern = after_star;
            }
        }
    }
}

/// What is left of both after one letter of the subject, if the pattern takes it.
fn one<'p, 's>(pattern: &'p str, subject: &'s str) -> Option<(&'p str, &'s str)> {
    let (mut of_pattern, mut of_subject) = (pattern.chars(), subject.chars());
    let (wanted, letter) = (of_pattern.next()?, of_subject.next()?);
    let rest = of_subject.as_str();
    match wanted {
        '?' => (letter != '/').then_some((of_pattern.as_str(), rest)),
        '[' => {
            let (is_in, after) = class(of_pattern.as_str(), letter)?;
            is_in.then_some((after, rest))
        }
        '\\' => (of_pattern.next()? == letter).then_some((of_pattern.as_str(), rest)),
        _ => (wanted == letter).then_some((of_pattern.as_str(), rest)),
    }
}

/// Whether a letter is in a class, `a-z]` behind its bracket, and what follows it. Nothing if it cannot be read.
fn class(text: &str, letter: char) -> Option<(bool, &str)> {
    let (is_negated, text) = text.strip_prefix('^').map_or((false, text), |rest| (true, rest));
    let mut left = text.chars();
    let (mut is_in, mut count) = (false, 0);
    loop {
        if count > 0 && left.as_str().starts_with(']') {
            left.next();
            return Some((is_in != is_negated, left.as_str()));
        }
        let low = class_letter(&mut left)?;
        let high = if left.as_str().starts_with('-') {
            left.next();
            class_letter(&mut left)?
        } else {
            low
        };
        is_in |= (low..=high).contains(&letter);
        count += 1;
    }
}

fn class_letter(left: &mut std::str::Chars<'_>) -> Option<char> {
    let letter = match left.next()? {
        '-' | ']' => return None,
        '\\' => left.next()?,
        letter => letter,
    };
    (!left.as_str().is_empty()).then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_match_as_in_go() {
        for (pattern, subject, expected) in [
            ("*.md", "README.md", true),
            ("*.md", "docs/README.md", false),
            ("ci/*", "ci/a-values.yaml", true),
            ("ci/*", "ci/a/b", false),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("\\*", "*", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("[a", "a", false),
        ] {
            assert_eq!(matches(pattern, subject), expected, "{pattern} {subject}");
        }
    }

    #[test]
    fn the_first_pattern_that_matches_decides() {
        let left_out = |text: &str, path: &str, folder| Ignore::read(text).unwrap().leaves_out(path, folder);
        assert!(left_out("# a comment\n*.swp\n", "deep/in/a.swp", false));
        assert!(left_out("ci/\n", "ci", true));
        assert!(!left_out("ci/\n", "ci", false));
        assert!(left_out("/ci\n", "ci", true) && !left_out("/ci\n", "a/ci", true));
        assert!(left_out("", "templates/.hidden.yaml", false));
        assert!(!left_out("", ".hidden", false));
        // What git takes for an exception leaves out all the rest.
        assert!(left_out("!values.yaml\n", "Chart.yaml", false));
        assert!(!left_out("!values.yaml\n", "values.yaml", false));
        assert_eq!(
            Ignore::read("a\n**/b\n").unwrap_err(),
            BadPattern { line: 2, why: "`**` is not supported there".into() }
        );
        assert_eq!(Ignore::read("[a\n").unwrap_err().line, 1);
    }
}
