//! What regular expressions cost: they run in linear time, but linear in the text and in the pattern with all its
//! repetitions written out.

/// Of what is repeated so often, nobody needs to know more.
const MOST: u64 = 1 << 40;
/// A class like `\w` or `\p{L}`, and one like `.` or `[^a]`, where letters beyond ASCII count.
const CLASS: u64 = 300;
const ANY: u64 = 10;

/// Instructions that a pattern compiles to, about and at most.
pub(crate) fn size(pattern: &str) -> u64 {
    let mut letters = pattern.chars().peekable();
    // What is read so far of each open group, and the last part of it, which a repetition is about.
    let mut open: Vec<(u64, u64)> = Vec::new();
    let (mut sum, mut last) = (1_u64, 0_u64);
    while let Some(letter) = letters.next() {
        let part = match letter {
            '(' => {
                open.push((sum.saturating_add(last), 0));
                (sum, last) = (2, 0);
                continue;
            }
            ')' => {
                let group = sum.saturating_add(last);
                sum = open.pop().map_or(1, |(before, _)| before);
                last = group;
                continue;
            }
            '*' | '+' | '?' => {
                last = last.saturating_add(1);
                continue;
            }
            '{' => {
                let inner: String = std::iter::from_fn(|| letters.next_if(|letter| *letter != '}')).collect();
                letters.next();
                let times = inner.split(',').filter_map(|number| number.trim().parse::<u64>().ok()).max().unwrap_or(1);
                last = last.saturating_mul(times.max(1)).saturating_add(times).min(MOST);
                continue;
            }
            '\\' => match letters.next() {
                Some('w' | 'W' | 'd' | 'D' | 's' | 'S' | 'p' | 'P') => CLASS,
                _ => 1,
            },
            '[' => class(&mut letters),
            '.' => ANY,
            letter if letter.is_ascii() => 1,
            _ => 4,
        };
        sum = sum.saturating_add(last).min(MOST);
        last = part;
    }
    open.iter().fold(sum.saturating_add(last), |sum, (before, _)| sum.saturating_add(*before)).min(MOST)
}

/// The rest of a class, up to its bracket.
fn class(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> u64 {
    let mut size = if letters.next_if_eq(&'^').is_some() { ANY } else { 1 };
    // A bracket that comes first stands for itself.
    letters.next_if_eq(&']');
    while let Some(letter) = letters.next() {
        match letter {
            ']' => break,
            '\\' => match letters.next() {
                Some('w' | 'W' | 'd' | 'D' | 's' | 'S' | 'p' | 'P') => size += CLASS,
                _ => size += 1,
            },
            letter if !letter.is_ascii() => size += 4,
            _ => {}
        }
    }
    size
}

/// Steps to look for a pattern of such a size in a text of such a length.
pub(crate) fn search(size: u64, length: usize) -> u64 {
    let length = length as u64;
    2_u64.saturating_add(length / 4).saturating_add(length.saturating_mul(size) / 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_multiply() {
        assert!(size("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$") < 20, "{}", size("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"));
        assert!((900..4_000).contains(&size("(a?){500}a{500}")), "{}", size("(a?){500}a{500}"));
        assert!(size("((a{1000}){1000}){1000}") >= 1_000_000_000);
        assert!(size("[\\p{L}\\p{N}]{0,5000}") > 1_000_000);
        assert_eq!(size(&format!("{}a{}", "(".repeat(9), "){99}".repeat(9))), MOST);
        for odd in ["", "(", ")", "[", "[]", "{", "a{", "\\", "*", "a{99999999999999999999}", "[^"] {
            assert!(size(odd) < 100, "{odd}");
        }
    }

    #[test]
    fn what_is_usual_costs_little() {
        assert!(search(size("^[a-z0-9-]{1,63}$"), 20) < 100);
        assert!(search(size("^.{1,253}$"), 20) < 10_000);
    }
}
