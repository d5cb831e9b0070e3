//! Working with text.

use std::sync::Arc;

use minijinja::filters;
use minijinja::value::Value;

use super::{Call, Function, Run, Section, Usage};
use crate::template::refusal::Refusal;

pub(super) static SECTION: Section = Section {
    title: "Text",
    functions: &[
        Function {
            name: "lower",
            usage: Usage::Filter,
            signature: "",
            about: "In lower case.",
            examples: &[("'Prod' | lower", "prod")],
            run: Run::Own(|call| case(call, str::to_lowercase)),
        },
        Function {
            name: "upper",
            usage: Usage::Filter,
            signature: "",
            about: "In upper case.",
            examples: &[("'prod' | upper", "PROD")],
            run: Run::Own(|call| case(call, str::to_uppercase)),
        },
        Function {
            name: "capitalize",
            usage: Usage::Filter,
            signature: "",
            about: "The first letter in upper case, the rest in lower case.",
            examples: &[("'pROD' | capitalize", "Prod")],
            run: Run::Own(|call| case(call, capitalized)),
        },
        Function {
            name: "title",
            usage: Usage::Filter,
            signature: "",
            about: "The first letter of each word in upper case.",
            examples: &[("'system node-group' | title", "System Node-Group"), ("\"it's\" | title", "\"It's\"")],
            run: Run::Own(|call| case(call, titled)),
        },
        Function {
            name: "pascal",
            usage: Usage::Both,
            signature: "text",
            about: "Words joined, each with a capital, letters and digits only: a CloudFormation logical id.",
            examples: &[("pascal('private-subnet_a 1')", "PrivateSubnetA1")],
            run: Run::Own(|call| case(call, pascal)),
        },
        Function {
            name: "trim",
            usage: Usage::Filter,
            signature: "characters=blanks",
            about: "Without blanks, or the given characters, at both ends.",
            examples: &[("'  a ' | trim", "a"), ("'/a/' | trim('/')", "a")],
            run: Run::Own(trim),
        },
        Function {
            name: "replace",
            usage: Usage::Filter,
            signature: "old, new",
            about: "With every occurrence of one text replaced by another.",
            examples: &[("'a.b.c' | replace('.', '-')", "a-b-c")],
            run: Run::Own(replace),
        },
        Function {
            name: "split",
            usage: Usage::Filter,
            signature: "separator=blanks, most=none",
            about: "The parts of a text between separators, as a list; with `most`, split at the first ones only.",
            examples: &[
                ("'a,b,c' | split(',')", "[a, b, c]"),
                ("' a  b ' | split", "[a, b]"),
                ("'a=b=c' | split('=', 1)", "[a, b=c]"),
            ],
            run: Run::Own(split),
        },
        Function {
            name: "lines",
            usage: Usage::Filter,
            signature: "",
            about: "The lines of a text, as a list.",
            examples: &[("'a\\nb' | lines", "[a, b]")],
            run: Run::Engine(|| Value::from_function(filters::lines)),
        },
        Function {
            name: "join",
            usage: Usage::Filter,
            signature: "separator='', attribute=none",
            about: "The items of a list as one text; with `attribute`, that part of each item.",
            examples: &[
                ("['a', 1, true] | join('-')", "a-1-true"),
                ("[{'n': 'x'}, {'n': 'y'}] | join(',', attribute='n')", "x,y"),
            ],
            run: Run::Own(join),
        },
        Function {
            name: "string",
            usage: Usage::Filter,
            signature: "",
            about: "A scalar as text, spelled as YAML spells it.",
            examples: &[("3 | string", "'3'"), ("true | string", "'true'")],
            run: Run::Own(string),
        },
        Function {
            name: "truncate",
            usage: Usage::Filter,
            signature: "length",
            about: "At most so many characters, the rest cut off. Two long names may become one: `dns_label` keeps them apart.",
            examples: &[("'abcdef' | truncate(3)", "abc")],
            run: Run::Own(truncate),
        },
        Function {
            name: "indent",
            usage: Usage::Filter,
            signature: "width=4, first=false",
            about: "Lines moved to the right, all but the first. Not needed for values: maps and lists nest wherever they stand.",
            examples: &[("'a\\nb' | indent(2)", "\"a\\n  b\"")],
            run: Run::Own(indent),
        },
    ],
};

/// A filter's own value: a text, or a number or a boolean as its text.
fn subject(call: &mut Call<'_, '_, '_>) -> Result<Arc<str>, Refusal> {
    let value = call.value("text")?;
    if value.as_object().is_some() {
        return call.refuse(format!("it works on text, not on {}", crate::template::guard::kind(value.kind())));
    }
    call.as_text(&value)
}

fn case(call: &mut Call<'_, '_, '_>, change: fn(&str) -> String) -> Result<Value, Refusal> {
    let text = subject(call)?;
    Ok(Value::from(change(&text)))
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect())
}

fn titled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if inside {
            out.extend(char.to_lowercase());
        } else {
            out.extend(char.to_uppercase());
        }
        // `it's` is one word.
        let joins = matches!(char, '\'' | '’') && chars.peek().is_some_and(|next| next.is_alphabetic());
        inside = char.is_alphanumeric() || inside && joins;
    }
    out
}

fn pascal(text: &str) -> String {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric());
    words
        .flat_map(|word| word.char_indices().map(|(at, char)| if at == 0 { char.to_ascii_uppercase() } else { char }))
        .collect()
}

fn trim(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let text = subject(call)?;
    let characters = call.optional_text("characters")?;
    Ok(Value::from(match characters {
        Some(characters) => text.trim_matches(|char| characters.contains(char)),
        None => text.trim(),
    }))
}

fn replace(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let text = subject(call)?;
    let (old, new) = (call.text("old")?, call.text("new")?);
    if old.is_empty() {
        return call.refuse("`old` is empty");
    }
    let grown = text.matches(&*old).count() * new.len().saturating_sub(old.len());
    call.makes(text.len() + grown)?;
    Ok(Value::from(text.replace(&*old, &new)))
}

fn split(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let text = subject(call)?;
    let separator = call.optional_text("separator")?;
    let most = call.optional_integer("most")?.and_then(|most| usize::try_from(most).ok());
    let parts: Vec<&str> = match (separator.as_deref(), most) {
        (Some(""), _) => return call.refuse("`separator` is empty"),
        (Some(separator), Some(most)) => text.splitn(most.saturating_add(1), separator).collect(),
        (Some(separator), None) => text.split(separator).collect(),
        (None, _) => text.split_whitespace().collect(),
    };
    call.bounds.spend_nodes(call.state, parts.len())?;
    Ok(Value::from(parts.into_iter().map(Value::from).collect::<Vec<_>>()))
}

fn join(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let items = call.list("list")?;
    let separator = call.optional_text("separator")?.unwrap_or_default();
    let attribute = call.optional_text("attribute")?;
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        let part = match &attribute {
            Some(attribute) => item.get_attr(attribute).unwrap_or_default(),
            None => item.clone(),
        };
        let part = call.as_text(&part)?;
        if at > 0 {
            call.makes(separator.len())?;
            out.push_str(&separator);
        }
        if out.len() > call.bounds.string {
            call.makes(out.len())?;
        }
        out.push_str(&part);
    }
    Ok(Value::from(out))
}

fn string(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    Ok(Value::from(subject(call)?))
}

fn truncate(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let text = subject(call)?;
    let Ok(length) = usize::try_from(call.integer("length")?) else { return call.refuse("`length` is negative") };
    Ok(Value::from(text.chars().take(length).collect::<String>()))
}

/// Blanks that `indent` puts before a line at most.
const WIDEST: i64 = 64;

fn indent(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let text = subject(call)?;
    let width = call.optional_integer("width")?.unwrap_or(4);
    let first = call.optional("first").is_some_and(|first| first.is_true());
    let Some(width) = usize::try_from(width).ok().filter(|_| width <= WIDEST) else {
        return call.refuse(format!("`width` is between 0 and {WIDEST}"));
    };
    call.makes(text.len() + width * (text.matches('\n').count() + 1))?;
    let blanks = " ".repeat(width);
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        if !line.is_empty() && (at > 0 || first) {
            out.push_str(&blanks);
        }
        out.push_str(line);
    }
    Ok(Value::from(out))
}
