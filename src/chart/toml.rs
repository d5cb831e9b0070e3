//! TOML, as `BurntSushi/toml` writes it.

use super::failure::Failed;
use super::meter::Meter;
use super::print::{MOST_DEPTH, float};
use super::text::{Text, TextBuilder};
use super::value::{Data, Value};

/// What a value is in TOML, or why it has no form there, which Helm gives as the text.
pub(super) fn to_toml(value: &Value, meter: &Meter) -> Result<Value, Failed> {
    if value.is_nil() {
        return Err(Failed::because("nothing has no form in TOML"));
    }
    let mut writer = Writer { out: TextBuilder::default(), meter };
    match writer.encode(&[], value) {
        Ok(()) => Ok(writer.out.finish().into()),
        Err(Unwritten::Because(message)) => Ok(Value::text(message)),
        Err(Unwritten::Failed(failed)) => Err(failed),
    }
}

enum Unwritten {
    Because(&'static str),
    Failed(Failed),
}

impl From<Failed> for Unwritten {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

const NIL_IN_LIST: Unwritten = Unwritten::Because("toml: cannot encode array with nil element");

struct Writer<'a> {
    out: TextBuilder,
    meter: &'a Meter,
}

/// Entries of a map, or fields of a structure.
fn entries(value: &Value) -> Option<Vec<(String, Value)>> {
    match &value.data {
        Data::Map(map) => Some(map.entries().into_iter().map(|(key, value)| (key.to_string(), value)).collect()),
        Data::Struct(it) => {
            let fields = it.fields.iter().filter(|field| !is_nil(&field.value));
            Some(fields.map(|field| (field.name.to_owned(), field.value.clone())).collect())
        }
        _ => None,
    }
}

/// Lists and maps of structures that were never set.
fn is_nil(value: &Value) -> bool {
    match &value.data {
        Data::List(list) => list.items().is_empty(),
        Data::Map(map) => map.is_empty(),
        _ => value.is_nil(),
    }
}

/// Whether a value stands under a name of its own in brackets: a map, or a list of nothing but maps.
fn is_table(value: &Value, depth: usize) -> Result<bool, Unwritten> {
    Ok(matches!(value.data, Data::Map(_) | Data::Struct(_)) || is_list_of_tables(value, depth)?)
}

fn is_list_of_tables(value: &Value, depth: usize) -> Result<bool, Unwritten> {
    let Data::List(list) = &value.data else { return Ok(false) };
    if depth > MOST_DEPTH {
        return Err(Failed::because("this value is nested too deeply").into());
    }
    let mut all = !list.items().is_empty();
    for item in list.items() {
        if item.is_nil() {
            return Err(NIL_IN_LIST);
        }
        is_list_of_tables(item, depth + 1)?;
        all &= matches!(item.data, Data::Map(_) | Data::Struct(_));
    }
    Ok(all)
}

impl Writer<'_> {
    fn encode(&mut self, key: &[String], value: &Value) -> Result<(), Unwritten> {
        self.meter.bytes(32)?;
        if key.len() > MOST_DEPTH {
            return Err(Failed::because("this value is nested too deeply, or within itself").into());
        }
        if is_list_of_tables(value, 0)? {
            if key.is_empty() {
                return Err(Unwritten::Because("toml: top-level values must be Go maps or structs"));
            }
            let Data::List(list) = &value.data else { return Ok(()) };
            for item in list.items() {
                self.new_line();
                self.push(&format!("{}[[{}]]", indent(key), name(key)));
                self.new_line();
                self.table(key, item)?;
            }
            return Ok(());
        }
        if entries(value).is_some() {
            if key.len() == 1 {
                self.new_line();
            }
            if !key.is_empty() {
                self.push(&format!("{}[{}]", indent(key), name(key)));
                self.new_line();
            }
            return self.table(key, value);
        }
        match key.last() {
            Some(last) => {
                self.push(&format!("{}{} = ", indent(key), quoted_key(last)));
                self.element(value, 0)?;
                self.new_line();
            }
            None => self.element(value, 0)?,
        }
        Ok(())
    }

    fn table(&mut self, key: &[String], value: &Value) -> Result<(), Unwritten> {
        for tables in [false, true] {
            for (name, inner) in entries(value).unwrap_or_default() {
                if inner.is_nil() || is_table(&inner, 0)? != tables {
                    continue;
                }
                let mut path = key.to_vec();
                path.push(name);
                self.encode(&path, &inner)?;
            }
        }
        Ok(())
    }

    fn element(&mut self, value: &Value, depth: usize) -> Result<(), Unwritten> {
        self.meter.bytes(32)?;
        if depth > MOST_DEPTH {
            return Err(Failed::because("this value is nested too deeply, or within itself").into());
        }
        match &value.data {
            Data::Bool(it) => self.push(if *it { "true" } else { "false" }),
            Data::Int(it, kind) if kind.is_unsigned() => self.push(&(*it as u64).to_string()),
            Data::Int(it, _) => self.push(&it.to_string()),
            Data::Float(it) => self.push(&number(*it)),
            Data::Text(text) => self.quoted(text, value),
            Data::Time(time) => self.push(&time.format("2006-01-02T15:04:05.999999999Z07:00")),
            Data::Duration(it) => self.push(&format!("\"{}\"", super::time::duration_text(*it))),
            Data::Bytes(bytes) => {
                let each: Vec<String> = bytes.iter().map(u8::to_string).collect();
                self.push(&format!("[{}]", each.join(", ")));
            }
            Data::List(list) => {
                self.push("[");
                for (number, item) in list.items().iter().enumerate() {
                    if item.is_nil() {
                        return Err(NIL_IN_LIST);
                    }
                    if number > 0 {
                        self.push(", ");
                    }
                    self.element(item, depth + 1)?;
                }
                self.push("]");
            }
            Data::Map(_) | Data::Struct(_) => self.inline(value, depth)?,
            _ => return Err(Failed::because("this has no form in TOML").into()),
        }
        Ok(())
    }

    /// A map in braces. What is nil leaves its comma behind, unless it comes last.
    fn inline(&mut self, value: &Value, depth: usize) -> Result<(), Unwritten> {
        self.push("{");
        let all = entries(value).unwrap_or_default();
        let (mut plain, mut tables) = (Vec::new(), Vec::new());
        for entry in all {
            if is_table(&entry.1, 0)? { tables.push(entry) } else { plain.push(entry) }
        }
        for (group, more) in [(&plain, !tables.is_empty()), (&tables, false)] {
            for (number, (name, inner)) in group.iter().enumerate() {
                if inner.is_nil() {
                    continue;
                }
                self.push(&format!("{} = ", quoted_key(name)));
                self.element(inner, depth + 1)?;
                if more || number + 1 < group.len() {
                    self.push(", ");
                }
            }
        }
        self.push("}");
        Ok(())
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A line break, but not before anything else.
    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.push("\n");
        }
    }

    fn quoted(&mut self, text: &Text, value: &Value) {
        let marks = value.own_marks();
        self.out.push_bytes(format!("\"{}\"", escaped(&text.str())).as_bytes(), &marks);
    }
}

fn indent(key: &[String]) -> String {
    "  ".repeat(key.len().saturating_sub(1))
}

fn name(key: &[String]) -> String {
    key.iter().map(|part| quoted_key(part)).collect::<Vec<_>>().join(".")
}

fn quoted_key(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !key.is_empty() && key.bytes().all(bare) { key.to_owned() } else { format!("\"{}\"", escaped(key)) }
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..' ' | '\u{7f}' => out.push_str(&format!("\\u{:04x}", letter as u32)),
            _ => out.push(letter),
        }
        out
    })
}

fn number(it: f64) -> String {
    if it.is_nan() {
        return "nan".into();
    }
    if it.is_infinite() {
        return if it > 0.0 { "inf" } else { "-inf" }.into();
    }
    let written = float(it, 'g', None);
    if written.contains(['e', '.']) { written } else { format!("{written}.0") }
}
