//! Texts: what differs of them, split where a person sees parts.

use std::sync::Arc;

use super::{Values, of};
use crate::adopt::plan::{Hole, Piece, Plan, Role, Step};
use crate::value::Value;
use crate::yaml::emit;

/// Where texts are split, the coarsest first.
const PARTS: [&str; 6] = [" ", ",", "=", "@", "/", ":"];

/// Characters that must be the same, for a text to be more than its parts.
const SHARED: usize = 8;

pub(super) fn plan(values: &Values<'_>, environments: &[Arc<str>], path: &[Step]) -> Option<Plan> {
    let texts: Vec<Option<&str>> =
        values.iter().map(|value| of(*value, Value::as_str)).collect::<Result<_, _>>().ok()?;
    let present: Vec<&str> = texts.iter().copied().flatten().collect();
    if present.iter().any(|text| text.is_empty()) {
        return None;
    }
    let texts = Texts { texts: &texts, path };
    let pieces = texts.by_environment(environments, false).or_else(|| texts.by_environment(environments, true));
    if let Some(pieces) = pieces {
        return Some(Plan::Text(pieces));
    }
    if matches!(path.last(), Some(Step::Key(key)) if &**key == "image") {
        return texts.image().map(Plan::Text);
    }
    if present.iter().all(|text| text.trim_end_matches('\n').contains('\n')) {
        // Only what can be written as a block keeps its lines.
        return texts.lines().filter(|_| present.iter().all(|text| emit::is_block(text))).map(Plan::Text);
    }
    if present.iter().any(|text| text.contains('\n')) {
        return None;
    }
    let is_name = matches!(path.last(), Some(Step::Key(key)) if key.ends_with("ame") || key.ends_with("amespace"));
    let mut separators = PARTS.to_vec();
    if is_name {
        separators.push("-");
    }
    let pieces = texts.split(&separators, Role::Part)?;
    let shared: usize = pieces.iter().map(|piece| if let Piece::Literal(text) = piece { text.len() } else { 0 }).sum();
    let longest = present.iter().map(|text| text.len()).max().unwrap_or(0);
    (is_name || (shared >= SHARED && shared * 2 >= longest)).then_some(Plan::Text(pieces))
}

/// A text by environment.
struct Texts<'a> {
    texts: &'a [Option<&'a str>],
    path: &'a [Step],
}

impl Texts<'_> {
    fn hole(&self, texts: &[Option<&str>], role: Role) -> Piece {
        let values = texts.iter().map(|text| text.map(|text| Value::String(text.into()))).collect();
        Piece::Hole(Hole::new(values, self.path, role))
    }

    /// Texts that differ in nothing but the name of their environment.
    fn by_environment(&self, environments: &[Arc<str>], upper: bool) -> Option<Vec<Piece>> {
        let mut common: Option<Vec<&str>> = None;
        for (text, name) in self.texts.iter().zip(environments) {
            let Some(text) = text else { continue };
            let parts = if upper { around(text, &name.to_ascii_uppercase()) } else { around(text, name) };
            if parts.len() < 2 || common.as_ref().is_some_and(|common| *common != parts) {
                return None;
            }
            common = Some(parts);
        }
        let mut pieces = Vec::new();
        for (at, part) in common?.into_iter().enumerate() {
            if at > 0 {
                pieces.push(Piece::Environment { upper });
            }
            literal(&mut pieces, part);
        }
        Some(pieces)
    }

    /// Repository, tag and digest of an image.
    fn image(&self) -> Option<Vec<Piece>> {
        let halves: Vec<Option<Image<'_>>> = self.texts.iter().map(|text| text.map(Image::of)).collect();
        let present: Vec<&Image<'_>> = halves.iter().flatten().collect();
        let first = present.first()?;
        let alike = |image: &&Image<'_>| {
            image.tag.is_some() == first.tag.is_some() && image.digest.is_some() == first.digest.is_some()
        };
        if !present.iter().all(alike) || (first.tag.is_none() && first.digest.is_none()) {
            return None;
        }
        let mut pieces = Vec::new();
        let mut part = |get: &dyn Fn(&Image<'_>) -> Option<String>, role| {
            let texts: Vec<Option<String>> = halves.iter().map(|image| image.as_ref().and_then(get)).collect();
            let mut known = texts.iter().flatten();
            let Some(first) = known.next() else { return };
            if known.all(|text| text == first) {
                literal(&mut pieces, first);
            } else {
                let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
                pieces.push(self.hole(&texts, role));
            }
        };
        part(&|image| Some(image.repository.to_owned()), Role::Repository);
        if first.tag.is_some() {
            part(&|_| Some(":".to_owned()), Role::Part);
            part(&|image| image.tag.map(str::to_owned), Role::Tag);
        }
        if first.digest.is_some() {
            part(&|_| Some("@".to_owned()), Role::Part);
            part(&|image| image.digest.map(str::to_owned), Role::Digest);
        }
        Some(pieces)
    }

    /// Texts of several lines, few of which differ.
    fn lines(&self) -> Option<Vec<Piece>> {
        let split: Vec<Option<Vec<&str>>> =
            self.texts.iter().map(|text| text.map(|text| text.split('\n').collect())).collect();
        let count = split.iter().flatten().next()?.len();
        if split.iter().flatten().any(|lines| lines.len() != count) {
            return None;
        }
        let (mut pieces, mut holes) = (Vec::new(), 0);
        for at in 0..count {
            if at > 0 {
                literal(&mut pieces, "\n");
            }
            let line: Vec<Option<&str>> = split.iter().map(|lines| lines.as_ref().map(|lines| lines[at])).collect();
            let mut known = line.iter().flatten();
            let first = known.next()?;
            if known.all(|line| line == first) {
                literal(&mut pieces, first);
                continue;
            }
            holes += 1;
            let mut path = self.path.to_vec();
            path.extend(word_before(first));
            let one = Texts { texts: &line, path: &path };
            for piece in one.split(&["=", ": ", " ", "/", ":"], Role::Part)? {
                match piece {
                    Piece::Literal(text) => literal(&mut pieces, &text),
                    piece => pieces.push(piece),
                }
            }
        }
        (holes <= 3 && holes * 4 <= count).then_some(pieces)
    }

    /// What differs, with what is the same around it: one hole.
    fn split(&self, separators: &[&str], role: Role) -> Option<Vec<Piece>> {
        for (at, separator) in separators.iter().enumerate() {
            let parts: Vec<Option<Vec<&str>>> =
                self.texts.iter().map(|text| text.map(|text| text.split(separator).collect())).collect();
            let count = parts.iter().flatten().next()?.len();
            if count < 2 || parts.iter().flatten().any(|parts| parts.len() != count) {
                continue;
            }
            let column = |at: usize| -> Vec<Option<&str>> {
                parts.iter().map(|parts| parts.as_ref().map(|parts| parts[at])).collect()
            };
            let differs = |at: &usize| {
                let column = column(*at);
                let mut known = column.iter().flatten();
                let first = known.next();
                known.any(|part| Some(part) != first)
            };
            let differing: Vec<usize> = (0..count).filter(differs).collect();
            let [only] = differing[..] else { continue };
            let first = parts.iter().flatten().next()?;
            let mut pieces = Vec::new();
            if only > 0 {
                literal(&mut pieces, &format!("{}{separator}", first[..only].join(separator)));
            }
            let below = column(only);
            if below.iter().flatten().any(|part| part.is_empty()) {
                return None;
            }
            let (below, behind) = without_end(below);
            let inner = Texts { texts: &below, path: self.path };
            match inner.split(&separators[at + 1..], role) {
                Some(more) => pieces.extend(more),
                None => pieces.push(self.hole(&below, role)),
            }
            literal(&mut pieces, behind);
            if only + 1 < count {
                literal(&mut pieces, &format!("{separator}{}", first[only + 1..].join(separator)));
            }
            return Some(pieces);
        }
        None
    }
}

/// The first word of a line, as what stands behind it is called.
fn word_before(line: &str) -> Option<Step> {
    let word = line.trim_start().split(|char: char| !(char.is_ascii_alphanumeric() || "_-.".contains(char))).next()?;
    (!word.is_empty()).then(|| Step::Key(word.into()))
}

/// Texts without a sign that all of them end with, and that sign.
fn without_end<'t>(texts: Vec<Option<&'t str>>) -> (Vec<Option<&'t str>>, &'static str) {
    for sign in [";", ",", "\"", "'"] {
        if texts.iter().flatten().all(|text| text.len() > sign.len() && text.ends_with(sign)) {
            let without = |text: Option<&'t str>| text.and_then(|text| text.strip_suffix(sign));
            return (texts.into_iter().map(without).collect(), sign);
        }
    }
    (texts, "")
}

/// An image as people name its parts.
struct Image<'t> {
    repository: &'t str,
    tag: Option<&'t str>,
    digest: Option<&'t str>,
}

impl<'t> Image<'t> {
    fn of(text: &'t str) -> Self {
        let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
        match rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
            Some((repository, tag)) => Self { repository, tag: Some(tag), digest },
            None => Self { repository: rest, tag: None, digest },
        }
    }
}

/// Puts a text behind what is there.
fn literal(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Literal(before)) => before.push_str(text),
        _ => pieces.push(Piece::Literal(text.to_owned())),
    }
}

/// What stands around a word, wherever it stands as a word of its own.
fn around<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let (mut parts, mut from) = (Vec::new(), 0);
    for (at, _) in text.match_indices(word) {
        let (before, behind) = (&text[..at], &text[at + word.len()..]);
        let is_word = !before.ends_with(char::is_alphanumeric) && !behind.starts_with(char::is_alphanumeric);
        if is_word && at >= from {
            parts.push(&text[from..at]);
            from = at + word.len();
        }
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(texts: &[&str], path: &[&str]) -> Option<String> {
        let values: Vec<Value> = texts.iter().map(|text| Value::String((*text).into())).collect();
        let values: Vec<Option<&Value>> = values.iter().map(Some).collect();
        let path: Vec<Step> = path.iter().map(|key| Step::Key((*key).into())).collect();
        let Plan::Text(pieces) = plan(&values, &["dev".into(), "prod".into()], &path)? else { return None };
        let one = |piece: Piece| match piece {
            Piece::Literal(text) => text,
            Piece::Environment { upper } => if upper { "{ENV}" } else { "{env}" }.to_owned(),
            Piece::Hole(hole) => format!("{{{}}}", hole.values[1].as_ref().and_then(Value::as_str).unwrap_or_default()),
        };
        Some(pieces.into_iter().map(one).collect())
    }

    #[test]
    fn texts_are_split_where_a_person_sees_parts() {
        for (texts, path, wanted) in [
            (["ghcr.io/x/web:1.2", "ghcr.io/x/web:1.3"], "image", Some("ghcr.io/x/web:{1.3}")),
            (["dev/x/web:1.2", "r.io:80/x/web:1.2"], "image", Some("{r.io:80/x/web}:1.2")),
            (["x/web@sha256:1", "x/web@sha256:2"], "image", Some("x/web@{sha256:2}")),
            (["x/web", "x/web:2"], "image", None),
            (["web-dev", "web-prod"], "name", Some("web-{env}")),
            (["dev", "prod"], "value", Some("{env}")),
            (["topic-DEV", "topic-PROD"], "value", Some("topic-{ENV}")),
            (["developer", "producer"], "value", None),
            (["a1-web", "b2-web"], "name", Some("{b2}-web")),
            (["web.dev.example.com", "web.example.com"], "host", None),
            (
                ["https://a.example.org/v1/users", "https://b.example.org/v1/users"],
                "value",
                Some("https://{b.example.org}/v1/users"),
            ),
            (["--log-level=debug", "--log-level=info"], "value", Some("--log-level={info}")),
            (
                ["arn:aws:iam::111:role/web-reader", "arn:aws:iam::222:role/web-reader"],
                "arn",
                Some("arn:aws:iam::{222}:role/web-reader"),
            ),
            (["a=1\nb=2\nc=3\nd=4\n", "a=1\nb=2\nc=5\nd=4\n"], "x", Some("a=1\nb=2\nc={5}\nd=4\n")),
            (["10", "20"], "value", None),
        ] {
            assert_eq!(shown(&texts, &[path]).as_deref(), wanted, "{texts:?}");
        }
    }
}
