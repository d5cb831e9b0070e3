//! The instance types of EC2, by a table that `benches/instance_types.py` makes.

use std::sync::LazyLock;

use super::parts;

/// One instance type.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Instance {
    pub(in crate::rules) name: &'static str,
    pub(in crate::rules) size: Size,
    /// As in the label `kubernetes.io/arch`.
    pub(in crate::rules) architecture: &'static str,
    /// Network interfaces that it can have; 0 if the table lacks that.
    pub(in crate::rules) interfaces: u32,
    /// IPv4 addresses of each interface, the interface's own among them.
    pub(in crate::rules) addresses: u32,
    /// `nitro` or `xen`. Machines without one count as `nitro`: AWS gives their interfaces the same things.
    pub(in crate::rules) hypervisor: &'static str,
}

/// CPUs and memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) struct Size {
    pub(in crate::rules) cpus: u32,
    pub(in crate::rules) mebibytes: u32,
}

/// All of them, by name.
pub(in crate::rules) static TYPES: LazyLock<Vec<Instance>> =
    LazyLock::new(|| include_str!("types.txt").lines().filter_map(Instance::parse).collect());

impl Instance {
    fn parse(line: &'static str) -> Option<Self> {
        let fields: Vec<_> = line.split(' ').filter(|_| !line.starts_with('#')).collect();
        let [name, cpus, mebibytes, architecture, interfaces, addresses, hypervisor] = fields[..] else { return None };
        let size = Size { cpus: cpus.parse().ok()?, mebibytes: mebibytes.parse().ok()? };
        let (interfaces, addresses) = (interfaces.parse().ok()?, addresses.parse().ok()?);
        Some(Self { name, size, architecture, interfaces, addresses, hypervisor })
    }

    /// The part of its name before the point.
    pub(in crate::rules) fn family(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(family, _)| family)
    }
}

impl Size {
    /// Of instances of either kind.
    pub(in crate::rules) fn join(self, other: Self) -> Self {
        Self { cpus: self.cpus.max(other.cpus), mebibytes: self.mebibytes.max(other.mebibytes) }
    }

    /// Of instances that are of both kinds.
    pub(in crate::rules) fn meet(self, other: Self) -> Self {
        Self { cpus: self.cpus.min(other.cpus), mebibytes: self.mebibytes.min(other.mebibytes) }
    }
}

/// The most that an instance has: one of a category, if it is known, or any.
pub(in crate::rules) fn largest(category: Option<&str>) -> Size {
    let join = |size: Option<Size>, it: &Instance| Some(size.map_or(it.size, |size| size.join(it.size)));
    let is_of = |it: &&Instance| category.is_some() && parts(it.family()).map(|(own, _)| own) == category;
    let own = TYPES.iter().filter(is_of).fold(None, join);
    own.or_else(|| TYPES.iter().fold(None, join)).unwrap_or(Size { cpus: 0, mebibytes: 0 })
}

#[cfg(test)]
mod tests {
    use super::{Size, TYPES, largest};

    #[test]
    fn the_largest_instances() {
        assert_eq!(largest(Some("t")), Size { cpus: 8, mebibytes: 32_768 });
        assert_eq!(largest(Some("new")), largest(None));
        assert_eq!(largest(None), Size { cpus: 1_920, mebibytes: 33_554_432 });
    }

    #[test]
    fn the_table_is_whole_and_in_order() {
        let lines = include_str!("types.txt").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), TYPES.len());
        assert!(TYPES.is_sorted_by(|one, other| one.name < other.name));
        assert!(TYPES.iter().all(|it| matches!(it.architecture, "amd64" | "arm64")));
    }
}
