//! Kubernetes' semantic versions. Comparisons are with the quantities, which share their names.

use std::sync::Arc;

use ::semver::Version;

use super::{Function, call, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::value::Value;

pub(crate) static FUNCTIONS: &[Function] = &[
    call("isSemver", 1, 2, |_, args| Ok(Value::Bool(parse(args)?.is_some()))),
    call("semver", 1, 2, semver),
    on("major", 0, 0, |_, args| part(args, |version| version.major)),
    on("minor", 0, 0, |_, args| part(args, |version| version.minor)),
    on("patch", 0, 0, |_, args| part(args, |version| version.patch)),
];

fn parse(args: &[Value]) -> Result<Option<Version>, Fault> {
    let (Value::String(text), Value::Bool(loose)) = (&args[0], args.get(1).unwrap_or(&Value::Bool(false))) else {
        return Err(Fault::Unfit);
    };
    Ok(if *loose { Version::parse(&normalise(text)).ok() } else { Version::parse(text).ok() })
}

/// Drops a leading `v` and leading zeros, adds missing parts: `v01.2` is `1.2.0`.
fn normalise(text: &str) -> String {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (core, rest) = text.split_at(end);
    let mut parts: Vec<&str> = core.split('.').map(|part| part.trim_start_matches('0')).collect();
    for (part, written) in parts.iter_mut().zip(core.split('.')) {
        if part.is_empty() && !written.is_empty() {
            *part = "0";
        }
    }
    while parts.len() < 3 {
        parts.push("0");
    }
    format!("{}{rest}", parts.join("."))
}

fn semver(_: &mut Machine, args: &[Value]) -> Outcome {
    match parse(args)? {
        Some(version) => Ok(Value::Semver(Arc::new(version))),
        None => Err(Fault::Refused(format!("`{}` is not a version", super::text::plain(&args[0])))),
    }
}

fn part(args: &[Value], part: fn(&Version) -> u64) -> Outcome {
    match &args[0] {
        Value::Semver(version) => Ok(Value::Int(i64::try_from(part(version)).unwrap_or(i64::MAX))),
        _ => Err(Fault::Unfit),
    }
}
