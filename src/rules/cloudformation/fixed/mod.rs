//! Names that AWS fixes: of endpoints, zones, events, groups of rules and add-ons.

mod addon;
mod endpoint;
mod event;
mod waf_group;
mod zone;

use crate::check::Check;
use crate::finding::suggest::nearest;

pub(in crate::rules) use zone::letters;

pub(in crate::rules) static CHECKS: &[Check] = &[
    Check::each(&[&endpoint::ENDPOINT_SERVICE], endpoint::check),
    Check::tree(&[&zone::ZONE], zone::check),
    Check::each(&[&event::EVENT_PATTERN], event::check),
    Check::each(&[&waf_group::WAF_GROUP], waf_group::check),
    Check::tree(&[&addon::ADDON_VERSION], addon::check),
];

/// The known name that another was meant to be: one that is near by its letters, or that has one word more. A name with more
/// words than the known ones is another one.
fn meant<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let words = |text: &str| text.split([' ', '-', '.']).map(str::to_ascii_lowercase).collect::<Vec<_>>();
    let own = words(name);
    let lacks_one = |other: &&&str| {
        let other = words(other);
        own.len() > 2 && other.len() == own.len() + 1 && own.iter().all(|word| other.contains(word))
    };
    let near = nearest(name, known.iter().copied()).filter(|near| words(near).len() == own.len());
    near.or_else(|| known.iter().find(lacks_one).copied())
}
