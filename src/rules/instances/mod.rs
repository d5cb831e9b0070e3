//! What names of EC2 tell: instance families, and images; and how large instances are.

mod types;

pub(in crate::rules) use types::{Instance, Size, TYPES, largest};

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

/// A label of the nodes of an instance type, or of a family: `m5.large` or `m5`. None where the name does not tell.
pub(in crate::rules) fn label_of(name: &str, key: &str) -> Option<String> {
    let (family, size) = name.split_once('.').map_or((name, None), |(family, size)| (family, Some(size)));
    let (category, generation) = parts(family)?;
    match key {
        "karpenter.k8s.aws/instance-category" => Some(category.to_owned()),
        "karpenter.k8s.aws/instance-generation" => Some(generation.to_owned()),
        "karpenter.k8s.aws/instance-size" => size.map(str::to_owned),
        "karpenter.k8s.aws/instance-family" => Some(family.to_owned()),
        "kubernetes.io/arch" => family_architecture(family).map(str::to_owned),
        _ => None,
    }
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
    use super::{family_architecture, is_moving_image, parts};

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
