//! The formats a string can be held to. Those of JSON Schema are judged as it says, except `duration`, which is
//! Kubernetes' and Go's (`1h30m`); the others name what platforms are made of.

/// How a format is checked.
pub(super) enum Check {
    /// By the judge, as JSON Schema says.
    Standard,
    /// By platc.
    Own(fn(&str) -> bool),
    /// Says what a number or a text is for; nothing to check.
    Remark,
}

/// Every known format, by name.
pub(super) static FORMATS: &[(&str, Check)] = &[
    ("arn", Check::Own(arn)),
    ("aws-account-id", Check::Own(aws_account_id)),
    ("aws-region", Check::Own(aws_region)),
    ("binary", Check::Remark),
    ("byte", Check::Remark),
    ("cidr", Check::Own(cidr)),
    ("date", Check::Standard),
    ("date-time", Check::Standard),
    ("dns-label", Check::Own(dns_label)),
    ("dns-name", Check::Own(dns_name)),
    ("double", Check::Remark),
    ("duration", Check::Own(is_duration)),
    ("email", Check::Standard),
    ("float", Check::Remark),
    ("hostname", Check::Standard),
    ("idn-email", Check::Own(idn_email)),
    // Left out of the judge, since its tables of Unicode weigh a megabyte.
    ("idn-hostname", Check::Remark),
    ("int-or-string", Check::Remark),
    ("int32", Check::Remark),
    ("int64", Check::Remark),
    ("ip", Check::Own(ip)),
    ("ipv4", Check::Standard),
    ("ipv6", Check::Standard),
    ("iri", Check::Standard),
    ("iri-reference", Check::Standard),
    ("json-pointer", Check::Standard),
    ("k8s-quantity", Check::Own(is_quantity)),
    ("password", Check::Remark),
    ("quantity", Check::Own(is_quantity)),
    ("regex", Check::Standard),
    ("relative-json-pointer", Check::Standard),
    ("semver", Check::Own(semver)),
    ("time", Check::Standard),
    ("uint32", Check::Remark),
    ("uint64", Check::Remark),
    ("uri", Check::Standard),
    ("uri-reference", Check::Standard),
    ("uri-template", Check::Standard),
    ("uuid", Check::Standard),
];

pub(super) fn is_known(name: &str) -> bool {
    FORMATS.binary_search_by_key(&name, |(name, _)| name).is_ok()
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|(name, _)| *name)
}

/// `arn:partition:service:region:account:resource`; region and account may be empty.
fn arn(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    next() == "arn"
        && next().strip_prefix("aws").is_some_and(word)
        && Some(next()).is_some_and(|service| !service.is_empty() && word(service))
        && word(next())
        && Some(next()).is_some_and(|account| account.is_empty() || account == "aws" || aws_account_id(account))
        && Some(next()).is_some_and(|resource| !resource.is_empty() && !resource.contains(char::is_whitespace))
}

/// Twelve digits, the first often a zero.
fn aws_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The form of a region's name, `eu-central-1` or `us-gov-west-1`; which regions exist changes every year.
fn aws_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [area, middle @ .., number] => {
            area.len() == 2
                && letters(area)
                && (1..=2).contains(&middle.len())
                && middle.iter().all(letters)
                && number.len() == 1
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

/// An IPv4 or IPv6 network with its prefix length, no bit set behind it: `10.0.0.0/16`, not `10.0.0.5/16`.
fn cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let zeros = length.len() > 1 && length.starts_with('0');
    let (Ok(address), Ok(length), true, false) = (address.parse(), length.parse(), digits, zeros) else { return false };
    ipnet::IpNet::new(address, length).is_ok_and(|net| net.trunc() == net)
}

/// An e-mail address whose name and domain may have letters of any language.
fn idn_email(text: &str) -> bool {
    let Some((name, domain)) = text.rsplit_once('@') else { return false };
    let is_quoted = name.len() > 2 && name.starts_with('"') && name.ends_with('"');
    let plain = |letter: char| letter.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(letter);
    let is_dotted = name.split('.').all(|part| !part.is_empty()) && name.chars().all(plain);
    let label = |label: &str| {
        let inner = |letter: char| letter.is_alphanumeric() || letter == '-';
        !label.is_empty() && label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    (is_quoted || is_dotted) && name.chars().count() <= 64 && domain.len() <= 253 && domain.split('.').all(label)
}

fn ip(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

/// At most 63 of `a-z`, `0-9` and `-`, the first and the last not `-` (RFC 1123).
pub(super) fn dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Labels joined by dots, at most 253 characters.
pub(super) fn dns_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(dns_label)
}

/// Go's and Kubernetes' duration: `300ms`, `1h30m`, `-1.5h`, `0`.
pub(super) fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let number = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (digits, unit) = rest.split_at(number);
        if digits.bytes().filter(u8::is_ascii_digit).count() == 0 || digits.matches('.').count() > 1 {
            return false;
        }
        let Some(unit) = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"]
            .iter()
            .filter(|word| unit.starts_with(**word))
            .max_by_key(|word| word.len())
        else {
            return false;
        };
        rest = &rest[number + unit.len()..];
    }
    true
}

/// A Kubernetes quantity: `100m`, `1.5Gi`, `2`, `1e3`.
pub(super) fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let number = unsigned.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(unsigned.len());
    let (digits, suffix) = unsigned.split_at(number);
    let has_digit = digits.bytes().any(|byte| byte.is_ascii_digit());
    let suffix_fits = match suffix {
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei" => true,
        _ => suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| {
            let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            !digits.is_empty() && digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
        }),
    };
    has_digit && digits.matches('.').count() <= 1 && suffix_fits
}

/// A version as semver.org says, without `v`: `1.2.3`, `1.0.0-rc.1`.
fn semver(text: &str) -> bool {
    semver::Version::parse(text).is_ok()
}

/// A format as the end of the sentence "… is not …".
pub(super) fn phrase(name: &str) -> String {
    match name {
        "arn" => "an ARN, `arn:aws:service:region:account:resource`",
        "aws-account-id" => "an AWS account id of twelve digits",
        "aws-region" => "the name of an AWS region, like `eu-central-1`",
        "cidr" => "an IP network, like `10.0.0.0/16`",
        "date" => "a date, like `2026-01-31`",
        "date-time" => "a time, like `2026-01-31T12:00:00Z`",
        "dns-label" => "a DNS label: at most 63 of `a-z`, `0-9` and `-`, the first and last no `-`",
        "dns-name" => "a DNS name in lower case",
        "duration" => "a duration, like `90s` or `1h30m`",
        "email" | "idn-email" => "an e-mail address",
        "hostname" => "a host name",
        "ip" => "an IP address",
        "ipv4" => "an IPv4 address",
        "ipv6" => "an IPv6 address",
        "k8s-quantity" | "quantity" => "a quantity, like `500m` or `2Gi`",
        "regex" => "a regular expression",
        "semver" => "a version of three numbers, like `1.30.2`",
        "uri" => "a URI with its scheme, like `https://example.org`",
        "uuid" => "a UUID",
        other => return format!("a valid `{other}`"),
    }
    .to_owned()
}

/// What was probably meant.
pub(super) fn hint(name: &str, text: &str) -> Option<String> {
    match name {
        "uri" => match text.split_once(':') {
            // `git@github.com:org/repo.git`, as git takes it.
            Some((host, path)) if host.contains('@') && !path.starts_with("//") => {
                Some(format!("git's short form is none: `ssh://{host}/{path}` is one"))
            }
            None if text.contains('.') && !text.contains([' ', '/']) || text.starts_with("www.") => {
                Some(format!("write `https://{text}`"))
            }
            _ => None,
        },
        "cidr" => {
            let net: ipnet::IpNet = text.parse().ok()?;
            (net.trunc() != net).then(|| format!("bits are set behind the prefix; the network is `{}`", net.trunc()))
        }
        "semver" => {
            let bare = text.strip_prefix('v')?;
            semver(bare).then(|| format!("write it without `v`: `{bare}`"))
        }
        "dns-label" | "dns-name" => {
            let lower = text.to_lowercase().replace('_', "-");
            let fits = if name == "dns-label" { dns_label(&lower) } else { dns_name(&lower) };
            fits.then(|| format!("`{lower}` would be one"))
        }
        "k8s-quantity" | "quantity" => {
            let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter == ' ');
            let unit = text.get(digits.len()..)?.trim().to_ascii_lowercase();
            let prefix = match unit.trim_end_matches("bytes").trim_end_matches('b').trim_end_matches('i') {
                "k" | "m" | "g" | "t" => unit[..1].to_ascii_uppercase(),
                _ => return None,
            };
            let thousand = if prefix == "K" { "k" } else { &*prefix };
            let bytes = format!("`{digits}{prefix}i` or, in steps of a thousand, `{digits}{thousand}`");
            is_quantity(&format!("{digits}{prefix}i")).then(|| format!("for bytes write {bytes}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str) -> bool {
        match FORMATS.iter().find(|(format, _)| *format == name) {
            Some((_, Check::Own(check))) => check(text),
            _ => panic!("{name} is not checked by platc"),
        }
    }

    #[test]
    fn formats_are_sorted_by_name() {
        assert!(FORMATS.is_sorted_by_key(|(name, _)| name));
        assert!(is_known("cidr") && !is_known("cider"));
    }

    #[test]
    fn the_documentation_names_every_format() {
        let page = include_str!("../../docs/schemas.md");
        let missing: Vec<_> = names().filter(|name| !page.contains(&format!("`{name}`"))).collect();
        assert!(missing.is_empty(), "docs/schemas.md does not name {missing:?}");
    }

    #[test]
    fn each_format_takes_what_it_names_and_nothing_else() {
        let cases: [(&str, &[&str], &[&str]); 11] = [
            (
                "idn-email",
                &["a@example.com", "rené@exämple.de", "a.b+c@localhost", "\"a b\"@example.com"],
                &["", "nope", "@example.com", "a@", "a b@example.com", "a@-x.de", "a@x..de", ".a@x.de"],
            ),
            (
                "arn",
                &["arn:aws:iam::012345678901:role/x", "arn:aws-cn:s3:::b", "arn:aws:iam::aws:policy/Admin"],
                &[
                    "arn:aws:iam::1234:role/x",
                    "aws:iam",
                    "arn:aws:s3:::",
                    "arn:gcp:iam::012345678901:x",
                    "arn:aws:s3:::a b",
                ],
            ),
            ("aws-account-id", &["012345678901"], &["12345678901", "0123456789012", "01234567890a"]),
            (
                "aws-region",
                &["eu-central-1", "us-gov-west-1"],
                &["eu-central", "europe-west-1", "eu-central-1a", "eu--1"],
            ),
            (
                "cidr",
                &["10.0.0.0/16", "fd00::/8", "0.0.0.0/0"],
                &["10.0.0.5/16", "010.0.0.0/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/016"],
            ),
            ("dns-label", &["a", "a-1", &"x".repeat(63)], &["", "-a", "a-", "A", "a.b", &"x".repeat(64)]),
            ("duration", &["1h30m", "0", "1.5h", "-2s", "300ms"], &["", "1", "1d", "h", "1h 30m", "P1D", "1..5h"]),
            ("quantity", &["1", "500m", "1.5Gi", "1e3", ".5", "-1", "1E"], &["", "1gb", "1 Gi", "m", "1.2.3", "1e"]),
            ("semver", &["1.2.3", "1.0.0-rc.1+b"], &["v1.2.3", "1.2", "01.2.3"]),
            ("ip", &["10.0.0.1", "::1"], &["10.0.0.256", "010.0.0.1", "x"]),
            ("dns-name", &["a.b-c.d"], &["a..b", "a.B", ""]),
        ];
        for (name, good, bad) in cases {
            for text in good {
                assert!(check(name, text), "{name}: {text}");
            }
            for text in bad {
                assert!(!check(name, text), "{name}: {text}");
            }
        }
    }

    #[test]
    fn hints_say_what_was_meant() {
        assert_eq!(
            hint("cidr", "10.0.0.5/16").unwrap(),
            "bits are set behind the prefix; the network is `10.0.0.0/16`"
        );
        assert_eq!(hint("semver", "v1.2.3").unwrap(), "write it without `v`: `1.2.3`");
        assert_eq!(hint("dns-label", "My_App").unwrap(), "`my-app` would be one");
        assert_eq!(hint("cidr", "10.0.0.0/16"), None);
    }
}
