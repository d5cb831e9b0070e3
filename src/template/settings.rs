//! What templates say of settings, held against the schema: comparisons whose outcome is settled before they are made, and
//! single braces around the name of a setting.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Templates;
use super::check::compared::{Compared, Written};
use super::load::Text;
use crate::finding::suggest::{self, did_you_mean};
use crate::finding::{Finding, Findings, codes};
use crate::schema::Shape;
use crate::yaml::Types;

/// What the names in templates may mean.
struct Known<'a> {
    schema: Shape<'a>,
    environments: &'a [&'a str],
    /// Names that any template gives to something.
    bound: BTreeSet<&'a str>,
}

impl Templates {
    /// Finds comparisons that are never true, or never false, and single braces that were meant to be double ones.
    pub fn check_settings(&self, schema: Shape<'_>, environments: &[&str], findings: &mut Findings) {
        let Some(first) = self.all.first() else { return };
        let texts = &first.shared.texts;
        let own = texts.values().flat_map(|text| text.checked.names.iter()).map(String::as_str);
        let of_loops = self.all.iter().filter_map(|template| template.front.for_each.as_ref());
        let bound = own.chain(of_loops.flat_map(|it| it.names.iter().map(|name| &**name))).collect();
        let known = Known { schema, environments, bound };
        for text in texts.values() {
            let compared = text.checked.compared.iter();
            findings.extend(compared.filter_map(|compared| known.settled(text, compared)));
            findings.extend(text.checked.raw.iter().flat_map(|raw| known.lone(text, &raw.range)));
        }
    }
}

impl Known<'_> {
    /// Whether the schema names all keys of a path.
    fn names<'k>(&self, path: impl IntoIterator<Item = &'k str>) -> bool {
        let mut shape = self.schema;
        path.into_iter().all(|key| {
            let is_known = shape.known_keys().any(|known| &**known == key);
            shape = shape.property(key);
            is_known
        })
    }

    /// The types of a value of the environment: those that the schema names, or those of all values in a map.
    fn types(&self, path: &[String]) -> Types {
        let mut shape = self.schema;
        for key in path {
            if shape.refuses(key) {
                return Types::ANY;
            }
            shape = shape.property(key);
        }
        shape.types()
    }

    fn settled(&self, text: &Text, compared: &Compared) -> Option<Finding> {
        let Compared { path, with } = compared;
        if self.bound.contains(path.first()?.as_str()) {
            return None;
        }
        let name = path.join(".");
        if name == "platc.environment" {
            let is_none = |word: &&str| !self.environments.is_empty() && !self.environments.contains(word);
            return with.iter().find_map(|(written, range)| {
                let Written::Text(word) = written else { return None };
                let word = Some(word.as_str()).filter(is_none)?;
                let message = format!("there is no environment `{word}`");
                let finding = Finding::new(&codes::template::SETTLED, text.place.span(range.clone()), message);
                Some(finding.label("it is never this one").help(
                    did_you_mean(word, self.environments.iter().copied()).unwrap_or_else(|| {
                        let all: Vec<String> = self.environments.iter().map(|name| format!("`{name}`")).collect();
                        let verb = if all.len() == 1 { "the only environment is" } else { "the environments are" };
                        format!("{verb} {}", suggest::and(&all))
                    }),
                ))
            });
        }
        let types = self.types(path);
        let (written, range) = with.iter().find(|(written, _)| !types.intersects(kind(written)))?;
        // Of what can be nothing the schema says nothing.
        if types.is_empty() || types.contains(Types::ANY) {
            return None;
        }
        let message = format!("`{name}` is {types}, and never equal to {}", kind(written));
        let source = text.written.get(range.clone()).unwrap_or_default();
        let finding = Finding::new(&codes::template::SETTLED, text.place.span(range.clone()), message);
        Some(finding.label("of another type").help(match written {
            Written::Text(word) if types.intersects(Types::SCALAR) => format!("write `{word}` without quotes"),
            _ if types.intersects(Types::STRING) => format!("a string is compared with a string: `\"{source}\"`"),
            _ => "compare it with a value of its type".to_owned(),
        }))
    }

    /// `{ image.tag }}` and `{image.tag}` in literal text.
    fn lone(&self, text: &Text, raw: &Range<usize>) -> Vec<Finding> {
        let Some(literal) = text.written.get(raw.clone()) else { return Vec::new() };
        if !literal.contains('}') {
            return Vec::new();
        }
        let opened = literal.match_indices('{').map(|(at, _)| at);
        let finding = |at: usize| {
            let (name, end) = braced(literal, at)?;
            let keys = || name.split('.');
            let is_known = !self.bound.contains(keys().next()?) && (name == "platc.environment" || self.names(keys()));
            is_known.then(|| {
                let span = text.place.span(raw.start + at..raw.start + end);
                let message = format!("single braces are text: `{}`", &literal[at..end]);
                let finding = Finding::new(&codes::template::LONE_BRACE, span, message);
                finding.label("printed as it stands").help(format!("did you mean `{{{{ {name} }}}}`?"))
            })
        };
        opened.filter_map(finding).collect()
    }
}

fn kind(written: &Written) -> Types {
    match written {
        Written::Text(_) => Types::STRING,
        Written::Number => Types::NUMBER,
        Written::Bool => Types::BOOL,
    }
}

/// The name in a brace that opens at an offset, and where its braces end: one with a point, or one that two braces close.
/// A brace that is all of a value, or stands in a map of YAML, may be meant.
fn braced(text: &str, at: usize) -> Option<(&str, usize)> {
    let (before, rest) = (&text[..at], &text[at + 1..]);
    if before.ends_with(['{', '$', '#', '%', '@', '<', '\\']) {
        return None;
    }
    let close = rest.find('}')?;
    let name = rest[..close].trim_matches(' ');
    let is_name = !name.is_empty()
        && name.split('.').all(|part| {
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
    let end = at + 1 + close + 1;
    let is_double = text[end..].starts_with('}');
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    // Behind `key: ` or `- ` it is all of the value.
    let trimmed = line.trim_end();
    let is_value =
        trimmed.is_empty() || trimmed.ends_with([',', '[']) || (trimmed != line && trimmed.ends_with([':', '-']));
    let is_in_map = line.contains('{') || is_value;
    let is_meant = if is_double { line.contains('{') } else { is_in_map || !name.contains('.') };
    (is_name && !is_meant).then_some((name, if is_double { end + 1 } else { end }))
}

#[cfg(test)]
mod tests {
    use super::braced;

    #[test]
    fn single_braces_around_names() {
        let found = |text: &'static str| text.find('{').and_then(|at| braced(text, at)).map(|(name, _)| name);
        assert_eq!(found("image: web:{ image.tag }}"), Some("image.tag"));
        assert_eq!(found("image: \"web:{image.tag}\""), Some("image.tag"));
        assert_eq!(found("namespace: { namespace }}"), Some("namespace"));
        for text in [
            "path: /users/{name}",
            "a: ${image.tag}",
            "a: {image.tag}",
            "a: {b: {c}}",
            "a: [{image.tag}]",
            "a: {}",
            "a: { b c }}",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
