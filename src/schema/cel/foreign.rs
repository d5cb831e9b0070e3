//! Words and signs of other languages, and what CEL has for them. Asked only of an expression that is refused already.

/// What to write for a variable that does not exist.
pub(super) fn variable(word: &str) -> Option<&'static str> {
    Some(match word {
        "None" | "none" | "nil" | "NULL" | "Null" | "undefined" => "write `null`",
        "True" | "TRUE" | "yes" => "write `true`",
        "False" | "FALSE" | "no" => "write `false`",
        "not" => "write `!x`",
        "deny" | "violation" | "allow" => "a rule is one expression, which is true where all is right",
        _ => return None,
    })
}

/// Whether other languages have this word for the value that is judged.
pub(super) fn is_self(word: &str) -> bool {
    matches!(word, "this" | "it" | "value" | "input" | "object" | "obj")
}

/// What to write for a word that CEL keeps and gives no meaning.
pub(super) fn reserved(word: &str) -> Option<&'static str> {
    Some(match word {
        "if" | "else" => "write `condition ? a : b`",
        "for" | "while" | "loop" => "write `list.all(item, …)` or `list.exists(item, …)`",
        "function" | "let" | "var" | "const" | "return" => "a rule is one expression, which is true where all is right",
        _ => return None,
    })
}

/// What to write for a function that does not exist.
pub(super) fn function(name: &str) -> Option<&'static str> {
    Some(match name {
        "len" | "length" | "count" => "write `size(x)`",
        "min" => "write `math.least(a, b)`",
        "max" => "write `math.greatest(a, b)`",
        "abs" | "floor" | "ceil" | "round" => "functions of numbers stand in `math`, as in `math.abs(x)`",
        "str" => "write `string(x)`",
        "float" | "number" => "write `double(x)`",
        "not" => "write `!x`",
        "any" => "write `list.exists(item, …)`",
        "all" => "write `list.all(item, …)`",
        "defined" | "exists" => "write `has(self.name)`",
        "typeof" | "isinstance" => "write `type(x) == string`",
        "regex" | "match" | "re_match" => "write `x.matches('^…$')`",
        _ => return None,
    })
}

/// What to write for a function that is called on a value, and does not exist.
pub(super) fn method(name: &str) -> Option<&'static str> {
    Some(match name {
        "len" | "length" | "count" => "write `x.size()`",
        "lower" | "toLowerCase" => "write `x.lowerAscii()`",
        "upper" | "toUpperCase" => "write `x.upperAscii()`",
        "includes" => "write `item in list`, or `text.contains('…')`",
        "some" | "any" => "write `list.exists(item, …)`",
        "every" => "write `list.all(item, …)`",
        "keys" => "a map is gone through by its keys: `map.all(key, …)`",
        "test" => "write `x.matches('^…$')`",
        _ => return None,
    })
}

/// What to write where something stands that cannot go on what is before it.
pub(super) fn sign(text: &str, at: usize) -> Option<&'static str> {
    let (before, rest) = (text.get(..at)?, text.get(at..)?);
    if text.trim_start().starts_with("{{") {
        return Some("write the expression alone, without braces");
    }
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
    let signs = [("=<", "write `<=`"), ("=>", "write `>=`"), ("=~", "write `x.matches('^…$')`")];
    match &rest[..end] {
        "and" | "AND" => Some("write `&&`"),
        "or" | "OR" => Some("write `||`"),
        "is" => Some("write `==`"),
        "not" => Some("write `!(item in list)`"),
        "if" | "else" | "then" => Some("write `condition ? a : b`"),
        "matches" => Some("write `x.matches('^…$')`"),
        "" if rest.starts_with('&') => Some("write `&&`"),
        "" if rest.starts_with('>') && before.ends_with('<') => Some("write `!=`"),
        "" if rest.starts_with('=') && before.ends_with("==") => Some("write `==`"),
        "" if rest.starts_with('=') && before.ends_with("!=") => Some("write `!=`"),
        "" => {
            let known = signs.into_iter().find(|(sign, _)| rest.starts_with(sign)).map(|(_, help)| help);
            let is_assigned = rest.starts_with('=') && !rest.starts_with("==");
            known.or_else(|| is_assigned.then_some("write `==`, which compares two"))
        }
        _ => None,
    }
}
