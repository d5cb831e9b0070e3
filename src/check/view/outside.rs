//! What other tools make, as rules ask for it.

use super::View;
use crate::project::outside::Outside;

impl<'a> View<'a> {
    /// With what other tools make.
    #[must_use]
    pub fn with_outside(self, outside: Vec<&'a Outside>) -> Self {
        Self { outside, ..self }
    }

    /// Whether another tool makes a thing of this name. A namespace counts for what lives in one.
    pub fn is_outside(&self, kind: &str, namespace: Option<&str>, name: &str) -> bool {
        self.outside.iter().any(|it| it.names(kind, namespace, name))
    }

    /// What other tools make of a kind, as far as it is said by names.
    pub fn outside<'v>(&'v self, kind: &'v str) -> impl Iterator<Item = (&'a str, &'a Outside)> + use<'v, 'a> {
        let of_kind = self.outside.iter().copied().filter(move |it| it.kind == kind);
        of_kind.filter_map(|it| Some((it.name()?, it)))
    }
}
