//! Numbers: integers that wrap around, floats by exact decimals, ranges.

use crate::chart::failure::Failed;
use crate::chart::print::shown;
use crate::chart::value::{Data, List, ListKind, Value};

use super::cast::{clamped, to_float, to_int};
use super::decimal::Decimal;
use super::{Context, Function, Kind, Made, because, int, keeping, plain, text};

const ANY: &[Kind] = &[Kind::Any];
const TWO: &[Kind] = &[Kind::Any, Kind::Any];

pub(super) const ALL: &[Function] = &[
    keeping("int", ANY, None, |_, values| Ok(Value::int(to_int(&values[0])).with(&values[0].own_marks()))),
    keeping("int64", ANY, None, |_, values| Ok(Value::int64(to_int(&values[0])).with(&values[0].own_marks()))),
    keeping("float64", ANY, None, |_, values| Ok(Value::from(to_float(&values[0])).with(&values[0].own_marks()))),
    plain("atoi", &[Kind::Text], None, |_, values| Ok(Value::int(clamped(&text(&values[0]).str())))),
    plain("toDecimal", ANY, None, |context, values| {
        let written = shown(&values[0], context.meter)?;
        Ok(Value::int64(i64::from_str_radix(&written, 8).unwrap_or(0)))
    }),
    plain("add1", ANY, None, |_, values| Ok(Value::int64(to_int(&values[0]).wrapping_add(1)))),
    plain("add", &[], Some(Kind::Any), |_, values| {
        Ok(Value::int64(values.iter().fold(0, |sum: i64, value| sum.wrapping_add(to_int(value)))))
    }),
    plain("sub", TWO, None, |_, values| Ok(Value::int64(to_int(&values[0]).wrapping_sub(to_int(&values[1]))))),
    plain("mul", ANY, Some(Kind::Any), |_, values| {
        Ok(Value::int64(values.iter().fold(1, |product: i64, value| product.wrapping_mul(to_int(value)))))
    }),
    plain("div", TWO, None, |_, values| divided(&values[0], &values[1], i64::wrapping_div)),
    plain("mod", TWO, None, |_, values| divided(&values[0], &values[1], i64::wrapping_rem)),
    plain("max", ANY, Some(Kind::Any), |_, values| Ok(Value::int64(values.iter().map(to_int).max().unwrap_or(0)))),
    plain("biggest", ANY, Some(Kind::Any), |_, values| Ok(Value::int64(values.iter().map(to_int).max().unwrap_or(0)))),
    plain("min", ANY, Some(Kind::Any), |_, values| Ok(Value::int64(values.iter().map(to_int).min().unwrap_or(0)))),
    plain("maxf", ANY, Some(Kind::Any), |_, values| Ok(extreme(values, true).into())),
    plain("minf", ANY, Some(Kind::Any), |_, values| Ok(extreme(values, false).into())),
    plain("add1f", ANY, None, |_, values| decimals(&values[0], &[Value::int(1)], Decimal::plus)),
    plain("addf", &[], Some(Kind::Any), |_, values| decimals(&0.0.into(), values, Decimal::plus)),
    plain("subf", ANY, Some(Kind::Any), |_, values| decimals(&values[0], &values[1..], Decimal::minus)),
    plain("mulf", ANY, Some(Kind::Any), |_, values| decimals(&values[0], &values[1..], Decimal::times)),
    plain("divf", ANY, Some(Kind::Any), |_, values| decimals(&values[0], &values[1..], Decimal::over)),
    plain("floor", ANY, None, |_, values| Ok(to_float(&values[0]).floor().into())),
    plain("ceil", ANY, None, |_, values| Ok(to_float(&values[0]).ceil().into())),
    plain("round", &[Kind::Any, Kind::Int], Some(Kind::Float), round),
    plain("until", &[Kind::Int], None, |context, values| {
        let count = int(&values[0]);
        ints(steps(context, 0, count, if count < 0 { -1 } else { 1 })?)
    }),
    plain("untilStep", &[Kind::Int, Kind::Int, Kind::Int], None, |context, values| {
        ints(steps(context, int(&values[0]), int(&values[1]), int(&values[2]))?)
    }),
    plain("seq", &[], Some(Kind::Int), seq),
];

fn divided(a: &Value, b: &Value, by: fn(i64, i64) -> i64) -> Made {
    match to_int(b) {
        0 => because("this divides by zero"),
        divisor => Ok(Value::int64(by(to_int(a), divisor))),
    }
}

fn extreme(values: &[Value], largest: bool) -> f64 {
    let mut all = values.iter().map(to_float);
    let first = all.next().unwrap_or(0.0);
    all.fold(first, |best, next| match (best.is_nan() || next.is_nan(), largest) {
        // An infinity wins over what is no number.
        (true, true) if best == f64::INFINITY || next == f64::INFINITY => f64::INFINITY,
        (true, false) if best == f64::NEG_INFINITY || next == f64::NEG_INFINITY => f64::NEG_INFINITY,
        (true, _) => f64::NAN,
        (_, true) => best.max(next),
        (_, false) => best.min(next),
    })
}

fn decimals(first: &Value, others: &[Value], by: fn(Decimal, Decimal) -> Option<Decimal>) -> Made {
    let decimal = |value: &Value| match Decimal::of(to_float(value)) {
        Some(decimal) => Ok(decimal),
        None => because("this is no finite number"),
    };
    let mut result = decimal(first)?;
    for other in others {
        let Some(next) = by(result, decimal(other)?) else {
            return because("this divides by zero, or has more digits than can be counted with");
        };
        result = next;
    }
    Ok(result.to_float().into())
}

#[expect(clippy::unnecessary_wraps, reason = "all functions have one signature")]
fn round(_: &Context, values: &[Value]) -> Made {
    let limit = match values.get(2).map(|value| &value.data) {
        Some(Data::Float(limit)) => *limit,
        _ => 0.5,
    };
    let places = int(&values[1]);
    let power = if (-400..=400).contains(&places) { power_of_ten(places as i32) } else { 10f64.powf(places as f64) };
    let digit = power * to_float(&values[0]);
    let rounded = if digit.fract() >= limit { digit.ceil() } else { digit.floor() };
    Ok((rounded / power).into())
}

/// Exact, as Go's table of powers is.
fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(0.0)
}

fn steps(context: &Context, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, Failed> {
    let (start_wide, stop_wide) = (i128::from(start), i128::from(stop));
    if step == 0 || (stop < start) != (step < 0) {
        return Ok(Vec::new());
    }
    let count = (stop_wide - start_wide).unsigned_abs().div_ceil(u128::from(step.unsigned_abs()));
    context.meter.bytes(usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(32))?;
    Ok((0..count as i64).map(|number| start.wrapping_add(number.wrapping_mul(step))).collect())
}

#[expect(clippy::unnecessary_wraps, reason = "all functions have one signature")]
fn ints(numbers: Vec<i64>) -> Made {
    let items = numbers.into_iter().map(Value::int).collect();
    Ok(Data::List(List::new(ListKind::Int, items)).into())
}

fn seq(context: &Context, values: &[Value]) -> Made {
    let numbers: Vec<i64> = values.iter().map(int).collect();
    let (start, step, end) = match numbers[..] {
        [end] => (1, if end < 1 { -1 } else { 1 }, end),
        [start, end] => (start, if end < start { -1 } else { 1 }, end),
        [start, step, end] if end < start && step > 0 => return Ok(Value::text("")),
        [start, step, end] => (start, step, end),
        _ => return Ok(Value::text("")),
    };
    let beyond = if end < start { -1 } else { 1 };
    let all = steps(context, start, end.wrapping_add(beyond), step)?;
    let words: Vec<String> = all.iter().map(i64::to_string).collect();
    Ok(Value::text(words.join(" ")))
}
