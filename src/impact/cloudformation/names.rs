//! Parameters, mappings and conditions that change, and what names them.

use super::super::differs::{Difference, differences};
use super::dependents::{Cause, Follower, place, told};
use super::nested;
use super::taken::Both;
use crate::check::cfn::{How, Template, variables};
use crate::check::{Consequence, Node, Pair};

/// A name that says something else now.
#[derive(Clone)]
struct Changed<'a> {
    name: &'a str,
    what: &'static str,
    at: Node<'a>,
    causes: Vec<Difference<'a>>,
}

impl<'c, 'a> Follower<'_, 'c, 'a> {
    /// Those of one template.
    pub(super) fn names(&mut self, (old, new): Both<'c, 'a>) {
        let Some(template) = new else { return };
        let mut changed: Vec<Changed<'a>> = Vec::new();
        for (section, what) in [("Parameters", "parameter"), ("Mappings", "mapping"), ("Conditions", "condition")] {
            let entries =
                |of: &Template<'a>| of.document.root().get(section).map(|it| it.entries()).unwrap_or_default();
            let before = entries(old);
            for (name, node) in entries(template) {
                let was = before.iter().find(|(other, _)| *other == name);
                let value = |node: &Node<'a>| if section == "Parameters" { node.get("Default") } else { Some(*node) };
                let is_other = was.is_some_and(|(_, was)| match (value(was), value(&node)) {
                    (Some(was), Some(now)) => !was.value.is_same(now.value),
                    (was, now) => was.is_some() != now.is_some(),
                });
                if is_other {
                    let causes =
                        differences(was.map(|(_, it)| value(it).unwrap_or(*it)), Some(value(&node).unwrap_or(node)));
                    changed.push(Changed { name, what, at: value(&node).unwrap_or(node), causes });
                }
            }
        }
        let given = self.change.parameters(old).into_iter().chain(nested::given(self.change, self.pairs, template));
        changed.extend(given.map(|(name, at)| Changed {
            name,
            what: "parameter",
            at,
            causes: vec![Difference { old: None, new: Some(at) }],
        }));
        self.all_named(old, template, changed);
    }

    /// What one name that changes comes to.
    pub(super) fn named(
        &mut self,
        old: &'c Template<'a>,
        template: &'a Template<'a>,
        name: &str,
        cause: Cause<'_, 'a>,
    ) {
        let Some(name) = template.names("Parameters").into_iter().find(|it| *it == name) else { return };
        let (what, at, causes) = ("parameter", cause.at, cause.causes.to_vec());
        self.all_named(old, template, vec![Changed { name, what, at, causes }]);
    }

    fn all_named(&mut self, old: &'c Template<'a>, template: &'a Template<'a>, mut changed: Vec<Changed<'a>>) {
        // A condition that names what changes changes with it.
        let conditions = template.document.root().get("Conditions").map(|it| it.entries()).unwrap_or_default();
        loop {
            let names = |node: &Node<'a>| {
                let mut texts = node.all().filter_map(|it| it.text());
                texts.find_map(|text| changed.iter().find(|it| it.name == text).cloned())
            };
            let next = conditions.iter().find_map(|(name, node)| {
                let is_known = changed.iter().any(|it| it.name == *name && it.what == "condition");
                if is_known { None } else { names(node).map(|it| Changed { name, what: "condition", ..it }) }
            });
            match next {
                Some(next) => changed.push(next),
                None => break,
            }
        }
        for Changed { name, what, at, causes } in changed {
            let why = format!("the {what} `{name}` changes");
            let cause = Cause { why: &why, is_sure: false, at, causes: &causes };
            for reference in template.references().iter().filter(|it| it.to == name && is_of(it.how, what)) {
                match place(old, template, reference) {
                    Some((pair, property)) => self.updated(pair, template, &property, cause),
                    None if reference.how == How::Condition => {
                        let within = reference.within.and_then(|id| Some((old.resource(id)?, template.resource(id)?)));
                        let Some((old, new)) = within else { continue };
                        let message = format!("whether `{}` is there is decided when it is deployed: {why}", new.id);
                        let told = told(Pair { old, new }, template, cause, Consequence::Unknown, message);
                        self.put(told);
                    }
                    None => {}
                }
            }
            self.loops(old, template, name, cause);
        }
    }

    /// Loops of a template's own that name it: what they make is another thing for each value.
    fn loops(&mut self, old: &'c Template<'a>, template: &'a Template<'a>, name: &str, cause: Cause<'_, 'a>) {
        for new in template.resources().iter().filter(|it| it.id.starts_with("Fn::")) {
            let Some(old) = old.resource(new.id) else { continue };
            let mut texts = new.node.all().filter_map(|it| it.text());
            if texts.any(|text| text == name || variables(text).any(|it| it == name)) {
                let message = format!("what `{}` makes is not known, and {}", new.id, cause.why);
                let told = told(Pair { old, new }, template, cause, Consequence::Unknown, message);
                self.put(told);
            }
        }
    }
}

fn is_of(how: How, what: &str) -> bool {
    match how {
        How::Ref | How::Sub => what == "parameter",
        How::FindInMap => what == "mapping",
        How::Condition => what == "condition",
        How::GetAtt | How::DependsOn => false,
    }
}
