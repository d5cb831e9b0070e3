//! Values as `%v` prints them, and the names of their types.

use crate::chart::failure::Failed;
use crate::chart::meter::Meter;
use crate::chart::text::{Text, TextBuilder};
use crate::chart::time::duration_text;
use crate::chart::value::{Data, List, ListKind, Map, MapKind, Struct, StructKind, Value};

use super::format::Format;

/// Values within each other. A map can hold itself, and printing that has no end.
pub(in crate::chart) const MOST_DEPTH: usize = 100;

/// `fmt.Sprint` of one value, in the middle of others: text as it is, nil as `<nil>`.
pub(in crate::chart) fn shown(value: &Value, meter: &Meter) -> Result<String, Failed> {
    let mut out = TextBuilder::default();
    print_value(&mut out, value, Format::PLAIN, meter, 0)?;
    Ok(String::from_utf8_lossy(out.bytes()).into_owned())
}

/// The same with the origins of what is printed.
pub(in crate::chart) fn printed(out: &mut TextBuilder, value: &Value, meter: &Meter) -> Result<(), Failed> {
    print_value(out, value, Format::PLAIN, meter, 0)
}

/// `fmt.Sprint` of several: with a space between two of which neither is a text.
pub(in crate::chart) fn print_each(out: &mut TextBuilder, values: &[Value], meter: &Meter) -> Result<(), Failed> {
    let mut after_text = true;
    for (number, value) in values.iter().enumerate() {
        let is_text = matches!(value.data, Data::Text(_));
        if number > 0 && !is_text && !after_text {
            out.push_str(" ");
        }
        printed(out, value, meter)?;
        after_text = is_text;
    }
    Ok(())
}

pub(super) fn print_value(
    out: &mut TextBuilder,
    value: &Value,
    how: Format,
    meter: &Meter,
    depth: usize,
) -> Result<(), Failed> {
    if depth > MOST_DEPTH {
        return Err(Failed::because("this value is nested too deeply to be printed"));
    }
    let before = out.len();
    let marks = &value.marks;
    match how.verb {
        'T' => {
            Format { verb: 's', ..how }.text(out, &type_name(value).into(), marks);
            return Ok(());
        }
        'p' => return Err(Failed::because("`%p` prints an address, which is another one each time")),
        _ => {}
    }
    let sound = match &value.data {
        Data::Absent | Data::Nil if depth > 0 => {
            out.push_bytes(if how.source { b"interface {}(nil)" } else { b"<nil>" }, marks);
            true
        }
        Data::Absent | Data::Nil => {
            if how.verb == 'v' {
                how.nil(out, marks);
            }
            how.verb == 'v'
        }
        Data::Bool(it) => how.bool(out, *it, marks),
        Data::Int(it, kind) if kind.is_unsigned() => how.int(out, false, *it as u64, true, marks),
        Data::Int(it, _) => how.int(out, *it < 0, it.unsigned_abs(), false, marks),
        Data::Float(_) if matches!(how.verb, 'x' | 'X' | 'b') => {
            return Err(Failed::because("floats in hexadecimal or binary digits aren't known here"));
        }
        Data::Float(it) => how.float(out, *it, marks),
        Data::Text(text) => how.text(out, text, marks),
        Data::Bytes(bytes) if matches!(how.verb, 's' | 'q' | 'x' | 'X') => {
            how.text(out, &Text::from_bytes(bytes.to_vec()), marks)
        }
        Data::Bytes(bytes) => {
            let (open, separator, close) = if how.source { ("[]byte{", ", ", "}") } else { ("[", " ", "]") };
            out.push_bytes(open.as_bytes(), marks);
            for (number, byte) in bytes.iter().enumerate() {
                out.push_str(if number > 0 { separator } else { "" });
                how.int(out, false, u64::from(*byte), true, marks);
            }
            out.push_bytes(close.as_bytes(), marks);
            true
        }
        Data::List(list) => {
            print_list(out, list, value, how, meter, depth)?;
            true
        }
        Data::Map(map) => {
            print_map(out, map, value, how, meter, depth)?;
            true
        }
        Data::Struct(it) => {
            print_struct(out, it, value, how, meter, depth)?;
            true
        }
        Data::Duration(it) if !matches!(how.verb, 'v' | 's' | 'x' | 'X' | 'q') => {
            how.int(out, *it < 0, it.unsigned_abs(), false, marks)
        }
        Data::Time(time) => how.text(out, &time.to_text().into(), marks),
        Data::Duration(it) => how.text(out, &duration_text(*it).into(), marks),
        Data::Error(message) => how.text(out, &Text::new(message.clone()), marks),
        Data::Function(_) => return Err(Failed::because("a function can't be printed")),
    };
    if !sound {
        bad_verb(out, value, how, meter)?;
    }
    meter.bytes(out.len() - before)
}

/// A value for which the verb isn't meant.
fn bad_verb(out: &mut TextBuilder, value: &Value, how: Format, meter: &Meter) -> Result<(), Failed> {
    out.push_str(&format!("%!{}(", how.verb));
    if !value.is_nil() {
        out.push_str(&format!("{}=", type_name(value)));
    }
    if value.is_nil() {
        out.push_str("<nil>");
    } else {
        print_value(out, value, Format { verb: 'v', ..how }, meter, 0)?;
    }
    out.push_str(")");
    Ok(())
}

fn print_struct(
    out: &mut TextBuilder,
    it: &Struct,
    value: &Value,
    how: Format,
    meter: &Meter,
    depth: usize,
) -> Result<(), Failed> {
    if it.kind == StructKind::Version {
        let version = it.field("text").cloned().unwrap_or_default();
        return print_value(out, &version, how, meter, depth + 1);
    }
    let is_pointer = kind_name(value) == "ptr";
    if is_pointer && depth > 0 {
        return Err(Failed::because("this prints an address, which is another one each time"));
    }
    // What Helm calls a chart is the metadata, and beside it whether it is the root.
    let is_chart = it.kind == StructKind::Chart;
    let open = if is_chart && how.with_names {
        "{Metadata:{"
    } else if is_chart {
        "{{"
    } else {
        "{"
    };
    out.push_str(if is_pointer { "&" } else { "" });
    out.push_bytes(open.as_bytes(), &value.marks);
    for (number, field) in it.fields.iter().enumerate() {
        if is_chart && field.name == "IsRoot" {
            out.push_str("}");
        }
        if number > 0 {
            out.push_str(" ");
        }
        if how.with_names {
            out.push_str(&format!("{}:", field.name));
        }
        print_value(out, &field.value, how, meter, depth + 1)?;
    }
    out.push_bytes(b"}", &value.marks);
    Ok(())
}

/// What opens a list or map, stands between its items, and closes it. `plain`: how it opens where it is not written as source.
fn brackets(value: &Value, how: Format, plain: &str) -> [String; 3] {
    if how.source {
        [format!("{}{{", type_name(value)), ", ".to_owned(), "}".to_owned()]
    } else {
        [plain, " ", "]"].map(str::to_owned)
    }
}

fn print_list(
    out: &mut TextBuilder,
    list: &List,
    value: &Value,
    how: Format,
    meter: &Meter,
    depth: usize,
) -> Result<(), Failed> {
    let [open, separator, close] = brackets(value, how, "[");
    out.push_bytes(open.as_bytes(), &value.marks);
    for (number, item) in list.items().iter().enumerate() {
        if number > 0 {
            out.push_str(&separator);
        }
        print_value(out, item, how, meter, depth + 1)?;
    }
    out.push_bytes(close.as_bytes(), &value.marks);
    Ok(())
}

fn print_map(
    out: &mut TextBuilder,
    map: &Map,
    value: &Value,
    how: Format,
    meter: &Meter,
    depth: usize,
) -> Result<(), Failed> {
    let [open, separator, close] = brackets(value, how, "map[");
    out.push_bytes(open.as_bytes(), &value.marks);
    for (number, (key, item)) in map.entries().iter().enumerate() {
        if number > 0 {
            out.push_str(&separator);
        }
        print_value(out, &Value::text(key.clone()), how, meter, depth + 1)?;
        out.push_str(":");
        print_value(out, item, how, meter, depth + 1)?;
    }
    out.push_bytes(close.as_bytes(), &value.marks);
    Ok(())
}

/// The name of a value's type, as `%T` has it.
pub(in crate::chart) fn type_name(value: &Value) -> &'static str {
    match &value.data {
        Data::Absent | Data::Nil => "<nil>",
        Data::Bool(_) => "bool",
        Data::Int(_, kind) => kind.name(),
        Data::Float(_) => "float64",
        Data::Text(_) => "string",
        Data::Bytes(_) => "[]uint8",
        Data::List(list) => match list.kind {
            ListKind::Any => "[]interface {}",
            ListKind::Lists => "[][]interface {}",
            ListKind::Text => "[]string",
            ListKind::Int => "[]int",
            ListKind::Versions => "chartutil.VersionSet",
            ListKind::Pointers(name) => name,
        },
        Data::Map(map) => match map.kind {
            MapKind::Any => "map[string]interface {}",
            MapKind::Values => "chartutil.Values",
            MapKind::Text => "map[string]string",
            MapKind::Files => "engine.files",
        },
        Data::Struct(it) => match it.kind {
            StructKind::Chart => "struct { chart.Metadata; IsRoot bool }",
            StructKind::Maintainer => "*chart.Maintainer",
            StructKind::Dependency => "*chart.Dependency",
            StructKind::Capabilities => "*chartutil.Capabilities",
            StructKind::KubeVersion => "chartutil.KubeVersion",
            StructKind::HelmVersion => "version.BuildInfo",
            StructKind::Version => "*semver.Version",
            StructKind::Certificate => "sprig.certificate",
        },
        Data::Time(_) => "time.Time",
        Data::Duration(_) => "time.Duration",
        Data::Error(_) => "*errors.errorString",
        Data::Function(_) => "func()",
    }
}

/// The name of a value's kind, as `kindOf` has it.
pub(in crate::chart) fn kind_name(value: &Value) -> &'static str {
    match &value.data {
        Data::Absent | Data::Nil => "invalid",
        Data::Text(_) => "string",
        Data::Bytes(_) | Data::List(_) => "slice",
        Data::Map(_) => "map",
        Data::Struct(it) => match it.kind {
            StructKind::Chart | StructKind::KubeVersion | StructKind::HelmVersion | StructKind::Certificate => "struct",
            _ => "ptr",
        },
        Data::Time(_) => "struct",
        Data::Duration(_) => "int64",
        Data::Error(_) => "ptr",
        Data::Function(_) => "func",
        Data::Bool(_) | Data::Int(..) | Data::Float(_) => type_name(value),
    }
}
