//! `.Files`: the files of a chart that are no templates, and patterns of their paths.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::failure::Failed;
use super::meter::Meter;
use super::pattern;
use super::text::Text;
use super::value::{Data, Map, MapKind, Value};

/// `.Files` of files by their paths within the chart.
pub fn new(files: impl IntoIterator<Item = (Arc<str>, Arc<[u8]>)>) -> Map {
    Map::new(MapKind::Files, files.into_iter().map(|(path, bytes)| (path, Data::Bytes(bytes).into())))
}

fn content(files: &Map, path: &str) -> Value {
    files.get(path).unwrap_or_else(|| Data::Bytes(Arc::from([])).into())
}

fn as_text(value: Value) -> Value {
    match value.data {
        Data::Bytes(bytes) => Value { data: Data::Text(Text::from_bytes(bytes.to_vec())), marks: value.marks },
        _ => value,
    }
}

pub(super) fn bytes(files: &Map, path: &str) -> Value {
    content(files, path)
}

pub(super) fn text(files: &Map, path: &str) -> Value {
    as_text(content(files, path))
}

pub(super) fn lines(files: &Map, path: &str, meter: &Meter) -> Result<Value, Failed> {
    let value = text(files, path);
    let Data::Text(text) = &value.data else { return Ok(Value::texts(Vec::new())) };
    if text.is_empty() {
        return Ok(Value::texts(Vec::new()));
    }
    meter.bytes(text.len())?;
    let whole = text.bytes().strip_suffix(b"\n").unwrap_or(text.bytes());
    let line = |line: &[u8]| Value { data: Data::Text(Text::from_bytes(line.to_vec())), marks: value.marks.clone() };
    Ok(Value::texts(whole.split(|byte| *byte == b'\n').map(line).collect()))
}

/// Those whose path matches; all of them if the pattern is none.
pub(super) fn glob(files: &Map, pattern: &str, meter: &Meter) -> Result<Map, Failed> {
    let pattern = pattern::Pattern::new(pattern).or_else(|| pattern::Pattern::new("**"));
    let mut matching = Vec::new();
    for (path, file) in files.entries() {
        let (is_match, steps) = pattern.as_ref().map_or((true, 1), |pattern| pattern.matches(&path));
        meter.steps(steps as u64)?;
        if is_match {
            matching.push((path, file));
        }
    }
    Ok(Map::new(MapKind::Files, matching))
}

fn by_base(files: &Map, make: fn(Value) -> Value) -> Value {
    let base = |path: &str| Arc::from(path.rsplit('/').next().unwrap_or_default());
    Value::map(files.entries().into_iter().map(|(path, bytes)| (base(&path), make(bytes))))
}

pub(super) fn as_config(files: &Map) -> Value {
    by_base(files, as_text)
}

pub(super) fn as_secrets(files: &Map) -> Value {
    by_base(files, |value| match &value.data {
        Data::Bytes(bytes) => Value::text(STANDARD.encode(bytes)).with(&value.marks),
        _ => value,
    })
}
