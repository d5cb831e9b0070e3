//! [`Target`]: kinds of output with rules of their own.

use crate::value::Value;

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

    /// What a document is for: what its template says, or what [it tells itself](Self::of). An object stays one whatever
    /// is said, or a word in the front matter would turn the rules off.
    pub fn meant(path: &str, said: Option<Self>, value: &Value) -> Option<Self> {
        let told = Self::of(path, value);
        told.filter(|told| *told == Self::Kubernetes).or(said).or(told)
    }

    /// What a document is for, judged by what it holds and where it goes: an object with `apiVersion` and `kind`, a
    /// template with `Resources`, a file whose name ends in `values.yaml`.
    pub fn of(path: &str, value: &Value) -> Option<Self> {
        if value.get("apiVersion").is_some() && value.get("kind").is_some() {
            return Some(Self::Kubernetes);
        }
        if value.get("AWSTemplateFormatVersion").is_some() || value.get("Resources").is_some() {
            return Some(Self::CloudFormation);
        }
        path.ends_with("values.yaml").then_some(Self::HelmValues)
    }
}
