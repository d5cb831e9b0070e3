//! Targets: kinds of output with rules of their own.

/// What an artifact is for. A template says it with `target:` in its front matter; otherwise the value tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    CloudFormation,
    HelmValues,
    Kubernetes,
}

impl Target {
    pub const ALL: [Self; 3] = [Self::CloudFormation, Self::HelmValues, Self::Kubernetes];

    /// The name that users write.
    pub fn name(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::HelmValues => "helm-values",
            Self::Kubernetes => "kubernetes",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }
}
