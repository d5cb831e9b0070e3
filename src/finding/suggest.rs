//! "did you mean": the known word that a mistyped one was probably meant to be.

/// Longer words are not compared: they are not typed by hand, and the cost grows with the product of the lengths.
const LONGEST: usize = 64;

/// More candidates are not compared with a word: those who make lists that long make words that are wrong by the
/// thousand, too, and each would be compared with all.
const COMPARED: usize = 2_000;

/// The candidate nearest to `word`, if one is near: at most a third of its letters are wrong, missing, extra or
/// swapped with their neighbour. Upper case and `_` for `-` are hardly a difference. Of equals the first wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = length(word);
    if length > LONGEST {
        return None;
    }
    let mut wanted = Vec::new();
    let mut best = None;
    let mut allowed = (length / 3).max(1);
    for candidate in candidates.into_iter().take(COMPARED) {
        // Most words differ by their lengths already.
        if candidate.is_ascii() && candidate.len().abs_diff(length) > allowed {
            continue;
        }
        if wanted.is_empty() {
            wanted = fold(word);
        }
        let folded = fold(candidate);
        if candidate == word || folded.len().abs_diff(wanted.len()) > allowed || folded.len() > LONGEST {
            continue;
        }
        let distance = distance(&wanted, &folded, allowed);
        // One letter that is not the same is no hint of anything.
        if distance > allowed || distance >= wanted.len().max(folded.len()) {
            continue;
        }
        best = Some(candidate);
        if distance == 0 {
            break;
        }
        allowed = distance - 1;
    }
    best
}

/// Whether two words differ by one letter at most, which is wrong, missing, extra or swapped with its neighbour.
pub fn is_slip(word: &str, candidate: &str) -> bool {
    distance(&fold(word), &fold(candidate), 1) <= 1
}

/// ``did you mean `cluster`?``, the form of all such help.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Whether a letter is a quote of word processors, with which nothing is quoted.
pub fn is_typographic(letter: char) -> bool {
    matches!(letter, '“' | '”' | '„' | '‘' | '’' | '‚')
}

/// A text with plain quotes in the place of those of word processors, if it has any.
pub fn with_plain_quotes(text: &str) -> Option<String> {
    let plain = |letter| match letter {
        '“' | '”' | '„' => '"',
        '‘' | '’' | '‚' => '\'',
        other => other,
    };
    text.contains(is_typographic).then(|| text.chars().map(plain).collect())
}

/// Words as one says them: `a`, `a and b`, `a, b and c`.
pub fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// How many letters [`fold`] makes of a word.
fn length(word: &str) -> usize {
    if word.is_ascii() { word.len() } else { fold(word).len() }
}

fn fold(word: &str) -> Vec<char> {
    word.chars()
        .take(LONGEST + 1)
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == '_' { '-' } else { letter })
        .collect()
}

/// Edits between two words: a letter put in, left out, changed, or two neighbours swapped (optimal string alignment).
/// Where they are surely more than `most`, any number beyond it.
fn distance(a: &[char], b: &[char], most: usize) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, other) in b.iter().enumerate() {
            let changed = last[j] + usize::from(letter != other);
            row[j + 1] = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == b[j - 1] && a[i - 1] == *other {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
        // A swap reaches two rows back.
        if before.iter().chain(&last).all(|edits| *edits > most) {
            return most + 1;
        }
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found() {
        let keys = ["name", "minSize", "maxSize", "desiredSize", "instance-types"];
        assert_eq!(nearest("minsize", keys), Some("minSize"));
        assert_eq!(nearest("maxSzie", keys), Some("maxSize"));
        assert_eq!(nearest("desired", keys), None);
        assert_eq!(nearest("desiredSiz", keys), Some("desiredSize"));
        assert_eq!(nearest("instance_types", keys), Some("instance-types"));
        assert_eq!(nearest("nam", keys), Some("name"));
    }

    #[test]
    fn what_is_far_is_not_offered() {
        assert_eq!(nearest("region", ["cluster", "network"]), None);
        assert_eq!(nearest("a", ["b"]), None);
        assert_eq!(nearest("", ["a"]), None);
        assert_eq!(nearest("ab", ["abc", "ab"]), Some("abc"));
        assert_eq!(nearest(&"x".repeat(100_000), ["x"]), None);
        assert_eq!(nearest("x", [&*"x".repeat(100_000)]), None);
        let many: Vec<String> = (0..3 * COMPARED).map(|at| format!("word-{at:05}")).collect();
        let many = || many.iter().map(String::as_str);
        assert_eq!(nearest("wrod-00007", many()), Some("word-00007"));
        assert_eq!(nearest("name", many().chain(["nam"])), None);
    }

    #[test]
    fn the_nearest_wins_and_of_equals_the_first() {
        assert_eq!(nearest("prodd", ["produ", "prod", "proddd"]), Some("produ"));
        assert_eq!(nearest("stagin", ["stagings", "staging"]), Some("staging"));
        assert_eq!(did_you_mean("stagin", ["staging"]).as_deref(), Some("did you mean `staging`?"));
    }
}
