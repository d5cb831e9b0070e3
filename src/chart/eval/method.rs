//! Methods of what Helm hands to templates.

use crate::chart::failure::Failed;
use crate::chart::files;
use crate::chart::functions::{Context, Kind, Made};
use crate::chart::value::{Data, Int, ListKind, Map, MapKind, StructKind, Value};
use crate::chart::{time, version, yaml};

pub(super) struct Method {
    pub parameters: &'static [Kind],
    pub call: fn(&Context, &Value, &[Value]) -> Made,
}

#[expect(clippy::unnecessary_wraps, reason = "whoever calls this finds a method or none")]
fn method(parameters: &'static [Kind], call: fn(&Context, &Value, &[Value]) -> Made) -> Option<Method> {
    Some(Method { parameters, call })
}

/// The method of that name, if what it is asked of has one.
pub(super) fn find(receiver: &Value, name: &str) -> Option<Method> {
    match &receiver.data {
        Data::Map(map) => match map.kind {
            MapKind::Files => of_files(name),
            MapKind::Values => of_values(name),
            MapKind::Any | MapKind::Text => None,
        },
        Data::List(list) if list.kind == ListKind::Versions && name == "Has" => {
            method(&[Kind::Text], |_, versions, arguments| {
                let Data::List(versions) = &versions.data else { return Ok(false.into()) };
                let wanted = first(arguments);
                Ok(versions.items().iter().any(|it| text(it) == wanted).into())
            })
        }
        Data::Struct(it) => match it.kind {
            StructKind::KubeVersion if matches!(name, "String" | "GitVersion") => {
                method(&[], |_, it, _| Ok(field(it, "Version")))
            }
            StructKind::Version => of_version(name),
            _ => None,
        },
        Data::Time(_) => of_time(name),
        Data::Error(_) if name == "Error" => method(&[], |_, error, _| match &error.data {
            Data::Error(message) => Ok(Value::text(message.clone())),
            _ => Ok(Value::NIL),
        }),
        _ => None,
    }
}

fn first(arguments: &[Value]) -> String {
    arguments.first().map(text).unwrap_or_default()
}

fn text(value: &Value) -> String {
    match &value.data {
        Data::Text(text) => text.str().into_owned(),
        _ => String::new(),
    }
}

fn field(value: &Value, name: &str) -> Value {
    match &value.data {
        Data::Struct(it) => it.field(name).cloned().unwrap_or_default(),
        _ => Value::ABSENT,
    }
}

fn map(value: &Value) -> Map {
    match &value.data {
        Data::Map(map) => map.clone(),
        _ => Map::empty(),
    }
}

fn of_files(name: &str) -> Option<Method> {
    match name {
        "Get" => method(&[Kind::Text], |_, all, arguments| Ok(files::text(&map(all), &first(arguments)))),
        "GetBytes" => method(&[Kind::Text], |_, all, arguments| Ok(files::bytes(&map(all), &first(arguments)))),
        "Glob" => method(&[Kind::Text], |context, all, arguments| {
            Ok(files::glob(&map(all), &first(arguments), context.meter)?.into())
        }),
        "AsConfig" => method(&[], |context, all, _| yaml::to_yaml(&files::as_config(&map(all)), context.meter)),
        "AsSecrets" => method(&[], |context, all, _| yaml::to_yaml(&files::as_secrets(&map(all)), context.meter)),
        "Lines" => {
            method(&[Kind::Text], |context, all, arguments| files::lines(&map(all), &first(arguments), context.meter))
        }
        _ => None,
    }
}

fn of_values(name: &str) -> Option<Method> {
    match name {
        "AsMap" => method(&[], |_, values, _| Ok(map(values).named(MapKind::Any).into())),
        "YAML" => method(&[], |context, values, _| {
            let text = yaml::to_yaml(values, context.meter)?;
            Ok(Value::text(format!("{}\n", self::text(&text))))
        }),
        "Table" => method(&[Kind::Text], |_, values, arguments| {
            let mut table = map(values);
            for step in first(arguments).split('.') {
                match table.get(step).map(|value| value.data) {
                    Some(Data::Map(inner)) => table = inner,
                    _ => return Err(Failed::because(format!("there is no table `{step}`"))),
                }
            }
            Ok(table.named(MapKind::Values).into())
        }),
        _ => None,
    }
}

fn of_version(name: &str) -> Option<Method> {
    match name {
        "Major" => method(&[], |_, it, _| Ok(field(it, "major"))),
        "Minor" => method(&[], |_, it, _| Ok(field(it, "minor"))),
        "Patch" => method(&[], |_, it, _| Ok(field(it, "patch"))),
        "Prerelease" => method(&[], |_, it, _| Ok(field(it, "pre"))),
        "Metadata" => method(&[], |_, it, _| Ok(field(it, "metadata"))),
        "Original" => method(&[], |_, it, _| Ok(field(it, "original"))),
        "String" => method(&[], |_, it, _| Ok(field(it, "text"))),
        "Compare" => method(&[Kind::Version], |_, a, b| Ok(Value::int(compared(a, b)? as i64))),
        "Equal" => method(&[Kind::Version], |_, a, b| Ok(compared(a, b)?.is_eq().into())),
        "LessThan" => method(&[Kind::Version], |_, a, b| Ok(compared(a, b)?.is_lt().into())),
        "LessThanEqual" => method(&[Kind::Version], |_, a, b| Ok(compared(a, b)?.is_le().into())),
        "GreaterThan" => method(&[Kind::Version], |_, a, b| Ok(compared(a, b)?.is_gt().into())),
        "GreaterThanEqual" => method(&[Kind::Version], |_, a, b| Ok(compared(a, b)?.is_ge().into())),
        "IncMajor" => method(&[], |_, it, _| Ok(version::raised(&field(it, "text"), 0))),
        "IncMinor" => method(&[], |_, it, _| Ok(version::raised(&field(it, "text"), 1))),
        "IncPatch" => method(&[], |_, it, _| Ok(version::raised(&field(it, "text"), 2))),
        _ => None,
    }
}

fn compared(a: &Value, b: &[Value]) -> Result<std::cmp::Ordering, Failed> {
    let b = b.first().filter(|b| !b.is_nil()).ok_or_else(|| Failed::because("there is no version to compare with"))?;
    Ok(version::compare(&text(&field(a, "text")), &text(&field(b, "text"))))
}

fn of_time(name: &str) -> Option<Method> {
    match name {
        "Format" => method(&[Kind::Text], |_, it, layout| match &it.data {
            Data::Time(time) => Ok(Value::text(time.format(&first(layout)))),
            _ => Ok(Value::ABSENT),
        }),
        "Unix" => method(&[], |_, it, _| Ok(number(it, |time| time.seconds, Int::Int64))),
        "UnixNano" => method(&[], |_, it, _| {
            Ok(number(it, |time| time.seconds.wrapping_mul(1_000_000_000) + i64::from(time.nanoseconds), Int::Int64))
        }),
        "UnixMilli" => method(&[], |_, it, _| Ok(number(it, |time| time.seconds.wrapping_mul(1000), Int::Int64))),
        "Year" => method(&[], |_, it, _| Ok(number(it, |time| time.civil().year, Int::Int))),
        "Day" => method(&[], |_, it, _| Ok(number(it, |time| time.civil().day.into(), Int::Int))),
        "Hour" => method(&[], |_, it, _| Ok(number(it, |time| time.civil().hour.into(), Int::Int))),
        "Minute" => method(&[], |_, it, _| Ok(number(it, |time| time.civil().minute.into(), Int::Int))),
        "Second" => method(&[], |_, it, _| Ok(number(it, |time| time.civil().second.into(), Int::Int))),
        "Nanosecond" => method(&[], |_, it, _| Ok(number(it, |time| time.nanoseconds.into(), Int::Int))),
        "YearDay" => method(&[], |_, it, _| Ok(number(it, |time| time.civil().year_day.into(), Int::Int))),
        "String" => method(&[], |_, it, _| match &it.data {
            Data::Time(time) => Ok(Value::text(time.to_text())),
            _ => Ok(Value::ABSENT),
        }),
        "UTC" => method(&[], |_, it, _| match it.data {
            Data::Time(moment) => Ok(Data::Time(time::Time { offset: 0, ..moment }).into()),
            _ => Ok(Value::ABSENT),
        }),
        "IsZero" => method(&[], |_, it, _| match &it.data {
            Data::Time(moment) => Ok((*moment == time::Time::ZERO).into()),
            _ => Ok(Value::ABSENT),
        }),
        _ => None,
    }
}

fn number(value: &Value, part: fn(&time::Time) -> i64, kind: Int) -> Value {
    match &value.data {
        Data::Time(time) => Data::Int(part(time), kind).into(),
        _ => Value::ABSENT,
    }
}
