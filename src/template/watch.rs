//! What a marked render puts around the expressions and behind the tags that it watches: filters that note what a value was
//! made of, and what decides whether what is below a tag stands.

use std::fmt::Write;
use std::sync::Arc;

use minijinja::value::Value;
use minijinja::{Environment, State};

use super::flow::{Decision, Flow, Watch};
use super::identity::Identities;
use super::lineage::Kind;
use super::place::Inserts;
use super::slot::{self, Mark, Marked};

/// Puts filters around the expressions; `mark` gives a mark for a range. What stands at the same place and asks something of
/// the value comes later.
pub(super) fn expressions(flow: &Flow, inserts: &mut Inserts, mark: &mut dyn FnMut(std::ops::Range<usize>) -> usize) {
    let heads: Vec<usize> = flow.decisions.iter().map(|decision| mark(decision.tag.clone())).collect();
    let mut begun = vec![false; heads.len()];
    let sets = flow.sets();
    for (range, watch) in &flow.watched {
        let own = mark(range.clone());
        let mut close = String::new();
        let _ = match watch {
            Watch::Made(sign) => write!(close, ")]|__made({own}, \"{sign}\"))"),
            Watch::Named(name) => write!(close, ")]|__named({own}, \"{name}\"))"),
            Watch::Looked => write!(close, ")]|__looked({own}))"),
            Watch::Chooses => write!(close, ")]|__chooses({own}))"),
            Watch::If(head) | Watch::OfLoop(head) if begun[*head] || matches!(watch, Watch::OfLoop(_)) => {
                write!(close, ")]|__decides_too({own}, {}))", heads[*head])
            }
            Watch::If(head) | Watch::For(head) | Watch::OfLoop(head) => {
                begun[*head] = true;
                let leaves =
                    flow.decisions[*head].leaves.map_or(-1, |leaves| i64::try_from(heads[leaves]).unwrap_or(-1));
                let is_for = matches!(watch, Watch::For(_));
                let names = sets.get(head).map_or("", String::as_str);
                write!(close, ")]|__decides([{own}, {}, {leaves}], {is_for}, \"{names}\"))", heads[*head])
            }
        };
        inserts.wrap(range, "([0|__begin, (", close);
    }
    for range in &flow.filters {
        let own = mark(range.clone());
        inserts.insert(range.start, "__begin_text|".to_owned());
        inserts.insert(range.end, format!("|__end_text({own})"));
    }
    for (Decision { begins, ends, .. }, head) in flow.decisions.iter().zip(heads) {
        for begin in begins {
            inserts.insert(*begin, format!("{{{{{head}|__within}}}}"));
        }
        if let Some(end) = ends {
            inserts.insert(*end, format!("{{{{{head}|__leave}}}}"));
        }
    }
}

/// Puts the filters into an engine.
pub(super) fn install(environment: &mut Environment<'_>) {
    environment.add_filter("__begin", |state: &mut State, _: usize| {
        with(state, Identities::begin);
        true
    });
    environment.add_filter("__begin_text", |state: &mut State, text: &Value| {
        let lineage = slot::lineage_in(state, text.as_str().unwrap_or_default());
        with(state, |identities| {
            identities.begin();
            identities.note_made_of(&lineage);
        });
        text.clone()
    });
    environment
        .add_filter("__end_text", |value: &Value, mark: usize| Value::from_object(Marked::Value(mark, value.clone())));
    environment.add_filter("__at", |state: &mut State, pair: &Value, mark: usize| {
        let value = second(pair);
        // An undefined value stays one, so that it fails, or prints nothing, as it does without marks.
        if value.is_undefined() {
            with(state, |identities| drop(identities.end()));
            value
        } else {
            Value::from_object(Marked::Value(mark, value))
        }
    });
    environment.add_filter("__made", |state: &mut State, pair: &Value, mark: usize, sign: &str| {
        let value = second(pair);
        let session = Arc::clone(&slot::slots(state).session);
        let Some(identities) = session.identities() else { return value };
        if !sign.is_empty() {
            identities.go_through(sign);
        }
        if value.is_undefined() {
            identities.pass_on(mark);
            return value;
        }
        let lineage = identities.close(&value, mark);
        session.tag(value, lineage)
    });
    environment.add_filter("__named", |state: &mut State, pair: &Value, mark: usize, name: &str| {
        let value = second(pair);
        let session = Arc::clone(&slot::slots(state).session);
        let Some(identities) = session.identities() else { return value };
        identities.use_name(name);
        if value.is_undefined() {
            identities.pass_on(mark);
            return value;
        }
        let lineage = identities.close(&value, mark);
        session.tag(value, lineage)
    });
    environment.add_filter("__looked", |state: &mut State, pair: &Value, _: usize| {
        let value = second(pair);
        with(state, |identities| {
            let frame = identities.end();
            identities.note_all(&frame);
            identities.look(&value);
        });
        value
    });
    environment.add_filter("__chooses", |state: &mut State, pair: &Value, mark: usize| {
        let value = second(pair);
        with(state, |identities| identities.choose(&value, mark));
        value
    });
    environment.add_filter("__decides_too", |state: &mut State, pair: &Value, mark: usize, head: usize| {
        let value = second(pair);
        with(state, |identities| identities.add_to(head, mark, &value));
        value
    });
    environment.add_filter("__decides", |state: &mut State, pair: &Value, how: Vec<i64>, is_for: bool, names: &str| {
        let value = second(pair);
        let kind = if is_for { Kind::For } else { Kind::If };
        let number = |at: usize| how.get(at).and_then(|number| usize::try_from(*number).ok());
        let (mark, head) = (number(0).unwrap_or_default(), number(1).unwrap_or_default());
        with(state, |identities| identities.open(kind, [head, mark], &value, names, number(2)));
        value
    });
    environment.add_filter("__within", |state: &mut State, head: usize| {
        let session = Arc::clone(&slot::slots(state).session);
        mark(session.identities().and_then(|identities| identities.within(head)).map(Mark::Within))
    });
    environment.add_filter("__leave", |state: &mut State, head: usize| {
        let session = Arc::clone(&slot::slots(state).session);
        mark(session.identities().and_then(|identities| identities.leave(head)).map(Mark::Left))
    });
}

fn with(state: &mut State, tell: impl FnOnce(&Identities)) {
    if let Some(identities) = slot::slots(state).session.identities() {
        tell(identities);
    }
}

/// The value, which stands behind what began its frame.
fn second(pair: &Value) -> Value {
    pair.get_item_by_index(1).unwrap_or_default()
}

fn mark(mark: Option<Mark>) -> Value {
    mark.map_or_else(|| Value::from_safe_string(String::new()), |mark| Value::from_object(Marked::Mark(mark)))
}
