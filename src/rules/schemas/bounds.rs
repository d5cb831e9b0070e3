//! Lengths, numbers, counts and forms that a schema asks for.

use serde_json::{Map, Value as Json};

use super::formats;
use super::rules::{BOUNDS, PATTERN, UNIQUE};
use super::scalar::{intrinsic, text, word_of};
use super::walk::Walk;
use crate::check::Node;
use crate::value::Value;

/// Letters of a text that a message shows.
const SHOWN: usize = 60;

impl Walk<'_> {
    /// A value of the right type within its bounds.
    pub(super) fn is_within(&mut self, words: &Map<String, Json>, node: &Node<'_>) {
        match node.value {
            Value::List(items) => self.count(words, node, items.len()),
            Value::Map(entries) => self.keys(words, node, entries.len()),
            Value::Null => {}
            value => {
                if let Some(text) = text(value) {
                    self.number(words, node, &text);
                    if value.as_str().is_some() {
                        self.length(words, node, &text);
                    }
                    self.form(words, node, &text);
                }
            }
        }
    }

    fn number(&mut self, words: &Map<String, Json>, node: &Node<'_>, text: &str) {
        let bound = |word: &str| word_of(words, word).and_then(Json::as_f64);
        let (least, most) = (bound("minimum"), bound("maximum"));
        let (above, under) = (bound("exclusiveMinimum"), bound("exclusiveMaximum"));
        if least.or(most).or(above).or(under).is_none() {
            return;
        }
        let Ok(number) = text.trim().parse::<f64>() else { return };
        let wanted = match (least, most) {
            (Some(least), _) if number < least => format!("at least {least}"),
            (_, Some(most)) if number > most => format!("at most {most}"),
            _ if above.is_some_and(|above| number <= above) => format!("more than {}", above.unwrap_or_default()),
            _ if under.is_some_and(|under| number >= under) => format!("less than {}", under.unwrap_or_default()),
            _ => return,
        };
        let help = match (least, most) {
            (Some(least), Some(most)) => format!("a number from {least} to {most}"),
            _ => format!("a number of {wanted}"),
        };
        self.say(
            &BOUNDS,
            node.place(),
            format!("{} must be {wanted}, not {text}", self.name(&node.path())),
            String::new(),
            Some(help),
        );
    }

    fn length(&mut self, words: &Map<String, Json>, node: &Node<'_>, text: &str) {
        let bound = |word: &str| word_of(words, word).and_then(Json::as_u64);
        let (least, most) = (bound("minLength"), bound("maxLength"));
        if least.or(most).is_none() {
            return;
        }
        self.spend(text.len() / 8);
        let letters = text.chars().count() as u64;
        let wanted = match (least, most) {
            (Some(least), _) if letters < least => format!("at least {least}"),
            (_, Some(most)) if letters > most => format!("at most {most}"),
            _ => return,
        };
        let message = format!("{} has {letters} characters of {wanted}", self.name(&node.path()));
        let help = if letters == 0 { "give it a value, or leave the property out" } else { "write another text" };
        self.say(&BOUNDS, node.place(), message, String::new(), Some(help.to_owned()));
    }

    fn form(&mut self, words: &Map<String, Json>, node: &Node<'_>, text: &str) {
        if let Some(pattern) = word_of(words, "pattern").and_then(Json::as_str)
            && self.matches(pattern, text) == Some(false)
        {
            let message = format!("{} has not the form that it must have", self.name(&node.path()));
            self.say(
                &PATTERN,
                node.place(),
                message,
                format!("`{}`", cut(text)),
                Some(format!("it must match `{pattern}`")),
            );
        } else if let Some(format) = word_of(words, "format").and_then(Json::as_str)
            && let Some(wanted) = formats::unlike(format, text)
        {
            let message = format!("{} must be {wanted}", self.name(&node.path()));
            let help = format!("it looks like `{}`", formats::example(format));
            self.say(&PATTERN, node.place(), message, format!("`{}`", cut(text)), Some(help));
        }
    }

    fn count(&mut self, words: &Map<String, Json>, node: &Node<'_>, count: usize) {
        let bound = |word: &str| word_of(words, word).and_then(Json::as_u64);
        let (least, most) = (bound("minItems"), bound("maxItems"));
        let is_unique = word_of(words, "uniqueItems") == Some(&Json::Bool(true));
        if least.or(most).is_none() && !is_unique {
            return;
        }
        let items = node.items();
        self.spend(items.len());
        // What a condition chooses may be nothing, and a function may bring in several.
        let is_plain =
            |item: &&Node<'_>| intrinsic(item).is_none_or(|(name, _)| !matches!(name, "Fn::If" | "Fn::Transform"));
        let certain = items.iter().filter(is_plain).count() as u64;
        let noun = |count: u64| if count == 1 { "item" } else { "items" };
        if let Some(least) = least.filter(|least| (count as u64) < *least) {
            let message = format!("{} has {count} {} of at least {least}", self.name(&node.path()), noun(count as u64));
            self.say(
                &BOUNDS,
                node.place(),
                message,
                String::new(),
                Some("add one, or leave the property out".to_owned()),
            );
        } else if let Some(most) = most.filter(|most| certain > *most) {
            let message = format!("{} has {certain} {} of at most {most}", self.name(&node.path()), noun(certain));
            self.say(&BOUNDS, node.place(), message, String::new(), Some("leave some out".to_owned()));
        }
        if is_unique {
            self.unique(&items, node);
        }
    }

    fn unique(&mut self, items: &[Node<'_>], node: &Node<'_>) {
        for (at, item) in items.iter().enumerate() {
            self.spend(4 * at);
            if self.account.would_be_over(self.cost) {
                return;
            }
            if items[..at].iter().any(|earlier| earlier.value == item.value) {
                let message = format!("{} has an item twice", self.name(&node.path()));
                self.say(
                    &UNIQUE,
                    item.place(),
                    message,
                    "this is there already".to_owned(),
                    Some("remove one of them".to_owned()),
                );
                return;
            }
        }
    }

    fn keys(&mut self, words: &Map<String, Json>, node: &Node<'_>, count: usize) {
        let bound = |word: &str| word_of(words, word).and_then(Json::as_u64);
        let is_open = node.entries().iter().any(|(key, _)| key.starts_with("Fn::"));
        if is_open {
            return;
        }
        let wanted = match (bound("minProperties"), bound("maxProperties")) {
            (Some(least), _) if (count as u64) < least => format!("at least {least}"),
            (_, Some(most)) if count as u64 > most => format!("at most {most}"),
            _ => return,
        };
        let message = format!("{} has {count} keys of {wanted}", self.name(&node.path()));
        self.say(&BOUNDS, node.place(), message, String::new(), None);
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
