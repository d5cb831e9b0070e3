//! Addresses: `urlParse` and `urlJoin`, as Go's `net/url` has them.

use std::sync::Arc;

use crate::chart::failure::Failed;
use crate::chart::print::kind_name;
use crate::chart::value::{Data, Map, Value};

use super::{Context, Function, Kind, Made, because, map, plain, text};

pub(super) const ALL: &[Function] =
    &[plain("urlParse", &[Kind::Text], None, parse_url), plain("urlJoin", &[Kind::Map], None, join_url)];

#[derive(Default)]
struct Url {
    scheme: String,
    opaque: String,
    user: Option<(String, Option<String>)>,
    host: String,
    path: String,
    query: String,
    fragment: String,
}

/// Which part of an address is written, as each escapes other letters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    User,
    Host,
    Fragment,
}

fn parse_url(_: &Context, values: &[Value]) -> Made {
    let written = text(&values[0]).str();
    let Some(url) = Url::parse(&written) else { return because(format!("`{written}` is no address")) };
    let hostname = hostname(&url.host).to_owned();
    let user = url.user.map_or(String::new(), |user| written_user(&user));
    let entries = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", user),
    ];
    Ok(Value::map(entries.map(|(key, value)| (Arc::from(key), Value::text(value)))))
}

fn join_url(_: &Context, values: &[Value]) -> Made {
    let Some(parts) = map(&values[0]) else { return Ok(Value::text("")) };
    let user = part(parts, "userinfo")?;
    let user = if user.is_empty() {
        None
    } else {
        match Url::parse(&format!("proto://{user}@host")) {
            Some(url) => url.user,
            None => return because("`userinfo` can't be read"),
        }
    };
    let url = Url {
        scheme: part(parts, "scheme")?,
        opaque: part(parts, "opaque")?,
        user,
        host: part(parts, "host")?,
        path: part(parts, "path")?,
        query: part(parts, "query")?,
        fragment: part(parts, "fragment")?,
    };
    Ok(Value::text(url.written()))
}

fn part(parts: &Map, key: &str) -> Result<String, Failed> {
    match parts.get(key) {
        None => Ok(String::new()),
        Some(value) => match &value.data {
            Data::Text(text) => Ok(text.str().into_owned()),
            _ => because(format!("`{key}` must be a text, and is a {}", kind_name(&value))),
        },
    }
}

fn hostname(host: &str) -> &str {
    if let Some(end) = host.find(']').filter(|_| host.starts_with('[')) {
        return &host[1..end];
    }
    host.split(':').next().unwrap_or_default()
}

impl Url {
    fn parse(text: &str) -> Option<Self> {
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
            return None;
        }
        let mut url = Self { fragment: unescape(fragment, Part::Fragment)?, ..Self::default() };
        if text == "*" {
            text.clone_into(&mut url.path);
            return Some(url);
        }
        let (scheme, rest) = scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        query.clone_into(&mut url.query);
        if !rest.starts_with('/') {
            if !url.scheme.is_empty() {
                rest.clone_into(&mut url.opaque);
                return Some(url);
            }
            if rest.split('/').next().is_some_and(|first| first.contains(':')) {
                return None;
            }
        }
        let mut path = rest;
        let has_authority = !url.scheme.is_empty() || !rest.starts_with("///");
        if let Some(after) = rest.strip_prefix("//").filter(|_| has_authority) {
            let end = after.find('/').unwrap_or(after.len());
            path = &after[end..];
            url.authority(&after[..end])?;
        }
        url.path = unescape(path, Part::Path)?;
        Some(url)
    }

    fn authority(&mut self, authority: &str) -> Option<()> {
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let port = if host.starts_with('[') {
            &host[host.rfind(']')? + 1..]
        } else {
            host.rfind(':').map_or("", |at| &host[at..])
        };
        let port_is_sound =
            port.is_empty() || port.strip_prefix(':').is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()));
        if !port_is_sound {
            return None;
        }
        self.host = unescape(host, Part::Host)?;
        if let Some(user) = user {
            let sound = |it: char| it.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(it);
            if !user.chars().all(sound) {
                return None;
            }
            let (name, password) = match user.split_once(':') {
                Some((name, password)) => (name, Some(unescape(password, Part::User)?)),
                None => (user, None),
            };
            self.user = Some((unescape(name, Part::User)?, password));
        }
        Some(())
    }

    fn written(&self) -> String {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(&self.scheme);
            out.push(':');
        }
        if self.opaque.is_empty() {
            if !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some() {
                if !self.host.is_empty() || !self.path.is_empty() || self.user.is_some() {
                    out.push_str("//");
                }
                if let Some(user) = &self.user {
                    out.push_str(&written_user(user));
                    out.push('@');
                }
                out.push_str(&escape(&self.host, Part::Host));
            }
            let path = if self.path == "*" { "*".to_owned() } else { escape(&self.path, Part::Path) };
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                out.push('/');
            }
            if out.is_empty() && path.split('/').next().is_some_and(|first| first.contains(':')) {
                out.push_str("./");
            }
            out.push_str(&path);
        } else {
            out.push_str(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push('?');
            out.push_str(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push('#');
            out.push_str(&escape(&self.fragment, Part::Fragment));
        }
        out
    }
}

fn written_user((name, password): &(String, Option<String>)) -> String {
    let name = escape(name, Part::User);
    password.as_ref().map_or(name.clone(), |password| format!("{name}:{}", escape(password, Part::User)))
}

/// The scheme and what follows; nothing if it begins with a colon.
fn scheme(text: &str) -> Option<(&str, &str)> {
    for (at, letter) in text.char_indices() {
        match letter {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return None,
            ':' => return Some((&text[..at], &text[at + 1..])),
            _ => return Some(("", text)),
        }
    }
    Some(("", text))
}

fn unescape(text: &str, part: Part) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            if part == Part::Host && byte < 0x80 && escapes(char::from(byte), part) {
                return None;
            }
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let code = (digit(rest.next())? * 16 + digit(rest.next())?) as u8;
        if part == Part::Host && code < 0x80 && code != b'%' {
            return None;
        }
        bytes.push(code);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn escape(text: &str, part: Part) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if letter.is_ascii() && !escapes(letter, part) {
            out.push(letter);
        } else {
            letter.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        }
    }
    out
}

fn escapes(letter: char, part: Part) -> bool {
    match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '~' => false,
        '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | ';' | '=' | ':' | '[' | ']' | '<' | '>' | '"'
            if part == Part::Host =>
        {
            false
        }
        '$' | '&' | '+' | ',' | '/' | ':' | ';' | '=' | '?' | '@' => match part {
            Part::Path => letter == '?',
            Part::User => matches!(letter, '@' | '/' | '?' | ':'),
            Part::Fragment => false,
            Part::Host => true,
        },
        '!' | '(' | ')' | '*' if part == Part::Fragment => false,
        _ => true,
    }
}
