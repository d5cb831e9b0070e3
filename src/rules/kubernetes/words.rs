//! Forms of names that the API server knows
//! (<https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation>).

use std::net::IpAddr;

/// What a name is made of.
pub(super) const NAME_CHARACTERS: &str = "letters, digits, `-`, `_` and `.`, with a letter or digit at both ends";

/// Not something that Argo CD, Flux or another tool puts a text into first.
pub(super) fn is_written(text: &str) -> bool {
    !text.contains("{{") && !text.contains("${") && !text.contains("$(")
}

/// The value of a label, or the name in its key.
pub(super) fn is_name(text: &str) -> bool {
    let is_inner = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    text.len() <= 63 && has_ends(text, |letter| letter.is_ascii_alphanumeric()) && text.chars().all(is_inner)
}

/// One part of a DNS name.
pub(super) fn is_dns_label(text: &str) -> bool {
    text.len() <= 63 && is_part(text)
}

/// A DNS name in lower case. Its parts may be longer than DNS has them.
pub(super) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_part)
}

/// The name of a container's port.
pub(super) fn is_port_name(text: &str) -> bool {
    text.len() <= 15
        && is_part(text)
        && !text.contains("--")
        && text.contains(|letter: char| letter.is_ascii_lowercase())
}

/// The key of a label, the name of a condition: a name, perhaps after a DNS name and `/`.
pub(super) fn is_qualified(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_name(name),
        None => is_name(text),
    }
}

/// May be empty.
pub(super) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

/// The key of a `ConfigMap` or a `Secret`.
pub(super) fn is_data_key(text: &str) -> bool {
    let is_fit = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    (1..=253).contains(&text.len()) && text.chars().all(is_fit) && text != "." && !text.starts_with("..")
}

/// What may be a part of a URL's path.
pub(super) fn is_segment(text: &str) -> bool {
    text != "." && text != ".." && !text.contains(['/', '%'])
}

/// Whether a path can only lead below where it begins.
pub(super) fn stays_below(path: &str) -> bool {
    !path.starts_with('/') && has_no_steps_back(path)
}

pub(super) fn is_file_below(path: &str) -> bool {
    stays_below(path) && !path.starts_with("..")
}

pub(super) fn has_no_steps_back(path: &str) -> bool {
    path.split('/').all(|step| step != "..")
}

/// An address, which may have zeros in front as the API server still takes them.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let plain = |part: &str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    };
    if text.contains(':') {
        return text.parse().ok();
    }
    text.split('.').map(plain).collect::<Vec<_>>().join(".").parse().ok()
}

/// A network: an address of it, and how many of its bits are the network's.
pub(super) fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let address = self::address(address)?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let is_plain = bits.chars().all(|letter| letter.is_ascii_digit());
    bits.parse().ok().filter(|bits| is_plain && *bits <= most).map(|bits| (address, bits))
}

fn is_part(text: &str) -> bool {
    let is_outer = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    has_ends(text, is_outer) && text.chars().all(|letter| is_outer(letter) || letter == '-')
}

fn has_ends(text: &str, is_fit: impl Fn(char) -> bool) -> bool {
    text.chars().next().is_some_and(&is_fit) && text.chars().next_back().is_some_and(&is_fit)
}

/// What goes before a word.
pub(in crate::rules) fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) { "an" } else { "a" }
}

#[cfg(test)]
mod tests {
    use super::{is_dns_label, is_name, is_port_name, is_subdomain};

    #[test]
    fn names_have_their_forms() {
        assert!(is_name("Web_1.x") && is_name(&"a".repeat(63)));
        assert!(!is_name("") && !is_name("-web") && !is_name("web.") && !is_name("a b") && !is_name(&"a".repeat(64)));
        assert!(is_subdomain("a.b-c.d1") && !is_subdomain("a..b") && !is_subdomain("A.b") && !is_subdomain("a_b"));
        assert!(is_dns_label("web-1") && !is_dns_label("web.1") && !is_dns_label("Web"));
        assert!(is_port_name("http-metrics") && !is_port_name("prometheus-metrics"));
        assert!(!is_port_name("80") && !is_port_name("a--b"));
    }
}
