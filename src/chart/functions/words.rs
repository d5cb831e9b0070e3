//! Words within names: `camelcase`, `snakecase`, `kebabcase`, as `xstrings` splits them.

use super::strings::{is_space, lower, upper};

fn is_connector(letter: char) -> bool {
    letter == '-' || letter == '_' || is_space(letter)
}

/// `some-name` as `SomeName`.
pub(super) fn pascal(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars();
    let Some(mut current) = letters.by_ref().find(|letter| {
        let connects = is_connector(*letter);
        if connects {
            out.push(*letter);
        }
        !connects
    }) else {
        // Where there are only connectors, the last is there once more.
        out.extend(text.chars().next_back());
        return out;
    };
    let mut after_upper = current.is_uppercase();
    current = upper(current);
    for next in letters {
        let before = current;
        current = next;
        if is_connector(current) && is_connector(before) {
            out.push(before);
            continue;
        }
        if is_connector(before) {
            after_upper = current.is_uppercase();
            current = upper(current);
        } else {
            if after_upper {
                if current.is_uppercase() {
                    current = lower(current);
                } else {
                    after_upper = false;
                }
            }
            out.push(before);
        }
    }
    out.push(current);
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Invalid,
    Number,
    Upper,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

fn is_punctuation(letter: char) -> bool {
    match letter {
        // Of ASCII these are symbols, not punctuation.
        '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~' => false,
        _ if letter.is_ascii() => letter.is_ascii_punctuation(),
        _ => {
            matches!(letter, '\u{a1}' | '\u{a7}' | '\u{ab}' | '\u{b6}' | '\u{b7}' | '\u{bb}' | '\u{bf}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}')
        }
    }
}

/// Letters, but for those of China.
fn is_alphabet(letter: char) -> bool {
    let is_han = matches!(letter, '\u{4e00}'..='\u{9fcc}' | '\u{3400}'..='\u{4d85}' | '\u{20000}'..='\u{2b81d}');
    letter.is_alphabetic() && !is_han
}

fn next_word(text: &str) -> (Kind, &str, &str) {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return (Kind::Invalid, "", "") };
    let while_ = |is: fn(char) -> bool| {
        let end = text.find(|letter| !is(letter)).unwrap_or(text.len());
        (&text[..end], &text[end..])
    };
    let small = |letter: char| is_alphabet(letter) && !letter.is_uppercase();
    let (kind, (word, rest)) = if is_connector(first) {
        (Kind::Connector, while_(is_connector))
    } else if is_punctuation(first) {
        (Kind::Punctuation, while_(is_punctuation))
    } else if first.is_uppercase() {
        let first_length = first.len_utf8();
        let after = &text[first_length..];
        let end = match after.chars().next() {
            Some(second) if second.is_uppercase() => {
                let run = text.find(|letter: char| !letter.is_uppercase()).unwrap_or(text.len());
                let begins_word = text[run..].chars().next().is_some_and(is_alphabet);
                let last = text[..run].chars().next_back().map_or(0, char::len_utf8);
                if begins_word { run - last } else { run }
            }
            Some(second) if is_alphabet(second) => {
                first_length + after.find(|letter| !small(letter)).unwrap_or(after.len())
            }
            _ => first_length,
        };
        (Kind::Upper, text.split_at(end))
    } else if is_alphabet(first) {
        (Kind::Alphabet, while_(|letter| is_alphabet(letter) && !letter.is_uppercase()))
    } else if first.is_numeric() {
        (Kind::Number, while_(char::is_numeric))
    } else {
        let stops =
            |letter: char| is_connector(letter) || is_alphabet(letter) || letter.is_numeric() || is_punctuation(letter);
        let length = first.len_utf8();
        let end = text[length..].find(stops).map_or(text.len(), |found| length + found);
        (Kind::Other, text.split_at(end))
    };
    (kind, word, rest)
}

/// A name in small letters, with a connector between its words.
pub(super) fn lower_words(text: &str, connector: char) -> String {
    let mut out = String::new();
    let push = |out: &mut String, kind: Kind, word: &str| match kind {
        Kind::Upper | Kind::Connector => {
            word.chars().for_each(|letter| out.push(if is_connector(letter) { connector } else { lower(letter) }));
        }
        _ => out.push_str(word),
    };
    let joins = |kind: Kind| !matches!(kind, Kind::Invalid | Kind::Punctuation | Kind::Connector);
    let is_word = |kind: Kind| matches!(kind, Kind::Alphabet | Kind::Number);
    let (mut kind, mut word, mut rest) = next_word(text);
    while !rest.is_empty() {
        if kind != Kind::Connector {
            push(&mut out, kind, word);
        }
        let (before, last) = (kind, word);
        (kind, word, rest) = next_word(rest);
        match before {
            Kind::Number => {
                while is_word(kind) {
                    push(&mut out, kind, word);
                    (kind, word, rest) = next_word(rest);
                }
                if joins(kind) {
                    out.push(connector);
                }
            }
            Kind::Connector => push(&mut out, before, last),
            Kind::Punctuation => {}
            _ if kind != Kind::Number => {
                if !matches!(kind, Kind::Connector | Kind::Punctuation) {
                    out.push(connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word, rest) = next_word(rest);
                if kind != Kind::Alphabet {
                    push(&mut out, Kind::Number, number);
                    if !matches!(kind, Kind::Connector | Kind::Punctuation) {
                        out.push(connector);
                    }
                    continue;
                }
                out.push(connector);
                push(&mut out, Kind::Number, number);
                while is_word(kind) {
                    push(&mut out, kind, word);
                    (kind, word, rest) = next_word(rest);
                }
                if joins(kind) {
                    out.push(connector);
                }
            }
        }
    }
    push(&mut out, kind, word);
    out
}
