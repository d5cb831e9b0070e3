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
    ("duration", Check::Own(duration)),
    ("email", Check::Standard),
    ("float", Check::Remark),
    ("hostname", Check::Standard),
    ("int-or-string", Check::Remark),
    ("int32", Check::Remark),
    ("int64", Check::Remark),
    ("ip", Check::Own(ip)),
    ("ipv4", Check::Standard),
    ("ipv6", Check::Standard),
    ("json-pointer", Check::Standard),
    ("k8s-quantity", Check::Own(quantity)),
    ("password", Check::Remark),
    ("quantity", Check::Own(quantity)),
    ("regex", Check::Standard),
    ("semver", Check::Own(semver)),
    ("time", Check::Standard),
    ("uint32", Check::Remark),
    ("uint64", Check::Remark),
    ("uri", Check::Standard),
    ("uri-reference", Check::Standard),
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

fn ip(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

/// At most 63 of `a-z`, `0-9` and `-`, the first and the last not `-` (RFC 1123).
pub(super) fn dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Labels joined by dots, at most 253 characters.
fn dns_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(dns_label)
}

/// Go's and Kubernetes' duration: `300ms`, `1h30m`, `-1.5h`, `0`.
fn duration(text: &str) -> bool {
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
fn quantity(text: &str) -> bool {
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
