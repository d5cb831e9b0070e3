//! The secrets of a layer that has mistakes: a mistake is shown with its line, which may hold what the schema calls secret.

use super::shape::Shape;
use crate::source::{FileId, Sources, Span};

/// Hides what stands behind the keys of secrets, as far as the indentation of a text tells where they are.
pub(super) fn hide(file: FileId, shape: impl Shape, sources: &Sources) {
    let source = sources.get(file);
    let mut around: Vec<(usize, _, bool)> = Vec::new();
    let mut start = 0;
    for whole in source.text().split_inclusive('\n') {
        let line = whole.trim_end();
        let mut at = line.len() - line.trim_start().len();
        let begin = start;
        start += whole.len();
        if line.trim_start().is_empty() || line[at..].starts_with('#') {
            continue;
        }
        let is_item = line[at..].starts_with("- ");
        // A list may stand as far to the left as its key.
        while around.last().is_some_and(|(indent, ..)| *indent > at || *indent == at && !is_item) {
            around.pop();
        }
        let (mut here, mut is_secret) =
            around.last().map_or((shape, false), |(_, shape, is_secret)| (*shape, *is_secret));
        if is_secret {
            cover(file, &line[at..], begin + at, sources);
            continue;
        }
        while let Some(rest) = line[at..].strip_prefix("- ") {
            here = here.item();
            is_secret |= here.is_secret();
            around.push((at + 1, here, is_secret));
            at = line.len() - rest.trim_start().len();
        }
        if let Some((key, value)) = key_of(&line[at..]).filter(|_| !is_secret) {
            here = here.property(key);
            is_secret |= here.is_secret();
            around.push((at, here, is_secret));
            at = line.len() - value.len();
        }
        let value = line[at..].trim_start();
        if is_secret || here.item().is_secret() {
            cover(file, value, begin + line.len() - value.len(), sources);
        } else {
            in_brackets(file, value, begin + line.len() - value.len(), here, sources);
        }
    }
}

/// The key that a text begins with, and what stands behind its colon.
fn key_of(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = text.split_once(':')?;
    let is_key = rest.is_empty() || rest.starts_with([' ', '\t']);
    is_key.then(|| (key.trim().trim_matches(['"', '\'']), rest))
}

/// Keys of a map in brackets: from the first secret on, all of the line.
fn in_brackets<S: Shape>(file: FileId, text: &str, start: usize, shape: S, sources: &Sources) {
    let mut around = vec![shape];
    let (mut here, mut word) = (shape, 0);
    for (at, letter) in text.char_indices().take_while(|_| text.starts_with(['{', '['])) {
        match letter {
            '{' => around.push(here),
            '[' => {
                around.push(here.item());
                here = here.item();
            }
            '}' | ']' => {
                around.pop();
            }
            ',' => here = around.last().copied().unwrap_or(shape),
            ':' => {
                let key = text[word..at].trim().trim_matches(['"', '\'']);
                here = around.last().copied().unwrap_or(shape).property(key);
            }
            _ => continue,
        }
        word = at + 1;
        if here.is_secret() {
            return cover(file, &text[word..], start + word, sources);
        }
    }
}

/// Hides a text, and each word of it: a mistake is told by a part of what stands there.
fn cover(file: FileId, text: &str, start: usize, sources: &Sources) {
    if !text.trim().is_empty() && !matches!(text.trim(), "|" | "|-" | "|+" | ">" | ">-" | ">+") {
        sources.hide(Span::new(file, start, start + text.len()), text);
        let signs = |letter: char| letter.is_whitespace() || "@`%*&!|>\"':,[]{}?".contains(letter);
        text.split(signs).filter(|word| !word.is_empty()).for_each(|word| sources.hush(word));
        sources.hush(text.trim_matches(['"', '\'']));
    }
}
