//! What `values.schema.json` of a chart, and of the charts within, says of the values that they get.

use std::sync::Arc;

use serde_json::{Map as JsonMap, Value as Json};

use super::installed::Installed;
use super::value::{Data, Map, Value};
use super::values::table;
use crate::account::Cost;
use crate::schema::{Fit, judge_foreign};

/// A value that a chart does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The chart whose schema says it.
    pub chart: Arc<str>,
    /// The keys that lead to the value, from the outermost chart on.
    pub path: Vec<String>,
    pub what: String,
}

/// What a chart, or one within, does not take.
pub fn misfits(chart: &Installed<'_>, values: &Map, most: Cost) -> Vec<Misfit> {
    let mut found = Vec::new();
    judge(chart, values, &[], most, &mut found);
    found
}

fn judge(chart: &Installed<'_>, values: &Map, path: &[String], most: Cost, found: &mut Vec<Misfit>) {
    if let Some(file) = &chart.chart.schema
        && let Ok(schema) = serde_json::from_slice::<Json>(&file.bytes)
        && let Fit::Wrong(wrong) = judge_foreign(&schema, &json(&values.clone().into()), most)
    {
        for wrong in wrong {
            let keys = wrong.pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
            let path = path.iter().cloned().chain(keys).collect();
            found.push(Misfit { chart: Arc::clone(&chart.name), path, what: wrong.what });
        }
    }
    for one in &chart.below {
        let own = values.get(&one.name);
        if let Some(own) = own.as_ref().and_then(table) {
            let path: Vec<String> = path.iter().cloned().chain([one.name.to_string()]).collect();
            judge(one, own, &path, most, found);
        }
    }
}

/// A value as JSON; what is whole is an integer there.
#[allow(clippy::cast_precision_loss, reason = "compared with what it was")]
fn json(value: &Value) -> Json {
    match &value.data {
        Data::Bool(it) => Json::Bool(*it),
        Data::Int(number, _) => Json::from(*number),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Json::from(*number as i64),
        Data::Float(number) => Json::from(*number),
        Data::Text(text) => Json::String(text.str().into_owned()),
        Data::List(list) => Json::Array(list.items().iter().map(json).collect()),
        Data::Map(map) => {
            let entries = map.entries();
            Json::Object(entries.iter().map(|(key, value)| (key.to_string(), json(value))).collect::<JsonMap<_, _>>())
        }
        _ => Json::Null,
    }
}
