//! Kyverno's patterns: what an object has to look like. <https://kyverno.io/docs/policy-types/cluster-policy/validate/>
//!
//! Of a pattern with words that are not known here nothing is said.

use serde_json::{Map, Value as Json};

use crate::schema::Quantity;

/// What a pattern makes of a value. The later ones win over those before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    Yes,
    No,
    /// A condition of the pattern does not hold, so it says nothing of the value.
    Skipped,
    Unknown,
}

/// A value, if there is one, against a pattern.
pub(super) fn fit(pattern: &Json, value: Option<&Json>) -> Fit {
    match pattern {
        Json::Object(pattern) => match value {
            Some(Json::Object(value)) => map(pattern, value),
            // Of something that is not there only its conditions could be asked.
            None if pattern.keys().any(|key| key.starts_with('(')) => Fit::Skipped,
            None if pattern.keys().all(|key| key.starts_with("=(") || key.starts_with("X(")) => Fit::Unknown,
            _ => Fit::No,
        },
        Json::Array(patterns) => match (patterns.as_slice(), value) {
            ([pattern], Some(Json::Array(items))) => items
                .iter()
                .map(|item| match fit(pattern, Some(item)) {
                    // A condition in an item is about that item alone.
                    Fit::Skipped => Fit::Yes,
                    fit => fit,
                })
                .max()
                .unwrap_or(Fit::Yes),
            ([_], _) => Fit::No,
            _ => Fit::Unknown,
        },
        Json::String(pattern) => text(pattern, value),
        Json::Bool(pattern) => match value {
            Some(Json::Bool(value)) => of(value == pattern),
            None => Fit::No,
            _ => Fit::Unknown,
        },
        Json::Number(pattern) => match value {
            Some(Json::Number(value)) => of(value.as_f64() == pattern.as_f64()),
            None => Fit::No,
            _ => Fit::Unknown,
        },
        Json::Null => Fit::Unknown,
    }
}

fn of(fits: bool) -> Fit {
    if fits { Fit::Yes } else { Fit::No }
}

fn map(pattern: &Map<String, Json>, value: &Map<String, Json>) -> Fit {
    let of_key = |(key, pattern): (&String, &Json)| {
        let inner = |sign: &str| key.strip_prefix(sign).and_then(|key| key.strip_suffix(')'));
        if let Some(key) = inner("(") {
            return match value.get(key).map(|value| fit(pattern, Some(value))) {
                Some(Fit::Yes) => Fit::Yes,
                Some(Fit::Unknown) => Fit::Unknown,
                _ => Fit::Skipped,
            };
        }
        if let Some(key) = inner("=(") {
            return value.get(key).map_or(Fit::Yes, |value| fit(pattern, Some(value)));
        }
        if let Some(key) = inner("X(") {
            return of(!value.contains_key(key));
        }
        // Other signs, and keys that stand for several.
        if key.contains(['(', '*', '?', '{']) {
            return Fit::Unknown;
        }
        fit(pattern, value.get(key))
    };
    pattern.iter().map(of_key).max().unwrap_or(Fit::Yes)
}

/// `a | b`, of which one has to fit.
fn text(pattern: &str, value: Option<&Json>) -> Fit {
    if pattern.contains("{{") || pattern.contains("$(") {
        return Fit::Unknown;
    }
    pattern.split('|').map(|part| all(part, value)).fold(Fit::No, |found, fit| match (found, fit) {
        (Fit::Yes, _) | (_, Fit::Yes) => Fit::Yes,
        (Fit::Unknown, _) | (_, Fit::Unknown) => Fit::Unknown,
        _ => Fit::No,
    })
}

/// `a & b`, of which all have to.
fn all(pattern: &str, value: Option<&Json>) -> Fit {
    pattern.split('&').map(|part| one(part.trim(), value)).max().unwrap_or(Fit::Unknown)
}

fn one(pattern: &str, value: Option<&Json>) -> Fit {
    let written = match value {
        None if pattern.starts_with('!') => return Fit::Unknown,
        None => return Fit::No,
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        Some(Json::Bool(value)) => value.to_string(),
        Some(_) => return Fit::Unknown,
    };
    for sign in [">=", "<=", ">", "<"] {
        let Some(bound) = pattern.strip_prefix(sign) else { continue };
        let (Some(value), Some(bound)) = (Quantity::parse(&written), Quantity::parse(bound.trim())) else {
            return Fit::Unknown;
        };
        return of(match sign {
            ">=" => value >= bound,
            "<=" => value <= bound,
            ">" => value > bound,
            _ => value < bound,
        });
    }
    let (refused, pattern) = pattern.strip_prefix('!').map_or((false, pattern), |pattern| (true, pattern.trim()));
    // Numbers and times may be equal though they are written otherwise, and `1-5` is a range.
    let is_number = |text: &str| text.starts_with(|letter: char| letter.is_ascii_digit());
    if is_number(pattern) && pattern != written && !pattern.contains(['*', '?']) {
        return match (Quantity::parse(pattern), Quantity::parse(&written)) {
            (Some(wanted), Some(value)) => of((wanted == value) != refused),
            _ => Fit::Unknown,
        };
    }
    of(wildcard(pattern, &written) != refused)
}

/// Whether a text is as a pattern with `*` and `?` says.
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut of) = (0, 0);
    // Where the last star stood, and from where on it was tried.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(of) {
            Some('*') => {
                star = Some((of, at));
                of += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[at] => {
                at += 1;
                of += 1;
            }
            _ => {
                let Some((stood, tried)) = star else { return false };
                star = Some((stood, tried + 1));
                (of, at) = (stood + 1, tried + 1);
            }
        }
    }
    pattern[of..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_are_those_of_kyverno() {
        let pod = json!({
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "hostNetwork": false,
                "containers": [
                    {"name": "a", "image": "example.com/a:1", "resources": {"limits": {"memory": "512Mi"}}},
                    {"name": "b", "image": "other.org/b:latest", "securityContext": {"privileged": true}},
                ],
            },
        });
        for (pattern, wanted) in [
            (json!({"metadata": {"labels": {"app": "?*"}}}), Fit::Yes),
            (json!({"metadata": {"labels": {"team": "?*"}}}), Fit::No),
            (json!({"spec": {"containers": [{"image": "example.com/*"}]}}), Fit::No),
            (json!({"spec": {"containers": [{"image": "example.com/* | other.org/*"}]}}), Fit::Yes),
            (json!({"spec": {"containers": [{"image": "!*:latest"}]}}), Fit::No),
            (json!({"spec": {"containers": [{"=(securityContext)": {"=(privileged)": "false"}}]}}), Fit::No),
            (json!({"spec": {"containers": [{"=(securityContext)": {"privileged": true}}]}}), Fit::Yes),
            (
                json!({"spec": {"containers": [{"(name)": "a", "resources": {"limits": {"memory": "<=1Gi"}}}]}}),
                Fit::Yes,
            ),
            (
                json!({"spec": {"containers": [{"(name)": "a", "resources": {"limits": {"memory": "<=256Mi"}}}]}}),
                Fit::No,
            ),
            (
                json!({"spec": {"containers": [{"(name)": "a", "resources": {"limits": {"memory": "0.5Gi"}}}]}}),
                Fit::Yes,
            ),
            (json!({"spec": {"=(hostNetwork)": false, "X(hostPath)": "null"}}), Fit::Yes),
            (json!({"spec": {"X(hostNetwork)": "null"}}), Fit::No),
            (json!({"(kind)": "Pod", "spec": {"nope": "x"}}), Fit::Skipped),
            (json!({"spec": {"^(containers)": [{"name": "a"}]}}), Fit::Unknown),
            (json!({"metadata": {"labels": {"app": "{{ request.object.x }}"}}}), Fit::Unknown),
            (json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}), Fit::Unknown),
        ] {
            assert_eq!(fit(&pattern, Some(&pod)), wanted, "{pattern}");
        }
    }
}
