//! The order of keys in what `go-yaml` writes: letters after all else, and numbers within texts by their value.

use std::cmp::Ordering;

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    for at in 0..a.len().min(b.len()) {
        let (left, right) = (a[at], b[at]);
        if left == right {
            continue;
        }
        match (left.is_alphabetic(), right.is_alphabetic()) {
            (true, true) => return left.cmp(&right),
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) => {}
        }
        // Zeros after other digits count as digits, not as leading ones.
        let mut start: i64 = 0;
        if left == '0' || right == '0' {
            let before = a[..at].iter().rev().take_while(|it| it.is_ascii_digit());
            start = i64::from(before.into_iter().any(|it| *it != '0'));
        }
        let (left_end, left_number) = digits(&a, at, start);
        let (right_end, right_number) = digits(&b, at, start);
        return left_number.cmp(&right_number).then(left_end.cmp(&right_end)).then(left.cmp(&right));
    }
    a.len().cmp(&b.len())
}

fn digits(text: &[char], start: usize, begin: i64) -> (usize, i64) {
    let mut number = begin;
    let mut at = start;
    while let Some(digit) = text.get(at).and_then(|it| it.to_digit(10)) {
        number = number.wrapping_mul(10).wrapping_add(digit.into());
        at += 1;
    }
    (at, number)
}
