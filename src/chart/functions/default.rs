//! Choices and defaults, `required` and `fail`, and what a value is: `typeOf`, `kindIs`, `deepEqual`.

use crate::chart::failure::Failed;
use crate::chart::print::{kind_name, type_name};
use crate::chart::value::{Data, Value};

use super::equal::deep_equal;
use super::{Context, Function, Kind, Made, is_true, keeping, plain, text};

pub(super) const ALL: &[Function] = &[
    keeping("default", &[Kind::Any], Some(Kind::Any), |_, values| match values.get(1) {
        Some(given) if !is_empty(given) => Ok(given.clone()),
        Some(given) => Ok(values[0].clone().with(&given.own_marks())),
        None => Ok(values[0].clone()),
    })
    .top(),
    plain("empty", &[Kind::Any], None, |_, values| Ok(is_empty(&values[0]).into())).top(),
    keeping("coalesce", &[], Some(Kind::Any), |_, values| {
        Ok(values.iter().find(|value| !is_empty(value)).cloned().unwrap_or(Value::NIL))
    })
    .top(),
    plain("all", &[], Some(Kind::Any), |_, values| Ok(values.iter().all(|value| !is_empty(value)).into())).top(),
    plain("any", &[], Some(Kind::Any), |_, values| Ok(values.iter().any(|value| !is_empty(value)).into())).top(),
    keeping("ternary", &[Kind::Any, Kind::Any, Kind::Bool], None, |_, values| {
        let chosen = if is_true(&values[2]) { &values[0] } else { &values[1] };
        Ok(chosen.clone().with(&values[2].marks))
    })
    .top(),
    keeping("required", &[Kind::Text, Kind::Any], None, required).top(),
    plain("fail", &[Kind::Text], None, |_, values| Err(Failed::Refused(text(&values[0]).shared()))),
    plain("typeOf", &[Kind::Any], None, |_, values| Ok(Value::text(type_name(&values[0])))).top(),
    plain("typeIs", &[Kind::Text, Kind::Any], None, |_, values| {
        Ok((text(&values[0]).str() == type_name(&values[1])).into())
    })
    .top(),
    plain("typeIsLike", &[Kind::Text, Kind::Any], None, |_, values| {
        let (wanted, is) = (text(&values[0]).str(), type_name(&values[1]));
        Ok((wanted == is || format!("*{wanted}") == is).into())
    })
    .top(),
    plain("kindOf", &[Kind::Any], None, |_, values| Ok(Value::text(kind_name(&values[0])))).top(),
    plain("kindIs", &[Kind::Text, Kind::Any], None, |_, values| {
        Ok((text(&values[0]).str() == kind_name(&values[1])).into())
    })
    .top(),
    plain("deepEqual", &[Kind::Any, Kind::Any], None, |context, values| {
        Ok(deep_equal(&values[0], &values[1], context.meter, 0)?.into())
    }),
];

/// Whether a value counts as not set. A structure never does.
pub(super) fn is_empty(value: &Value) -> bool {
    !is_true(value)
}

fn required(_: &Context, values: &[Value]) -> Made {
    let missing = match &values[1].data {
        Data::Absent | Data::Nil => true,
        Data::Text(text) => text.is_empty(),
        _ => false,
    };
    if missing { Err(Failed::Refused(text(&values[0]).shared())) } else { Ok(values[1].clone()) }
}
