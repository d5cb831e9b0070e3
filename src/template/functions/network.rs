//! Calculating with networks, IPv4 and IPv6.

use std::net::IpAddr;

use ipnet::IpNet;
use minijinja::value::Value;

use super::{Call, Function, Run, Section, Usage};
use crate::template::refusal::Refusal;

const fn own(
    name: &'static str,
    signature: &'static str,
    about: &'static str,
    examples: &'static [(&'static str, &'static str)],
    run: fn(&mut Call<'_, '_, '_>) -> Result<Value, Refusal>,
) -> Function {
    Function { name, usage: Usage::Both, signature, about, examples, run: Run::Own(run) }
}

pub(super) static SECTION: Section = Section {
    title: "Networks",
    functions: &[
        own(
            "cidr_subnet",
            "network, prefix, index",
            "The subnet with this prefix length and number within a network, counted from 0.",
            &[
                ("cidr_subnet('10.0.0.0/16', 20, 2)", "10.0.32.0/20"),
                ("cidr_subnet('fd00::/48', 64, 1)", "fd00:0:0:1::/64"),
            ],
            subnet,
        ),
        own(
            "cidr_subnets",
            "network, prefix, count",
            "The first so many subnets of a network, as a list.",
            &[("cidr_subnets('10.0.0.0/16', 18, 2)", "[10.0.0.0/18, 10.0.64.0/18]")],
            |call| {
                let (network, prefix, count) =
                    (network(call, "network")?, call.integer("prefix")?, call.integer("count")?);
                call.bounds.spend_nodes(call.state, usize::try_from(count).unwrap_or(usize::MAX))?;
                let subnets: Result<Vec<Value>, Refusal> = (0..count)
                    .map(|index| nth_subnet(call, network, prefix, index).map(|subnet| Value::from(subnet.to_string())))
                    .collect();
                subnets.map(Value::from)
            },
        ),
        own(
            "cidr_host",
            "network, index",
            "An address of a network by its number, counted from 0; a negative number counts from the end.",
            &[("cidr_host('10.0.0.0/24', 2)", "10.0.0.2"), ("cidr_host('10.0.0.0/24', -1)", "10.0.0.255")],
            host,
        ),
        own(
            "cidr_contains",
            "network, other",
            "Whether an address or a network lies within a network.",
            &[
                ("cidr_contains('10.0.0.0/16', '10.0.3.0/24')", "true"),
                ("cidr_contains('10.0.0.0/16', '10.1.0.1')", "false"),
            ],
            |call| {
                let network = network(call, "network")?;
                let other = call.text("other")?;
                if let Ok(address) = other.parse::<IpAddr>() {
                    return Ok(Value::from(network.contains(&address)));
                }
                let other = parse(call, &other)?;
                Ok(Value::from(network.contains(&other)))
            },
        ),
        own(
            "cidr_overlaps",
            "network, other",
            "Whether two networks have an address in common.",
            &[
                ("cidr_overlaps('10.0.0.0/16', '10.0.3.0/24')", "true"),
                ("cidr_overlaps('10.0.0.0/16', '10.1.0.0/16')", "false"),
            ],
            |call| {
                let (a, b) = (network(call, "network")?, network(call, "other")?);
                Ok(Value::from(a.contains(&b) || b.contains(&a)))
            },
        ),
        own(
            "cidr_prefix",
            "network",
            "The prefix length of a network.",
            &[("cidr_prefix('10.0.0.0/16')", "16")],
            |call| Ok(Value::from(network(call, "network")?.prefix_len())),
        ),
        own(
            "cidr_address",
            "network",
            "The first address of a network.",
            &[("cidr_address('10.0.0.0/16')", "10.0.0.0")],
            |call| Ok(Value::from(network(call, "network")?.network().to_string())),
        ),
        own(
            "cidr_netmask",
            "network",
            "The mask of a network.",
            &[("cidr_netmask('10.0.0.0/20')", "255.255.240.0")],
            |call| Ok(Value::from(network(call, "network")?.netmask().to_string())),
        ),
        own(
            "cidr_size",
            "network",
            "How many addresses a network has; at most 2^62 are counted.",
            &[("cidr_size('10.0.0.0/20')", "4096")],
            |call| {
                let network = network(call, "network")?;
                let bits = network.max_prefix_len() - network.prefix_len();
                if bits > 62 {
                    call.refuse(format!("`{network}` is too large to be counted"))
                } else {
                    Ok(Value::from(1_i64 << bits))
                }
            },
        ),
    ],
};

fn network(call: &mut Call<'_, '_, '_>, name: &str) -> Result<IpNet, Refusal> {
    let text = call.text(name)?;
    parse(call, &text)
}

/// The crate takes `010.0.0.0/8` and keeps host bits; neither is a network to anyone else.
fn parse(call: &Call<'_, '_, '_>, text: &str) -> Result<IpNet, Refusal> {
    let Some((address, prefix)) = text.split_once('/') else {
        return call.refuse(format!("`{text}` is not a network: it has no `/` and prefix length"));
    };
    let network = address.parse::<IpAddr>().ok().zip(prefix.parse::<u8>().ok());
    let network = network.and_then(|(address, prefix)| IpNet::new(address, prefix).ok());
    match network {
        Some(network) if network.trunc() != network => {
            call.refuse(format!("`{text}` is an address within `{}`, not a network", network.trunc()))
        }
        Some(network) => Ok(network),
        None => call.refuse(format!("`{text}` is not a network such as `10.0.0.0/16`")),
    }
}

fn subnet(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let (network, prefix, index) = (network(call, "network")?, call.integer("prefix")?, call.integer("index")?);
    nth_subnet(call, network, prefix, index).map(|subnet| Value::from(subnet.to_string()))
}

fn nth_subnet(call: &Call<'_, '_, '_>, network: IpNet, prefix: i64, index: i64) -> Result<IpNet, Refusal> {
    let longest = network.max_prefix_len();
    let Some(prefix) = u8::try_from(prefix).ok().filter(|prefix| (network.prefix_len()..=longest).contains(prefix))
    else {
        return call.refuse(format!("`prefix` is between {} and {longest}", network.prefix_len()));
    };
    let bits = u32::from(prefix - network.prefix_len());
    let fits = u128::try_from(index).ok().filter(|index| bits >= 127 || *index < 1 << bits);
    let Some(index) = fits else {
        return call.refuse(format!("`{network}` has no subnet /{prefix} number {index}: it has {}", count(bits)));
    };
    // A prefix of 0 shifts by the whole width, but then the index is 0.
    let offset = index.checked_shl(u32::from(longest - prefix)).unwrap_or(0);
    match plus(network, offset).and_then(|address| IpNet::new(address, prefix).ok()) {
        Some(subnet) => Ok(subnet),
        None => call.refuse(format!("`{network}` has no subnet /{prefix} number {index}")),
    }
}

fn count(bits: u32) -> String {
    1_u128.checked_shl(bits).map_or_else(|| "very many".to_owned(), |count| count.to_string())
}

/// The address so far from the start of a network.
fn plus(network: IpNet, offset: u128) -> Option<IpAddr> {
    match network.network() {
        IpAddr::V4(address) => {
            let offset = u32::try_from(offset).ok()?;
            Some(IpAddr::V4(u32::from(address).checked_add(offset)?.into()))
        }
        IpAddr::V6(address) => Some(IpAddr::V6(u128::from(address).checked_add(offset)?.into())),
    }
}

fn host(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let (network, index) = (network(call, "network")?, call.integer("index")?);
    let bits = u32::from(network.max_prefix_len() - network.prefix_len());
    // All addresses of `::/0` but the first are as many as fit.
    let last = 1_u128.checked_shl(bits).map_or(u128::MAX, |size| size - 1);
    let distance = u128::from(index.unsigned_abs());
    let offset = if index >= 0 { Some(distance) } else { last.checked_sub(distance - 1) };
    match offset.filter(|offset| *offset <= last).and_then(|offset| plus(network, offset)) {
        Some(address) => Ok(Value::from(address.to_string())),
        None => call.refuse(format!("`{network}` has no address number {index}")),
    }
}
