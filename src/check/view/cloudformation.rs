//! CloudFormation templates: resources by id, and every reference in them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Document, Node};
use crate::value::Value;

/// A template.
#[derive(Debug)]
pub struct Template<'a> {
    pub document: Document<'a>,
    resources: Vec<Resource<'a>>,
    /// Their positions, once one is asked for.
    by_id: OnceLock<BTreeMap<String, usize>>,
    references: Vec<Reference<'a>>,
    exports: Vec<Export<'a>>,
    imports: Vec<Node<'a>>,
}

#[derive(Clone, Debug)]
pub struct Resource<'a> {
    /// Its logical id.
    pub id: &'a str,
    /// `AWS::EC2::VPC`; empty if it has none.
    pub kind: &'a str,
    pub node: Node<'a>,
}

/// A name that a template uses for something it should have itself.
#[derive(Clone, Debug)]
pub struct Reference<'a> {
    pub how: How,
    pub to: &'a str,
    /// Of `Fn::GetAtt`, and of `${Resource.Attribute}`.
    pub attribute: Option<&'a str>,
    /// The value that holds the name.
    pub node: Node<'a>,
    /// The logical id of the resource that it stands in, if it stands in one.
    pub within: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Ref,
    GetAtt,
    /// `${…}` in `Fn::Sub`.
    Sub,
    DependsOn,
    /// The name of a condition.
    Condition,
    /// The name of a mapping.
    FindInMap,
}

/// An output that other stacks can import.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    pub output: &'a str,
    /// The value of `Export.Name`, which may be an intrinsic function.
    pub name: Node<'a>,
    /// The name of the condition on which it is there.
    pub condition: Option<&'a str>,
}

/// Whether two things of the given conditions may never be there together: a template chooses between two variants by
/// conditions, and which of them hold is known at deployment only.
pub fn may_exclude(one: Option<&str>, other: Option<&str>) -> bool {
    one.is_some() && other.is_some() && one != other
}

impl<'a> Resource<'a> {
    /// A property, if it is set.
    pub fn property(&self, name: &str) -> Option<Node<'a>> {
        self.node.at(["Properties", name])
    }

    pub fn properties(&self) -> Option<Node<'a>> {
        self.node.get("Properties")
    }

    /// The name of the condition on which it is made.
    pub fn condition(&self) -> Option<&'a str> {
        self.node.text_at(["Condition"])
    }
}

impl<'a> Template<'a> {
    pub(super) fn new(document: Document<'a>) -> Self {
        let root = document.root();
        let section = |name: &str| root.get(name);
        let resources = entries(section("Resources"))
            .into_iter()
            .map(|(id, node)| Resource { id, kind: node.text_at(["Type"]).unwrap_or_default(), node })
            .collect();
        let mut template = Self {
            document,
            resources,
            by_id: OnceLock::new(),
            references: Vec::new(),
            exports: Vec::new(),
            imports: Vec::new(),
        };
        for (id, node) in entries(section("Resources")) {
            let before = template.references.len();
            template.references.extend(node.get("Condition").and_then(|it| reference(How::Condition, it)));
            let depends_on = node.get("DependsOn");
            let depends_on = depends_on.iter().flat_map(Node::one_or_more);
            template.references.extend(depends_on.filter_map(|it| reference(How::DependsOn, it)));
            node.walk(&mut |node| template.function(node));
            template.references.iter_mut().skip(before).for_each(|it| it.within = Some(id));
        }
        for (output, node) in entries(section("Outputs")) {
            template.references.extend(node.get("Condition").and_then(|it| reference(How::Condition, it)));
            let condition = node.text_at(["Condition"]);
            template.exports.extend(node.at(["Export", "Name"]).map(|name| Export { output, name, condition }));
            node.walk(&mut |node| template.function(node));
        }
        for (_, node) in entries(section("Conditions")) {
            node.walk(&mut |node| {
                template.function(node);
                if let Some(("Condition", name)) = only_entry(node) {
                    template.references.extend(reference(How::Condition, name));
                }
            });
        }
        template
    }

    /// In the order of the template.
    pub fn resources(&self) -> &[Resource<'a>] {
        &self.resources
    }

    pub fn resource(&self, id: &str) -> Option<&Resource<'a>> {
        let ids = || self.resources.iter().enumerate().map(|(at, resource)| (resource.id.to_owned(), at)).collect();
        self.by_id.get_or_init(ids).get(id).and_then(|at| self.resources.get(*at))
    }

    pub fn resources_of<'t>(&'t self, kind: &'t str) -> impl Iterator<Item = &'t Resource<'a>> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// The names under a section: `Parameters`, `Conditions`, `Mappings`.
    pub fn names(&self, section: &str) -> Vec<&'a str> {
        entries(self.document.root().get(section)).into_iter().map(|(name, _)| name).collect()
    }

    /// Every `Ref`, `Fn::GetAtt`, `${…}`, `DependsOn`, condition and mapping that a name is given for.
    pub fn references(&self) -> &[Reference<'a>] {
        &self.references
    }

    pub fn exports(&self) -> &[Export<'a>] {
        &self.exports
    }

    /// The arguments of `Fn::ImportValue`.
    pub fn imports(&self) -> &[Node<'a>] {
        &self.imports
    }

    /// A macro rewrites the template before it is deployed: what it makes is not known.
    pub fn is_transformed(&self) -> bool {
        self.document.value.get("Transform").is_some()
    }

    fn function(&mut self, node: &Node<'a>) {
        let Some((name, argument)) = only_entry(node) else { return };
        match name {
            "Ref" => self.references.extend(reference(How::Ref, argument)),
            "Fn::GetAtt" => self.references.extend(get_att(argument)),
            "Fn::Sub" => self.sub(&argument),
            "Fn::ImportValue" => self.imports.push(argument),
            "Fn::If" => {
                let condition = argument.items().into_iter().next();
                self.references.extend(condition.and_then(|it| reference(How::Condition, it)));
            }
            "Fn::FindInMap" => {
                let map = argument.items().into_iter().next();
                self.references.extend(map.and_then(|it| reference(How::FindInMap, it)));
            }
            _ => {}
        }
    }

    fn sub(&mut self, argument: &Node<'a>) {
        let parts = argument.items();
        let (text, own) = match parts.as_slice() {
            [text, own, ..] => (text, own.entries()),
            [text] => (text, Vec::new()),
            [] => (argument, Vec::new()),
        };
        for name in text.text().into_iter().flat_map(variables) {
            if own.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let (to, attribute) = match name.split_once('.') {
                Some((to, attribute)) => (to, Some(attribute)),
                None => (name, None),
            };
            self.references.push(Reference { how: How::Sub, to, attribute, node: *text, within: None });
        }
    }
}

/// The names in a text of `Fn::Sub`. `${!Literal}` is none.
pub fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| {
        let name = rest.split_once('}')?.0.trim();
        (!name.starts_with('!')).then_some(name)
    })
}

fn get_att(argument: Node<'_>) -> Option<Reference<'_>> {
    let items = argument.items();
    let (to, attribute, node) = match (items.as_slice(), argument.text()) {
        ([to, attribute], _) => (to.text()?, attribute.text(), *to),
        (_, Some(text)) => {
            let (to, attribute) = text.split_once('.')?;
            (to, Some(attribute), argument)
        }
        _ => return None,
    };
    Some(Reference { how: How::GetAtt, to, attribute, node, within: None })
}

fn reference(how: How, node: Node<'_>) -> Option<Reference<'_>> {
    Some(Reference { how, to: node.text()?, attribute: None, node, within: None })
}

/// An intrinsic function is a map with one entry.
fn only_entry<'a>(node: &Node<'a>) -> Option<(&'a str, Node<'a>)> {
    let Value::Map(entries) = node.value else { return None };
    if entries.len() == 1 { node.entries().pop() } else { None }
}

fn entries(section: Option<Node<'_>>) -> Vec<(&str, Node<'_>)> {
    section.map(|section| section.entries()).unwrap_or_default()
}
