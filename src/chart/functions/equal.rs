//! Equality of whole values, types included.

use crate::chart::failure::Failed;
use crate::chart::meter::Meter;
use crate::chart::print::MOST_DEPTH;
use crate::chart::value::{Data, Value};

/// `reflect.DeepEqual`.
#[expect(clippy::float_cmp, reason = "Go compares exactly")]
pub(super) fn deep_equal(a: &Value, b: &Value, meter: &Meter, depth: usize) -> Result<bool, Failed> {
    meter.step()?;
    if depth > MOST_DEPTH {
        return Err(Failed::because("these values are nested too deeply to be compared"));
    }
    Ok(match (&a.data, &b.data) {
        (Data::Absent | Data::Nil, Data::Absent | Data::Nil) => true,
        (Data::Bool(a), Data::Bool(b)) => a == b,
        (Data::Int(a, kind), Data::Int(b, other)) => a == b && kind == other,
        (Data::Duration(a), Data::Duration(b)) => a == b,
        (Data::Float(a), Data::Float(b)) => a == b,
        (Data::Text(a), Data::Text(b)) => a == b,
        (Data::Bytes(a), Data::Bytes(b)) => a == b,
        (Data::Time(a), Data::Time(b)) => a == b,
        (Data::List(a), Data::List(b)) => {
            if a.kind != b.kind || a.is_nil != b.is_nil || a.items().len() != b.items().len() {
                return Ok(false);
            }
            for (a, b) in a.items().iter().zip(b.items()) {
                if !deep_equal(a, b, meter, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Data::Map(a), Data::Map(b)) => {
            if a.kind != b.kind || a.len() != b.len() {
                return Ok(false);
            }
            if a.is(b) {
                return Ok(true);
            }
            for ((key, a), (other, b)) in a.entries().iter().zip(&b.entries()) {
                if key != other || !deep_equal(a, b, meter, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Data::Struct(a), Data::Struct(b)) => {
            if a.kind != b.kind || a.fields.len() != b.fields.len() {
                return Ok(false);
            }
            for (a, b) in a.fields.iter().zip(&b.fields) {
                if !deep_equal(&a.value, &b.value, meter, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => false,
    })
}
