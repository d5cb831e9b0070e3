//! What regular expressions cost: they run in linear time, but linear in the text and in the pattern with all its
//! repetitions written out.

/// Of what is repeated so often, nobody needs to know more.
const MOST: u64 = 1 << 40;
/// To begin a search, however short the text is.
const SEARCH: u64 = 16;

/// What parts of a pattern compile to.
#[derive(Clone, Copy)]
struct Weights {
    /// A class like `\w` or `\p{L}`, and one like `\d` or `\s`.
    class: u64,
    few: u64,
    /// One like `.` or `[^a]`, where letters beyond ASCII count.
    any: u64,
    /// How often at most a part is repeated that is never empty.
    times: u64,
}

/// Instructions that a pattern compiles to, about and at most.
pub(crate) fn size(pattern: &str) -> u64 {
    measure(pattern, Weights { class: 300, few: 300, any: 10, times: u64::MAX })
}

/// Steps to compile a pattern by the engine that knows Unicode: a class is an automaton over the bytes of all its letters,
/// and is made for each repetition anew.
pub(crate) fn compiling(pattern: &str) -> u64 {
    measure(pattern, Weights { class: 2_500, few: 250, any: 50, times: u64::MAX })
}

/// The size of a pattern as a search meets it, in texts up to some lengths: of a part that is repeated and never empty,
/// a text reaches no more copies than it has letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach([u64; LENGTHS.len()]);

const LENGTHS: [u64; 4] = [16, 64, 256, u64::MAX];

impl Reach {
    pub(crate) fn of(pattern: &str) -> Self {
        Self(LENGTHS.map(|times| measure(pattern, Weights { class: 2, few: 2, any: 2, times })))
    }

    /// Steps to look for the pattern in a text of such a length.
    pub(crate) fn search(self, length: usize) -> u64 {
        let length = length as u64;
        let size = LENGTHS.iter().zip(self.0).find(|(most, _)| length <= **most).map_or(MOST, |(_, size)| size);
        SEARCH.saturating_add(length.saturating_mul(2)).saturating_add(length.saturating_mul(size) / 2)
    }
}

/// What is read so far of an open group, and the last part of it, which a repetition is about.
#[derive(Clone, Copy)]
struct Group {
    sum: u64,
    last: u64,
    /// Whether the last part may match nothing, what stands before it in its alternative does, and whether an alternative
    /// before does.
    last_empty: bool,
    empty: bool,
    any_empty: bool,
}

impl Group {
    fn new(sum: u64) -> Self {
        Self { sum, last: 0, last_empty: true, empty: true, any_empty: false }
    }

    fn add(&mut self, part: u64, is_empty: bool) {
        self.sum = self.sum.saturating_add(self.last).min(MOST);
        self.empty &= self.last_empty;
        (self.last, self.last_empty) = (part, is_empty);
    }

    fn next_alternative(&mut self) {
        self.add(1, true);
        self.any_empty |= self.empty;
        self.empty = true;
    }

    fn is_empty(&self) -> bool {
        self.any_empty || (self.empty && self.last_empty)
    }
}

fn measure(pattern: &str, weights: Weights) -> u64 {
    let mut letters = pattern.chars().peekable();
    let mut open: Vec<Group> = Vec::new();
    let mut group = Group::new(1);
    while let Some(letter) = letters.next() {
        match letter {
            '(' => {
                open.push(group);
                group = Group::new(2);
            }
            ')' => {
                let closed = group;
                group = open.pop().unwrap_or_else(|| Group::new(1));
                group.add(closed.sum.saturating_add(closed.last), closed.is_empty());
            }
            '*' | '+' | '?' => {
                group.last = group.last.saturating_add(1);
                group.last_empty |= letter != '+';
            }
            '{' => {
                let inner: String = std::iter::from_fn(|| letters.next_if(|letter| *letter != '}')).collect();
                letters.next();
                let numbers = || inner.split(',').filter_map(|number| number.trim().parse::<u64>().ok());
                let times = numbers().max().unwrap_or(1).max(1);
                let times = if group.last_empty { times } else { times.min(weights.times) };
                group.last = group.last.saturating_mul(times).saturating_add(times).min(MOST);
                group.last_empty |= numbers().next().is_none_or(|least| least == 0);
            }
            '|' => group.next_alternative(),
            '^' | '$' => group.add(1, true),
            '\\' => match letters.next() {
                Some('p' | 'P') => {
                    skip_name(&mut letters);
                    group.add(weights.class, false);
                }
                Some('w' | 'W') => group.add(weights.class, false),
                Some('d' | 'D' | 's' | 'S') => group.add(weights.few, false),
                Some('b' | 'B' | 'A' | 'z') => group.add(1, true),
                _ => group.add(1, false),
            },
            '[' => group.add(class(&mut letters, weights), false),
            '.' => group.add(weights.any, false),
            letter if letter.is_ascii() => group.add(1, false),
            _ => group.add(4, false),
        }
    }
    open.iter().fold(group.sum.saturating_add(group.last), |sum, before| sum.saturating_add(before.sum)).min(MOST)
}

/// The name of a class, `L` or `{Greek}`: what stands behind it may be a repetition.
fn skip_name(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    if letters.next() == Some('{') {
        while letters.next().is_some_and(|letter| letter != '}') {}
    }
}

/// The rest of a class, up to its bracket: classes in it are joined.
fn class(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, weights: Weights) -> u64 {
    let mut size = 1;
    let mut largest = if letters.next_if_eq(&'^').is_some() { weights.any } else { 0 };
    // A bracket that comes first stands for itself.
    letters.next_if_eq(&']');
    while let Some(letter) = letters.next() {
        match letter {
            ']' => break,
            '\\' => match letters.next() {
                Some('w' | 'W' | 'p' | 'P') => largest = largest.max(weights.class),
                Some('d' | 'D' | 's' | 'S') => largest = largest.max(weights.few),
                _ => size += 1,
            },
            letter if !letter.is_ascii() => size += 4,
            _ => {}
        }
    }
    size + largest
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
        assert_eq!(size(r"\pL{200}"), size(r"\p{L}{200}"));
        assert!(compiling(r"\pL{200}") > 400_000 && compiling(r"^\p{L}+$") < 5_000 && compiling(r"\d{200}") > 40_000);
        assert_eq!(size(&format!("{}a{}", "(".repeat(9), "){99}".repeat(9))), MOST);
        for odd in ["", "(", ")", "[", "[]", "{", "a{", "\\", "*", "a{99999999999999999999}", "[^"] {
            assert!(size(odd) < 100, "{odd}");
        }
    }

    fn search(pattern: &str, length: usize) -> u64 {
        Reach::of(pattern).search(length)
    }

    #[test]
    fn what_is_usual_costs_little() {
        assert!(search("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", 20) < 200);
        assert!(search("^\\d{12}$", 12) < 300);
        assert!(search("^[a-z0-9-]{1,63}$", 20) < 1_500);
        assert!(search("^.{1,253}$", 20) < 3_000);
    }

    #[test]
    fn what_is_large_costs_much() {
        assert!(search("k.*0", 5) > 40);
        assert!(search("(k|kk|kkk){1,200}(k?){100}z", 190) > 100_000);
        // All copies of what may be empty are reached at once.
        for empty in ["(a?){5000}", "(a|){5000}", "(^|a*){5000}", "(a{0,2}b?){5000}", "(){5000}", "(\\b){5000}"] {
            assert!(search(empty, 10) > 50_000, "{empty}");
        }
        for full in ["a{5000}", "(a?b){5000}", "(a|bc){5000}", "(a+){5000}"] {
            assert!(search(full, 10) < 2_000, "{full}");
        }
    }
}
