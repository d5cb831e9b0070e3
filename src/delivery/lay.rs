//! All values of a release laid over each other.

use std::sync::Arc;

use super::{Layer, Wanted};
use crate::chart::load::Chart;
use crate::chart::marks::{Mark, Marks};
use crate::chart::sets::{self, Taken};
use crate::chart::value::{Data, Map, Value};
use crate::chart::values;
use crate::check::{Node, Place};
use crate::glob;

/// Values that cannot be laid: where, and why.
#[derive(Debug)]
pub struct Unlaid<'a> {
    pub node: Node<'a>,
    pub why: String,
}

/// What somebody gives to a chart, all layers of it.
pub fn laid<'a>(wanted: &Wanted<'a>, chart: &Chart) -> Result<Map, Unlaid<'a>> {
    let all = Map::empty();
    for layer in &wanted.layers {
        lay(layer, chart, &all, &mut |_| Marks::NONE)?;
    }
    Ok(all)
}

/// The same, and each value of the tree is marked by its number among the places.
pub fn traced<'a>(wanted: &Wanted<'a>, chart: &Chart) -> Result<(Map, Vec<Place>), Unlaid<'a>> {
    let (all, mut places) = (Map::empty(), Vec::new());
    let mut mark = |node: &Node<'_>| {
        places.push(node.place());
        Marks::one(Mark(places.len() as u32 - 1))
    };
    for layer in &wanted.layers {
        lay(layer, chart, &all, &mut mark)?;
    }
    Ok((all, places))
}

fn lay<'a>(
    layer: &Layer<'a>,
    chart: &Chart,
    all: &Map,
    mark: &mut dyn FnMut(&Node<'_>) -> Marks,
) -> Result<(), Unlaid<'a>> {
    let text = |text: &str, node: &Node<'a>, marks: &Marks| {
        values::lay_text(all, text, marks).map_err(|why| Unlaid { node: *node, why: why.to_owned() })
    };
    match layer {
        Layer::Map(node) => match &plain(node, mark).data {
            Data::Map(map) => values::lay(all, map),
            Data::Nil | Data::Absent => {}
            _ => return Err(Unlaid { node: *node, why: "values are a map".to_owned() }),
        },
        Layer::Text { node, text: written } => text(written, node, &mark(node))?,
        Layer::OfChart { node, path, may_miss } => {
            let path = path.trim_start_matches("./");
            let is_pattern = path.contains(['*', '?', '[']);
            let means = |file: &str| if is_pattern { glob::matches(path, file) } else { file == path };
            let mut files: Vec<_> = chart.files.iter().filter(|file| means(file.path.as_str())).collect();
            if files.is_empty() && !may_miss {
                let why = "neither the tree nor the chart has such a file".to_owned();
                return Err(Unlaid { node: *node, why });
            }
            files.sort_by(|a, b| a.path.cmp(&b.path));
            for file in files {
                text(&file.text(), node, &mark(node))?;
            }
        }
        Layer::Set { node, path, value, taken } => {
            let set = match taken {
                Taken::Whole => sets::set_whole(path, value, all),
                taken => sets::set(&format!("{path}={value}"), *taken, all),
            };
            set.map_err(|why| Unlaid { node: *node, why })?;
        }
    }
    Ok(())
}

/// The value that a path of keys means, in the last layer that has it; else what is nearest to it there.
pub fn place<'a>(wanted: &Wanted<'a>, path: &[String]) -> Option<Node<'a>> {
    let maps = wanted.layers.iter().rev().filter_map(|layer| match layer {
        Layer::Map(node) => Some(*node),
        _ => None,
    });
    let reach = |node: Node<'a>| {
        let mut found = (0, node);
        for key in path {
            let item = key.parse::<usize>().ok().and_then(|index| found.1.items().get(index).copied());
            let Some(next) = found.1.get(key).or(item) else { break };
            found = (found.0 + 1, next);
        }
        found
    };
    let reached = maps.map(reach).filter(|(depth, _)| *depth > 0);
    reached
        .fold(None, |best: Option<(usize, Node<'a>)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        })
        .map(|(_, node)| node)
}

/// What gives the value at a path of keys: the value itself, in the last layer that has it, or the parameter.
pub fn giver<'a>(wanted: &Wanted<'a>, path: &[String]) -> Option<Node<'a>> {
    wanted.layers.iter().rev().find_map(|layer| match layer {
        Layer::Map(node) => path.iter().try_fold(*node, |node, key| node.get(key)),
        Layer::Set { node, path: set, .. } => {
            let keys = path.join(".");
            let is_it = set.strip_prefix(&keys).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            is_it.then_some(*node)
        }
        Layer::Text { .. } | Layer::OfChart { .. } => None,
    })
}

/// A value of the tree as Helm reads it: JSON has one kind of numbers. Maps are what others lay values into, so that they have
/// no mark.
#[allow(clippy::cast_precision_loss, reason = "Go loses the same digits")]
fn plain(node: &Node<'_>, mark: &mut dyn FnMut(&Node<'_>) -> Marks) -> Value {
    use crate::value::{Number, Value as Written};
    let value = match node.value {
        Written::Map(_) => {
            let entries = node.entries().into_iter().map(|(key, node)| (Arc::from(key), plain(&node, mark)));
            return Value::map(entries);
        }
        Written::Null => Value::NIL,
        Written::Bool(it) => (*it).into(),
        Written::Number(Number::Int(number)) => (*number as f64).into(),
        Written::Number(Number::UInt(number)) => (*number as f64).into(),
        Written::Number(Number::Float(number, _)) => (*number).into(),
        Written::String(text) => Value::text(Arc::clone(text)),
        Written::List(_) => Value::list(node.items().iter().map(|item| plain(item, mark)).collect()),
    };
    value.with(&mark(node))
}
