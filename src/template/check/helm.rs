//! Expressions of Go's templates, as Helm's charts have them, in the words of here: for a help that can be copied.

/// Functions that Go calls without brackets.
pub(super) const FUNCTIONS: &[&str] = &[
    "add",
    "and",
    "b64dec",
    "b64enc",
    "coalesce",
    "contains",
    "default",
    "defined",
    "dict",
    "dig",
    "div",
    "empty",
    "eq",
    "fail",
    "first",
    "ge",
    "get",
    "gt",
    "hasKey",
    "hasPrefix",
    "hasSuffix",
    "index",
    "int",
    "join",
    "last",
    "le",
    "len",
    "list",
    "lower",
    "lt",
    "mod",
    "mul",
    "ne",
    "not",
    "or",
    "printf",
    "quote",
    "randAlphaNum",
    "range",
    "regexFind",
    "regexMatch",
    "regexReplaceAll",
    "replace",
    "required",
    "semverCompare",
    "sha256sum",
    "squote",
    "sub",
    "ternary",
    "title",
    "toJson",
    "toString",
    "toYaml",
    "tpl",
    "trim",
    "trimPrefix",
    "trimSuffix",
    "trunc",
    "until",
    "upper",
    "uuidv4",
];

/// An expression with the operators of here: `&&`, `||`, `!` and `? :` are C's.
pub(super) fn operators(expression: &str) -> String {
    let mut plain = String::new();
    let mut quote = None;
    let mut rest = expression;
    while let Some(char) = rest.chars().next() {
        let words = [("&&", "and"), ("||", "or"), ("!=", "!="), ("!", "not ")];
        let known = words.iter().find(|(theirs, _)| quote.is_none() && rest.starts_with(theirs));
        if let Some((theirs, ours)) = known {
            plain.push_str(ours);
            rest = rest[theirs.len()..].trim_start_matches(|char| *theirs == "!" && char == ' ');
            continue;
        }
        if Some(char) == quote {
            quote = None;
        } else if quote.is_none() && matches!(char, '"' | '\'') {
            quote = Some(char);
        }
        plain.push(char);
        rest = &rest[char.len_utf8()..];
    }
    match (plain.split_once(" ? "), plain.matches(" : ").count()) {
        (Some((condition, values)), 1) => match values.split_once(" : ") {
            Some((then, otherwise)) => format!("{then} if {condition} else {otherwise}"),
            None => plain,
        },
        _ => plain,
    }
}

/// A pipeline of Go's; nothing where there is no word for a part of it.
pub(super) fn translated(pipeline: &str) -> Option<String> {
    let mut value: Option<String> = None;
    for part in split(pipeline.trim(), '|') {
        let words: Vec<&str> = split(part.trim(), ' ').into_iter().filter(|word| !word.is_empty()).collect();
        let (first, rest) = words.split_first()?;
        let mut arguments = rest.iter().map(|word| operand(word)).collect::<Option<Vec<_>>>()?;
        value = Some(match value.take() {
            None if rest.is_empty() => operand(first)?,
            before => {
                arguments.extend(before);
                call(first, &arguments)?
            }
        });
    }
    value
}

/// Whether a text may be a name here, or a path of names.
fn is_path(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
            && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
    };
    text.split('.').all(is_name)
}

fn operand(word: &str) -> Option<String> {
    if let Some(inner) = word.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return translated(inner).map(|inner| format!("({inner})"));
    }
    let is_quoted =
        word.len() > 1 && ['"', '\''].iter().any(|quote| word.starts_with(*quote) && word.ends_with(*quote));
    if is_quoted || word.parse::<f64>().is_ok() {
        return Some(word.to_owned());
    }
    let path =
        ["$.Values.", ".Values.", "Values.", "$"].iter().find_map(|start| word.strip_prefix(start)).unwrap_or(word);
    is_path(path).then(|| path.to_owned())
}

/// A call as it is written here. Go gives the value that comes through the pipe last.
fn call(function: &str, arguments: &[String]) -> Option<String> {
    let (last, first) = arguments.split_last()?;
    let operator = match function {
        "eq" => "==",
        "ne" => "!=",
        "lt" => "<",
        "le" => "<=",
        "gt" => ">",
        "ge" => ">=",
        "and" => "and",
        "or" => "or",
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        "div" => "//",
        "mod" => "%",
        _ => "",
    };
    if !operator.is_empty() {
        return (first.len() == 1 || matches!(function, "and" | "or") && !first.is_empty())
            .then(|| arguments.join(&format!(" {operator} ")));
    }
    Some(match (function, first) {
        ("toYaml" | "quote" | "squote" | "toString", []) | ("nindent" | "indent", [_]) => last.clone(),
        ("not" | "empty", []) => format!("not {last}"),
        ("default", [other]) => format!("{last} | default({other})"),
        ("required", [message]) => format!("required({last}, {message})"),
        ("ternary", [yes, no]) => format!("{yes} if {last} else {no}"),
        ("defined", []) => format!("{last} is defined"),
        ("index", [map]) => format!("{map}[{last}]"),
        ("contains", [part]) => format!("{part} in {last}"),
        ("hasPrefix", [start]) => format!("{last} is startingwith({start})"),
        ("hasSuffix", [end]) => format!("{last} is endingwith({end})"),
        ("sha256sum", []) => format!("{last} | sha256"),
        ("until" | "range", []) => format!("range({last})"),
        ("hasKey", [map]) => format!("{last} in {map}"),
        ("b64enc", []) => format!("{last} | b64encode"),
        ("b64dec", []) => format!("{last} | b64decode"),
        ("toJson", []) => format!("{last} | tojson"),
        ("len", []) => format!("{last} | length"),
        ("upper" | "lower" | "trim" | "title" | "first" | "last" | "int", []) => format!("{last} | {function}"),
        ("join", [with]) => format!("{last} | join({with})"),
        ("replace", [old, new]) => format!("{last} | replace({old}, {new})"),
        ("list", _) => format!("[{}]", arguments.join(", ")),
        ("printf", _) => printf(arguments)?,
        _ => return None,
    })
}

/// `printf "%s-x" a` is texts and values, joined.
fn printf(arguments: &[String]) -> Option<String> {
    let (form, values) = arguments.split_first()?;
    let form = form.strip_prefix('"')?.strip_suffix('"')?;
    let texts: Vec<String> = form.replace("%d", "%s").replace("%v", "%s").split("%s").map(str::to_owned).collect();
    if texts.len() != values.len() + 1 || texts.iter().any(|text| text.contains(['%', '\\'])) {
        return None;
    }
    let mut parts = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        if !text.is_empty() {
            parts.push(format!("\"{text}\""));
        }
        parts.extend(values.get(at).cloned());
    }
    Some(parts.join(" ~ "))
}

/// `a eq b`, where Go writes `eq a b`.
pub(super) fn between(expression: &str) -> Option<String> {
    let words: Vec<&str> = split(expression.trim(), ' ').into_iter().filter(|word| !word.is_empty()).collect();
    let [left, operator @ ("eq" | "ne" | "lt" | "le" | "gt" | "ge"), right] = words[..] else { return None };
    call(operator, &[operand(left)?, operand(right)?])
}

/// The names and the list of a `range`.
pub(super) fn range(rest: &str) -> (String, String) {
    let (names, list) = match rest.split_once(":=") {
        Some((names, list)) => (names, list),
        None => ("", rest),
    };
    let names: Vec<&str> =
        names.split(',').map(|name| name.trim().trim_start_matches('$')).filter(|it| !it.is_empty()).collect();
    let list = translated(list).unwrap_or_else(|| "…".to_owned());
    match names[..] {
        [key, value] if key != "_" && !key.starts_with('i') => (format!("{key}, {value}"), format!("{list} | items")),
        [_, value] | [value] => (value.to_owned(), list),
        _ => ("item".to_owned(), list),
    }
}

/// The name that a macro can have which is called as a template of Helm's is.
pub(super) fn macro_name(rest: &str) -> String {
    let name = rest.split(['"', '\'']).nth(1).unwrap_or("name");
    let name: String = name.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect();
    if name.is_empty() || name.starts_with(|char: char| char.is_ascii_digit()) { "name".to_owned() } else { name }
}

/// Parts between a sign, but not within quotes or brackets.
fn split(text: &str, sign: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quote) = (0, 0_usize, None);
    for (at, char) in text.char_indices() {
        match quote {
            Some(open) if char == open => quote = None,
            Some(_) => {}
            None => match char {
                '"' | '\'' => quote = Some(char),
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ if char == sign && depth == 0 => {
                    parts.push(&text[start..at]);
                    start = at + char.len_utf8();
                }
                _ => {}
            },
        }
    }
    parts.push(&text[start..]);
    parts
}
