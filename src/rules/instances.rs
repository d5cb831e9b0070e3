//! What names of EC2 tell: instance families, and images; and how large instances are.

/// Category and generation: `m` and `5` of `m5ad`. Karpenter reads names so
/// (<https://github.com/aws/karpenter-provider-aws/blob/main/pkg/providers/instancetype/types.go>).
pub(in crate::rules) fn parts(family: &str) -> Option<(&str, &str)> {
    let letters = family.find(|letter: char| !letter.is_ascii_lowercase())?;
    let (category, rest) = family.split_at(letters);
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let generation = &rest[..digits];
    (!category.is_empty() && !generation.is_empty()).then_some((category, generation))
}

/// The architecture of a family: a `g` behind the generation is for Graviton
/// (<https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html>). None where the name does not tell.
pub(in crate::rules) fn family_architecture(family: &str) -> Option<&'static str> {
    let (category, generation) = parts(family)?;
    let options = family.get(category.len() + generation.len()..)?;
    match (category, generation) {
        ("a", "1") => Some("arm64"),
        ("mac" | "u", _) => None,
        _ if !options.chars().all(|letter| letter.is_ascii_alphanumeric()) => None,
        _ => Some(if options.contains('g') { "arm64" } else { "amd64" }),
    }
}

/// The most that an instance of some kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) struct Size {
    pub(in crate::rules) cpus: u32,
    pub(in crate::rules) mebibytes: u32,
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

/// The largest instances of each category, by CPUs and by memory in MiB: from the descriptions of 1,395 instance types in
/// moto 5.2.5 (Apache-2.0) on 2026-11-29, by `benches/instance_sizes.py`, and for `u7inh-32tb.480xlarge`, which they lack,
/// <https://aws.amazon.com/ec2/instance-types/high-memory/>.
const SIZES: [(&str, u32, u32); 22] = [
    ("a", 16, 32_768),
    ("c", 384, 786_432),
    ("d", 48, 262_144),
    ("dl", 96, 786_432),
    ("f", 192, 2_097_152),
    ("g", 192, 2_097_152),
    ("gr", 32, 262_144),
    ("h", 64, 262_144),
    ("hpc", 192, 1_048_576),
    ("i", 192, 1_572_864),
    ("im", 64, 262_144),
    ("inf", 192, 786_432),
    ("is", 32, 196_608),
    ("m", 384, 1_572_864),
    ("p", 192, 4_194_304),
    ("r", 384, 3_145_728),
    ("t", 8, 32_768),
    ("trn", 192, 2_097_152),
    ("u", 1_920, 33_554_432),
    ("vt", 96, 196_608),
    ("x", 384, 6_291_456),
    ("z", 48, 393_216),
];

/// The most that an instance has: one of a category, if it is known, or any.
pub(in crate::rules) fn largest(category: Option<&str>) -> Size {
    let size = |(_, cpus, mebibytes): &(&str, u32, u32)| Size { cpus: *cpus, mebibytes: *mebibytes };
    let own = category.and_then(|category| SIZES.iter().find(|(name, ..)| *name == category));
    own.map_or_else(|| SIZES.iter().map(size).fold(Size { cpus: 0, mebibytes: 0 }, Size::join), size)
}

/// Whether one of AWS' public SSM parameters names another image after each release:
/// `/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id`. One version of it does not.
pub(in crate::rules) fn is_moving_image(parameter: &str) -> bool {
    let Some((_, name)) = parameter.split_once("/aws/service/") else { return false };
    let name = name.trim_end_matches('}');
    let is_version = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
    let is_fixed = name.rsplit_once(':').is_some_and(|(_, version)| is_version(version));
    !is_fixed && name.split(['/', '-']).any(|part| matches!(part, "latest" | "recommended"))
}

#[cfg(test)]
mod tests {
    use super::{Size, family_architecture, is_moving_image, largest, parts};

    #[test]
    fn parameters_that_move() {
        assert!(is_moving_image("{{resolve:ssm:/aws/service/bottlerocket/aws-k8s-1.35/x86_64/latest/image_id}}"));
        assert!(is_moving_image("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"));
        assert!(!is_moving_image("/aws/service/bottlerocket/aws-k8s-1.35/x86_64/1.58.0/image_id"));
        assert!(!is_moving_image(
            "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64:42}}"
        ));
        assert!(!is_moving_image("/team/images/latest"));
    }

    #[test]
    fn the_largest_instances() {
        assert_eq!(largest(Some("t")), Size { cpus: 8, mebibytes: 32_768 });
        assert_eq!(largest(Some("new")), largest(None));
        assert_eq!(largest(None), Size { cpus: 1_920, mebibytes: 33_554_432 });
    }

    #[test]
    fn names_of_families() {
        assert_eq!(parts("m5ad"), Some(("m", "5")));
        assert_eq!(parts("im4gn"), Some(("im", "4")));
        assert_eq!(parts("hpc7g"), Some(("hpc", "7")));
        assert_eq!(parts("u-6tb1"), None);
        assert_eq!(parts(""), None);
        for family in ["m7g", "c6gn", "t4g", "x2gd", "im4gn", "is4gen", "g5g", "a1", "r8gd"] {
            assert_eq!(family_architecture(family), Some("arm64"), "{family}");
        }
        for family in ["m5", "m7i", "c6a", "g4dn", "g6e", "gr6", "p5en", "x2iedn", "inf2", "trn1n", "r8i"] {
            assert_eq!(family_architecture(family), Some("amd64"), "{family}");
        }
        for family in ["mac2", "p6e-gb200", "u7i", "m7i-flex"] {
            assert_eq!(family_architecture(family), None, "{family}");
        }
    }
}
