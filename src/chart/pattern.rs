//! Patterns of paths, as `.Files.Glob` takes them: `*` and `?` stay within a folder, `**` doesn't, `[a-z]`, `[!x]`, `{a,b}`.

/// What can't be within each other more often.
const MOST_DEPTH: usize = 8;
/// Letters that one comparison may look at.
const MOST_STEPS: usize = 100_000;

#[derive(Debug)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Debug)]
enum Part {
    Letter(char),
    One,
    Any,
    All,
    Set { not: bool, set: Set },
    Either(Vec<Vec<Part>>),
}

#[derive(Debug)]
enum Set {
    Range(char, char),
    Letters(String),
}

impl Pattern {
    /// Nothing if it is no pattern.
    pub(super) fn new(text: &str) -> Option<Self> {
        let letters: Vec<char> = text.chars().collect();
        let mut at = 0;
        let parts = parts(&letters, &mut at, 0)?;
        (at == letters.len()).then_some(Self(parts))
    }

    /// Whether a path matches, and how many letters were looked at for it.
    pub(super) fn matches(&self, path: &str) -> (bool, usize) {
        let letters: Vec<char> = path.chars().collect();
        let parts: Vec<&Part> = self.0.iter().collect();
        let mut left = MOST_STEPS;
        let is_match = matches(&parts, &letters, &mut left);
        (is_match, MOST_STEPS - left)
    }
}

fn parts(letters: &[char], at: &mut usize, depth: usize) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    while let Some(letter) = letters.get(*at) {
        *at += 1;
        match letter {
            '*' if letters.get(*at) == Some(&'*') => {
                *at += 1;
                parts.push(Part::All);
            }
            '*' => parts.push(Part::Any),
            '?' => parts.push(Part::One),
            '[' => parts.push(set(letters, at)?),
            '{' if depth < MOST_DEPTH => {
                let mut choices = Vec::new();
                loop {
                    choices.push(self::parts(letters, at, depth + 1)?);
                    *at += 1;
                    match letters.get(*at - 1)? {
                        ',' => {}
                        '}' => break,
                        _ => return None,
                    }
                }
                parts.push(Part::Either(choices));
            }
            '{' => return None,
            ',' | '}' if depth > 0 => {
                *at -= 1;
                return Some(parts);
            }
            '\\' => {
                if let Some(letter) = letters.get(*at) {
                    parts.push(Part::Letter(*letter));
                    *at += 1;
                }
            }
            _ => parts.push(Part::Letter(*letter)),
        }
    }
    Some(parts)
}

fn set(letters: &[char], at: &mut usize) -> Option<Part> {
    let not = letters.get(*at) == Some(&'!');
    *at += usize::from(not);
    if letters.get(*at + 1) == Some(&'-') {
        let range = Set::Range(*letters.get(*at)?, *letters.get(*at + 2)?);
        let closed = letters.get(*at + 3) == Some(&']');
        *at += 4;
        return closed.then_some(Part::Set { not, set: range });
    }
    let mut inside = String::new();
    loop {
        let letter = letters.get(*at)?;
        *at += 1;
        match letter {
            ']' if inside.is_empty() => return None,
            ']' => return Some(Part::Set { not, set: Set::Letters(inside) }),
            '\\' => {
                inside.push(*letters.get(*at)?);
                *at += 1;
            }
            _ => inside.push(*letter),
        }
    }
}

fn matches(parts: &[&Part], letters: &[char], steps: &mut usize) -> bool {
    if *steps == 0 {
        return false;
    }
    *steps -= 1;
    let Some((first, rest)) = parts.split_first() else { return letters.is_empty() };
    let one = |fits: bool, steps: &mut usize| fits && matches(rest, &letters[1..], steps);
    match first {
        Part::Letter(wanted) => one(letters.first() == Some(wanted), steps),
        Part::One => one(letters.first().is_some_and(|letter| *letter != '/'), steps),
        Part::Set { not, set } => {
            let within = |letter: &char| match set {
                Set::Range(low, high) => (low..=high).contains(&letter),
                Set::Letters(all) => all.contains(*letter),
            };
            one(letters.first().is_some_and(|letter| within(letter) != *not), steps)
        }
        Part::Any | Part::All => {
            let most = match first {
                Part::All => letters.len(),
                _ => letters.iter().position(|letter| *letter == '/').unwrap_or(letters.len()),
            };
            (0..=most).any(|taken| matches(rest, &letters[taken..], steps))
        }
        Part::Either(choices) => choices.iter().any(|choice| {
            let all: Vec<&Part> = choice.iter().chain(rest.iter().copied()).collect();
            matches(&all, letters, steps)
        }),
    }
}
