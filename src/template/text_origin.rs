//! Where a part of a text artifact comes from: such a file has no paths, so the part itself is looked for in it.

use camino::Utf8Path;

use super::context::Root;
use super::origins::Said;
use super::trace::Trace;
use super::{EnvironmentInput, Template, pieces};
use crate::limits::Limits;
use crate::source::Span;

impl Template {
    /// Renders the template once more, to tell where the first place of `part` in one of its artifacts comes from.
    pub fn text_origin(
        &self,
        environment: &EnvironmentInput<'_>,
        artifact: &Utf8Path,
        part: &str,
        limits: &Limits,
    ) -> Option<Said> {
        let round = self.find_text(environment, artifact, limits)?;
        let root = |session| Root::new(environment.name, environment.root, session).with(&round);
        let trace = Trace::new(&self.shared, &self.name, limits, root);
        let mut all = Vec::new();
        pieces::take(&trace, &trace.result.as_ref().ok()?.text, None, 0, &mut all);
        let whole: String = all.iter().map(|piece| piece.text.as_str()).collect();
        let start = whole.find(part)?;
        let mut at = 0;
        all.retain_mut(|piece| {
            let (from, to) = (at, at + piece.text.len());
            at = to;
            let (begins, ends) = (start.max(from), (start + part.len()).min(to));
            if begins >= ends {
                return false;
            }
            if let (Some(span), None) = (&mut piece.template, &piece.source)
                && span.end - span.start == (to - from) as u32
            {
                *span = Span::new(span.file, span.start as usize + begins - from, span.start as usize + ends - from);
            }
            true
        });
        let template = all.first()?.template?;
        let source = if let [piece] = &all[..] { piece.source.clone() } else { None };
        let inputs = all.iter().flat_map(|piece| piece.source.iter().chain(&piece.inputs).cloned()).collect();
        Some(Said { template, key: None, key_source: None, source, inputs, pieces: Vec::new() })
    }
}
