//! In which order the layers of an environment apply.
//!
//! Each layer applies after all that it extends, those in the order in which it names them, and each once, at the first
//! place where it is reached: for `prod` extending `[eu, large]`, which both extend `base`, that is `base`, `eu`,
//! `large`, `prod`. The order of names is a promise too: where it cannot be kept there is a finding.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::layer::{Absent, Layer};
use super::name::is_yaml;
use super::wording;
use crate::finding::Findings;

/// A layer that is being ordered, after those it extends.
struct Frame {
    layer: Arc<Layer>,
    /// How many layers were ordered before it.
    before: usize,
    /// How many were ordered after each of the layers it extends.
    after: Vec<usize>,
}

enum State {
    Open,
    /// Its place in the order.
    Placed(usize),
    Absent,
}

/// The layers that the layer at the top applies, itself last. `None` if one is missing or in a circle, with findings;
/// those of the layers themselves are theirs to tell.
///
/// The walk keeps its own stack, so that a chain of any length cannot overflow the thread's.
pub fn order(
    top: Arc<Layer>,
    load: impl Fn(&Utf8PathBuf) -> Result<Arc<Layer>, Arc<Absent>>,
    findings: &mut Findings,
) -> Option<Vec<Arc<Layer>>> {
    let mut order: Vec<Arc<Layer>> = Vec::new();
    let mut states = BTreeMap::from([(top.path.clone(), State::Open)]);
    let mut frames = vec![Frame { layer: top, before: 0, after: Vec::new() }];
    let mut complete = true;
    while let Some(frame) = frames.last_mut() {
        let Some(next) = frame.layer.extends.get(frame.after.len()).cloned() else {
            states.insert(frame.layer.path.clone(), State::Placed(order.len()));
            order.push(Arc::clone(&frame.layer));
            frames.pop();
            if let Some(above) = frames.last_mut() {
                above.after.push(order.len());
            }
            continue;
        };
        match states.get(&next.path) {
            Some(State::Open) => {
                let start = frames.iter().position(|frame| frame.layer.path == next.path).unwrap_or_default();
                let circle: Vec<_> = frames[start..].iter().map(|frame| (&*frame.layer, frame.after.len())).collect();
                findings.push(wording::cycle(&circle));
                complete = false;
            }
            Some(&State::Placed(place)) if place >= frame.before => {
                let earlier = frame.after.iter().position(|&after| after > place);
                let earlier = earlier.and_then(|index| frame.layer.extends.get(index));
                findings.push(wording::applied_before(&next, earlier));
            }
            Some(State::Placed(_)) => {}
            Some(State::Absent) => complete = false,
            None => match load(&next.path) {
                Ok(layer) => {
                    states.insert(next.path, State::Open);
                    frames.push(Frame { layer, before: order.len(), after: Vec::new() });
                    continue;
                }
                Err(absent) => {
                    let path = &frame.layer.path;
                    let is_file = is_yaml(path.as_str());
                    let from = path.parent().filter(|_| is_file).unwrap_or(path);
                    findings.push(wording::absent(&next, &absent, from));
                    states.insert(next.path, State::Absent);
                    complete = false;
                }
            },
        }
        if let Some(frame) = frames.last_mut() {
            frame.after.push(order.len());
        }
    }
    complete.then_some(order)
}
