//! Kubernetes' IP, CIDR and URL libraries.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::{Function, call, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::value::{Key, Value};

pub(crate) static FUNCTIONS: &[Function] = &[
    call("cidr", 1, 1, cidr),
    call("ip", 1, 1, ip),
    call("ip.isCanonical", 1, 1, |_, args| {
        let text = text(args)?;
        let address = ip_of(text).ok_or_else(|| Fault::Refused(format!("`{text}` is not an IP address")))?;
        Ok(Value::Bool(address.to_string() == text))
    }),
    call("isCIDR", 1, 1, |_, args| Ok(Value::Bool(cidr_of(text(args)?).is_some()))),
    call("isIP", 1, 1, |_, args| Ok(Value::Bool(ip_of(text(args)?).is_some()))),
    call("isURL", 1, 1, |_, args| Ok(Value::Bool(Url::parse(text(args)?).is_some()))),
    call("url", 1, 1, |_, args| {
        let text = text(args)?;
        let url = Url::parse(text).ok_or_else(|| Fault::Refused(format!("`{text}` is not a URL")))?;
        Ok(Value::Url(Arc::new(url)))
    }),
    on("containsCIDR", 1, 1, contains_cidr),
    on("containsIP", 1, 1, contains_ip),
    on("family", 0, 0, |_, args| Ok(Value::Int(if address(args)?.is_ipv4() { 4 } else { 6 }))),
    on("getEscapedPath", 0, 0, |_, args| Ok(Value::text(url(args)?.path.as_str()))),
    on("getHost", 0, 0, |_, args| Ok(Value::text(url(args)?.host.as_str()))),
    on("getHostname", 0, 0, |_, args| Ok(Value::text(url(args)?.host_and_port().0))),
    on("getPort", 0, 0, |_, args| Ok(Value::text(url(args)?.host_and_port().1))),
    on("getQuery", 0, 0, |_, args| Ok(url(args)?.query_map())),
    on("getScheme", 0, 0, |_, args| Ok(Value::text(url(args)?.scheme.as_str()))),
    on("ip", 0, 0, |_, args| Ok(Value::Ip(network(args)?.addr()))),
    on("isGlobalUnicast", 0, 0, |_, args| Ok(Value::Bool(is_global_unicast(address(args)?)))),
    on("isLinkLocalMulticast", 0, 0, |_, args| Ok(Value::Bool(is_link_local_multicast(address(args)?)))),
    on("isLinkLocalUnicast", 0, 0, |_, args| Ok(Value::Bool(is_link_local(address(args)?)))),
    on("isLoopback", 0, 0, |_, args| Ok(Value::Bool(address(args)?.is_loopback()))),
    on("isUnspecified", 0, 0, |_, args| Ok(Value::Bool(address(args)?.is_unspecified()))),
    on("masked", 0, 0, |_, args| Ok(Value::Cidr(network(args)?.trunc()))),
    on("prefixLength", 0, 0, |_, args| Ok(Value::Int(i64::from(network(args)?.prefix_len())))),
];

fn text(args: &[Value]) -> Result<&str, Fault> {
    match &args[0] {
        Value::String(text) => Ok(text),
        _ => Err(Fault::Unfit),
    }
}

fn address(args: &[Value]) -> Result<IpAddr, Fault> {
    match &args[0] {
        Value::Ip(address) => Ok(*address),
        _ => Err(Fault::Unfit),
    }
}

fn network(args: &[Value]) -> Result<IpNet, Fault> {
    match &args[0] {
        Value::Cidr(network) => Ok(*network),
        _ => Err(Fault::Unfit),
    }
}

fn url(args: &[Value]) -> Result<&Url, Fault> {
    match &args[0] {
        Value::Url(url) => Ok(url),
        _ => Err(Fault::Unfit),
    }
}

/// An address as Kubernetes takes it: no zone, no leading zeros, no IPv4 within IPv6.
pub(crate) fn ip_of(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    let mapped = matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some());
    (!mapped).then_some(address)
}

/// A network; bits behind the prefix may be set.
pub(crate) fn cidr_of(text: &str) -> Option<IpNet> {
    let (address, length) = text.split_once('/')?;
    let plain = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let padded = length.len() > 1 && length.starts_with('0');
    let length = (plain && !padded).then(|| length.parse().ok())??;
    IpNet::new(ip_of(address)?, length).ok()
}

fn ip(_: &mut Machine, args: &[Value]) -> Outcome {
    let text = text(args)?;
    ip_of(text).map(Value::Ip).ok_or_else(|| Fault::Refused(format!("`{text}` is not an IP address")))
}

fn cidr(_: &mut Machine, args: &[Value]) -> Outcome {
    let text = text(args)?;
    cidr_of(text).map(Value::Cidr).ok_or_else(|| Fault::Refused(format!("`{text}` is not an IP network")))
}

fn contains_ip(_: &mut Machine, args: &[Value]) -> Outcome {
    let address = match &args[1] {
        Value::Ip(address) => *address,
        Value::String(text) => ip_of(text).ok_or_else(|| Fault::Refused(format!("`{text}` is not an IP address")))?,
        _ => return Err(Fault::Unfit),
    };
    Ok(Value::Bool(network(args)?.contains(&address)))
}

fn contains_cidr(_: &mut Machine, args: &[Value]) -> Outcome {
    let other = match &args[1] {
        Value::Cidr(network) => *network,
        Value::String(text) => cidr_of(text).ok_or_else(|| Fault::Refused(format!("`{text}` is not an IP network")))?,
        _ => return Err(Fault::Unfit),
    };
    Ok(Value::Bool(network(args)?.contains(&other.trunc())))
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

fn is_link_local_multicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.octets()[..3] == [224, 0, 0],
        IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
    }
}

fn is_global_unicast(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    let special = address.is_unspecified() || address.is_loopback() || address.is_multicast();
    !broadcast && !special && !is_link_local(address)
}

/// A URL as Go's `url.ParseRequestURI` takes it: absolute, or a path from the root.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) text: String,
    scheme: String,
    host: String,
    path: String,
    query: String,
}

impl Url {
    fn parse(text: &str) -> Option<Self> {
        if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
            return None;
        }
        let (scheme, rest) = match text.split_once(':') {
            _ if text.starts_with('/') => ("", text),
            Some((scheme, rest)) => (scheme, rest),
            None => return None,
        };
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        let named = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic()) && scheme.bytes().all(word);
        if !named && !text.starts_with('/') {
            return None;
        }
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            None => ("", rest),
        };
        if !path.is_empty() && !path.starts_with('/') && scheme.is_empty() {
            return None;
        }
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let url = Self {
            text: text.to_owned(),
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_owned(),
            path: escaped(path)?,
            query: query.to_owned(),
        };
        let port = url.host_and_port().1;
        let bracketed = !host.starts_with('[') || host.contains(']');
        let plain = !host.contains([' ', '<', '>', '"', '\\', '^', '{', '}', '|', '`']);
        (bracketed && plain && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(url)
    }

    /// The host without its brackets, and the port; empty if there is none.
    fn host_and_port(&self) -> (&str, &str) {
        let host = self.host.as_str();
        if let Some((address, rest)) = host.strip_prefix('[').and_then(|host| host.split_once(']')) {
            return (address, rest.strip_prefix(':').unwrap_or_default());
        }
        host.rsplit_once(':').unwrap_or((host, ""))
    }

    fn query_map(&self) -> Value {
        let mut map: BTreeMap<Key, Vec<Value>> = BTreeMap::new();
        let is_whole = |pair: &&str| !pair.is_empty() && !pair.contains(';') && escaped(pair).is_some();
        for pair in self.query.split('&').filter(is_whole) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            map.entry(Key::String(decoded(key).into())).or_default().push(Value::text(decoded(value)));
        }
        Value::Map(Arc::new(map.into_iter().map(|(key, values)| (key, Value::List(values.into()))).collect()))
    }
}

/// A path with all that a path cannot hold written as `%XX`; nothing if such an escape is broken.
fn escaped(path: &str) -> Option<String> {
    let mut escaped = String::with_capacity(path.len());
    let bytes = path.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
        if byte == b'%' && !(hex(at + 1) && hex(at + 2)) {
            return None;
        }
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.extend(["%", &format!("{byte:02X}")]);
        }
    }
    Some(escaped)
}

fn decoded(text: &str) -> String {
    crate::schema::percent::decode(&text.replace('+', " "))
}

/// What may stand in a request: a URI with its scheme, or a path from the root.
pub(super) fn is_request_uri(text: &str) -> bool {
    Url::parse(text).is_some()
}
