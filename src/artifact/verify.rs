//! A second opinion: an independent reader, of the lineage of libyaml, must take a file's bytes for the value that was
//! to be written. It shares no code with our reader or emitter.

use serde::Deserialize;
use serde_yaml::Value as Yaml;

use super::File;
use crate::finding::codes::output::MISREAD;
use crate::finding::{Finding, Findings};
use crate::value::{Number, Value};
use crate::yaml::path::{Path, Step};

/// Reads the file again and compares. A difference is a mistake of ours and a finding, because nothing wrong may be
/// published.
pub fn verify(documents: &[Value], file: &File, findings: &mut Findings) {
    let text = String::from_utf8_lossy(&file.bytes);
    let read: Option<Vec<Yaml>> = match file.path.extension() {
        Some("json") => serde_json::from_str(&text).ok().map(|read| vec![read]),
        _ => serde_yaml::Deserializer::from_str(&text).map(|read| Yaml::deserialize(read).ok()).collect(),
    };
    let difference = match read {
        Some(read) if read.len() == documents.len() => {
            let mut pairs = documents.iter().zip(&read);
            pairs.find_map(|(value, read)| differs(value, read, &mut Path::root()))
        }
        _ => Some(Path::root()),
    };
    if let Some(path) = difference {
        let what = if path.is_root() { "as a whole".to_owned() } else { format!("at `{path}`") };
        let message = format!("`{}` is read differently by an independent reader, {what}", file.path);
        findings.push(
            Finding::new(&MISREAD, file.place, message)
                .label("made here")
                .help("this is a bug in platc; please report it with the value that is written there"),
        );
    }
}

/// Where the two differ first, if anywhere.
fn differs(value: &Value, read: &Yaml, path: &mut Path) -> Option<Path> {
    let same = match (value, read) {
        (Value::Map(entries), Yaml::Mapping(map)) => {
            if entries.len() != map.len() {
                return Some(path.clone());
            }
            return entries.iter().find_map(|(key, value)| {
                step(path, Step::Key(key.clone()), |path| match map.get(&**key) {
                    Some(read) => differs(value, read, path),
                    None => Some(path.clone()),
                })
            });
        }
        (Value::List(items), Yaml::Sequence(list)) => {
            if items.len() != list.len() {
                return Some(path.clone());
            }
            let mut pairs = items.iter().zip(list).enumerate();
            return pairs
                .find_map(|(at, (value, read))| step(path, Step::Index(at), |path| differs(value, read, path)));
        }
        (Value::Null, Yaml::Null) => true,
        (Value::Bool(a), Yaml::Bool(b)) => a == b,
        (Value::String(a), Yaml::String(b)) => **a == **b,
        (Value::Number(a), Yaml::Number(b)) => match a {
            Number::Int(a) => b.as_i64() == Some(*a),
            Number::UInt(a) => b.as_u64() == Some(*a),
            Number::Float(a, _) => b.is_f64() && b.as_f64().is_some_and(|b| b.to_bits() == a.to_bits()),
        },
        _ => false,
    };
    (!same).then(|| path.clone())
}

/// Looks one step further down.
fn step(path: &mut Path, step: Step, look: impl FnOnce(&mut Path) -> Option<Path>) -> Option<Path> {
    path.push(step);
    let found = look(path);
    path.pop();
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::{Sources, Span};
    use crate::yaml::emit;

    fn sample() -> Value {
        let text = |text: &str| Value::String(text.into());
        let map =
            |entries: Vec<(&str, Value)>| Value::Map(entries.into_iter().map(|(k, v)| (Arc::from(k), v)).collect());
        map(vec![
            ("text", Value::List(vec![text("on"), text("1.30"), text("a\n b\n"), text("")])),
            (
                "numbers",
                Value::List(vec![
                    Value::Number(Number::Int(-3)),
                    Value::Number(Number::UInt(u64::MAX)),
                    Value::Number(Number::float(1e21).unwrap()),
                ]),
            ),
            ("rest", Value::List(vec![Value::Null, Value::Bool(true), Value::List(vec![]), map(vec![])])),
            ("no", map(vec![("12:30", text("x"))])),
        ])
    }

    fn messages(path: &str, bytes: impl Into<Vec<u8>>) -> Vec<String> {
        let place = Span::file_start(Sources::default().add("t.j2", ""));
        let file = File { path: path.into(), template: "t.j2".into(), place, bytes: bytes.into().into() };
        let mut findings = Findings::default();
        verify(&[sample()], &file, &mut findings);
        findings.iter().map(|finding| format!("[{}] {}", finding.rule.id, finding.message)).collect()
    }

    #[test]
    fn what_the_emitter_writes_is_read_as_it_was_meant() {
        assert_eq!(messages("a.yaml", emit::document("header", &sample())), Vec::<String>::new());
        assert_eq!(messages("a.json", emit::json(&sample())), Vec::<String>::new());
    }

    #[test]
    fn each_difference_is_found() {
        let good = emit::document("header", &sample());
        for (from, to, place) in [
            ("\"on\"", "true", "at `text[0]`"),
            ("\"1.30\"", "1.30", "at `text[1]`"),
            ("-3", "-4", "at `numbers[0]`"),
            ("null", "~x", "at `rest[0]`"),
            ("{}", "[]", "at `rest[3]`"),
            ("rest:", "test:", "at `rest`"),
            ("\"12:30\": x", "\"12:30\": x\n  more: x", "at `no`"),
            ("rest:", "rest: :", "as a whole"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "{from}\n{good}");
            let wanted = format!("[output/misread] `a.yaml` is read differently by an independent reader, {place}");
            assert_eq!(messages("a.yaml", bad), [wanted]);
        }
        assert_eq!(messages("a.json", "{").len(), 1);
    }
}
