//! How much a function reads: it is charged where functions are called, by the length of what it is given, so that none
//! can be forgotten.

use crate::chart::failure::Failed;
use crate::chart::meter::Meter;
use crate::chart::print::MOST_DEPTH;
use crate::chart::value::{Data, MapKind, Value};

/// How far a function looks into what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chart) enum Reads {
    /// Through all that is in maps and lists.
    All,
    /// At texts and the items of a list. It finds entries of maps without looking at others.
    Top,
}

/// What an item of a list, or an entry of a map, counts beside the texts in it.
const ITEM: u64 = 32;

/// Charges for reading values.
pub(in crate::chart) fn charge(values: &[Value], reads: Reads, meter: &Meter) -> Result<(), Failed> {
    let mut read = Read { bytes: 0, most: meter.left() };
    for value in values {
        read.value(value, reads, 0);
    }
    meter.read(read.bytes)
}

struct Read {
    bytes: u64,
    /// From here on it is too much, whatever comes.
    most: u64,
}

impl Read {
    fn value(&mut self, value: &Value, reads: Reads, depth: usize) {
        let below = |read: &mut Self, value: &Value| {
            // Functions refuse what is nested deeper.
            if reads == Reads::All && depth <= MOST_DEPTH && read.bytes <= read.most {
                read.value(value, reads, depth + 1);
            }
        };
        match &value.data {
            Data::Text(text) => self.add(text.len()),
            Data::Bytes(bytes) => self.add(bytes.len()),
            Data::Error(text) => self.add(text.len()),
            Data::List(list) => {
                self.items(list.items().len());
                list.items().iter().for_each(|item| below(self, item));
            }
            // What is asked of files is asked of their paths.
            Data::Map(map) if map.kind == MapKind::Files => {
                self.items(map.len());
                map.measure(|path, file| {
                    self.add(path.len());
                    below(self, file);
                });
            }
            Data::Map(map) if reads == Reads::All => {
                self.items(map.len());
                map.measure(|key, value| {
                    self.add(key.len());
                    below(self, value);
                });
            }
            Data::Struct(it) => it.fields.iter().for_each(|field| match &field.value.data {
                Data::Text(text) => self.add(text.len()),
                _ => below(self, &field.value),
            }),
            _ => {}
        }
    }

    fn add(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }

    fn items(&mut self, items: usize) {
        self.bytes = self.bytes.saturating_add(ITEM.saturating_mul(items as u64));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::account::Cost;
    use crate::chart::engine::{Job, Options, Template, render};
    use crate::chart::functions::{Function, Kind, find, names};
    use crate::chart::meter::Meter;
    use crate::chart::value::Map;

    const LONG: usize = 1 << 13;

    /// A call of a function with `$s` wherever it takes a text; nothing if it takes none.
    fn call(function: &Function) -> Option<String> {
        let argument = |kind: &Kind| match kind {
            Kind::Any | Kind::Raw | Kind::Text => "$s",
            Kind::Map => "(dict \"a\" $s)",
            Kind::List => "(list $s)",
            Kind::Int | Kind::Uint32 => "1",
            Kind::Bool => "true",
            Kind::Float => "1.0",
            Kind::Time => "now",
            Kind::Version => "(semver \"1.0.0\")",
            Kind::Certificate => "(genCA \"a\" 1)",
        };
        // A text is an argument for all that any number may follow.
        let all: Vec<_> =
            function.parameters.iter().chain(function.rest.iter().filter(|_| function.parameters.len() < 3)).collect();
        let text = |kind: &&Kind| matches!(kind, Kind::Any | Kind::Raw | Kind::Text | Kind::Map | Kind::List);
        all.iter().any(text).then(|| {
            let arguments: Vec<_> = all.into_iter().map(argument).collect();
            format!("{{{{ $x := {} {} }}}}", function.name, arguments.join(" "))
        })
    }

    fn steps(call: &str, length: usize) -> u64 {
        let text = format!("{{{{ $s := repeat {length} \"a\" }}}}{call}");
        let template = Arc::new(Template::parse("a/templates/a.yaml", &*text).unwrap());
        let meter = Meter::new(Cost { steps: 1_000_000, bytes: 256 << 20 });
        // What it says of such arguments doesn't matter, only what that costs.
        let _ = render(
            &[Job { template, scope: Map::empty(), base_path: "a/templates".into() }],
            &Options::default(),
            &meter,
        );
        meter.spent().steps
    }

    #[test]
    fn each_function_is_charged_for_what_it_reads() {
        let made = steps("", LONG) - steps("", 1);
        let mut count = 0;
        for name in names().filter(|name| !matches!(*name, "and" | "or")) {
            let function = find(name).unwrap();
            let Some(call) = call(function) else { continue };
            let read = steps(&call, LONG).saturating_sub(steps(&call, 1) + made);
            assert!(read >= LONG as u64 / 64, "`{name}` reads a text of {LONG} bytes for {read} steps: {call}");
            count += 1;
        }
        assert!(count > 150, "{count}");
    }
}
