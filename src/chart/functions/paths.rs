//! Paths with slashes, and versions.

use crate::chart::failure::Failed;
use crate::chart::value::Value;
use crate::chart::version;

use super::{Context, Function, Kind, Made, plain, text};

const TEXT: &[Kind] = &[Kind::Text];

pub(super) const ALL: &[Function] = &[
    plain("base", TEXT, None, |_, values| with(values, base)),
    plain("osBase", TEXT, None, |_, values| with(values, base)),
    plain("dir", TEXT, None, |_, values| with(values, dir)),
    plain("osDir", TEXT, None, |_, values| with(values, dir)),
    plain("clean", TEXT, None, |_, values| with(values, clean)),
    plain("osClean", TEXT, None, |_, values| with(values, clean)),
    plain("ext", TEXT, None, |_, values| with(values, ext)),
    plain("osExt", TEXT, None, |_, values| with(values, ext)),
    plain("isAbs", TEXT, None, is_absolute),
    plain("osIsAbs", TEXT, None, is_absolute),
    plain("semver", TEXT, None, |_, values| {
        let written = text(&values[0]).str();
        version::value(&written).ok_or_else(|| Failed::because(format!("`{written}` is no version")))
    }),
    plain("semverCompare", &[Kind::Text, Kind::Text], None, |_, values| {
        let satisfied = version::satisfies(&text(&values[0]).str(), &text(&values[1]).str());
        Ok(satisfied.map_err(Failed::because)?.into())
    }),
];

#[expect(clippy::unnecessary_wraps, reason = "all functions have one signature")]
fn with(values: &[Value], change: fn(&str) -> String) -> Made {
    Ok(Value::text(change(&text(&values[0]).str())))
}

#[expect(clippy::unnecessary_wraps, reason = "all functions have one signature")]
fn is_absolute(_: &Context, values: &[Value]) -> Made {
    Ok(text(&values[0]).bytes().starts_with(b"/").into())
}

fn base(path: &str) -> String {
    if path.is_empty() {
        return ".".into();
    }
    let path = path.trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.is_empty() { "/".into() } else { last.into() }
}

fn dir(path: &str) -> String {
    clean(&path[..path.rfind('/').map_or(0, |at| at + 1)])
}

fn ext(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rfind('.').map_or(String::new(), |at| name[at..].to_owned())
}

fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, kept.last()) {
            ("..", Some(last)) if *last != ".." => {
                kept.pop();
            }
            ("..", None) if rooted => {}
            _ => kept.push(part),
        }
    }
    let joined = kept.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}
