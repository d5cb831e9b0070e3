//! YAML, JSON and TOML, out and in.

use crate::chart::json::{self, Look};
use crate::chart::toml;
use crate::chart::value::{Data, Map, Value};
use crate::chart::yaml::{self, Unread};

use super::{Context, Function, Kind, Made, because, keeping, plain, text};

const ANY: &[Kind] = &[Kind::Any];
const TEXT: &[Kind] = &[Kind::Text];
const PLAIN: Look = Look { pretty: false, html: true };
const PRETTY: Look = Look { pretty: true, html: true };
const RAW: Look = Look { pretty: false, html: false };

pub(super) const ALL: &[Function] = &[
    keeping("toYaml", ANY, None, |context, values| yaml::to_yaml(&values[0], context.meter)),
    keeping("toYamlPretty", ANY, None, |context, values| yaml::to_yaml_pretty(&values[0], context.meter)),
    keeping("fromYaml", TEXT, None, |context, values| from_yaml(context, values, false)),
    keeping("fromYamlArray", TEXT, None, |context, values| from_yaml(context, values, true)),
    keeping("toJson", ANY, None, |context, values| to_json(context, values, PLAIN, false)),
    keeping("mustToJson", ANY, None, |context, values| to_json(context, values, PLAIN, true)),
    keeping("toPrettyJson", ANY, None, |context, values| to_json(context, values, PRETTY, false)),
    keeping("mustToPrettyJson", ANY, None, |context, values| to_json(context, values, PRETTY, true)),
    keeping("toRawJson", ANY, None, |context, values| to_json(context, values, RAW, true)),
    keeping("mustToRawJson", ANY, None, |context, values| to_json(context, values, RAW, true)),
    keeping("fromJson", TEXT, None, |context, values| from_json(context, values, false)),
    keeping("fromJsonArray", TEXT, None, |context, values| from_json(context, values, true)),
    keeping("mustFromJson", TEXT, None, |context, values| {
        json::from_json(text(&values[0]), &values[0].own_marks(), context.meter)?.or_else(because)
    }),
    keeping("toToml", ANY, None, |context, values| toml::to_toml(&values[0], context.meter)),
    plain("fromToml", TEXT, None, |_, _| because("`fromToml` isn't supported")),
];

fn to_json(context: &Context, values: &[Value], look: Look, must: bool) -> Made {
    match json::to_json(&values[0], look, context.meter)? {
        Some(text) => Ok(text.into()),
        None if must => because("this has no form in JSON"),
        None => Ok(Value::text("")),
    }
}

/// What Helm gives instead of a map that can't be read.
fn error_map(message: String) -> Value {
    Value::map([("Error".into(), Value::text(message))])
}

fn from_yaml(context: &Context, values: &[Value], wants_list: bool) -> Made {
    // Line breaks of YAML 1.1 that are none to us.
    let odd = text(&values[0]).str().contains(['\u{85}', '\u{2028}', '\u{2029}']);
    let marks = if odd { values[0].marks.and(&(context.unsure)("fromYaml")) } else { values[0].marks.clone() };
    match yaml::from_yaml(text(&values[0]), &marks, context.meter) {
        Ok(value) => Ok(of_kind(value, wants_list, "error unmarshaling JSON: while decoding JSON: ")),
        // Readers word their errors in another way: what is made of one can't be known.
        Err(Unread::Because(message)) => Ok(unread(message, wants_list).with(&(context.unsure)("fromYaml"))),
        Err(Unread::Failed(failed)) => Err(failed),
    }
}

fn from_json(context: &Context, values: &[Value], wants_list: bool) -> Made {
    match json::from_json(text(&values[0]), &values[0].own_marks(), context.meter)? {
        // `null` is the nil of a map or list here, which is as good as an empty one.
        Ok(value) => Ok(of_kind(value, wants_list, "")),
        Err(message) => Ok(unread(message, wants_list).with(&(context.unsure)("fromJson"))),
    }
}

fn of_kind(value: Value, wants_list: bool, before: &str) -> Value {
    let is = match &value.data {
        Data::Map(_) if !wants_list => return value,
        Data::List(_) if wants_list => return value,
        Data::Nil | Data::Absent if wants_list => return Value::list(Vec::new()),
        Data::Nil | Data::Absent => return Map::empty().into(),
        Data::Map(_) => "object",
        Data::List(_) => "array",
        Data::Bool(_) => "bool",
        Data::Text(_) => "string",
        _ => "number",
    };
    let wanted = if wants_list { "[]interface {}" } else { "map[string]interface {}" };
    unread(format!("{before}json: cannot unmarshal {is} into Go value of type {wanted}"), wants_list)
}

fn unread(message: String, wants_list: bool) -> Value {
    if wants_list { Value::list(vec![Value::text(message)]) } else { error_map(message) }
}
