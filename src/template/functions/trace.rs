//! The library's way in for an engine whose values know their nodes, see [`super::super::identity`]: functions get values
//! as they are, and what they were given is noted.

use std::sync::Arc;

use minijinja::value::{Object, Rest, Value, ValueOrKwargs};
use minijinja::{Error, State};

use super::{Function, Run};
use crate::template::{identity, slot};

/// Functions that only move values, and look at nothing but the maps and lists that hold them.
const MOVING: [&str; 13] =
    ["first", "last", "list", "keys", "values", "items", "reverse", "zip", "flatten", "merge", "dict", "omit", "pick"];

/// The way in, around the plain one.
pub(super) fn entry<F>(
    function: &'static Function,
    inner: F,
) -> impl Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error> + Clone + Send + Sync + 'static
where
    F: Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error> + Clone + Send + Sync + 'static,
{
    // What renders a template only takes its name.
    let moves = MOVING.contains(&function.name) || matches!(function.run, Run::Render(_));
    move |state, args| {
        let args = args.into_values();
        let session = Arc::clone(&slot::slots(state).session);
        let Some(identities) = session.identities() else { return inner(state, given(args)) };
        if !matches!(function.name, "required" | "default") {
            identities.go_through(function.name);
        }
        let plain: Vec<Value> = args.iter().map(identity::plain).collect();
        let result = match function.name {
            // What these return is one of their arguments, and is that one to the node.
            "required" => inner(state, given(plain)).map(|value| args.first().cloned().unwrap_or(value)),
            "default" => default(state, &inner, &args, plain)
                .inspect(|(taken, _)| {
                    // What is there was asked for, and is not wanted.
                    if *taken == 1 {
                        identities.look(&args[0]);
                    }
                })
                .map(|(_, value)| value),
            _ => {
                for (place, arg) in args.iter().enumerate() {
                    // The keys that are taken or left out choose.
                    let is_choice = place > 0 && matches!(function.name, "omit" | "pick");
                    if moves && !is_choice { identities.look_at_shape(arg) } else { identities.look(arg) }
                }
                identities.run(moves, || inner(state, given(if moves { args.clone() } else { plain })))
            }
        };
        match &result {
            Ok(_) => session.went_on(),
            Err(_) => identities.fail(args.iter().filter_map(|arg| identities.source(arg))),
        }
        result
    }
}

fn given(values: Vec<Value>) -> Rest<ValueOrKwargs> {
    Rest(values.into_iter().map(ValueOrKwargs::from).collect())
}

/// Stands for the fallback, to see whether it is what is returned.
#[derive(Debug)]
struct Fallback;

impl Object for Fallback {}

/// Which argument is returned, and that one.
fn default<F>(state: &mut State, inner: &F, args: &[Value], plain: Vec<Value>) -> Result<(usize, Value), Error>
where
    F: Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error>,
{
    let has_fallback = args.get(1).is_some_and(|fallback| !fallback.is_kwargs());
    if !has_fallback {
        return Ok((1, inner(state, given(plain))?));
    }
    let mut asked = plain;
    asked[1] = Value::from_object(Fallback);
    let value = inner(state, given(asked))?;
    let taken = usize::from(value.downcast_object_ref::<Fallback>().is_some());
    Ok((taken, args[taken].clone()))
}
